// What a programme's own patients say about the expectations of drift: a proposal, which nobody has
// to adopt.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/questions/reading.h"

namespace ketavigil::engine {

/// A row of the table, as it stands and as it would be.
struct FittedPrior {
  std::string stream;
  detectors::DriftExpectation now;
  detectors::DriftExpectation proposed;  ///< what cannot be told stays as it is
  std::int64_t patients = 0;             ///< with a value before the first session
  std::int64_t patients_repeated = 0;    ///< with two or more
  std::int64_t values = 0;
  std::int64_t patients_practised = 0;  ///< with a first and a second administration
  [[nodiscard]] bool is_proposed() const { return !(now == proposed); }
};

/// Of every patient of a reading that lists them, from what was measured before their first
/// session. The mean is the mean of patients' means; the SD within a person is pooled over patients
/// with two and more values; practice is the mean gain of the second administration, not below 0.
/// Each is proposed from `least_patients` on, to 4 significant digits. `progress` is told how many
/// patients are done.
[[nodiscard]] Result<std::vector<FittedPrior>> fit_priors(
    const Reading& reading, std::int64_t least_patients,
    const std::function<void(std::size_t)>& progress);

/// The table of what is proposed, as `reference_tables.drift_priors` of the configuration reads it.
/// A usage error if nothing is.
[[nodiscard]] Result<std::string> proposed_table(const std::vector<FittedPrior>& fitted,
                                                 Microseconds as_of);

}  // namespace ketavigil::engine
