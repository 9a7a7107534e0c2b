// The course of a patient through the programme, visit by visit.
#pragma once

#include "simulation/blueprint.h"
#include "simulation/delivery.h"
#include "simulation/patient.h"

namespace ketavigil::simulation {

/// Lives the patient's visits that begin before `until`. What it sends arrives at or after the
/// beginning of the visit that it belongs to.
void advance(const Blueprint& blueprint, Delivery& delivery, Patient& patient, Seconds until);

}  // namespace ketavigil::simulation
