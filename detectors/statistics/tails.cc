#include "detectors/statistics/tails.h"

#include <boost/math/constants/constants.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "detectors/statistics/policy.h"

namespace ketavigil::detectors::statistics {
namespace {

using boost::math::complement;
using Normal = boost::math::normal_distribution<double, Policy>;
using StudentsT = boost::math::students_t_distribution<double, Policy>;

// Below it the logarithm is taken: doubles lose their digits at 1e-308.
constexpr double tail_min = 1e-280;

}  // namespace

double normal_probability(double z) {
  return std::erfc(-z / boost::math::constants::root_two<double>()) / 2;
}

double normal_quantile_of_upper_tail(double tail) {
  return boost::math::quantile(complement(Normal(), tail));
}

double student_probability(double t, double degrees) {
  return boost::math::cdf(StudentsT(degrees), t);
}

// P(T > t) = I_x(ν/2, 1/2) / 2 with x = ν / (ν + t²), by the series
// I_x(a, b) = xᵃ (1 − x)ᵇ / (a B(a, b)) · Σ (a + b)ₙ / (a + 1)ₙ xⁿ.
double log_student_upper_tail(double t, double degrees) {
  constexpr int terms_max = 100'000;
  const double a = degrees / 2;
  const double b = 0.5;
  const double x = degrees / (degrees + t * t);
  double sum = 1;
  double term = 1;
  for (int n = 0; n < terms_max && term > sum * 1e-17; ++n) {
    term *= (a + b + n) / (a + 1 + n) * x;
    sum += term;
  }
  const double log_beta = log_gamma(a) + log_gamma(b) - log_gamma(a + b);
  return a * std::log(x) + b * std::log1p(-x) - std::log(a) - log_beta + std::log(sum / 2);
}

double normal_quantile_of_log_tail(double log_tail) {
  constexpr int rounds = 8;  // of Newton's method, which doubles the digits each
  double z = std::sqrt(-2 * log_tail);
  for (int round = 0; round < rounds; ++round) {
    const double y = 1 / (z * z);
    const double mills = 1 - y * (1 - y * (3 - y * (15 - y * (105 - y * 945))));
    const double log_at_z =
        -z * z / 2 - std::log(z * boost::math::constants::root_two_pi<double>()) + std::log(mills);
    z += (log_at_z - log_tail) / (z / mills);
  }
  return z;
}

double normal_score_of_t(double t, double degrees) {
  const double size = std::fabs(t);
  const double tail = boost::math::cdf(complement(StudentsT(degrees), size));
  const double score = tail > tail_min
                           ? normal_quantile_of_upper_tail(tail)
                           : normal_quantile_of_log_tail(log_student_upper_tail(size, degrees));
  return t < 0 ? -score : score;
}

}  // namespace ketavigil::detectors::statistics
