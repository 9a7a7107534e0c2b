// The parts of the blood pressure domain, shared by its own files only.
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "detectors/patient/blood_pressure.h"

namespace ketavigil::detectors::blood_pressure {

/// A limit for each component, mmHg.
struct Limits {
  double systolic = 0;
  double diastolic = 0;
};

/// The measure of the component that is at or above (`at_least`), or above, its limit; of two the
/// one with the greater value/limit, ties systolic. Nothing where neither is.
[[nodiscard]] std::optional<Measure> at_least(const Pressures& pressures, Limits limits);
[[nodiscard]] std::optional<Measure> above(const Pressures& pressures, Limits limits);

/// The one with the greater value/limit; ties: the first.
[[nodiscard]] std::optional<Measure> farther(const std::optional<Measure>& a,
                                             const std::optional<Measure>& b);

/// Each component's difference, rounded; of a component that both know.
[[nodiscard]] Pressures difference(const Pressures& reading, const Pressures& base);

/// A length of time that a parameter gives in minutes or days.
[[nodiscard]] inline Microseconds span_us(double count, Microseconds unit) {
  return static_cast<Microseconds>(std::llround(count * static_cast<double>(unit)));
}

/// A hit of one reading of a session.
[[nodiscard]] Hit hit_of_reading(std::string_view detector, std::string_view statistic, Level level,
                                 Measure measure, const ReadingSeen& reading,
                                 const SessionReference& session);

/// Inputs `NAMEsystolic`, `NAMEdiastolic` of the components that are known.
void say(Inputs* inputs, const std::string& name, const Pressures& pressures);
void say(Inputs* inputs, const ReadingSeen& reading, const SessionReference& session);

[[nodiscard]] inline Pressures pressures_of(const ReadingSeen& reading) {
  return {reading.systolic, reading.diastolic};
}
[[nodiscard]] inline Pressures pressures_of(const RecordFact& fact) {
  return {fact.systolic, fact.diastolic};
}

/// A symptom with severity missing or ≥ 1.
[[nodiscard]] bool is_present(const events::Fact& symptom);
/// Its severity, 1 where missing.
[[nodiscard]] double severity_of(const events::Fact& symptom);

/// BP-2, BP-3, BP-9, and BP-5's critical rule: of single facts, and of a reading with a symptom.
void step_dangers(BloodPressureState* state, const RecordFact& fact,
                  const BloodPressureParameters& parameters, Sink* sink);
/// The ◆ rules alone.
void critical_of_one_fact(const RecordFact& fact, const BloodPressureParameters& parameters,
                          Sink* sink);

/// BP-1 of a session, and BP-1 of the later ones that count it.
void assess_gates(BloodPressureState* state, std::size_t from,
                  const BloodPressureParameters& parameters, Sink* sink);
/// BP-4 of a session, and of the later ones that count it.
void assess_surges(BloodPressureState* state, std::size_t from,
                   const BloodPressureParameters& parameters, Sink* sink);
/// BP-4 of one more reading, the newest of the session's.
void assess_newest_reading(BloodPressureState* state, std::size_t session,
                           const BloodPressureParameters& parameters, Sink* sink);
/// BP-5 and BP-6 when a session closes.
void close_session(const SessionTrack& session, const BloodPressureParameters& parameters,
                   Sink* sink);

/// BP-8: a reading of no session before the first.
void take_sessionless_reading(RestingState* resting, const RecordFact& reading,
                              const BloodPressureParameters& parameters);
/// BP-8: a session, or one whose resting value a later reading has changed.
void take_resting_value(RestingState* resting, const Background& background,
                        const SessionTrack& session, Microseconds completed_at,
                        const BloodPressureParameters& parameters, Sink* sink);
/// BP-8 `treatment` and `diagnosis`.
void step_treatment(const Background& background, const RecordFact& fact, Sink* sink);
void step_diagnosis(const Background& background, const RecordFact& fact, Sink* sink);

}  // namespace ketavigil::detectors::blood_pressure
