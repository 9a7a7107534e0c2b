// DEP-7 of CATALOGUE, section 2: craving, and what else tells of dependence besides dose and
// interval. `craving-vas` is 0 to 10.
//
// Thread-safety: plain values and pure functions; a state is used by one fold at a time.
#pragma once

#include <optional>
#include <string_view>

#include "detectors/patient/background.h"
#include "detectors/patient/hit.h"
#include "detectors/patient/parameters.h"
#include "detectors/patient/record_fact.h"
#include "detectors/patient/single_fact.h"

namespace ketavigil::detectors {

/// Every threshold of the detector.
struct BehaviourParameters {
  double dep7_craving_points = 4;
  double dep7_craving_rise_points = 3;
  double dep7_craving_clears_points = 3.6;
  double dep7_craving_again_days = 14;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    const auto say = [&visitor](std::string_view name, std::string_view unit, auto& value) {
      visitor(ParameterInfo{"DEP-7", name, unit, "CATALOGUE", false}, value);
    };
    say("craving_points", "{score}", self.dep7_craving_points);
    say("craving_rise_points", "{score}", self.dep7_craving_rise_points);
    say("craving_clears_points", "{score}", self.dep7_craving_clears_points);
    say("craving_again_days", "d", self.dep7_craving_again_days);
  }
};

struct BehaviourState {
  std::optional<double> first_craving;       ///< the patient's first `craving-vas`
  std::optional<Microseconds> craves_since;  ///< first of the values that hold, none below since
  bool craving_open = false;
};

/// Takes one active fact, in the order of R; `background` has already taken it.
void step(BehaviourState* state, const Background& background, const RecordFact& fact,
          const BehaviourParameters& parameters, Sink* sink);

/// Nothing: the detector does not wait.
[[nodiscard]] std::optional<Microseconds> next_deadline(const BehaviourState& state);
void pass_deadline(BehaviourState* state, const Background& background, Microseconds when,
                   const BehaviourParameters& parameters, Sink* sink);

/// Nothing: no rule of the detector is critical.
void single_fact(const BehaviourState& state, const Background& background, const RecordFact& fact,
                 Certainty certainty, const BehaviourParameters& parameters, Sink* sink);

}  // namespace ketavigil::detectors
