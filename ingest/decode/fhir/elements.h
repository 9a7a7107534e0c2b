// Reading JSON elements without surprises: what is absent, null or of another type is simply not
// there. What must not be lost because of its type is asked for as an element.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ketavigil::ingest::fhir {

/// The value under a key of an object; nothing if it is absent, null, or `node` is no object.
[[nodiscard]] std::optional<simdjson::dom::element> member(const simdjson::dom::element& node,
                                                           std::string_view key);

/// The string under a key, or "".
[[nodiscard]] std::string_view text_at(const simdjson::dom::element& node, std::string_view key);

/// The items of the list under a key; none if it is no list.
[[nodiscard]] std::vector<simdjson::dom::element> items_at(const simdjson::dom::element& node,
                                                           std::string_view key);

/// The string, or "" for another type.
[[nodiscard]] std::string_view text_of(const simdjson::dom::element& node);

/// JSON text of a value: strings and numbers by RFC 8785 (integers with all their digits), the rest
/// minified.
[[nodiscard]] std::string json_of(const simdjson::dom::element& node);

/// JSON text of a string.
[[nodiscard]] std::string json_text(std::string_view text);

}  // namespace ketavigil::ingest::fhir
