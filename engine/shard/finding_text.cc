#include "engine/shard/finding_text.h"

#include "events/json_text.h"
#include "events/time.h"

namespace ketavigil::engine {
namespace {

using events::append_json_number;
using events::append_json_string;

// In a JSON text these bytes can only be a key: inside a string the quotes would be escaped.
constexpr std::string_view state_key = ",\"state\":\"";
constexpr std::string_view identity_key = ",\"identity\":{";

void append_input(std::string* out, const detectors::InputValue& value) {
  if (const double* number = std::get_if<double>(&value)) {
    append_json_number(out, events::round_to_12_digits(*number));
  } else {
    append_json_string(out, std::get<std::string>(value));
  }
}

void append_evidence(std::string* out, const std::vector<detectors::Evidence>& evidence) {
  *out += ",\"evidence\":[";
  bool first = true;
  for (const auto& fact : evidence) {
    *out += first ? "{\"source\":" : ",{\"source\":";
    first = false;
    append_json_string(out, fact.source);
    *out += ",\"id\":";
    append_json_string(out, fact.id);
    *out += ",\"version\":" + std::to_string(fact.version) + "}";
  }
  *out += ']';
}

void append_statistic(std::string* out, const detectors::Finding& finding,
                      const DetectorIdentity& identity) {
  *out += ",\"statistic\":{\"name\":";
  append_json_string(out, finding.statistic);
  *out += ",\"value\":";
  append_json_number(out, finding.value);
  *out += ",\"threshold\":";
  append_json_number(out, finding.threshold);
  *out += ",\"parameters\":" + identity.parameters_json + ",\"inputs\":{";
  bool first = true;
  for (const auto& [name, value] : finding.inputs) {
    if (!first) *out += ',';
    first = false;
    append_json_string(out, name);
    *out += ':';
    append_input(out, value);
  }
  *out += "}}";
}

}  // namespace

std::string finding_text(const detectors::Finding& finding, std::string_view patient,
                         const Identities& identities) {
  const DetectorIdentity& identity = identities.of(finding.detector);
  std::string out;
  out.reserve(700);
  out += "{\"id\":\"" + finding.id + "\",\"subject\":{\"patient\":";
  append_json_string(&out, patient);
  out += "},\"detector\":\"" + finding.detector + "\",\"domain\":\"" + finding.domain +
         "\",\"level\":\"";
  out += detectors::name_of(finding.level);
  out += "\",\"state\":\"";
  out += finding.resolved ? "resolved" : "open";
  out += "\",\"onset\":\"" + events::print_utc(finding.onset) + "\",\"ended\":\"" +
         events::print_utc(finding.ended) + '"';
  append_evidence(&out, finding.evidence);
  if (!finding.site.empty()) {
    out += ",\"site\":";
    append_json_string(&out, finding.site);
  }
  if (!finding.compound.empty()) {
    out += ",\"compound\":";
    append_json_string(&out, finding.compound);
  }
  append_statistic(&out, finding, identity);
  out += ",\"identity\":{\"detector\":" + std::to_string(identity.version) + ",\"parameters\":\"" +
         identity.parameters + "\",\"tables\":" + identity.tables_json + "},\"unverified\":";
  out += finding.unverified ? "true" : "false";
  out += ",\"annotations\":[";
  for (std::size_t i = 0; i < finding.annotations.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(&out, finding.annotations[i]);
  }
  return out += "]}";
}

std::string without_identity(std::string_view text) {
  const auto from = text.find(identity_key);
  if (from == std::string_view::npos) return std::string(text);
  const auto to = text.find(",\"unverified\":", from);
  return std::string(text.substr(0, from)) + std::string(text.substr(to));
}

std::string with_state(std::string_view text, std::string_view state) {
  const auto from = text.find(state_key) + state_key.size();
  const auto to = text.find('"', from);
  return std::string(text.substr(0, from)) + std::string(state) + std::string(text.substr(to));
}

std::string without_state(std::string_view text) { return with_state(without_identity(text), ""); }

}  // namespace ketavigil::engine
