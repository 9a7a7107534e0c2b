// Has one person changed from one score to another by more than measurement error explains? Plain
// formulas; scores in the instrument's units, SDs > 0, correlations in [0, 1). Pure.
#pragma once

namespace ketavigil::detectors::statistics {

/// Reliable change: RC = (after − before − practice) / S_diff, S_diff = √2 S_E,
/// S_E = SD √(1 − reliability). Jacobson and Truax 1991; with practice Chelune 1993.
struct ReliableChange {
  double standard_error = 0;             ///< S_E
  double standard_error_difference = 0;  ///< S_diff
  double index = 0;                      ///< RC
};
[[nodiscard]] ReliableChange reliable_change(double before, double after, double sd,
                                             double reliability, double practice = 0);

/// What a score is foretold to be from the one before, regression to the mean included
/// (standardised regression-based change, SRB).
struct RegressionBasedChange {
  double expected = 0;        ///< μ₂ + r σ₂/σ₁ (before − μ₁) + practice
  double standard_error = 0;  ///< of the estimate: σ₂ √(1 − r²)
  double z = 0;               ///< (after − expected) / standard error
};
struct RetestNorms {
  double mean_before = 0;
  double sd_before = 1;
  double mean_after = 0;
  double sd_after = 1;
  double correlation = 0;
  double practice = 0;
};
[[nodiscard]] RegressionBasedChange regression_based_change(double before, double after,
                                                            const RetestNorms& norms);

/// Of tests of one visit with pairwise correlation `correlation`: Σz / √(n + n(n−1)ρ).
[[nodiscard]] double composite_z(double sum_of_z, double tests, double correlation);

/// Reference change value in per cent: √2 z √(CV_a² + CV_i²), from coefficients of variation in per
/// cent, analytical and within a person.
[[nodiscard]] double reference_change_value(double analytical, double within_person,
                                            double z = 1.96);
/// The same for values that are log-normal, in per cent; not symmetric.
struct LogNormalChangeValue {
  double up = 0;
  double down = 0;  ///< negative
};
[[nodiscard]] LogNormalChangeValue log_normal_change_value(double analytical, double within_person,
                                                           double z = 1.96);

}  // namespace ketavigil::detectors::statistics
