// Suicidality: DEP-9 of CATALOGUE, section 2. Holds also before the first session. Scores are the
// instruments' own: `c-ssrs-ideation` 0 to 5, the ninth item of the PHQ-9 0 to 3.
//
// Thread-safety: plain values and pure functions; a state is used by one fold at a time.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "detectors/patient/background.h"
#include "detectors/patient/hit.h"
#include "detectors/patient/parameters.h"
#include "detectors/patient/record_fact.h"
#include "detectors/patient/single_fact.h"

namespace ketavigil::detectors {

/// Every threshold of the domain.
struct SuicidalityParameters {
  double dep9_ideation_critical = 4;
  double dep9_ideation_alert = 3;
  double dep9_item_9_watch = 2;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    constexpr std::string_view label = "USPI boxed warning; C-SSRS: 4 is intent, 5 plan and intent";
    const auto say = [&visitor](std::string_view name, std::string_view citation, bool confirmed,
                                auto& value) {
      visitor(ParameterInfo{"DEP-9", name, "1", citation, confirmed}, value);
    };
    say("ideation_critical", label, true, self.dep9_ideation_critical);
    say("ideation_alert", "CATALOGUE", false, self.dep9_ideation_alert);
    say("item_9_watch", "CATALOGUE", false, self.dep9_item_9_watch);
  }
};

struct SuicidalityState {
  /// The last `c-ssrs-ideation`: when, value.
  std::optional<std::pair<Microseconds, double>> ideation;
};

/// Takes one active fact, in the order of R; `background` has already taken it.
void step(SuicidalityState* state, const Background& background, const RecordFact& fact,
          const SuicidalityParameters& parameters, Sink* sink);

/// Nothing: no rule of the domain waits.
[[nodiscard]] std::optional<Microseconds> next_deadline(const SuicidalityState& state);
void pass_deadline(SuicidalityState* state, const Background& background, Microseconds when,
                   const SuicidalityParameters& parameters, Sink* sink);

/// ◆ of DEP-9: ideation of 4 and more, behaviour, attempt.
void single_fact(const SuicidalityState& state, const Background& background,
                 const RecordFact& fact, Certainty certainty,
                 const SuicidalityParameters& parameters, Sink* sink);

}  // namespace ketavigil::detectors
