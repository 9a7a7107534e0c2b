// Critical rules of one fact (◆) also run on facts that are not folded: conflict losers, members of
// U, twins.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "detectors/patient/record_fact.h"

namespace ketavigil::detectors {

/// How a fact that is not folded comes to a ◆ rule.
enum class Certainty {
  verified,  ///< a final or corrected twin: counts like any fact
  doubtful,  ///< a preliminary twin, or the loser of a conflict
  unlowered  ///< in quarantine (U): doubtful, and nothing lowers its level
};

/// A fact beside the fold: it does not change the state, but ◆ rules run on it in its place.
struct Beside {
  RecordFact fact;
  Certainty certainty = Certainty::doubtful;
  /// Of a twin: source and id of its cluster's representative.
  std::optional<std::pair<std::string, std::string>> instead_of;
  bool operator==(const Beside&) const = default;
};

}  // namespace ketavigil::detectors
