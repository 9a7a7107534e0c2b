// One patient's part of a log, written again: what was known of them at a moment.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include "engine/shard/shard.h"

namespace ketavigil::engine {

/// Positions of a log, both ends included.
struct LogRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

inline constexpr LogRange whole_log{0, std::numeric_limits<std::uint64_t>::max()};

/// Appends to `target`, the only shard of a programme that is new, what the log of `source` holds
/// of `patient` up to `until`, with the epochs between, which nobody else shares. Makes no cut of
/// its own and nothing durable. Reads `ranges` of the log, which ascend and hold all of that.
[[nodiscard]] Status replay_patient(const storage::Store& source, const storage::Snapshot* snapshot,
                                    const std::string& patient, std::span<const LogRange> ranges,
                                    Microseconds until, Shard* target);

}  // namespace ketavigil::engine
