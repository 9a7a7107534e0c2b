// Critical rules of one fact (◆) also run on facts that are not folded: conflict losers, members of
// U, twins.
#pragma once

namespace ketavigil::detectors {

/// How a fact that is not folded comes to a ◆ rule.
enum class Certainty {
  verified,  ///< a final or corrected twin: counts like any fact
  doubtful,  ///< a preliminary twin, or the loser of a conflict
  unlowered  ///< in quarantine (U): doubtful, and nothing lowers its level
};

}  // namespace ketavigil::detectors
