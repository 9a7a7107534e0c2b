// The truth of a programme: which harms there are, in whom, since when, how large.
#pragma once

#include <string>

#include "simulation/blueprint.h"

namespace ketavigil::simulation {

/// `truth.json` (EVENTS, Truth): harms of strata in the order of the plantings, then those of
/// patients in the order of their indices, one a line.
[[nodiscard]] std::string print_truth(const Blueprint& blueprint);

}  // namespace ketavigil::simulation
