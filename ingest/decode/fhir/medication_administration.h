// MedicationAdministration: a session of a ketamine-class drug.
#pragma once

#include <simdjson.h>

#include <optional>

#include "ingest/decode/fhir/resource.h"

namespace ketavigil::ingest::fhir {

/// The session; nothing if the drug is not of the class. A drug that only its words name (a local
/// code displayed "Ketamine") is followed with a compound that the native decoder refuses, so that
/// it is seen in quarantine and its code can be configured. A resource entered in error that does
/// not say which drug it was, or refers to a Medication that is not at hand, is a retraction.
[[nodiscard]] std::optional<FhirEvent> read_medication_administration(
    const simdjson::dom::element& resource, const FhirContext& context);

}  // namespace ketavigil::ingest::fhir
