// A finding as JSON, keys in the order of EVENTS.md's table.
#pragma once

#include <string>
#include <string_view>

#include "detectors/finding.h"
#include "engine/shard/detector_identity.h"

namespace ketavigil::engine {

/// The finding as `alerts --json` prints it.
[[nodiscard]] std::string finding_text(const detectors::Finding& finding, std::string_view patient,
                                       const Identities& identities);

/// The text without its `identity`, which revisions do not compare.
[[nodiscard]] std::string without_identity(std::string_view text);

/// The text with another `state`.
[[nodiscard]] std::string with_state(std::string_view text, std::string_view state);

/// The text without its `state` and `identity`: what decides between the reasons `evidence` and
/// `time`.
[[nodiscard]] std::string without_state(std::string_view text);

}  // namespace ketavigil::engine
