#include "detectors/statistics/slope.h"

#include <cmath>

#include "detectors/statistics/anchored_drift.h"
#include "detectors/statistics/e_processes.h"
#include "tests/detectors/statistics/published.h"

namespace ketavigil::detectors::statistics {
namespace {

constexpr double values[] = {88, 92, 85, 90, 95, 101, 99, 97, 110, 93};

// The normal-inverse-gamma updates of the published vector: residuals, the anchored sum, both
// e-values. Without whitening and without a limit of residuals the drift model is this one.
TEST(NormalInverseGamma, gives_the_published_vector) {
  const auto vector = published("nig_vector.json");
  DriftDesign design;
  design.kappa = 1.0 / 9;
  design.nu = 10;
  design.whitening = 0;
  design.residual_max = 1e9;
  DriftModel model = drift_prior(design, 90, 6);  // SS 360
  for (int i = 1; i <= 10; ++i) {
    const bool exposed = i >= vector.at("exposure_starts_at_obs");
    const DriftStep step = take(&model, design, values[i - 1], exposed);
    if (!exposed) continue;
    const auto& row = vector.at("rows").at(static_cast<std::size_t>(i - 4));
    ASSERT_EQ(row.at("i"), i);
    EXPECT_NEAR(step.t, row.at("T"), 1e-12);
    EXPECT_EQ(step.before.nu, row.at("df"));
    EXPECT_NEAR(step.residual, row.at("U"), 1e-12);
    EXPECT_NEAR(step.d, row.at("d"), 1e-12);
    EXPECT_NEAR(model.s, row.at("S"), 1e-12);
    EXPECT_NEAR(model.v, row.at("V"), 1e-12);
    const double rho = vector.at("rho");
    EXPECT_NEAR(log_normal_e_value(model.s, model.v, rho), row.at("logE_two"), 1e-12);
    EXPECT_NEAR(log_normal_e_value_upward(model.s, model.v, rho), row.at("logE_up"), 1e-12);
  }
}

// With a slope that is known to be 0 a line is a mean, and its model the same vector's.
TEST(Slope, with_a_known_slope_the_intercept_is_the_published_mean) {
  SlopePrior prior;
  prior.intercept = 90;
  prior.intercept_sd = 3;  // κ = 1/9
  prior.slope_sd = 1e-9;
  prior.degrees = 10;
  prior.sum_of_squares = 360;
  SlopeModel line = slope_prior(prior);
  DriftDesign design;
  design.kappa = 1.0 / 9;
  design.whitening = 0;
  DriftModel mean = drift_prior(design, 90, 6);
  for (int i = 0; i < 10; ++i) {
    take(&line, i, values[i]);
    take(&mean, design, values[i], false);
    EXPECT_NEAR(line.intercept, mean.mu, 1e-9);
    EXPECT_NEAR(line.sum_of_squares, mean.ss, 1e-6);
    EXPECT_EQ(line.degrees, mean.nu);
  }
}

// Against the normal equations of all values at once.
TEST(Slope, one_value_at_a_time_gives_what_all_at_once_give) {
  SlopePrior prior;
  prior.intercept = 27;
  prior.intercept_sd = 2;
  prior.slope = 0;
  prior.slope_sd = .15;
  SlopeModel model = slope_prior(prior);
  const double times[] = {0, .1, .35, .9, 1.0, 1.8, 2.5};
  const double scores[] = {28, 27, 28, 26, 27, 25, 24};
  double ii = .25, is = 0, ss = 1 / (.15 * .15), iy = 27 * .25, sy = 0, yy = 27 * 27 * .25;
  for (int i = 0; i < 7; ++i) {
    take(&model, times[i], scores[i]);
    ii += 1;
    is += times[i];
    ss += times[i] * times[i];
    iy += scores[i];
    sy += times[i] * scores[i];
    yy += scores[i] * scores[i];
  }
  const double determinant = ii * ss - is * is;
  const double intercept = (ss * iy - is * sy) / determinant;
  const double slope = (ii * sy - is * iy) / determinant;
  EXPECT_NEAR(model.intercept, intercept, 1e-10);
  EXPECT_NEAR(model.slope, slope, 1e-10);
  EXPECT_NEAR(model.sum_of_squares, 10 + yy - intercept * iy - slope * sy, 1e-9);
  EXPECT_EQ(model.degrees, 17);
  EXPECT_NEAR(slope_scale(model), std::sqrt(model.sum_of_squares / 17 * ii / determinant), 1e-12);
}

TEST(Slope, the_chance_of_a_fall_is_half_at_the_posterior_mean_and_grows_with_the_limit) {
  SlopeModel model = slope_prior({27, 2, 0, .15, 10, 10});
  for (int i = 0; i < 10; ++i) take(&model, i * .25, 28 - i * .4);
  EXPECT_NEAR(slope_below(model, model.slope), .5, 1e-12);
  EXPECT_GT(slope_below(model, 0), .8);  // with ten degrees of freedom of a prior of no slope
  EXPECT_LT(slope_below(model, -3), slope_below(model, -.3));
}

}  // namespace
}  // namespace ketavigil::detectors::statistics
