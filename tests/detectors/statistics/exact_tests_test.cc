#include "detectors/statistics/exact_tests.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ketavigil::detectors::statistics {
namespace {

// Sums of the terms themselves.
double binomial_sum(int from, int trials, double chance) {
  double sum = 0;
  for (int k = from; k <= trials; ++k) {
    sum += std::exp(std::lgamma(trials + 1) - std::lgamma(k + 1) - std::lgamma(trials - k + 1) +
                    k * std::log(chance) + (trials - k) * std::log1p(-chance));
  }
  return sum;
}

TEST(ExactTests, tails_are_the_sums_of_their_terms) {
  for (const int k : {0, 1, 4, 10}) {
    EXPECT_NEAR(binomial_upper_tail(k, 10, .3), binomial_sum(k, 10, .3), 1e-13);
    EXPECT_NEAR(binomial_lower_tail(k, 10, .3), 1 - binomial_sum(k + 1, 10, .3), 1e-13);
    double below = 0;
    for (int i = 0; i < k; ++i) below += std::exp(i * std::log(2.5) - 2.5 - std::lgamma(i + 1));
    EXPECT_NEAR(poisson_upper_tail(k, 2.5), 1 - below, 1e-13);
    EXPECT_NEAR(poisson_lower_tail(k - 1, 2.5), below, 1e-13);
  }
  EXPECT_EQ(binomial_upper_tail(11, 10, .3), 0);
  EXPECT_EQ(poisson_upper_tail(3, 0), 0);
  EXPECT_EQ(poisson_upper_tail(0, 0), 1);
}

// Sessions of 28 days against those of the 28 before (DEP-2).
TEST(ExactTests, two_counts_of_equal_time_have_the_published_chances) {
  EXPECT_NEAR(two_counts_upper_tail(10, 2), .0193, 5e-5);
  EXPECT_NEAR(two_counts_upper_tail(8, 2), .0547, 5e-5);
  EXPECT_NEAR(two_counts_upper_tail(12, 5), .0717, 5e-5);
  EXPECT_EQ(two_counts_upper_tail(0, 0), 1);
  EXPECT_EQ(two_counts_upper_tail(0, 4), 1);
  EXPECT_EQ(two_counts_upper_tail(3, 0), .125);
}

TEST(ExactTests, intervals_of_a_poisson_mean_are_the_published) {
  const double rows[][3] = {{0, 0, 3.6889},       {1, .0253, 5.5716},    {3, .6187, 8.7673},
                            {5, 1.6235, 11.6683}, {10, 4.7954, 18.3904}, {20, 12.2165, 30.8884}};
  for (const auto& [events, low, high] : rows) {
    const Interval interval = poisson_interval(static_cast<std::int64_t>(events));
    EXPECT_NEAR(interval.low, low, 5.1e-5) << events;
    EXPECT_NEAR(interval.high, high, 5.1e-5) << events;
  }
}

TEST(ExactTests, intervals_of_a_chance_are_the_published) {
  const double rows[][4] = {
      {23, 2342, .006235, .014700}, {17, 138, .073427, .189897}, {136, 802, .144234, .197373}};
  for (const auto& [successes, trials, low, high] : rows) {
    const Interval interval =
        binomial_interval(static_cast<std::int64_t>(successes), static_cast<std::int64_t>(trials));
    EXPECT_NEAR(interval.low, low, 5.1e-7) << successes;
    EXPECT_NEAR(interval.high, high, 5.1e-7) << successes;
  }
  EXPECT_EQ(binomial_interval(0, 5).low, 0);
  EXPECT_EQ(binomial_interval(5, 5).high, 1);
}

}  // namespace
}  // namespace ketavigil::detectors::statistics
