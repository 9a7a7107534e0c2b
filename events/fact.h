// A fact: one follow-up event as it was said, decoded and checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "events/kinds.h"
#include "events/time.h"

namespace ketavigil::events {

/// The value of a field: number and integer as double, flag as bool, the rest by their types.
using Value = std::variant<double, std::string, bool, Time, std::vector<std::string>,
                           std::vector<std::int64_t>>;

/// A version of a fact. Plain value: copyable, movable, no thread-safety of its own.
struct Fact {
  std::string source;   ///< 1-128 bytes
  std::string id;       ///< 1-128 bytes, the source's own
  std::string patient;  ///< pseudonym; empty for a heartbeat
  Kind kind = Kind::none;
  Status status = Status::final;
  std::int64_t version = 0;  ///< 1 … 2^53−1
  std::optional<std::string> replaces;
  Time effective;  ///< not of retractions
  std::optional<Time> recorded;
  std::optional<std::string> session;
  std::optional<std::string> site;
  std::optional<std::string> text;  ///< free words, cut at 2,000 bytes
  bool text_cut = false;
  /// The kind's fields in the order of its table, constant defaults filled in, absent ones left
  /// out.
  std::vector<std::pair<Field, Value>> fields;

  [[nodiscard]] bool is_retraction() const { return status == Status::entered_in_error; }
  [[nodiscard]] bool is_preliminary() const { return status == Status::preliminary; }

  [[nodiscard]] const Value* find(Field field) const {
    for (const auto& [name, value] : fields) {
      if (name == field) return &value;
    }
    return nullptr;
  }
  [[nodiscard]] std::optional<double> number(Field field) const {
    const Value* value = find(field);
    const double* number = value == nullptr ? nullptr : std::get_if<double>(value);
    return number == nullptr ? std::nullopt : std::optional<double>(*number);
  }
  /// The text of a field; empty where it is absent.
  [[nodiscard]] std::string_view word(Field field) const {
    const Value* value = find(field);
    const std::string* text_value = value == nullptr ? nullptr : std::get_if<std::string>(value);
    return text_value == nullptr ? std::string_view() : std::string_view(*text_value);
  }
  [[nodiscard]] bool flag(Field field) const {
    const Value* value = find(field);
    const bool* flag_value = value == nullptr ? nullptr : std::get_if<bool>(value);
    return flag_value != nullptr && *flag_value;
  }
  [[nodiscard]] const std::vector<std::string>* list(Field field) const {
    const Value* value = find(field);
    return value == nullptr ? nullptr : std::get_if<std::vector<std::string>>(value);
  }
  [[nodiscard]] const std::vector<std::int64_t>* integers(Field field) const {
    const Value* value = find(field);
    return value == nullptr ? nullptr : std::get_if<std::vector<std::int64_t>>(value);
  }
  [[nodiscard]] const Time* time(Field field) const {
    const Value* value = find(field);
    return value == nullptr ? nullptr : std::get_if<Time>(value);
  }
};

/// A pressure of a blood_pressure fact in whole mmHg (kPa converted), or nothing.
[[nodiscard]] inline std::optional<double> pressure_mmhg(const Fact& fact, Field component) {
  const auto given = fact.number(component);
  if (!given || fact.word(Field::unit) != unit_kpa) return given;
  return mmhg_from_kpa(*given);
}

/// The version a fact has that states none (EVENTS, Version).
[[nodiscard]] std::int64_t version_when_absent(Status status, const std::optional<Time>& recorded);

/// SHA-256, 32 bytes.
using Digest = std::string;
inline constexpr std::size_t digest_bytes = 32;

/// Canonical form: the JSON of RFC 8785 of the known fields but `recorded` and `text`, with
/// `version` (unless `with_version` is false) and constant defaults filled in; times as integer
/// microseconds, a bare date as its text; lists sorted, each once.
[[nodiscard]] std::string canonical_form(const Fact& fact, bool with_version = true);

/// SHA-256 of the canonical form, raw.
[[nodiscard]] Digest digest_of(const Fact& fact);

/// Keys of the canonical form that hold no constant default, `version` not counted (twins, EVENTS
/// R(4)).
[[nodiscard]] int stated_keys(const Fact& fact);

/// The fact in the wire format with constant defaults filled in, keys in the order of EVENTS.md's
/// tables, without the closing brace if `open` (so that a caller can add `state`, `digest`, …).
[[nodiscard]] std::string print(const Fact& fact, bool open = false);

}  // namespace ketavigil::events
