#include "detectors/statistics/slope.h"

#include <cmath>

#include "detectors/statistics/tails.h"

namespace ketavigil::detectors::statistics {

SlopeModel slope_prior(const SlopePrior& prior) {
  SlopeModel model;
  model.precision_ii = 1 / (prior.intercept_sd * prior.intercept_sd);
  model.precision_ss = 1 / (prior.slope_sd * prior.slope_sd);
  model.intercept = prior.intercept;
  model.slope = prior.slope;
  model.degrees = prior.degrees;
  model.sum_of_squares = prior.sum_of_squares;
  return model;
}

// The rank-one update: residual r with predictive variance factor s = 1 + x'P⁻¹x; SS += r²/s.
void take(SlopeModel* model, double time, double value) {
  const double determinant =
      model->precision_ii * model->precision_ss - model->precision_is * model->precision_is;
  const double gain_intercept = (model->precision_ss - model->precision_is * time) / determinant;
  const double gain_slope = (model->precision_ii * time - model->precision_is) / determinant;
  const double s = 1 + gain_intercept + gain_slope * time;
  const double residual = value - model->intercept - model->slope * time;
  model->intercept += gain_intercept / s * residual;
  model->slope += gain_slope / s * residual;
  model->sum_of_squares += residual * residual / s;
  model->degrees += 1;
  model->precision_ii += 1;
  model->precision_is += time;
  model->precision_ss += time * time;
}

double slope_scale(const SlopeModel& model) {
  const double determinant =
      model.precision_ii * model.precision_ss - model.precision_is * model.precision_is;
  return std::sqrt(model.sum_of_squares / model.degrees * model.precision_ii / determinant);
}

double slope_below(const SlopeModel& model, double limit) {
  return student_probability((limit - model.slope) / slope_scale(model), model.degrees);
}

}  // namespace ketavigil::detectors::statistics
