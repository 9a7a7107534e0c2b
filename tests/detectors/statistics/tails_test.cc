#include "detectors/statistics/tails.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ketavigil::detectors::statistics {
namespace {

// With one degree of freedom P(T ≤ t) = ½ + atan(t)/π, with two ½ + t/(2√(2+t²)).
TEST(Tails, scores_of_t_are_those_of_the_closed_forms) {
  for (const double t : {-30.0, -2.0, -.1, .1, 1.0, 7.0, 1e4}) {
    const double tail_one = std::atan2(1, std::fabs(t)) / std::acos(-1);
    const double one = std::copysign(normal_quantile_of_upper_tail(tail_one), t);
    EXPECT_NEAR(normal_score_of_t(t, 1), one, 1e-12 * std::fabs(one)) << t;
    const double tail_two = 1 / (2 + t * t + std::fabs(t) * std::sqrt(2 + t * t));
    const double two = std::copysign(normal_quantile_of_upper_tail(tail_two), t);
    EXPECT_NEAR(normal_score_of_t(t, 2), two, 1e-12 * std::fabs(two)) << t;
  }
  EXPECT_EQ(normal_score_of_t(0, 12), 0);
}

TEST(Tails, with_many_degrees_of_freedom_t_is_its_own_score) {
  for (const double t : {-5.0, -1.0, .5, 3.0}) EXPECT_NEAR(normal_score_of_t(t, 1e9), t, 1e-6);
}

TEST(Tails, both_sides_are_alike_to_the_last_digit) {
  for (const double t : {.01, 1.0, 4.0, 40.0, 400.0})
    EXPECT_EQ(normal_score_of_t(-t, 10), -normal_score_of_t(t, 10));
}

// ln P by the series against ln of the probability, where that still is a double.
TEST(Tails, the_logarithm_continues_the_probability) {
  for (const double degrees : {3.0, 10.0, 60.0, 1000.0}) {
    for (const double t : {1.0, 4.0, 15.0}) {
      const double score = normal_score_of_t(t, degrees);
      EXPECT_NEAR(log_student_upper_tail(t, degrees), std::log(normal_probability(-score)),
                  1e-10 * std::fabs(log_student_upper_tail(t, degrees)))
          << t << ' ' << degrees;
    }
  }
  for (const double z : {22.0, 30.0, 37.0})
    EXPECT_NEAR(normal_quantile_of_log_tail(std::log(normal_probability(-z))), z, 1e-9);
}

TEST(Tails, beyond_the_least_double_scores_go_on_growing) {
  double last = 0;
  for (double t = 10; t < 1e4; t *= 1.3) {
    const double score = normal_score_of_t(t, 500);
    ASSERT_TRUE(std::isfinite(score)) << t;
    ASSERT_GT(score, last) << t;
    ASSERT_LE(score, t);
    last = score;
  }
  // Where the two ways meet, they meet.
  EXPECT_NEAR(normal_score_of_t(57.3, 1000) - normal_score_of_t(57.2, 1000), .043, .01);
}

}  // namespace
}  // namespace ketavigil::detectors::statistics
