// When something of a patient was received.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/questions/reading.h"

namespace ketavigil::engine {

struct ReceivedDay {
  Microseconds day = 0;   ///< midnight UTC
  Microseconds last = 0;  ///< the last received time of that day
  std::int64_t entries = 0;
};

/// The UTC days on which the log took an event of this patient, oldest first. Reads the
/// ranges of their shard's log in which all of them lie.
[[nodiscard]] Result<std::vector<ReceivedDay>> received_days(const Reading& reading,
                                                             const std::string& patient,
                                                             std::span<const LogRange> ranges);

}  // namespace ketavigil::engine
