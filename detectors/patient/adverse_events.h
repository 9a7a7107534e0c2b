// AE-1: serious adverse events. Every rule is of one fact; nothing is remembered.
// Source: CATALOGUE.md, section 2; seriousness by ICH E2A.
#pragma once

#include <optional>

#include "detectors/patient/background.h"
#include "detectors/patient/hit.h"
#include "detectors/patient/parameters.h"
#include "detectors/patient/record_fact.h"
#include "detectors/patient/single_fact.h"

namespace ketavigil::detectors {

struct AdverseEventsParameters {
  double ae1_ctcae_grade = 4;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor(ParameterInfo{"AE-1", "ctcae_grade", "1",
                          "CTCAE v5: grade 4 is life-threatening, 5 is death", true},
            self.ae1_ctcae_grade);
  }
};

struct AdverseEventsState {};

/// Takes one active fact, in the order of R.
void step(AdverseEventsState* state, const Background& background, const RecordFact& fact,
          const AdverseEventsParameters& parameters, Sink* sink);
/// AE-1 waits for nothing.
[[nodiscard]] std::optional<Microseconds> next_deadline(const AdverseEventsState& state);
void pass_deadline(AdverseEventsState* state, const Background& background, Microseconds when,
                   const AdverseEventsParameters& parameters, Sink* sink);
/// ◆ death, life-threatening, CTCAE ≥ 4, exit `death`, anaphylaxis, on a fact that is not folded.
void single_fact(const AdverseEventsState& state, const Background& background,
                 const RecordFact& fact, Certainty certainty,
                 const AdverseEventsParameters& parameters, Sink* sink);

}  // namespace ketavigil::detectors
