#include "detectors/statistics/anchored_drift.h"

#include <algorithm>
#include <cmath>

#include "detectors/statistics/passage.h"
#include "detectors/statistics/tails.h"

namespace ketavigil::detectors::statistics {
namespace {

// V∞ = κ + f²/(1−f²): what V grows to if values never end.
void anchor(DriftModel* model, double f) {
  model->anchored = true;
  model->v_infinity = model->kappa + f * f / (1 - f * f);
  model->s = model->v = model->absorbed = 0;
  model->waiting = 1;
  model->late.fill(0);
}

void feed_charts(DriftModel* model, const DriftDesign& design, const DriftStep& step) {
  model->s += step.d * step.residual;
  model->v += step.d * step.d;
  model->absorbed += step.a * step.b;
  for (std::size_t j = 0; j < late_shifts; ++j) {
    const double h = design.late_sizes[j] * step.a / step.u;
    model->late[j] = (model->late[j] + design.late_onset * model->waiting) *
                     std::exp(h * step.residual - h * h / 2);
  }
  model->waiting *= 1 - design.late_onset;
}

}  // namespace

DriftModel drift_prior(const DriftDesign& design, double mean, double sd) {
  DriftModel model;
  model.kappa = design.kappa;
  model.mu = mean;
  model.nu = design.nu;
  model.ss = design.nu * sd * sd;
  return model;
}

void widen(DriftModel* model, double q) {
  if (q <= 0) return;
  const double narrower = model->kappa;
  model->kappa = 1 / (1 / narrower + q);
  model->absorbed *= model->kappa / narrower;
}

DriftStep take(DriftModel* model, const DriftDesign& design, double y, bool exposed) {
  DriftStep step;
  step.y = y;
  step.f = model->begun ? design.whitening : 0;
  step.a = std::sqrt((1 - step.f) / (1 + step.f));
  step.g = std::sqrt(1 - step.f * step.f);
  const bool anchors = exposed && !model->anchored;
  if (anchors) anchor(model, step.f);
  step.before = *model;
  step.w = (y - step.f * model->previous) / step.g;
  step.r = step.w - step.a * model->mu;
  const double a_squared = step.a * step.a;
  step.u = std::sqrt(1 + a_squared / model->kappa);
  step.t = step.r / (step.u * std::sqrt(model->ss / model->nu));
  step.residual = std::min(design.residual_max, normal_score_of_t(step.t, model->nu));
  if (exposed) {
    step.b = anchors ? 1 / step.g : step.a;
    step.d = (step.b - step.a * model->absorbed / model->kappa) / step.u;
    feed_charts(model, design, step);
  }
  const double weight = model->kappa + a_squared;
  model->ss += step.r * step.r * model->kappa / weight;
  model->mu += step.a * step.r / weight;
  model->kappa = weight;
  model->nu += 1;
  model->previous = y;
  model->begun = true;
  return step;
}

double late_ratio(const DriftModel& model) {
  double sum = 0;
  for (const double ratio : model.late) sum += ratio;
  return sum / static_cast<double>(late_shifts) + model.waiting;
}

DriftLimits drift_limits(double alpha_anchored, double alpha_late, double v_infinity) {
  return {passage_level(alpha_anchored, v_infinity), 1 / alpha_late};
}

double anchored_e_value(const DriftModel& model, const DriftLimits& limits, double alpha_anchored) {
  const double missing = std::max(0.0, limits.a + model.v / 2 - model.s);
  return passage_probability(missing, model.v_infinity - model.v) / alpha_anchored;
}

}  // namespace ketavigil::detectors::statistics
