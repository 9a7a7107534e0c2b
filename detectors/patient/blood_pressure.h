// Blood pressure and what is watched beside it around a session: BP-1 to BP-6, BP-8, BP-9
// (CATALOGUE, section 2). BP-7 is a drift (drift.h). Pressures are mmHg, times microseconds since
// 1970.
//
// Thread-safety: plain values and pure functions; a state is used by one fold at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "detectors/patient/background.h"
#include "detectors/patient/hit.h"
#include "detectors/patient/parameters.h"
#include "detectors/patient/record_fact.h"
#include "detectors/patient/single_fact.h"
#include "detectors/patient/window.h"

namespace ketavigil::detectors {

/// Every threshold of the domain. `confirmed` is false for what no source that was read supports.
struct BloodPressureParameters {
  double bp1_systolic_mmhg = 140;
  double bp1_diastolic_mmhg = 90;
  double bp1_systolic_from_65_mmhg = 150;
  double bp1_diastolic_from_65_mmhg = 90;
  double bp1_watch_sessions = 2;
  double bp1_of_sessions = 4;
  double bp1_alert_systolic_mmhg = 160;
  double bp1_alert_diastolic_mmhg = 100;
  double bp1_critical_systolic_mmhg = 180;
  double bp1_critical_diastolic_mmhg = 110;
  double bp2_systolic_mmhg = 180;
  double bp2_diastolic_mmhg = 110;
  double bp3_systolic_mmhg = 220;
  double bp3_diastolic_mmhg = 130;
  double bp3_symptom_systolic_mmhg = 180;
  double bp3_symptom_diastolic_mmhg = 120;
  double bp3_symptom_within_min = 60;
  double bp4_rise_systolic_mmhg = 40;
  double bp4_rise_diastolic_mmhg = 25;
  double bp4_until_min = 90;
  double bp4_alert_sessions = 2;
  double bp4_of_sessions = 4;
  double bp5_critical_systolic_mmhg = 180;
  double bp5_critical_diastolic_mmhg = 110;
  double bp5_critical_from_min = 120;
  double bp5_left_early_below_min = 120;
  double bp5_rise_systolic_mmhg = 20;
  double bp5_rise_diastolic_mmhg = 15;
  double bp5_alert_systolic_mmhg = 160;
  double bp5_alert_diastolic_mmhg = 100;
  double bp6_monitored_min = 120;
  double bp6_pre_from_min = -60;
  double bp6_pre_to_min = 0;
  double bp6_peak_from_min = 25;
  double bp6_peak_to_min = 60;
  double bp6_discharge_from_min = 90;
  double bp6_grace_days = 7;
  double bp8_systolic_mmhg = 140;
  double bp8_diastolic_mmhg = 90;
  double bp8_clear_systolic_mmhg = 126;
  double bp8_clear_diastolic_mmhg = 81;
  double bp8_values = 3;
  double bp8_span_days = 14;
  double bp8_within_days = 120;
  double bp8_baseline_days = 365;
  double bp9_spo2_critical_percent = 90;
  double bp9_spo2_watch_percent = 92;
  double bp9_moaa_s_score = 1;
  double bp9_heart_rate_low_per_min = 45;
  double bp9_heart_rate_high_per_min = 130;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor);
};

/// The readings of one session, as far as they have come, and what BP-6 asks of all of them.
struct SessionVitals {
  SessionReadings seen;  ///< at most `readings_of_session_kept`; those that count as pre go last
  bool any_pre = false;
  bool any_peak = false;
  bool any_discharge = false;
  bool contradicts_clock = false;
};
inline constexpr std::size_t readings_of_session_kept = 256;

/// A session whose fact has come.
struct SessionTrack {
  SessionVitals vitals;
  Evidence evidence;        ///< the session fact
  std::int64_t number = 0;  ///< the patient's n-th, in the order of R
  bool home = false;
  std::optional<double> monitored_min;
  std::optional<double> ready_min;
  std::optional<bool> is_65_or_more;
  bool closed = false;      ///< its deadline has passed
  bool gate_said = false;   ///< BP-1 has a hit of it in the sink
  bool surge_said = false;  ///< BP-4 likewise
};
inline constexpr std::size_t closed_tracks_kept = 8;
/// Sessions that can be open at once: those of four hours, or of a day where dates are bare.
inline constexpr std::size_t tracks_kept = 256;
inline constexpr std::size_t awaited_sessions_kept = 64;

/// One session in the count "≥ k of the last n sessions" of BP-1 and BP-4.
struct CountedSession {
  std::int64_t number = 0;
  bool holds = false;
};
/// Also the greatest n that configuration can ask for.
inline constexpr std::size_t counted_sessions_kept = 16;

/// A reading or a present symptom that BP-3 may join with a later one.
struct CrisisCandidate {
  Evidence evidence;
  Microseconds at = 0;
  std::optional<SessionReference> session;
  Pressures pressures;  ///< of readings
  std::string symptom;  ///< of symptoms
  double severity = 1;  ///< of symptoms; 1 where missing
};
inline constexpr std::size_t crisis_candidates_kept = 256;

