// What several detectors ask about a patient: exposure, enrolment, plans, medication, cultures, the
// readings around recent sessions. Part of the fold's state: plain values, bounded.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/patient/record_fact.h"
#include "detectors/patient/window.h"

namespace ketavigil::detectors {

/// A session as detectors count it.
struct SessionSeen {
  SessionReference reference;
  Evidence evidence;
  std::string compound;
  std::string route;
  double dose_mg = 0;
  std::string plan;     ///< id of the plan it names; empty: none
  std::string setting;  ///< `clinic` or `home`
  bool unplanned = false;
  std::int64_t number = 0;       ///< 1 for the patient's first
  std::int64_t since_entry = 0;  ///< 1 for the first since (re-)entry
};

/// A plan that was stated.
struct PlanSeen {
  Evidence evidence;
  std::string compound;
  std::string route;
  double dose_mg = 0;
  double interval_days = 0;
  bool titration = false;
  Microseconds begins = 0;
  std::optional<Microseconds> ends;  ///< its `end` (a bare date: when that day begins)
};

/// A reading of a session.
struct ReadingSeen {
  Evidence evidence;
  Microseconds at = 0;
  bool bare_date = false;
  Phase phase = Phase::none;
  bool phase_stated = false;
  std::optional<double> minutes;
  std::optional<double> systolic;
  std::optional<double> diastolic;
};

/// The readings of one session, in the order of R, as far as they have come.
struct SessionReadings {
  SessionReference session;
  std::vector<ReadingSeen> readings;  ///< at most `readings_kept`
};
inline constexpr std::size_t readings_kept = 64;

/// A pair of pressures, each component by itself.
struct Pressures {
  std::optional<double> systolic;
  std::optional<double> diastolic;
  [[nodiscard]] bool any() const { return systolic || diastolic; }
};

/// A culture's result and when.
struct CultureSeen {
  Evidence evidence;
  Microseconds at = 0;
  bool positive = false;
};

struct Background {
  std::optional<Microseconds> first_session_at;   ///< exposed: after it
  std::optional<int> birth_year;                  ///< of the latest enrolment
  std::vector<std::string> enrolment_conditions;  ///< of any enrolment, the part after `|`
  bool enrolled = false;
  std::int64_t sessions = 0;
  std::int64_t sessions_since_entry = 0;
  bool has_left = false;  ///< an exit came after the last session: the next session re-enters
  std::optional<SessionSeen> newest_session;
  Window<Microseconds>
      session_starts;  ///< of the last 56 days, newest last; at most `session_starts_kept`
  /// Readings that count as before the start of a session whose fact is still to come, newest last;
  /// at most `session_readings_kept` sessions.
  Window<SessionReadings> session_readings;
  std::vector<PlanSeen> plans;   ///< in the order of R; at most `plans_kept`, oldest go
  Window<CultureSeen> cultures;  ///< of the last 400 days, newest last
  /// class → name (lower case; absent: "") → whether its last action is not `stop`.
  std::map<std::string, std::map<std::string, bool>, std::less<>> medications;
  std::optional<std::pair<Microseconds, double>> weight;  ///< latest vital `weight`: when, kg

  [[nodiscard]] bool exposed(Microseconds at) const {
    return first_session_at && at > *first_session_at;
  }
  [[nodiscard]] bool is_active(std::string_view medication_class) const;
  /// Whether a positive culture lies in [from, until].
  [[nodiscard]] bool positive_culture_within(Microseconds from, Microseconds until) const;
  /// year(effective, UTC) − birth_year ≥ 66: surely 65 or more; nothing if the age is unknown.
  [[nodiscard]] std::optional<bool> is_65_or_more(Microseconds at) const;
  [[nodiscard]] const SessionReadings* readings_of(const SessionReference& session) const;
};
inline constexpr std::size_t session_starts_kept = 128;
inline constexpr std::size_t enrolment_conditions_kept = 256;
inline constexpr std::size_t session_readings_kept = 16;
inline constexpr std::size_t plans_kept = 64;
inline constexpr std::size_t medication_names_kept = 256;

/// Takes a fact in, before the detectors see it. Preliminary facts (in the pass that reads them for
/// ◇ rules) count as sessions and readings, never as enrolment, medication, culture, plan or
/// weight.
void step(Background* background, const RecordFact& fact);

/// Pre value: the last `pre` reading at or before the start (where either is on a bare date: stated
/// `pre`), each component by itself.
[[nodiscard]] Pressures pre_value(const SessionReadings& session);

/// The readings of the gate: the `pre` readings at or before the start and less than 300 s older
/// than the last of them.
[[nodiscard]] std::vector<const ReadingSeen*> gate_readings(const SessionReadings& session);

/// Whether a `pre` reading counts for its session: at or before the start, or stated where either
/// is on a bare date.
[[nodiscard]] bool is_before_start(const ReadingSeen& reading, const SessionReference& session);

/// Lower case, ASCII letters only: names of events, medications and codes are compared so.
[[nodiscard]] std::string lower_case(std::string_view text);

/// The part after the last `|` of `system|code`, or all of it.
[[nodiscard]] std::string_view code_of(std::string_view system_and_code);

}  // namespace ketavigil::detectors
