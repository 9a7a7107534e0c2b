// Data quality of one record: DQ-1 (missed visit) of CATALOGUE, section 2. Times are microseconds
// since 1970.
//
// Thread-safety: plain values and pure functions; a state is used by one fold at a time.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "detectors/patient/background.h"
#include "detectors/patient/hit.h"
#include "detectors/patient/parameters.h"
#include "detectors/patient/record_fact.h"
#include "detectors/patient/single_fact.h"
#include "detectors/patient/window.h"

namespace ketavigil::detectors {

/// Every threshold of the domain.
struct DataQualityParameters {
  double dq1_intervals = 1.5;
  double dq1_grace_days = 14;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(ParameterInfo{"DQ-1", "intervals", "1", "CATALOGUE", false}, self.dq1_intervals);
    visitor(ParameterInfo{"DQ-1", "grace_days", "d", "CATALOGUE", false}, self.dq1_grace_days);
  }
};

/// The plan in force of a compound, and the visit that is awaited under it.
struct PlanInForce {
  Evidence plan;
  std::string route;
  double interval_days = 0;
  std::optional<Microseconds> ends;  ///< its `end`; the next plan of its compound takes its place
  Evidence base;  ///< the last session of its compound and route since it began, else the plan
  std::optional<SessionReference> base_session;
  std::optional<Microseconds> deadline;  ///< when the visit is missed; nothing: none is awaited
};

/// A missed visit that a later session resolves: its compound, route and evidence.
struct MissedVisit {
  std::string compound;
  std::string route;
  Evidence base;
};
/// Of one patient without a session between: the oldest go, which are over by their 30 d.
inline constexpr std::size_t missed_visits_kept = 64;

struct DataQualityState {
  std::map<std::string, PlanInForce, std::less<>> plans;  ///< by compound
  Window<MissedVisit> missed;
  bool has_left = false;  ///< an exit came, and no session since
};

/// Takes one active fact, in the order of R; `background` has already taken it.
void step(DataQualityState* state, const Background& background, const RecordFact& fact,
          const DataQualityParameters& parameters, Sink* sink);

/// When the earliest awaited visit is missed.
[[nodiscard]] std::optional<Microseconds> next_deadline(const DataQualityState& state);
void pass_deadline(DataQualityState* state, const Background& background, Microseconds when,
                   const DataQualityParameters& parameters, Sink* sink);

/// Nothing: no rule of the domain is critical.
void single_fact(const DataQualityState& state, const Background& background,
                 const RecordFact& fact, Certainty certainty,
                 const DataQualityParameters& parameters, Sink* sink);

}  // namespace ketavigil::detectors
