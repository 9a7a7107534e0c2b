// A programme as it was written, read back: for tests of what its lines say.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "simulation/programme.h"

namespace ketavigil::simulation {

struct Written {
  std::string events;  ///< the bytes of events.ndjson
  nlohmann::json truth;
  ProgrammeCounts counts;
  std::vector<std::string> lines;
  std::vector<nlohmann::json> parsed;  ///< those lines that are JSON, in the order of arrival
};

/// Writes the programme; a failure is one of the test, and gives nothing.
[[nodiscard]] Written write(const ProgrammeOptions& options);

/// Of the patient's events that no rule refuses the current ones, in the order of `effective`: the
/// last told of an id counts, what is withdrawn or replaced does not.
[[nodiscard]] std::vector<nlohmann::json> current(const Written& written,
                                                  const std::string& patient);

/// Seconds since 1970 of a time or bare date of an event.
[[nodiscard]] std::int64_t seconds_of(const std::string& time);

/// Lower-case hexadecimal digits.
[[nodiscard]] std::string sha256(const std::string& bytes);

}  // namespace ketavigil::simulation
