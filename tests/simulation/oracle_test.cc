// Oracles: their chance of a false alarm is the one asked for, and their power the one that
// Neyman and Pearson's lemma gives.
#include "simulation/oracle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>

namespace ketavigil::simulation {
namespace {

constexpr int twins = 40'000;

double share_found(const OracleDelays& delays) {
  return static_cast<double>(std::count_if(delays.found_at.begin(), delays.found_at.end(),
                                           [](int at) { return at > 0; })) /
         static_cast<double>(delays.found_at.size());
}

double power(double shift, double alpha) {
  const boost::math::normal normal;
  return cdf(normal, shift - quantile(complement(normal, alpha)));
}

TEST(Oracle, of_one_value_it_is_the_most_powerful_test) {
  for (const double alpha : {.25, .05, .005}) {
    for (const double shift : {1., 2., 3.}) {
      const OracleSeries series{3, {shift}};
      const auto both = oracle_delays({&series, 1}, Knows::baseline_and_size, alpha, twins, 1);
      EXPECT_NEAR(share_found(both), power(shift, alpha), .02) << alpha << ' ' << shift;
      // The mean of three values has a third of a value's variance.
      const auto size = oracle_delays({&series, 1}, Knows::size, alpha, twins, 1);
      EXPECT_NEAR(share_found(size), power(shift / std::sqrt(4. / 3), alpha), .02)
          << alpha << ' ' << shift;
    }
  }
}

// Of two equal steps the mean of the values before decides, however many come after: as many values
// after as wished leave the contrast with three before a deviation of √(1/3).
TEST(Oracle, without_the_mean_it_never_knows_more_than_the_values_before_tell) {
  const OracleSeries series{3, std::vector<double>(400, 1)};
  const auto size = oracle_delays({&series, 1}, Knows::size, .05, 4000, 1);
  EXPECT_LE(share_found(size), power(std::sqrt(3), .05) + .02);
  EXPECT_GE(share_found(size), .35);
  const auto both = oracle_delays({&series, 1}, Knows::baseline_and_size, .05, 4000, 1);
  EXPECT_EQ(share_found(both), 1);
}

TEST(Oracle, without_a_value_before_the_first_one_tells_nothing) {
  const OracleSeries series{0, {5}};
  EXPECT_EQ(share_found(oracle_delays({&series, 1}, Knows::size, .05, 100, 1)), 0);
  EXPECT_TRUE(oracle_delays({}, Knows::size, .05, 100, 1).found_at.empty());
}

TEST(Oracle, a_change_that_comes_later_is_found_from_then_on) {
  const OracleSeries series{3, {0, 0, 0, 4, 4, 4}};
  const auto both = oracle_delays({&series, 1}, Knows::baseline_and_size, .05, 1000, 1);
  for (const int at : both.found_at) EXPECT_TRUE(at == 0 || at >= 4) << at;
  EXPECT_GT(share_found(both), .99);
}

TEST(Oracle, the_same_seed_gives_the_same_delays) {
  const OracleSeries series{3, {1, 1, 1, 1}};
  const auto once = oracle_delays({&series, 1}, Knows::size, .05, 200, 3);
  EXPECT_EQ(once.found_at, oracle_delays({&series, 1}, Knows::size, .05, 200, 3).found_at);
  EXPECT_NE(once.found_at, oracle_delays({&series, 1}, Knows::size, .05, 200, 4).found_at);
}

}  // namespace
}  // namespace ketavigil::simulation
