// A fact in words, as the reading commands print it for people.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace ketavigil::cli {

/// A value without quotes; a number as short as it can be.
[[nodiscard]] std::string plain(const nlohmann::ordered_json& value);

/// What a fact says: its fields with their names, but for what every fact has. `fact` is one of a
/// patient's document.
[[nodiscard]] std::string values_of(const nlohmann::ordered_json& fact);

/// Source, id and version.
[[nodiscard]] std::string name_of_fact(const nlohmann::ordered_json& fact);

}  // namespace ketavigil::cli
