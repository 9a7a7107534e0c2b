#include "simulation/normal.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ketavigil::simulation {
namespace {

// Tables of the normal distribution, to ten digits.
TEST(NormalQuantile, agrees_with_the_tables) {
  const std::pair<double, double> known[] = {
      {0.5, 0},
      {0.75, 0.6744897502},
      {0.9, 1.2815515655},
      {0.925, 1.4395314709},  // where the centre meets the tail
      {0.95, 1.6448536270},
      {0.975, 1.9599639845},
      {0.995, 2.5758293035},
      {0.999, 3.0902323062},
      {0.999999, 4.7534243088},
  };
  for (const auto& [p, z] : known) {
    EXPECT_NEAR(normal_quantile(p), z, 2e-7 * (1 + z)) << p;
    EXPECT_NEAR(normal_quantile(1 - p), -z, 2e-6) << p;
  }
}

TEST(NormalQuantile, is_finite_and_rising_over_all_that_is_drawn) {
  double before = -7;
  for (const double p : {0.5 / 4294967296.0, 1.5 / 4294967296.0, 1e-9, 1e-6, 0.074999, 0.075, 0.5,
                         0.925, 0.925001, 1 - 1e-9, 1 - 0.5 / 4294967296.0}) {
    const double z = normal_quantile(p);
    EXPECT_GT(z, before) << p;
    before = z;
  }
  EXPECT_LT(before, 6.4);
}

TEST(NaturalLog, agrees_with_the_library) {
  for (const double x : {1e-10, 0.001, 0.5, 0.70710678, 0.99, 1.0, 1.01, 1.41421357, 2.0, 1e6}) {
    EXPECT_NEAR(natural_log(x), std::log(x), 1e-14 * (1 + std::abs(std::log(x)))) << x;
  }
}

TEST(ToWhole, rounds_halves_upwards_on_both_sides_of_0) {
  EXPECT_EQ(to_whole(2.5), 3);
  EXPECT_EQ(to_whole(2.49), 2);
  EXPECT_EQ(to_whole(-2.5), -2);
  EXPECT_EQ(to_whole(-2.51), -3);
  EXPECT_EQ(to_whole(-0.2), 0);
}

}  // namespace
}  // namespace ketavigil::simulation
