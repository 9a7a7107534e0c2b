#include "cli/page_configuration.h"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace ketavigil::cli {
namespace {

using events::Microseconds;
using events::second_us;

constexpr std::size_t secret_bytes_min = 16;
constexpr std::size_t name_bytes_max = 40;
constexpr Microseconds hour_us = Microseconds{3600} * second_us;

// Addresses are printed, in the log too.
Status check_url(const Section& section, const std::string& url) {
  if (url.find('@') != std::string::npos)
    return section.error("must not hold a name or a password: put a proxy in front that adds them");
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

Status read_secret(const Section& section, routing::pages::WebhookSettings* webhook) {
  KETAVIGIL_TRY(section.read(&webhook->secret_file));
  std::ifstream file(webhook->secret_file);
  if (!std::getline(file, webhook->secret))
    return section.error("names a file that cannot be read");
  if (webhook->secret.size() < secret_bytes_min)
    return section.error("names a file whose first line, the secret, is shorter than 16 bytes");
  return {};
}

bool is_name(const std::string& text) {
  return !text.empty() && text.size() <= name_bytes_max &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

Status read_webhooks(const Section& section, std::vector<routing::pages::WebhookSettings>* out) {
  if (!section.is_list()) return section.error("must be a list of webhooks");
  for (const Section& item : section.items()) {
    KETAVIGIL_TRY(item.check_keys({"name", "url", "secret_file"}));
    for (const char* key : {"name", "url", "secret_file"}) {
      if (!item.has(key)) return item.error(std::string("needs `") + key + "`");
    }
    routing::pages::WebhookSettings webhook;
    KETAVIGIL_TRY(item.at("name").read(&webhook.name));
    if (!is_name(webhook.name))
      return item.at("name").error("must be letters, digits, - and _, at most 40");
    const bool is_known = std::any_of(out->begin(), out->end(),
                                      [&](const auto& one) { return one.name == webhook.name; });
    if (is_known) return item.at("name").error("is the name of another webhook too");
    KETAVIGIL_TRY(item.at("url").read(&webhook.url));
    KETAVIGIL_TRY(check_url(item.at("url"), webhook.url));
    KETAVIGIL_TRY(read_secret(item.at("secret_file"), &webhook));
    out->push_back(std::move(webhook));
  }
  return {};
}

}  // namespace

Status read_page_section(const Section& section, routing::pages::PagerSettings* settings) {
  KETAVIGIL_TRY(section.check_keys({"alertmanagers", "webhooks", "resend_seconds", "age_hours_max",
                                    "unverified_per_hour_max", "link"}));
  if (section.has("alertmanagers")) {
    KETAVIGIL_TRY(read_alertmanagers(section.at("alertmanagers"), &settings->alertmanagers));
  }
  if (section.has("webhooks"))
    KETAVIGIL_TRY(read_webhooks(section.at("webhooks"), &settings->webhooks));
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
  out << "]\n  webhooks: [";
  separator = "";
  for (const auto& webhook : settings.webhooks) {
    out << separator << "{name: " << webhook.name << ", url: " << webhook.url
        << ", secret_file: " << webhook.secret_file << "}";
    separator = ", ";
  }
  out << "]\n  resend_seconds: " << settings.resend_every / second_us
      << "\n  age_hours_max: " << settings.rules.age_max / hour_us
      << "\n  unverified_per_hour_max: " << settings.rules.unverified_per_hour_max << "\n  link: \""
      << settings.link_base << "\"\n";
  return out.str();
}

}  // namespace ketavigil::cli
