// F(R, U, configuration, at): one patient's findings and cells. Pure and set-determined.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "detectors/patient/episodes.h"
#include "engine/shard/record.h"
#include "engine/shard/settings.h"

namespace ketavigil::engine {

/// What is in quarantine of a patient and can be read (EVENTS, U), each once by its bytes; already
/// without those whose key has an accepted variant of the same or a greater version, and those
/// discarded.
using QuarantinedFacts = std::vector<events::Fact>;

/// The output of a fold, which holds for every `at` in [findings.valid_from, findings.valid_until).
struct PatientOutput {
  detectors::Findings findings;
  std::vector<detectors::ExposureCell>
      cells;  ///< by (compound, route); at-risk intervals not yet cut at `at`
};

/// Everything the detectors said of a record, for any `at`.
class PatientFold {
 public:
  /// The record, the quarantined facts and the settings must outlive this.
  PatientFold(const Record& record, const QuarantinedFacts& quarantined, const Settings& settings);

  [[nodiscard]] PatientOutput at(events::Microseconds at) const;
  [[nodiscard]] const Resolution& resolution() const { return resolution_; }
  /// Final and corrected facts, as detectors see them.
  [[nodiscard]] const Derivation& verified() const { return verified_; }

 private:
  [[nodiscard]] std::vector<detectors::Beside> beside(const Derivation& all) const;
  void add_doubtful_criticals(const Derivation& all);
  [[nodiscard]] std::vector<detectors::ExposureCell> exposure() const;

  const Record& record_;
  const QuarantinedFacts& quarantined_;
  const Settings& settings_;
  Resolution resolution_;
  Derivation verified_;
  detectors::Sink sink_;
};

}  // namespace ketavigil::engine
