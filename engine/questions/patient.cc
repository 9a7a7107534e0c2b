// One patient's document: every variant with its state, and the findings.
#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "engine/questions/reading.h"
#include "events/json_text.h"

namespace ketavigil::engine {
namespace {

using events::append_json_string;

// `derived` has only what is known.
void append_derived(std::string* out, const detectors::RecordFact& fact) {
  *out += ",\"derived\":{";
  bool first = true;
  const auto key = [&](std::string_view name) {
    if (!first) *out += ',';
    first = false;
    *out += '"';
    *out += name;
    *out += "\":";
  };
  if (fact.phase != detectors::Phase::none) {
    key("phase");
    append_json_string(out, detectors::name_of(fact.phase));
  }
  if (fact.session) {
    key("session");
    *out += "{\"source\":";
    append_json_string(out, fact.session->source);
    *out += ",\"id\":";
    append_json_string(out, fact.session->id);
    *out += '}';
  }
  if (!fact.site.empty()) {
    key("site");
    append_json_string(out, fact.site);
  }
  if (fact.kind() == events::Kind::score &&
      events::is_cognition(fact.fact->word(events::Field::instrument))) {
    key("eligible");
    *out += fact.eligible ? "true" : "false";
  }
  *out += '}';
}

void append_fact(std::string* out, const events::Variant& variant, VariantState state,
                 const detectors::RecordFact* derived) {
  *out += events::print(variant.fact, /*open=*/true);
  *out += ",\"state\":\"";
  *out += name_of(state);
  *out += "\",\"digest\":\"" + events::hexadecimal(variant.digest) + '"';
  if (derived != nullptr) append_derived(out, *derived);
  *out += '}';
}

}  // namespace

Result<std::optional<std::string>> patient_document(const Reading& reading,
                                                    const std::string& patient, Microseconds at) {
  auto known = reading.record(patient);
  if (!known.ok()) return known.error();
  const Record& record = known.value().record;
  const PatientFold fold(record, known.value().quarantined, reading.configured());
  const Resolution& resolution = fold.resolution();
  const Derivation all(resolution, World::all);
  // A preliminary fact is derived from all, a final or corrected one from final and corrected ones
  // only.
  std::unordered_map<const events::Fact*, const detectors::RecordFact*> derived;
  for (const auto& fact : all.facts()) derived[fact.fact] = &fact;
  for (const auto& fact : fold.verified().facts()) derived[fact.fact] = &fact;
  const StoredFindings findings = stored_findings(fold, patient, at);
  if (record.variants.empty() && findings.findings.empty()) return std::optional<std::string>();
  std::string out = "{\"at\":\"" + events::print_utc(at) + "\",\"patient\":";
  append_json_string(&out, patient);
  out += ",\"facts\":[";
  bool first = true;
  const auto separate = [&] {
    if (!first) out += ',';
    first = false;
  };
  for (const std::size_t i : resolution.active()) {
    separate();
    const events::Variant& variant = record.variants[i];
    append_fact(&out, variant, VariantState::active, derived.at(&variant.fact));
  }
  for (std::size_t i = 0; i < record.variants.size(); ++i) {
    if (resolution.state(i) == VariantState::active) continue;
    separate();
    append_fact(&out, record.variants[i], resolution.state(i), nullptr);
  }
  out += "],\"findings\":[";
  first = true;
  for (const auto& finding : findings.findings) {
    separate();
    out += finding.text;
  }
  return std::optional<std::string>(out += "]}");
}

}  // namespace ketavigil::engine
