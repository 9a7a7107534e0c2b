#include "simulation/oracle.h"

#include <algorithm>
#include <cmath>

#include "simulation/philox.h"

namespace ketavigil::simulation {
namespace {

/// A value at which the logarithm of the likelihood ratio is greater than ever before.
struct High {
  int at = 0;
  double ratio = 0;
};
using Highs = std::vector<High>;

void note(Highs& highs, int at, double ratio) {
  if (highs.empty() || ratio > highs.back().ratio) highs.push_back({at, ratio});
}

Highs with_mean(const OracleSeries& series, Draws& draws) {
  Highs highs;
  double ratio = 0;
  int at = 0;
  for (const double shift : series.shifts) {
    ratio += shift * (shift + draws.normal()) - shift * shift / 2;
    note(highs, ++at, ratio);
  }
  return highs;
}

/// By recursive residuals: each value less the mean of those before it, whose expectation under the
/// change is what the mean has not learnt of it yet. The true mean is 0; it does not matter.
Highs without_mean(const OracleSeries& series, Draws& draws) {
  Highs highs;
  double values = series.before;
  double mean = values > 0 ? draws.normal() / std::sqrt(values) : 0;
  double learnt = 0;  // of the change, by the mean, times the values
  double ratio = 0;
  int at = 0;
  for (const double shift : series.shifts) {
    const double value = shift + draws.normal();
    if (values > 0) {
      const double expected = shift - learnt / values;
      const double variance = 1 + 1 / values;
      ratio += expected * (value - mean) / variance - expected * expected / (2 * variance);
    }
    note(highs, ++at, ratio);
    mean += (value - mean) / (values + 1);
    learnt += shift;
    values += 1;
  }
  return highs;
}

Highs::const_iterator first_from(const Highs& highs, double limit) {
  return std::lower_bound(highs.begin(), highs.end(), limit,
                          [](const High& high, double least) { return high.ratio < least; });
}

/// The share that reaches the limit without the change, by what is played with it: a path counts
/// with the inverse of its likelihood ratio there (Siegmund 1976).
double false_alarms_of(const std::vector<Highs>& paths, double limit) {
  double sum = 0;
  for (const Highs& highs : paths) {
    const auto reached = first_from(highs, limit);
    if (reached != highs.end()) sum += std::exp(-reached->ratio);
  }
  return sum / static_cast<double>(paths.size());
}

}  // namespace

OracleDelays oracle_delays(std::span<const OracleSeries> series, Knows knows, double false_alarms,
                           int twins, std::uint64_t seed) {
  OracleDelays delays;
  std::vector<Highs> paths;
  for (std::uint32_t number = 0; number < series.size(); ++number) {
    for (std::uint32_t twin = 0; twin < static_cast<std::uint32_t>(twins); ++twin) {
      Draws draws(seed, number, twin, Purpose::oracle);
      paths.push_back(knows == Knows::baseline_and_size ? with_mean(series[number], draws)
                                                        : without_mean(series[number], draws));
    }
  }
  if (paths.empty()) return delays;
  // A ratio of 1/α is never reached more often than by α; how much less is what is sought here.
  double low = -50;
  double high = -std::log(false_alarms);
  constexpr int halvings = 50;
  for (int i = 0; i < halvings; ++i) {
    delays.limit = (low + high) / 2;
    (false_alarms_of(paths, delays.limit) > false_alarms ? low : high) = delays.limit;
  }
  delays.limit = high;
  for (const Highs& highs : paths) {
    const auto reached = first_from(highs, delays.limit);
    delays.found_at.push_back(reached == highs.end() ? 0 : reached->at);
  }
  return delays;
}

}  // namespace ketavigil::simulation
