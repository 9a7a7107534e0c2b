#include "cli/page_configuration.h"

#include <sstream>

namespace ketavigil::cli {
namespace {

using events::Microseconds;
using events::second_us;

constexpr Microseconds hour_us = Microseconds{3600} * second_us;

Status check_url(const Section& section, const std::string& url) {
  if (url.starts_with("http://") || url.starts_with("https://")) return {};
  return section.error("must be an address that begins with http:// or https://");
}

Status read_alertmanagers(const Section& section, std::vector<std::string>* urls) {
  if (!section.is_list()) return section.error("must be a list of addresses");
  for (const Section& item : section.items()) {
    std::string url;
    KETAVIGIL_TRY(item.read(&url));
    KETAVIGIL_TRY(check_url(item, url));
    urls->push_back(std::move(url));
  }
  return {};
}

}  // namespace

Status read_page_section(const Section& section, routing::pages::PagerSettings* settings) {
  KETAVIGIL_TRY(section.check_keys(
      {"alertmanagers", "resend_seconds", "age_hours_max", "unverified_per_hour_max", "link"}));
  if (section.has("alertmanagers")) {
    KETAVIGIL_TRY(read_alertmanagers(section.at("alertmanagers"), &settings->alertmanagers));
  }
  std::int64_t number = 0;
  if (section.has("resend_seconds")) {
    KETAVIGIL_TRY(section.at("resend_seconds").read_integer(&number, 5, 3600));
    settings->resend_every = number * second_us;
  }
  if (section.has("age_hours_max")) {
    KETAVIGIL_TRY(section.at("age_hours_max").read_integer(&number, 1, 8760));
    settings->rules.age_max = number * hour_us;
  }
  if (section.has("unverified_per_hour_max")) {
    KETAVIGIL_TRY(section.at("unverified_per_hour_max")
                      .read_integer(&settings->rules.unverified_per_hour_max, 1, 1000));
  }
  if (section.has("link")) {
    KETAVIGIL_TRY(section.at("link").read(&settings->link_base));
    if (!settings->link_base.empty())
      KETAVIGIL_TRY(check_url(section.at("link"), settings->link_base));
  }
  return {};
}

std::string page_text(const routing::pages::PagerSettings& settings) {
  std::ostringstream out;
  out << "page:\n  alertmanagers: [";
  const char* separator = "";
  for (const std::string& url : settings.alertmanagers) {
    out << separator << url;
    separator = ", ";
  }
  out << "]\n  resend_seconds: " << settings.resend_every / second_us
      << "\n  age_hours_max: " << settings.rules.age_max / hour_us
      << "\n  unverified_per_hour_max: " << settings.rules.unverified_per_hour_max << "\n  link: \""
      << settings.link_base << "\"\n";
  return out.str();
}

}  // namespace ketavigil::cli
