// Whether a programme is whole: what `ketavigil verify` checks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "events/result.h"

namespace ketavigil::engine {

struct Verified {
  int shards = 0;
  std::int64_t entries = 0;
  std::int64_t patients = 0;
};

/// Opens the programme (which checks the witness), reads every checksum, and folds every record
/// from the start: the findings and cells that come out must be those stored. A verification error
/// names the first difference.
[[nodiscard]] Result<Verified> verify(
    const std::filesystem::path& directory,
    const std::function<void(std::int64_t percent, const std::string& what)>& progress);

}  // namespace ketavigil::engine
