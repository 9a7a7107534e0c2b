#include "dashboards/api/case_json.h"

#include "events/json_text.h"

namespace ketavigil::dashboards::api {
namespace {

constexpr std::size_t trend_values_max = 12;

void append_text(std::string* out, std::string_view key, std::string_view text) {
  *out += ",\"";
  *out += key;
  *out += "\":";
  events::append_json_string(out, text);
}

void append_text_or_null(std::string* out, std::string_view key, std::string_view text) {
  if (!text.empty()) return append_text(out, key, text);
  *out += ",\"";
  *out += key;
  *out += "\":null";
}

void append_number_or_null(std::string* out, std::optional<double> number) {
  *out += number ? events::json_number(*number) : "null";
}

void append_trend(std::string* out, const std::vector<engine::RevisionMark>& revisions) {
  std::vector<double> values;
  for (const auto& mark : revisions) {
    if (mark.value) values.push_back(*mark.value);
  }
  const std::size_t skipped =
      values.size() > trend_values_max ? values.size() - trend_values_max : 0;
  *out += ",\"trend\":[";
  for (std::size_t i = skipped; i < values.size(); ++i) {
    if (i > skipped) *out += ',';
    events::append_json_number(out, values[i]);
  }
  *out += ']';
}

}  // namespace

void append_case(std::string* out, const engine::CaseSummary& one) {
  *out += "{\"case\":";
  events::append_json_string(out, one.name);
  append_text(out, "id", one.id);
  append_text(out, "patient", one.patient);
  append_text(out, "detector", one.detector);
  append_text(out, "domain", one.domain);
  append_text(out, "level", detectors::name_of(one.level));
  append_text(out, "state", engine::name_of(one.state));
  append_text(out, "onset", events::print_utc(one.onset));
  append_text(out, "ended", events::print_utc(one.ended));
  append_text(out, "raised", events::print_utc(one.raised));
  append_text(out, "updated", events::print_utc(one.updated));
  append_text(out, "reason", one.reason);
  *out += ",\"revision\":" + std::to_string(one.revisions.size());
  append_text_or_null(out, "site", one.site);
  append_text_or_null(out, "compound", one.compound);
  *out += one.unverified ? ",\"unverified\":true" : ",\"unverified\":false";
  *out += ",\"statistic\":{\"name\":";
  events::append_json_string(out, one.statistic);
  *out += ",\"value\":";
  append_number_or_null(out, one.value);
  *out += ",\"threshold\":";
  append_number_or_null(out, one.threshold);
  *out += '}';
  append_trend(out, one.revisions);
  append_text(out, "worst", detectors::name_of(one.worst));
  *out += '}';
}

void append_cases(std::string* out, const std::vector<engine::CaseHandle>& cases) {
  *out += '[';
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (i > 0) *out += ',';
    append_case(out, *cases[i]);
  }
  *out += ']';
}

void append_some_cases(std::string* out, const engine::SomeCases& some) {
  *out += "{\"total\":" + std::to_string(some.total) + ",\"cases\":";
  append_cases(out, some.cases);
  *out += '}';
}

}  // namespace ketavigil::dashboards::api