/// The readings of no session on one UTC day before the first session, in the order of R.
struct DayOfReadings {
  double systolic_sum = 0;
  double diastolic_sum = 0;
  std::int64_t systolic_count = 0;
  std::int64_t diastolic_count = 0;
  Microseconds last = 0;  ///< when the day's last reading was
};

/// An exposed session's resting value and the readings it is the mean of.
struct RestingValue {
  struct Reading {
    Evidence evidence;
    bool systolic = false;
    bool diastolic = false;
  };
  SessionReference session;
  std::int64_t number = 0;
  Pressures mean;
  std::vector<Reading> readings;
};
inline constexpr std::size_t resting_values_kept = 256;
inline constexpr std::size_t baseline_days_kept = 512;
inline constexpr std::size_t baseline_sessions_kept = 8;

/// BP-8's knowledge of resting values.
struct RestingState {
  std::map<Microseconds, DayOfReadings> days;  ///< by UTC midnight; only before the first session
  /// Days' means of the baseline, summed when the first session came.
  double baseline_systolic_sum = 0;
  double baseline_diastolic_sum = 0;
  std::int64_t baseline_systolic_count = 0;
  std::int64_t baseline_diastolic_count = 0;
  /// Sessions at the first one's instant: their values belong to the baseline.
  std::vector<RestingValue> baseline_sessions;
  Window<RestingValue> values;  ///< exposed, in the order of their sessions
  struct Condition {
    bool open = false;
    bool had_systolic = false;  ///< a mean of three or more was known since opening
    bool had_diastolic = false;
  };
  Condition condition;
  /// As it was before the newest value, which a reading still to come can change (bare dates only).
  Condition before_newest;
  std::int64_t newest = 0;  ///< number of the session of that value
};

struct BloodPressureState {
  std::vector<SessionVitals> awaited;     ///< sessions whose readings came before their fact
  Window<SessionTrack> sessions;          ///< in the order of R
  Window<CountedSession> gates;           ///< sessions with a gate (BP-1)
  Window<CountedSession> rises;           ///< sessions in which a rise could be computed (BP-4)
  Window<CrisisCandidate> high_readings;  ///< of the last hour (BP-3)
  Window<CrisisCandidate> symptoms;       ///< of the last hour (BP-3)
  RestingState resting;
};

/// Takes one active fact, in the order of R; `background` has already taken it. A reading that
/// counts as `pre` but comes after its session (bare dates only) revises what BP-1, BP-4 and BP-8
/// have said of it: that is withdrawn from `sink`.
void step(BloodPressureState* state, const Background& background, const RecordFact& fact,
          const BloodPressureParameters& parameters, Sink* sink);

/// When the earliest session closes that has not (BP-5, BP-6).
[[nodiscard]] std::optional<Microseconds> next_deadline(const BloodPressureState& state);

/// Closes the sessions due at `when`.
void pass_deadline(BloodPressureState* state, const Background& background, Microseconds when,
                   const BloodPressureParameters& parameters, Sink* sink);

/// ◆ rules of BP-3 and BP-9 on a fact that is not folded.
void single_fact(const BloodPressureState& state, const Background& background,
                 const RecordFact& fact, Certainty certainty,
                 const BloodPressureParameters& parameters, Sink* sink);

