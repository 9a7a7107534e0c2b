#include "routing/pages/page_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "detectors/patient/catalogue.h"
#include "events/json_text.h"

namespace ketavigil::routing::pages {
namespace {

using nlohmann::json;

constexpr std::size_t measured_max = 12;
constexpr std::size_t statistic_bytes_max = 40;

Error unreadable(const std::string& what) {
  return {ErrorKind::storage, "a " + what + " of a page cannot be read. Run `ketavigil verify`"};
}

Microseconds time_in(const json& object, const char* key) {
  const auto time = events::parse_time(object.value(key, ""));
  return time ? time->us : 0;
}

void read_statistic(const json& statistic, CaseNow* now) {
  now->statistic = statistic.value("name", "");
  now->value = statistic.value("value", 0.0);
  now->threshold = statistic.value("threshold", 0.0);
  if (!statistic.contains("inputs") || !statistic.at("inputs").is_object()) return;
  // Words among the inputs can be a sender's own.
  for (const auto& [name, value] : statistic.at("inputs").items()) {
    if (value.is_number() && now->measured.size() < measured_max)
      now->measured[name] = value.get<double>();
  }
}

// The statistics of adverse events are named by their senders.
std::string statistic_in_words(const CaseNow& now) {
  const bool is_ours =
      now.detector != "AE-1" || now.statistic == "exit" || now.statistic == "anaphylaxis";
  return is_ours && now.statistic.size() <= statistic_bytes_max ? now.statistic : "adverse event";
}

std::string measured_in_words(const CaseNow& now) {
  std::string text = statistic_in_words(now) + " " + events::json_number(now.value) + ", limit " +
                     events::json_number(now.threshold);
  const char* separator = " (";
  for (const auto& [name, value] : now.measured) {
    text += separator + name + " " + events::json_number(value);
    separator = ", ";
  }
  if (!now.measured.empty()) text += ")";
  return text;
}

std::string question_of(const std::string& detector) {
  const auto* entry = detectors::catalogue_entry(detector);
  return entry == nullptr ? "" : std::string(entry->question);
}

}  // namespace

Result<CaseNow> read_case(std::string_view revision) {
  const json object = json::parse(revision, nullptr, false);
  if (!object.is_object() || !object.contains("statistic") || !object.at("statistic").is_object() ||
      !object.contains("case"))
    return unreadable("revision");
  try {
    CaseNow now;
    now.detector = object.value("detector", "");
    now.domain = object.value("domain", "");
    now.case_name = object.value("case", "");
    now.revision = object.value("revision", std::uint64_t{0});
    now.level = object.value("level", "");
    now.state = object.value("state", "");
    now.site = object.value("site", "");
    now.onset = time_in(object, "onset");
    now.ended = time_in(object, "ended");
    now.raised = time_in(object, "raised");
    now.updated = time_in(object, "updated");
    now.unverified = object.value("unverified", false);
    const json evidence = object.value("evidence", json::array());
    if (!evidence.empty()) now.source = evidence.back().value("source", "");
    read_statistic(object.at("statistic"), &now);
    return now;
  } catch (const json::exception&) {
    return unreadable("revision");
  }
}

PageText text_of(const CaseNow& now, const std::string& link_base) {
  PageText text;
  const std::string site = now.site.empty() ? "unknown" : now.site;
  text.labels = {{"alertname", "KetavigilCriticalCase"},
                 {"case", now.case_name},
                 {"detector", now.detector},
                 {"domain", now.domain},
                 {"level", "critical"},
                 {"severity", "page"},
                 {"site", site}};
  text.annotations = {
      {"summary", now.level + ": " + now.detector + " " + statistic_in_words(now) + ", site " +
                      site + (now.unverified ? ", unverified" : "")},
      {"asks", question_of(now.detector)},
      {"measured", measured_in_words(now)},
      {"since", events::print_utc(now.onset)},
      {"known_since", events::print_utc(now.raised)},
      {"verified", now.unverified ? "no: rests on a value that is quarantined, preliminary or in "
                                    "conflict; ask the site"
                                  : "yes"},
      {"state", now.state},
      {"revision", std::to_string(now.revision)},
      {"explain", "ketavigil explain " + now.case_name}};
  if (!link_base.empty()) text.link = link_base + now.case_name;
  return text;
}

void keep_labels(const PageText& before, PageText* text) { text->labels = before.labels; }

PageText text_of_flood(const std::string& source, std::uint64_t folded, Microseconds since,
                       const std::string& link_base) {
  PageText text;
  text.labels = {{"alertname", "KetavigilUnverifiedFlood"},
                 {"level", "critical"},
                 {"severity", "page"},
                 {"source", source}};
  text.annotations = {
      {"summary", "source " + source + ": " + std::to_string(folded) +
                      " more unverified critical cases, likely a mapping"},
      {"measured", std::to_string(folded) + " unverified critical cases are not paged one by one"},
      {"since", events::print_utc(since)},
      {"verified", "no: what the source sends cannot be believed as it is; ask the source"},
      {"explain", "ketavigil page list"}};
  text.link = link_base;
  return text;
}

PageText text_of_test(Microseconds now) {
  PageText text;
  text.labels = {{"alertname", "KetavigilTestPage"}, {"level", "critical"}, {"severity", "page"}};
  text.annotations = {{"summary", "a test page of Ketavigil: nothing has happened"},
                      {"since", events::print_utc(now)}};
  return text;
}

std::string to_json(const PageText& text) {
  return json{{"labels", text.labels}, {"annotations", text.annotations}, {"link", text.link}}.dump(
      -1, ' ', false, json::error_handler_t::replace);
}

Result<PageText> from_json(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  try {
    return PageText{object.at("labels").get<Words>(), object.at("annotations").get<Words>(),
                    object.at("link").get<std::string>()};
  } catch (const json::exception&) {
    return unreadable("text");
  }
}

}  // namespace ketavigil::routing::pages
