// A straight line through a person's values, learnt one value at a time: y = intercept + slope · t
// + noise, with a normal-inverse-gamma prior. The posterior of the slope is Student's t, so the
// chance that it lies below a limit is exact for irregular times and few values (COG-4). O(1).
// Pure.
#pragma once

namespace ketavigil::detectors::statistics {

/// Prior knowledge of a line; SDs in units of the noise's SD, > 0.
struct SlopePrior {
  double intercept = 0;
  double intercept_sd = 1;
  double slope = 0;
  double slope_sd = 1;
  double degrees = 10;         ///< of freedom of the noise's variance
  double sum_of_squares = 10;  ///< degrees × its variance
};

/// What is known of a line: the posterior after the values so far.
struct SlopeModel {
  double precision_ii = 0;  ///< of (intercept, slope), in units of the noise's precision
  double precision_is = 0;
  double precision_ss = 0;
  double intercept = 0;
  double slope = 0;
  double degrees = 0;
  double sum_of_squares = 0;
};
[[nodiscard]] SlopeModel slope_prior(const SlopePrior& prior);
/// Takes a value at a time (in the unit in which slopes are stated).
void take(SlopeModel* model, double time, double value);

/// The posterior SD of the slope's t distribution (its scale).
[[nodiscard]] double slope_scale(const SlopeModel& model);
/// P(slope < limit).
[[nodiscard]] double slope_below(const SlopeModel& model, double limit);

}  // namespace ketavigil::detectors::statistics
