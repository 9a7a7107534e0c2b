// The values of an event by key, and what strict and lenient reading share. Inside events/ only.
#pragma once

#include <simdjson.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/decode.h"

namespace ketavigil::events {

enum class Key : std::uint8_t {
  source,
  id,
  patient,
  kind,
  version,
  status,
  replaces,
  effective,
  recorded,
  session,
  site,
  text,
  count
};
inline constexpr std::string_view key_names[] = {"source",   "id",      "patient",  "kind",
                                                 "version",  "status",  "replaces", "effective",
                                                 "recorded", "session", "site",     "text"};
inline constexpr int first_kind_place = static_cast<int>(Key::count);

// The values of an event by key, found in one walk. Null is absent.
struct Keys {
  std::array<std::optional<simdjson::dom::element>, static_cast<std::size_t>(Key::count)> common;
  std::array<std::optional<simdjson::dom::element>, field_count> fields;

  explicit Keys(const simdjson::dom::object& object);
  [[nodiscard]] const std::optional<simdjson::dom::element>& at(Key key) const {
    return common[static_cast<std::size_t>(key)];
  }
  [[nodiscard]] const std::optional<simdjson::dom::element>& at(Field field) const {
    return fields[static_cast<std::size_t>(field)];
  }
};

/// A finite number; nothing for another type.
[[nodiscard]] std::optional<double> number_in(const simdjson::dom::element& value);
/// A whole number of at most 2^53; nothing for another.
[[nodiscard]] std::optional<std::int64_t> integer_in(const simdjson::dom::element& value);
/// 1 to 128 bytes without U+0000-001F and U+007F-009F.
[[nodiscard]] bool is_identifier(std::string_view text);
[[nodiscard]] bool contains(std::span<const std::string_view> words, std::string_view word);
/// Sorted, each once: lists of words are sets.
[[nodiscard]] std::vector<std::string> as_set(std::vector<std::string> words);

/// Reads strictly: a fact, or the first reason that holds (but `malformed` and `clock`).
[[nodiscard]] Decoded read_strictly(const Keys& keys, const DecodeSettings& settings,
                                    std::string_view default_source);

/// Reads as much as there is, for single-fact critical rules (EVENTS, U); nothing without patient,
/// source, id, kind and a time.
[[nodiscard]] std::optional<Fact> read_leniently(const Keys& keys, std::string_view default_source);

/// A time as written; without offset it is read as UTC.
[[nodiscard]] std::optional<Time> lenient_time(const std::optional<simdjson::dom::element>& value);

/// The earliest instant that a time can mean: a bare date as if its day began where days begin
/// first, at UTC+14.
[[nodiscard]] Microseconds earliest_instant(const Time& time);

}  // namespace ketavigil::events
