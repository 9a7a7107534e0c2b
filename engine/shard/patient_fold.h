// F(R, U, configuration, at): one patient's findings and cells. Pure and set-determined.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "detectors/patient/episodes.h"
#include "engine/shard/configured.h"
#include "engine/shard/ladder.h"
#include "engine/shard/record.h"

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

/// What a fold leaves for the next one of the same patient under the same configuration. Its facts
/// are those of the record and the quarantine, which may only grow meanwhile.
struct SavedState {
  Derived derived;
  std::vector<detectors::Beside> beside;
  Ladder ladder;
  std::string site;  ///< by whose parameters the ladder was folded; empty: the programme's

  /// About how much memory it takes.
  [[nodiscard]] std::size_t bytes() const;
};

/// The dose of a session, half-even to whole micrograms, so that sums are exact.
[[nodiscard]] std::int64_t micrograms_of(const events::Fact& session);

/// Everything the detectors said of a record, for any `at`.
class PatientFold {
 public:
  /// From the start. The record, the quarantined facts and the configuration must outlive this.
  PatientFold(const Record& record, const QuarantinedFacts& quarantined,
              const Configured& configured);
  /// The same, continuing from where the saved state still stands.
  PatientFold(const Record& record, const QuarantinedFacts& quarantined,
              const Configured& configured, SavedState saved);

  [[nodiscard]] PatientOutput at(events::Microseconds at) const;
  [[nodiscard]] const Resolution& resolution() const { return resolution_; }
  /// Final and corrected facts, as detectors see them.
  [[nodiscard]] const Derivation& verified() const { return verified_; }
  /// What this patient is judged by.
  [[nodiscard]] const InForce& in_force() const { return in_force_; }
  /// For the next fold, if this one began with a saved state. Nothing else may be asked after it.
  [[nodiscard]] SavedState save() &&;

 private:
  void run(SavedState* saved);
  void fold_verified(SavedState* saved);
  void find_beside(const Derivation& all);
  void add_doubtful_criticals(const Derivation& all);
  [[nodiscard]] std::vector<detectors::ExposureCell> exposure() const;

  const Record& record_;
  const QuarantinedFacts& quarantined_;
  Resolution resolution_;
  Derivation verified_;
  const InForce& in_force_;
  std::vector<detectors::Beside> beside_;
  Ladder ladder_;
  detectors::Sink sink_;
};

}  // namespace ketavigil::engine
