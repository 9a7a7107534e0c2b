// The published revisions of a patient's cases, as they are stored. Internal to this folder.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engine/questions/reading.h"

namespace ketavigil::engine {

/// A stored revision or finding. A storage error that says what to do if it is damaged.
[[nodiscard]] Result<nlohmann::json> parse_revision(std::string_view text);

/// A text of a revision or finding; empty if it has none under `key`.
[[nodiscard]] std::string text_under(const nlohmann::json& document, const char* key);

/// Calls `take` for the JSON of each revision of a patient's cases, in the order of (detector,
/// case, revision).
[[nodiscard]] Status revisions_of(const Reading& reading, const std::string& patient,
                                  const std::function<Status(std::string_view)>& take);

}  // namespace ketavigil::engine
