// The values that drift takes of a patient before the first session: what a table of expectations
// can be learnt from.
#pragma once

#include <cstdint>
#include <vector>

#include "detectors/patient/drift.h"

namespace ketavigil::detectors {

/// A value of a stream, with practice taken off and treatment put on, in the instrument's units.
struct BaselineValue {
  std::uint8_t prior = 0;  ///< row of `drift_priors()`
  bool home = false;
  double corrected = 0;
};

/// What practice did: the second administration's value over the first's, better being greater.
struct PracticeGain {
  std::uint8_t prior = 0;
  double gain = 0;
};

struct BeforeExposure {
  std::vector<BaselineValue> values;  ///< in the order of time
  std::vector<PracticeGain> gains;    ///< at most one an instrument
};

/// Of facts in the order of R. Pure.
[[nodiscard]] BeforeExposure before_exposure(const std::vector<RecordFact>& facts,
                                             const DriftParameters& parameters);

}  // namespace ketavigil::detectors
