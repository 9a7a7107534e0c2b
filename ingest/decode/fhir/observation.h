// Observation: blood pressure, vital signs, laboratory values and scores.
#pragma once

#include <simdjson.h>

#include <vector>

#include "ingest/decode/fhir/resource.h"

namespace ketavigil::ingest::fhir {

/// The events of an Observation; none if nothing of it is followed: no code of ours, no value, or
/// it is about somebody or something else than its subject (`focus`). A retraction without any code
/// retracts what had the resource's id.
[[nodiscard]] std::vector<FhirEvent> read_observation(const simdjson::dom::element& resource,
                                                      const FhirContext& context);

}  // namespace ketavigil::ingest::fhir
