// Oracles: how soon a change could be found by who knows what no detector knows. Each is Wald's
// one-sided likelihood ratio test of the very change that there is, its size, its course and the
// moment at which it began, in values that are independent and normal with a known deviation: at
// its chance of a false alarm nothing is faster. One knows the mean as well (`baseline_and_size`);
// the other has the values from before the change to tell the mean from (`size`; the likelihood
// ratio of all that does not depend on the mean).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ketavigil::simulation {

/// A series that is watched.
struct OracleSeries {
  int before = 0;              ///< values before the change
  std::vector<double> shifts;  ///< what the change has added to each later one, in deviations
};

enum class Knows : std::uint8_t { size, baseline_and_size };

struct OracleDelays {
  /// Of the natural logarithm of the likelihood ratio: such that of series without the change
  /// exactly the share `false_alarms` ever reach it, what it is passed by included.
  double limit = 0;
  /// The value after the change (1, 2 …) at which it is found, 0: never; of each series as many as
  /// there are twins, one series after the other.
  std::vector<int> found_at;
};

/// Plays every series `twins` times, with errors from `seed`. `false_alarms` in (0, 1).
[[nodiscard]] OracleDelays oracle_delays(std::span<const OracleSeries> series, Knows knows,
                                         double false_alarms, int twins, std::uint64_t seed);

}  // namespace ketavigil::simulation
