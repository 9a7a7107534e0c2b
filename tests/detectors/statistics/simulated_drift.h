// Simulated patients for the drift method, in deviations within a person: each with a mean of his
// own, values before exposure, and a step from the first exposed value on.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "detectors/statistics/anchored_drift.h"
#include "simulation/oracle.h"
#include "simulation/philox.h"

namespace ketavigil::detectors::statistics {

/// What is the same for all patients of a simulation.
struct DriftCourse {
  int baseline = 3;
  int exposed = 260;  ///< five years, a value a week
  double shift = 0;   ///< from the first exposed value on, in the prior's SD within a person
  double correlation = 0;
  double sd = 1;          ///< within a person, in that of the prior
  double alpha = .045;    ///< of the patient: shared by his streams equally
  int streams = 1;        ///< instruments, all of the same visits
  int shifted = 1;        ///< of these, how many change
  double shared = 0;      ///< correlation of the errors of one visit
  double between = .997;  ///< SD between persons: of a MoCA, √(2.4² − 1.7²)/1.7
};

/// The exposed value (1, 2 …) at which the first stream alerts; 0: never.
[[nodiscard]] inline int alerts_at(const DriftCourse& course, std::uint32_t patient) {
  simulation::Draws draws(20'260'101, patient, 0, simulation::Purpose::visit);
  const DriftDesign design;
  const double alpha = course.alpha / course.streams;
  const auto streams = static_cast<std::size_t>(course.streams);
  std::vector<double> means(streams), noises(streams, 0);
  std::vector<DriftModel> models(streams, drift_prior(design, 0, 1));
  std::vector<DriftLimits> limits(streams);
  for (double& mean : means) mean = course.between * draws.normal();
  for (int i = 0; i < course.baseline + course.exposed; ++i) {
    const bool exposed = i >= course.baseline;
    const double common = course.shared > 0 ? draws.normal() : 0;
    bool alerts = false;
    for (std::size_t j = 0; j < streams; ++j) {
      const double fresh =
          std::sqrt(course.shared) * common + std::sqrt(1 - course.shared) * draws.normal();
      noises[j] = i == 0 ? fresh
                         : course.correlation * noises[j] +
                               std::sqrt(1 - course.correlation * course.correlation) * fresh;
      const bool shifts = exposed && static_cast<int>(j) < course.shifted;
      take(&models[j], design, means[j] + course.sd * noises[j] + (shifts ? course.shift : 0),
           exposed);
      if (i == course.baseline)
        limits[j] = drift_limits(.85 * alpha, .15 * alpha, models[j].v_infinity);
      alerts = alerts || (exposed && (models[j].s >= limits[j].a + models[j].v / 2 ||
                                      late_ratio(models[j]) >= limits[j].late));
    }
    if (alerts) return i - course.baseline + 1;
  }
  return 0;
}

/// Of `patients` patients each value at which one alerts; 0: never.
[[nodiscard]] inline std::vector<int> all_alerts(const DriftCourse& course,
                                                 std::uint32_t patients) {
  std::vector<int> at(patients);
  for (std::uint32_t patient = 0; patient < patients; ++patient)
    at[patient] = alerts_at(course, patient);
  return at;
}

/// Share of those who alert within so many values.
[[nodiscard]] inline double share_within(const std::vector<int>& at, int values) {
  double found = 0;
  for (const int value : at) found += value > 0 && value <= values ? 1 : 0;
  return found / static_cast<double>(at.size());
}

/// The value by which half of all patients alert; 0: fewer than half ever do.
[[nodiscard]] inline int median_delay(std::vector<int> at) {
  for (int& value : at) value = value == 0 ? 1 << 30 : value;
  const auto middle = at.begin() + static_cast<std::ptrdiff_t>((at.size() - 1) / 2);
  std::nth_element(at.begin(), middle, at.end());
  return *middle == 1 << 30 ? 0 : *middle;
}

/// The delays of an oracle on the same course of one stream.
[[nodiscard]] inline std::vector<int> oracle_alerts(const DriftCourse& course,
                                                    simulation::Knows knows, double false_alarms,
                                                    int patients) {
  const simulation::OracleSeries series{
      course.baseline,
      std::vector<double>(static_cast<std::size_t>(course.exposed), course.shift / course.sd)};
  return simulation::oracle_delays(std::span(&series, 1), knows, false_alarms, patients, 7)
      .found_at;
}

}  // namespace ketavigil::detectors::statistics
