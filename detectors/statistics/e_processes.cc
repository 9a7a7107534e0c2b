#include "detectors/statistics/e_processes.h"

#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <limits>

#include "detectors/statistics/policy.h"
#include "detectors/statistics/tails.h"

namespace ketavigil::detectors::statistics {
namespace {

constexpr double least = 1e-290;  // below it logarithms are computed directly

double log_beta(double a, double b) { return log_gamma(a) + log_gamma(b) - log_gamma(a + b); }

// ln of ∫ from p to 1 of tᵃ⁻¹ (1−t)ᵇ⁻¹ dt.
double log_upper_beta(double a, double b, double p) {
  return std::log(boost::math::ibetac(a, b, p, Policy())) + log_beta(a, b);
}

template <typename Function>
double root(Function function, double low, double high) {
  std::uintmax_t rounds = 200;
  constexpr int bits = 50;
  const auto bracket = boost::math::tools::toms748_solve(
      function, low, high, boost::math::tools::eps_tolerance<double>(bits), rounds, Policy());
  return (bracket.first + bracket.second) / 2;
}

}  // namespace

// Where the regularised function is no double: Legendre's continued fraction, by Lentz's method.
double log_upper_gamma(double s, double x) {
  const double regularised = boost::math::gamma_q(s, x, Policy());
  if (regularised > least) return std::log(regularised) + log_gamma(s);
  constexpr int terms_max = 100'000;
  constexpr double tiny = 1e-300;
  double b = x + 1 - s;
  double c = 1 / tiny;
  double d = 1 / b;
  double fraction = d;
  for (int i = 1; i < terms_max; ++i) {
    const double a = -i * (i - s);
    b += 2;
    d = a * d + b;
    if (std::fabs(d) < tiny) d = tiny;
    c = b + a / c;
    if (std::fabs(c) < tiny) c = tiny;
    d = 1 / d;
    fraction *= d * c;
    if (std::fabs(d * c - 1) < 1e-16) break;
  }
  return s * std::log(x) - x + std::log(fraction);
}

double log_poisson_e_value(std::int64_t events, double expected, const MixturePrior& prior) {
  const double n = static_cast<double>(events);
  return expected + prior.a * std::log(prior.b) - log_upper_gamma(prior.a, prior.b) +
         log_upper_gamma(prior.a + n, prior.b + expected) -
         (prior.a + n) * std::log(prior.b + expected);
}

// E falls with what was expected, from its greatest at nothing.
std::optional<double> poisson_alert_boundary(std::int64_t events, double alpha,
                                             const MixturePrior& prior) {
  const double wanted = -std::log(alpha);
  const auto excess = [&](double expected) {
    return log_poisson_e_value(events, expected, prior) - wanted;
  };
  if (!(excess(0) > 0)) return std::nullopt;
  double high = 1;
  constexpr double high_max = 1e12;
  while (high < high_max && excess(high) > 0) high *= 2;
  return root(excess, 0, high);
}

double log_bernoulli_e_value(std::int64_t successes, std::int64_t trials, double null_chance,
                             const MixturePrior& prior) {
  const double k = static_cast<double>(successes);
  const double failures = static_cast<double>(trials - successes);
  return log_upper_beta(prior.a + k, prior.b + failures, null_chance) -
         log_upper_beta(prior.a, prior.b, null_chance) - k * std::log(null_chance) -
         failures * std::log1p(-null_chance);
}

double log_normal_e_value(double sum, double variance, double rho) {
  return std::log(rho / (rho + variance)) / 2 + sum * sum / (2 * (rho + variance));
}

double log_normal_e_value_upward(double sum, double variance, double rho) {
  const double z = sum / std::sqrt(variance + rho);
  return log_normal_e_value(sum, variance, rho) + std::log(2.0) + std::log(normal_probability(z));
}

double narrow_rho(double variance, double outside) {
  const double twice = -2 * std::log(outside);
  return variance / (twice + std::log1p(twice));
}

double log_t_e_value(std::int64_t values, double sum, double sum_of_squares, double c) {
  const double n = static_cast<double>(values);
  const double c_squared = c * c;
  return std::log(c_squared / (c_squared + n)) / 2 +
         n / 2 * std::log(sum_of_squares / (sum_of_squares - sum * sum / (n + c_squared)));
}

// E of the whole gamma mixture against one rate: bᵃ Γ(a+n) / (Γ(a) (b+V)ᵃ⁺ⁿ) e^(λV) λ⁻ⁿ; convex in
// ln λ, least at n/V.
Interval poisson_rate_sequence(std::int64_t events, double expected, double outside,
                               const MixturePrior& prior) {
  const double n = static_cast<double>(events);
  const double fixed = prior.a * std::log(prior.b) + log_gamma(prior.a + n) - log_gamma(prior.a) -
                       (prior.a + n) * std::log(prior.b + expected);
  const double wanted = -std::log(outside);
  const auto excess = [&](double rate) {
    return fixed + rate * expected - n * std::log(rate) - wanted;
  };
  Interval interval{0, std::numeric_limits<double>::infinity()};
  if (expected <= 0) return interval;
  const double best = std::max(n, .5) / expected;
  double high = best;
  while (excess(high) < 0) high *= 2;
  const auto crossing = [&](double log_rate) { return excess(std::exp(log_rate)); };
  interval.high = std::exp(root(crossing, std::log(best), std::log(high)));
  if (events == 0) return interval;
  double low = best;
  while (excess(low) < 0) low /= 2;
  interval.low = std::exp(root(crossing, std::log(low), std::log(best)));
  return interval;
}

double normal_mean_sequence(double values, double rho, double outside) {
  return std::sqrt((values + rho) / (values * values) *
                   (std::log((values + rho) / rho) - 2 * std::log(outside)));
}

}  // namespace ketavigil::detectors::statistics
