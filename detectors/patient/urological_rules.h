// The rules of the urological domain that fill a file of their own, as `urological.cc` calls them,
// and what they share. Internal to the domain.
#pragma once

#include "detectors/patient/urological.h"

namespace ketavigil::detectors::urological {

/// Days and hours of a parameter as ticks, to the nearest microsecond.
[[nodiscard]] Microseconds days_us(double days);
[[nodiscard]] Microseconds hours_us(double hours);

/// A symptom's severity, 1 where none is said; 0: asked and absent.
[[nodiscard]] double severity_of(const RecordFact& symptom);
[[nodiscard]] bool is_present(const RecordFact& symptom);
/// Severity against 1.
[[nodiscard]] Measure presence(const RecordFact& symptom);

/// URO-3: one of the lower urinary tract's symptoms (LUTS), by its code in lower case.
[[nodiscard]] bool is_urinary_symptom(std::string_view code);
void take_urinary_symptom(UrologicalState* state, const Background& background,
                          const RecordFact& fact, const UrologicalParameters& parameters,
                          Sink* sink);
void take_culture(UrologicalState* state, const RecordFact& fact,
                  const UrologicalParameters& parameters, Sink* sink);
/// Ends the run, and the finding that rests on it, at `at`; not seen before `visible_from`.
void end_run(UrologicalState* state, Microseconds at, Microseconds visible_from, Sink* sink);

/// URO-4: gross haematuria; critical, or alert where a flag explains it and no retention has come
/// before.
[[nodiscard]] Hit gross_haematuria(const UrologicalState& state, const Background& background,
                                   const RecordFact& fact, const UrologicalParameters& parameters);
void take_gross_haematuria(UrologicalState* state, const Background& background,
                           const RecordFact& fact, const UrologicalParameters& parameters,
                           Sink* sink);
/// One beside the fold: says nothing, but a retention still to come can make it critical.
void keep_gross_haematuria_beside(UrologicalState* state, const Background& background,
                                  const Beside& beside, const UrologicalParameters& parameters);
void take_retention(UrologicalState* state, const RecordFact& fact,
                    const UrologicalParameters& parameters, Sink* sink);
/// `measure`: the symptom's severity, or red cells per high-power field, against its limit.
void take_micro_haematuria(UrologicalState* state, const Background& background,
                           const RecordFact& fact, Measure measure,
                           const UrologicalParameters& parameters, Sink* sink);

/// URO-5: a positive culture since exposure, and the deadline of half a year without an episode.
void take_infection(UrologicalState* state, const Background& background, const RecordFact& culture,
                    const UrologicalParameters& parameters, Sink* sink);
void end_infections(UrologicalState* state, Microseconds at, Sink* sink);

/// URO-8: a `condition` or an `adverse_event` since exposure that names the disease.
void take_diagnosis(const Background& background, const RecordFact& fact, Sink* sink);

}  // namespace ketavigil::detectors::urological
