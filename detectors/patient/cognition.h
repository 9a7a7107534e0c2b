// COG-6: a cognition score at an absolute limit, and delirium.
// Source: CATALOGUE.md, section 2. Values are raw points of the MoCA, 0–30, worse is less.
#pragma once

#include <optional>

#include "detectors/patient/background.h"
#include "detectors/patient/hit.h"
#include "detectors/patient/parameters.h"
#include "detectors/patient/record_fact.h"
#include "detectors/patient/score_baseline.h"
#include "detectors/patient/single_fact.h"

namespace ketavigil::detectors {

struct CognitionParameters {
  double cog6_normal_points = 26;
  double cog6_moderate_points = 18;
  double cog6_drop_points = 5;
  double cog6_clears_drop_points = 4.5;
  double cog6_clears_points = 20;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(ParameterInfo{"COG-6", "normal_points", "{score}",
                          "Nasreddine 2005: MoCA, 26 and more is normal", true},
            self.cog6_normal_points);
    visitor(ParameterInfo{"COG-6", "moderate_points", "{score}",
                          "MoCA severity bands: 18-25 mild, 10-17 moderate", false},
            self.cog6_moderate_points);
    visitor(ParameterInfo{"COG-6", "drop_points", "{score}",
                          "Kopecek: MoCA, 90 % reliable change -5 at 3 years", true},
            self.cog6_drop_points);
    visitor(ParameterInfo{"COG-6", "clears_drop_points", "{score}", "CATALOGUE, COG-6", false},
            self.cog6_clears_drop_points);
    visitor(ParameterInfo{"COG-6", "clears_points", "{score}", "CATALOGUE, COG-6", false},
            self.cog6_clears_points);
  }
};

struct CognitionState {
  ScoreBaseline moca;
  bool cog6_open = false;
};

/// Takes one active fact, in the order of R.
void step(CognitionState* state, const Background& background, const RecordFact& fact,
          const CognitionParameters& parameters, Sink* sink);
/// COG-6 waits for nothing.
[[nodiscard]] std::optional<Microseconds> next_deadline(const CognitionState& state);
void pass_deadline(CognitionState* state, const Background& background, Microseconds when,
                   const CognitionParameters& parameters, Sink* sink);
/// ◆ delirium, on a fact that is not folded.
void single_fact(const CognitionState& state, const Background& background, const RecordFact& fact,
                 Certainty certainty, const CognitionParameters& parameters, Sink* sink);

}  // namespace ketavigil::detectors
