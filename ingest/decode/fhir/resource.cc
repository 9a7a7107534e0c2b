#include "ingest/decode/fhir/resource.h"

#include <algorithm>
#include <utility>

#include "ingest/decode/fhir/elements.h"
#include "ingest/decode/fhir/medication_administration.h"
#include "ingest/decode/fhir/observation.h"

namespace ketavigil::ingest::fhir {
namespace {

using simdjson::dom::element;

constexpr std::size_t type_name_bytes_max = 64;  // FHIR's longest has 40

// The type as a name to count under: what a sender writes must not become an endless list.
std::string type_name(std::string_view type) {
  const bool is_name = !type.empty() && type.size() <= type_name_bytes_max &&
                       std::all_of(type.begin(), type.end(), [](char c) {
                         return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
                       });
  return is_name ? std::string(type) : "unknown";
}

}  // namespace

bool looks_like_fhir(const element& document) {
  const auto type = member(document, "resourceType");
  return type && type->is_string();
}

bool is_bundle(const element& document) { return text_at(document, "resourceType") == "Bundle"; }

FhirReading read_resource(const element& resource, const FhirContext& context) {
  const std::string_view type = text_at(resource, "resourceType");
  FhirReading reading;
  if (type == "Observation") {
    reading.events = read_observation(resource, context);
  } else if (type == "MedicationAdministration") {
    if (auto session = read_medication_administration(resource, context))
      reading.events.push_back(std::move(*session));
  }
  if (reading.events.empty()) reading.not_followed = type_name(type);
  return reading;
}

}  // namespace ketavigil::ingest::fhir
