#include "ingest/decode/fhir/medication_administration.h"

#include <string>
#include <string_view>

#include "events/json_text.h"
#include "events/time.h"
#include "ingest/decode/fhir/display.h"
#include "ingest/decode/fhir/elements.h"
#include "ingest/decode/fhir/envelope.h"
#include "ingest/decode/fhir/quantity.h"

namespace ketavigil::ingest::fhir {
namespace {

using simdjson::dom::element;

constexpr Role compound_role[] = {Role::compound};
constexpr Role route_role[] = {Role::route};

struct Drug {
  std::string compound;  // of the class; with `?` where it is not certain; "" of another drug
  std::string lot;
  bool told = true;  // the resource, or what it refers to, says which drug
};

std::string doubtful(std::string_view compound) { return std::string(compound) + '?'; }

// The compound that a concept's own words name although none of its codes is known.
std::string_view named_without_code(const element& codeable) {
  if (const auto named = compound_named_in(text_at(codeable, "text")); !named.empty()) return named;
  for (const element& coding : items_at(codeable, "coding")) {
    if (const auto named = compound_named_in(text_at(coding, "display")); !named.empty())
      return named;
  }
  return "";
}

// "" if the concept is no drug of the class.
std::string compound_of(const element& codeable, const FhirContext& context) {
  if (const auto recognised = recognise(codeable, compound_role, context.codes)) {
    return recognised->contradicted ? doubtful(recognised->concept_of.name)
                                    : std::string(recognised->concept_of.name);
  }
  const std::string_view named = named_without_code(codeable);
  return named.empty() ? "" : doubtful(named);
}

// A Medication: by its code, else by its ingredients. Of several ingredients the dose is not the
// drug's alone, so the compound is doubtful then.
Drug drug_of_medication(const element& medication, const FhirContext& context) {
  Drug drug;
  if (const auto batch = member(medication, "batch")) drug.lot = text_at(*batch, "lotNumber");
  if (const auto code = member(medication, "code")) drug.compound = compound_of(*code, context);
  if (!drug.compound.empty()) return drug;
  const auto ingredients = items_at(medication, "ingredient");
  for (const element& ingredient : ingredients) {
    const auto item = member(ingredient, "itemCodeableConcept");
    std::string compound = item ? compound_of(*item, context) : "";
    if (compound.empty()) continue;
    if (ingredients.size() > 1 && !compound.ends_with('?')) compound += '?';
    drug.compound = std::move(compound);
    return drug;
  }
  return drug;
}

Drug drug_of(const element& resource, const FhirContext& context) {
  if (const auto codeable = member(resource, "medicationCodeableConcept"))
    return {compound_of(*codeable, context), "", true};
  const auto medication = member(resource, "medicationReference");
  if (!medication) return {"", "", false};
  const std::string_view reference = text_at(*medication, "reference");
  auto target = contained(resource, reference);
  if (!target && !reference.starts_with('#') && context.find && !reference.empty())
    target = context.find(reference);
  Drug drug;
  drug.told = target.has_value();
  if (target) drug = drug_of_medication(*target, context);
  if (!drug.compound.empty()) return drug;
  const std::string_view named = compound_named_in(text_at(*medication, "display"));
  if (!named.empty()) drug.compound = doubtful(named);
  return drug;
}

// The route, or as written where it is not known or its code and display disagree; "" if absent.
std::string route_of(const element& dosage, const FhirContext& context) {
  const auto route = member(dosage, "route");
  if (!route) return "";
  std::string written(text_at(*route, "text"));
  for (const element& coding : items_at(*route, "coding")) {
    if (written.empty()) written = text_at(coding, "display");
    if (written.empty()) written = text_at(coding, "code");
  }
  if (const auto recognised = recognise(*route, route_role, context.codes)) {
    const std::string_view name = recognised->concept_of.name;
    return recognised->contradicted ? std::string(name) + "? " + written : std::string(name);
  }
  const std::string_view spelled = route_spelled(written);
  return spelled.empty() ? written : std::string(spelled);
}

// JSON of `dose_mg`: a number, or a string that says what could not be converted; "" if absent.
std::string dose_of(const element& dosage) {
  const auto quantity = member(dosage, "dose");
  const auto written = quantity ? quantity_of(*quantity) : std::nullopt;
  if (!written) return "";
  const Measured dose = measured(*written, Dimension::dose);
  if (dose.unit_known) return dose.json;
  return refused(written->json, dose.unit.empty() ? "without unit" : dose.unit);
}

// Minutes of the period; "" if it has no two instants, or is a moment.
std::string duration_of(const element& resource) {
  const auto period = member(resource, "effectivePeriod");
  if (!period || member(resource, "effectiveDateTime")) return "";
  const auto start = events::parse_time(text_at(*period, "start"));
  const auto end = events::parse_time(text_at(*period, "end"));
  if (!start || !end || start->bare_date || end->bare_date || start->us == end->us) return "";
  std::string minutes;
  events::append_json_number(&minutes,
                             events::round_to_12_digits(static_cast<double>(end->us - start->us) /
                                                        static_cast<double>(events::minute_us)));
  return minutes;
}

// A retraction need not repeat what it retracts. One of somebody else's drug does no harm; one that
// is not read leaves a session standing. (`not-done` was never given, so nothing stands.)
bool is_withdrawn(const element& resource) {
  return text_at(resource, "status") == "entered-in-error";
}

}  // namespace

std::optional<FhirEvent> read_medication_administration(const element& resource,
                                                        const FhirContext& context) {
  const Drug drug = drug_of(resource, context);
  if (drug.compound.empty() && (drug.told || !is_withdrawn(resource))) return std::nullopt;
  const Envelope envelope = envelope_of(resource, "MedicationAdministration", context);
  EventText event(envelope, "", "session");
  if (!envelope.retraction) {
    event.text("compound", drug.compound);
    if (const auto dosage = member(resource, "dosage")) {
      if (const auto route = route_of(*dosage, context); !route.empty()) event.text("route", route);
      if (const auto dose = dose_of(*dosage); !dose.empty()) event.json("dose_mg", dose);
    }
    if (const auto duration = duration_of(resource); !duration.empty())
      event.json("duration_min", duration);
    if (!drug.lot.empty()) event.text("lot", drug.lot);
  }
  return std::move(event).finish(resource, context);
}

}  // namespace ketavigil::ingest::fhir
