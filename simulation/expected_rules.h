// How often rules should speak of patients without a harm, by the simulator's own parameters: a
// second telling of its schedule and pressures and of the rules' definitions (docs/detectors.md, at
// their defaults), which shares the parameters of patients and regimens with the programme, and no
// code with its visits, its events or any detector. Where a rule says more or less than this, one
// of the two tellings is wrong.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/result.h"
#include "simulation/programme.h"

namespace ketavigil::simulation {

/// Findings of one detector at one level, of one patient over a whole programme.
struct ExpectedFindings {
  std::string_view detector;
  int level = 0;            ///< index into `level_names`
  bool is_possible = true;  ///< false: the parameters exclude it, and one finding is too many
  double mean = 0;
  double variance = 0;  ///< between patients
  double patients = 0;  ///< that were played for it
  /// Of so many patients' sum: the interval that holds it in 99 of 100 programmes, the error of
  /// the playing included. Normal; a Poisson count's, in portions as one patient has them, where
  /// few are expected.
  [[nodiscard]] std::pair<double, double> interval(std::int64_t of) const;
};

/// The rules whose rate follows from the parameters, by detector and level.
/// `patients` are played, with numbers that no programme has. Errors: those of the options.
[[nodiscard]] Result<std::vector<ExpectedFindings>> expected_findings(
    const ProgrammeOptions& options, std::int64_t patients);

/// What `expected_findings` needs of the options, as JSON with a newline at its end, and read
/// again. Errors (usage) say what was expected.
[[nodiscard]] std::string options_json(const ProgrammeOptions& options);
[[nodiscard]] Result<ProgrammeOptions> read_options(std::string_view json);

}  // namespace ketavigil::simulation
