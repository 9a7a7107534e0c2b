#include "detectors/statistics/passage.h"

#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>
#include <limits>

#include "detectors/statistics/policy.h"
#include "detectors/statistics/tails.h"

namespace ketavigil::detectors::statistics {

double passage_probability(double x, double v) {
  if (v <= 0) return x <= 0 ? 1 : 0;
  const double root = std::sqrt(v);
  return normal_probability(-(x + v / 2) / root) +
         std::exp(-x) * normal_probability((v / 2 - x) / root);
}

double passage_level(double probability, double v) {
  if (probability >= 1) return 0;
  // In logarithms, so that the smallest probabilities are met as closely as the greatest.
  const double wanted = std::log(probability);
  constexpr double least = std::numeric_limits<double>::min();  // its logarithm is finite
  const auto excess = [&](double x) {
    return std::log(std::max(passage_probability(x, v), least)) - wanted;
  };
  const double at_most = -wanted;
  const double below = excess(0);
  const double above = excess(at_most);
  if (!(above < 0)) return at_most;  // p(x) = e⁻ˣ to the last digit
  constexpr int bits = 50;
  std::uintmax_t rounds = 100;
  const auto bracket = boost::math::tools::toms748_solve(
      excess, 0.0, at_most, below, above, boost::math::tools::eps_tolerance<double>(bits), rounds,
      Policy());
  return (bracket.first + bracket.second) / 2;
}

}  // namespace ketavigil::detectors::statistics
