// The baseline of a score: what the patient scored before the first session (CATALOGUE, section 1,
// "Baseline"). Part of a domain's state: plain values, bounded. Not thread-safe, a value like any
// other.
#pragma once

#include <cstddef>
#include <optional>

#include "detectors/patient/background.h"
#include "detectors/patient/hit.h"
#include "detectors/patient/record_fact.h"
#include "detectors/patient/window.h"

namespace ketavigil::detectors {

/// Values older than this before the first session do not count (CATALOGUE, section 1).
inline constexpr Microseconds baseline_window_us = 365 * events::day_us;
/// Values of one instrument kept before the first session; beyond it the oldest go.
inline constexpr std::size_t baseline_values_kept = 1024;

/// The values of one instrument that may belong to its baseline, in the order of R.
struct ScoreBaseline {
  struct Value {
    Microseconds at = 0;
    double value = 0;
  };
  Window<Value> values;
};

/// What the values before the first session say.
struct Baseline {
  std::optional<double> mean;  ///< of the values, rounded to 12 significant digits; nothing: none
  std::size_t values = 0;
  /// Whether what rises to `limit` now is new: the baseline did not reach it, or is missing.
  [[nodiscard]] bool is_below_or_missing(double limit) const { return !mean || *mean < limit; }
};

/// Takes a score of this instrument; ignores it if it is not eligible, or comes after the first
/// session. A score at the first session's own instant follows it in R and still belongs here.
void step(ScoreBaseline* baseline, const Background& background, const RecordFact& score);

/// The baseline as known once the first session has come; without one it is missing.
[[nodiscard]] Baseline baseline_of(const ScoreBaseline& baseline, const Background& background);

/// Says in a hit which baseline it rests on: `baseline_mean`, `baseline_values` in its inputs, and
/// `single-reading-baseline` or `baseline-missing` among its annotations.
void add_to_hit(const Baseline& baseline, Hit* hit);

}  // namespace ketavigil::detectors
