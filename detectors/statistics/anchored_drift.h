// Has a series of values drifted upwards since a known moment? The deciding method for slow harm
// (CATALOGUE, section 3): values are whitened against autocorrelation; each is compared with what a
// normal-inverse-gamma model of the patient, begun from a population's prior, foretold of it; and
// from the anchor (the first exposed value) on the residuals feed two charts, whose chances of ever
// crossing their limits without a drift are stated for the whole of life:
//
//   anchored  S = Σ d U, against a change at the anchor, with variance V that never reaches V∞;
//   late      M, the mean likelihood ratio over changes at any later time and of three sizes.
//
// Values are oriented so that greater is worse, in the instrument's units. Plain values, O(1).
// Pure.
#pragma once

#include <array>
#include <cstddef>

namespace ketavigil::detectors::statistics {

inline constexpr std::size_t late_shifts = 3;

/// The constants of the method.
struct DriftDesign {
  double kappa = 1.0 / 3;      ///< prior weight of the mean, in values
  double nu = 10;              ///< prior degrees of freedom
  double whitening = 1.0 / 3;  ///< f: the autocorrelation of lag 1 that is taken out
  double residual_max = 2.5;   ///< U is cut there: one value alone never alarms
  double late_onset = .02;     ///< chance that a late change begins at a value
  std::array<double, late_shifts> late_sizes = {1, 2, 3};  ///< λ, in SD of a residual
};

/// What is known of a series.
struct DriftModel {
  double kappa = 0;     ///< κ: weight of μ, in values
  double mu = 0;        ///< μ: the mean foretold
  double nu = 0;        ///< ν: degrees of freedom
  double ss = 0;        ///< SS: sum of squares; SS/ν is the variance
  double previous = 0;  ///< y₋₁
  bool begun = false;   ///< has a value
  bool anchored = false;
  double s = 0;           ///< S
  double v = 0;           ///< V
  double absorbed = 0;    ///< C: how much of the shift the mean has learnt, times κ
  double v_infinity = 0;  ///< V∞
  double waiting = 1;     ///< L: no late change yet
  std::array<double, late_shifts> late{};  ///< R_j
};

/// One value's way through the model: what stood before it, and what came of it.
struct DriftStep {
  DriftModel before;  ///< after widening, with V∞ where this value anchors
  double y = 0;
  double f = 0;         ///< whitening of this value: 0 for the first
  double a = 0;         ///< √((1−f)/(1+f))
  double g = 0;         ///< √(1−f²)
  double b = 0;         ///< what a unit shift since the anchor adds to w
  double w = 0;         ///< whitened value
  double r = 0;         ///< w − a μ
  double u = 0;         ///< √(1 + a²/κ)
  double t = 0;         ///< r / (u √(SS/ν))
  double residual = 0;  ///< U
  double d = 0;         ///< weight of U in S; 0 before the anchor
};

/// A series without values, from the population's mean and the SD within a person (> 0).
[[nodiscard]] DriftModel drift_prior(const DriftDesign& design, double mean, double sd);

/// Before a value whose mean may have moved for another reason: 1/κ grows by `q` ≥ 0.
void widen(DriftModel* model, double q);

/// Takes a value in. `exposed`: feeds the charts, and anchors them if it is the first such.
DriftStep take(DriftModel* model, const DriftDesign& design, double y, bool exposed);

/// M.
[[nodiscard]] double late_ratio(const DriftModel& model);

/// The limits at one level of false alarms, and the anchored chart as an e-process.
struct DriftLimits {
  double a = 0;     ///< A: the anchored chart crosses at S ≥ A + V/2
  double late = 0;  ///< M's limit
};
/// `alpha_anchored`, `alpha_late` > 0: each chart's own chance of ever crossing.
[[nodiscard]] DriftLimits drift_limits(double alpha_anchored, double alpha_late, double v_infinity);

/// E: the chance, given what is known now, of ever crossing, over the chance at the anchor.
[[nodiscard]] double anchored_e_value(const DriftModel& model, const DriftLimits& limits,
                                      double alpha_anchored);

}  // namespace ketavigil::detectors::statistics
