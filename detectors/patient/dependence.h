// Dependence and tolerance: DEP-1 (dose), DEP-2 (interval), DEP-3 (cumulative), DEP-4
// (off-schedule) and DEP-6 (escalation without benefit) of CATALOGUE, section 2. Doses are mg,
// weights kg, times microseconds since 1970.
//
// Thread-safety: plain values and pure functions; a state is used by one fold at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/patient/background.h"
#include "detectors/patient/dependence_parameters.h"
#include "detectors/patient/hit.h"
#include "detectors/patient/record_fact.h"
#include "detectors/patient/single_fact.h"
#include "detectors/patient/window.h"

namespace ketavigil::detectors {

/// The latest score up to a session that lets the protocol treat more: a `cgi-s` or `madrs` above
/// its limit. Of any window that ends at the session only the latest matters.
using ProtocolScoreAt = std::optional<Microseconds>;

/// A dose counted by DEP-1 after the reference ones.
struct CountedDose {
  Microseconds at = 0;
  double mg = 0;
  ProtocolScoreAt protocol_score_at;
};
/// Of one course in 28 days.
inline constexpr std::size_t counted_doses_kept = 256;

/// The sessions of one (compound, route). All but `last_at`: those that are not under a plan with
/// `titration`.
struct Course {
  std::optional<Microseconds> last_at;  ///< the last session, under any plan or none
  std::int64_t numbered = 0;
  std::vector<double> reference_mg;  ///< of the sessions numbered 3 to 8, in their order
  Window<CountedDose> counted;       ///< those after them in the last 28 d, in the order of R
};
/// Also the greatest number that configuration can ask the reference to hold.
inline constexpr std::size_t reference_doses_kept = 64;

/// A session since (re-)entry, of any kind, as DEP-2 sees it.
struct SessionDated {
  Microseconds at = 0;
  ProtocolScoreAt dep2_score_at;
  ProtocolScoreAt dep3_score_at;
  double iv_equivalent_mg = 0;  ///< DEP-6
};
/// Eight intervals.
inline constexpr std::size_t dated_sessions_kept = 9;

/// DEP-3: the sessions of esketamine IN.
struct NasalSessions {
  std::optional<Microseconds> first_at;  ///< since (re-)entry
  Window<Microseconds> recent;           ///< of the last 28 d; at most `nasal_sessions_kept`
  bool open = false;
};
inline constexpr std::size_t nasal_sessions_kept = 256;

/// DEP-4: of 28 days.
inline constexpr std::size_t off_schedule_kept = 256;

/// DEP-6: a score of depression.
struct DepressionScore {
  Microseconds at = 0;
  double value = 0;
};
/// Of one instrument, since the first of the dated sessions, in the order of R.
inline constexpr std::size_t depression_scores_kept = 256;

struct DependenceState {
  std::map<std::pair<std::string, std::string>, Course> courses;  ///< by compound and route
  Window<SessionDated> since_entry;  ///< at most `dated_sessions_kept`, newest last
  NasalSessions nasal;
  Window<Microseconds> off_schedule;  ///< DEP-4: sessions of any course; `off_schedule_kept`
  Window<DepressionScore> madrs;
  Window<DepressionScore> phq_9;
  bool escalation_open = false;
  ProtocolScoreAt dep1_score_at;
  ProtocolScoreAt dep2_score_at;
  ProtocolScoreAt dep3_score_at;
  /// The latest vital `weight`: when, kg. Also a preliminary one, in the pass that reads them: the
  /// dose limit is then a critical rule of several facts.
  std::optional<std::pair<Microseconds, double>> weight_kg;
};

/// Takes one active fact, in the order of R; `background` has already taken it.
void step(DependenceState* state, const Background& background, const RecordFact& fact,
          const DependenceParameters& parameters, Sink* sink);

/// Nothing: no rule of the domain waits.
[[nodiscard]] std::optional<Microseconds> next_deadline(const DependenceState& state);
void pass_deadline(DependenceState* state, const Background& background, Microseconds when,
                   const DependenceParameters& parameters, Sink* sink);

/// ◆ of DEP-1: more than twice the dose limit, by the session alone.
void single_fact(const DependenceState& state, const Background& background, const RecordFact& fact,
                 Certainty certainty, const DependenceParameters& parameters, Sink* sink);

}  // namespace ketavigil::detectors