template <typename Self, typename Visitor>
void BloodPressureParameters::visit(Self& self, Visitor&& visitor) {
  constexpr std::string_view label = "USPI and EU SmPC, dose only after weighing above it";
  constexpr std::string_view outliers = "USPI, table of blood pressure outliers";
  constexpr std::string_view grade_3 = "CTCAE v5 hypertension, grade 3";
  constexpr std::string_view acc_aha = "ACC/AHA hypertensive crisis";
  constexpr std::string_view rems = "REMS patient monitoring form";
  constexpr std::string_view design = "CATALOGUE";
  const auto say = [&visitor](std::string_view detector, std::string_view name,
                              std::string_view unit, std::string_view citation, bool confirmed,
                              auto& value) {
    visitor(ParameterInfo{detector, name, unit, citation, confirmed}, value);
  };
  say("BP-1", "systolic_mmhg", "mm[Hg]", label, true, self.bp1_systolic_mmhg);
  say("BP-1", "diastolic_mmhg", "mm[Hg]", label, true, self.bp1_diastolic_mmhg);
  say("BP-1", "systolic_from_65_mmhg", "mm[Hg]", label, true, self.bp1_systolic_from_65_mmhg);
  say("BP-1", "diastolic_from_65_mmhg", "mm[Hg]", label, true, self.bp1_diastolic_from_65_mmhg);
  say("BP-1", "watch_sessions", "1", design, false, self.bp1_watch_sessions);
  say("BP-1", "of_sessions", "1", design, false, self.bp1_of_sessions);
  say("BP-1", "alert_systolic_mmhg", "mm[Hg]", grade_3, true, self.bp1_alert_systolic_mmhg);
  say("BP-1", "alert_diastolic_mmhg", "mm[Hg]", grade_3, true, self.bp1_alert_diastolic_mmhg);
  say("BP-1", "critical_systolic_mmhg", "mm[Hg]", outliers, true, self.bp1_critical_systolic_mmhg);
  say("BP-1", "critical_diastolic_mmhg", "mm[Hg]", outliers, true,
      self.bp1_critical_diastolic_mmhg);
  say("BP-2", "systolic_mmhg", "mm[Hg]", outliers, true, self.bp2_systolic_mmhg);
  say("BP-2", "diastolic_mmhg", "mm[Hg]", outliers, true, self.bp2_diastolic_mmhg);
  say("BP-3", "systolic_mmhg", "mm[Hg]", design, false, self.bp3_systolic_mmhg);
  say("BP-3", "diastolic_mmhg", "mm[Hg]", design, false, self.bp3_diastolic_mmhg);
  say("BP-3", "symptom_systolic_mmhg", "mm[Hg]", acc_aha, false, self.bp3_symptom_systolic_mmhg);
  say("BP-3", "symptom_diastolic_mmhg", "mm[Hg]", acc_aha, false, self.bp3_symptom_diastolic_mmhg);
  say("BP-3", "symptom_within_min", "min", design, false, self.bp3_symptom_within_min);
  say("BP-4", "rise_systolic_mmhg", "mm[Hg]", outliers, true, self.bp4_rise_systolic_mmhg);
  say("BP-4", "rise_diastolic_mmhg", "mm[Hg]", outliers, true, self.bp4_rise_diastolic_mmhg);
  say("BP-4", "until_min", "min", outliers, true, self.bp4_until_min);
  say("BP-4", "alert_sessions", "1", design, false, self.bp4_alert_sessions);
  say("BP-4", "of_sessions", "1", design, false, self.bp4_of_sessions);
  say("BP-5", "critical_systolic_mmhg", "mm[Hg]", outliers, true, self.bp5_critical_systolic_mmhg);
  say("BP-5", "critical_diastolic_mmhg", "mm[Hg]", outliers, true,
      self.bp5_critical_diastolic_mmhg);
  say("BP-5", "critical_from_min", "min", rems, true, self.bp5_critical_from_min);
  say("BP-5", "left_early_below_min", "min", rems, true, self.bp5_left_early_below_min);
  say("BP-5", "rise_systolic_mmhg", "mm[Hg]", design, false, self.bp5_rise_systolic_mmhg);
  say("BP-5", "rise_diastolic_mmhg", "mm[Hg]", design, false, self.bp5_rise_diastolic_mmhg);
  say("BP-5", "alert_systolic_mmhg", "mm[Hg]", grade_3, true, self.bp5_alert_systolic_mmhg);
  say("BP-5", "alert_diastolic_mmhg", "mm[Hg]", grade_3, true, self.bp5_alert_diastolic_mmhg);
  say("BP-6", "monitored_min", "min", rems, true, self.bp6_monitored_min);
  say("BP-6", "pre_from_min", "min", design, false, self.bp6_pre_from_min);
  say("BP-6", "pre_to_min", "min", design, false, self.bp6_pre_to_min);
  say("BP-6", "peak_from_min", "min", design, false, self.bp6_peak_from_min);
  say("BP-6", "peak_to_min", "min", design, false, self.bp6_peak_to_min);
  say("BP-6", "discharge_from_min", "min", design, false, self.bp6_discharge_from_min);
  say("BP-6", "grace_days", "d", rems, true, self.bp6_grace_days);
  say("BP-8", "systolic_mmhg", "mm[Hg]", "CTCAE v5 hypertension, grade 2", true,
      self.bp8_systolic_mmhg);
  say("BP-8", "diastolic_mmhg", "mm[Hg]", "CTCAE v5 hypertension, grade 2", true,
      self.bp8_diastolic_mmhg);
  say("BP-8", "clear_systolic_mmhg", "mm[Hg]", design, false, self.bp8_clear_systolic_mmhg);
  say("BP-8", "clear_diastolic_mmhg", "mm[Hg]", design, false, self.bp8_clear_diastolic_mmhg);
  say("BP-8", "values", "1", design, false, self.bp8_values);
  say("BP-8", "span_days", "d", design, false, self.bp8_span_days);
  say("BP-8", "within_days", "d", design, false, self.bp8_within_days);
  say("BP-8", "baseline_days", "d", design, false, self.bp8_baseline_days);
  say("BP-9", "spo2_critical_percent", "%", design, false, self.bp9_spo2_critical_percent);
  say("BP-9", "spo2_watch_percent", "%", design, false, self.bp9_spo2_watch_percent);
  say("BP-9", "moaa_s_score", "1", design, false, self.bp9_moaa_s_score);
  say("BP-9", "heart_rate_low_per_min", "/min", design, false, self.bp9_heart_rate_low_per_min);
  say("BP-9", "heart_rate_high_per_min", "/min", design, false, self.bp9_heart_rate_high_per_min);
}

}  // namespace ketavigil::detectors
