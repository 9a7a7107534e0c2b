// From hits to findings: occasions, conditions, and what `at` lets be seen (CATALOGUE, section 1).
#pragma once

#include <limits>
#include <string_view>
#include <vector>

#include "detectors/finding.h"
#include "detectors/patient/hit.h"

namespace ketavigil::detectors {

inline constexpr Microseconds never = std::numeric_limits<Microseconds>::max();

/// The findings that hold at an `at`, and how long that stays so: the same for every `at` in
/// [valid_from, valid_until).
struct Findings {
  std::vector<Finding> findings;  ///< in the order of (detector, onset, id)
  Microseconds valid_from = always;
  Microseconds valid_until = never;
};

/// Makes the findings of one patient at `at`. Pure; the hits are in the order of the fold, the
/// verified before the doubtful ones where they are of the same fact. `patient` is part of each
/// finding's id.
[[nodiscard]] Findings assemble(std::string_view patient, const Sink& sink, Microseconds at);

/// `id` of a finding: the first 16 hex digits of SHA-256 over the RFC 8785 array
/// [detector, statistic's name, subject, source, id] of the episode's first evidence.
[[nodiscard]] std::string finding_id(std::string_view detector, std::string_view statistic,
                                     std::string_view patient, const Evidence& first);

}  // namespace ketavigil::detectors
