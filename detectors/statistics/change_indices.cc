#include "detectors/statistics/change_indices.h"

#include <cmath>

namespace ketavigil::detectors::statistics {

ReliableChange reliable_change(double before, double after, double sd, double reliability,
                               double practice) {
  ReliableChange change;
  change.standard_error = sd * std::sqrt(1 - reliability);
  change.standard_error_difference = std::sqrt(2.0) * change.standard_error;
  change.index = (after - before - practice) / change.standard_error_difference;
  return change;
}

RegressionBasedChange regression_based_change(double before, double after,
                                              const RetestNorms& norms) {
  RegressionBasedChange change;
  change.expected =
      norms.mean_after +
      norms.correlation * norms.sd_after / norms.sd_before * (before - norms.mean_before) +
      norms.practice;
  change.standard_error = norms.sd_after * std::sqrt(1 - norms.correlation * norms.correlation);
  change.z = (after - change.expected) / change.standard_error;
  return change;
}

double composite_z(double sum_of_z, double tests, double correlation) {
  return sum_of_z / std::sqrt(tests + tests * (tests - 1) * correlation);
}

double reference_change_value(double analytical, double within_person, double z) {
  return std::sqrt(2.0) * z * std::sqrt(analytical * analytical + within_person * within_person);
}

LogNormalChangeValue log_normal_change_value(double analytical, double within_person, double z) {
  const double a = analytical / 100;
  const double i = within_person / 100;
  const double sigma = std::sqrt(std::log1p(a * a + i * i));
  const double reach = z * std::sqrt(2.0) * sigma;
  return {100 * std::expm1(reach), 100 * std::expm1(-reach)};
}

}  // namespace ketavigil::detectors::statistics
