#include "detectors/statistics/exact_tests.h"

#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include "detectors/statistics/policy.h"

namespace ketavigil::detectors::statistics {
namespace {

double real(std::int64_t count) { return static_cast<double>(count); }

}  // namespace

double poisson_upper_tail(std::int64_t events, double mean) {
  if (events <= 0) return 1;
  return boost::math::gamma_p(real(events), mean, Policy());
}

double poisson_lower_tail(std::int64_t events, double mean) {
  if (events < 0) return 0;
  return boost::math::gamma_q(real(events) + 1, mean, Policy());
}

double binomial_upper_tail(std::int64_t successes, std::int64_t trials, double chance) {
  if (successes <= 0) return 1;
  if (successes > trials) return 0;
  return boost::math::ibeta(real(successes), real(trials - successes) + 1, chance, Policy());
}

double binomial_lower_tail(std::int64_t successes, std::int64_t trials, double chance) {
  if (successes < 0) return 0;
  if (successes >= trials) return 1;
  return boost::math::ibetac(real(successes) + 1, real(trials - successes), chance, Policy());
}

double two_counts_upper_tail(std::int64_t count, std::int64_t count_before, double exposure,
                             double exposure_before) {
  return binomial_upper_tail(count, count + count_before, exposure / (exposure + exposure_before));
}

Interval binomial_interval(std::int64_t successes, std::int64_t trials, double outside) {
  Interval interval{0, 1};
  const double k = real(successes);
  const double n = real(trials);
  if (successes > 0) interval.low = boost::math::ibeta_inv(k, n - k + 1, outside / 2, Policy());
  if (successes < trials)
    interval.high = boost::math::ibetac_inv(k + 1, n - k, outside / 2, Policy());
  return interval;
}

Interval poisson_interval(std::int64_t events, double outside) {
  Interval interval;
  if (events > 0) interval.low = boost::math::gamma_p_inv(real(events), outside / 2, Policy());
  interval.high = boost::math::gamma_q_inv(real(events) + 1, outside / 2, Policy());
  return interval;
}

}  // namespace ketavigil::detectors::statistics
