// EVENTS.md's rules for what may be in an event, written once more and without the decoder: an
// independent witness for the lines of a programme.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace ketavigil::simulation {

/// The reason for which a line must be refused, as EVENTS spells it; empty if it is a good one.
[[nodiscard]] std::string reason_to_refuse(const std::string& line);

/// The same of an event that parsed.
[[nodiscard]] std::string reason_to_refuse(const nlohmann::json& event);

}  // namespace ketavigil::simulation
