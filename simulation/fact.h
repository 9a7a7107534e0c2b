// A fact before it is told, and its telling as a line of NDJSON (EVENTS.md).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "simulation/calendar.h"
#include "simulation/programme.h"
#include "simulation/site.h"

namespace ketavigil::simulation {

/// A field of a kind. Texts and lists of words point to constants.
struct FactField {
  enum class Type : std::uint8_t {
    number,     ///< number / 10^decimals
    text,       ///< text
    flag,       ///< true
    words,      ///< the words whose bits are set in number
    items,      ///< nine digits of base 4 in number, the first the lowest
    reference,  ///< id of another fact of the patient: text is its prefix, number its number
  };
  std::string_view name = {};
  Type type = Type::number;
  int decimals = 0;
  std::int64_t number = 0;
  std::string_view text = {};
  std::span<const std::string_view> words = {};
};

/// What is true of a patient. Built by chaining; at most 12 fields.
class Fact {
 public:
  Fact(std::string_view of_kind, std::string_view id_prefix, Seconds when)
      : kind(of_kind), prefix(id_prefix), effective(when), known(when) {}

  Fact& number(std::string_view name, std::int64_t value, int decimals = 0) {
    return add({.name = name, .decimals = decimals, .number = value});
  }
  Fact& text(std::string_view name, std::string_view value) {
    return add({.name = name, .type = FactField::Type::text, .text = value});
  }
  Fact& flag(std::string_view name) { return add({.name = name, .type = FactField::Type::flag}); }
  Fact& words(std::string_view name, std::span<const std::string_view> all, std::int64_t mask) {
    return add({.name = name, .type = FactField::Type::words, .number = mask, .words = all});
  }
  Fact& items(std::string_view name, std::int64_t digits) {
    return add({.name = name, .type = FactField::Type::items, .number = digits});
  }
  Fact& reference(std::string_view name, std::string_view its_prefix, std::int64_t target) {
    return add(
        {.name = name, .type = FactField::Type::reference, .number = target, .text = its_prefix});
  }
  /// The last field is the one that a needed number stands in; `impossible` is a value out of range
  /// which no critical rule would hold on.
  Fact& is_value(std::int64_t impossible) {
    value_field = field_count - 1;
    impossible_value = impossible;
    return *this;
  }
  /// The last field may be mistaken by up to `step`, and stays within these bounds.
  Fact& may_be_mistaken(std::int64_t least, std::int64_t greatest, std::int64_t step) {
    mistaken_field = field_count - 1;
    mistaken_least = least;
    mistaken_greatest = greatest;
    mistaken_step = step;
    return *this;
  }

  std::string_view kind;
  std::string_view prefix;  ///< of the id
  std::uint32_t id_number =
      0;  ///< of the id; given when the fact is sent, but of sessions and plans
  Seconds effective;
  Seconds known;           ///< when the source can have it at the earliest
  bool bare_date = false;  ///< `effective` is that day, in UTC
  bool from_monitor = false;
  bool planted = false;       ///< shows a harm: is neither refused, mistaken nor withdrawn
  bool withdrawable = true;   ///< a retraction of it leaves a record that makes sense
  std::uint32_t session = 0;  ///< number of its session; 0: none
  std::array<FactField, 12> fields;
  int field_count = 0;
  int value_field = -1, mistaken_field = -1;
  std::int64_t impossible_value = 0;
  std::int64_t mistaken_least = 0, mistaken_greatest = 0, mistaken_step = 0;

 private:
  Fact& add(const FactField& field) {
    fields[static_cast<std::size_t>(field_count++)] = field;
    return *this;
  }
};

/// How a fact is told.
struct Telling {
  enum class Status : std::uint8_t { final, preliminary, corrected };
  Status status = Status::final;
  Seconds recorded = 0;
  int version = 0;                       ///< 0: not stated
  bool renewed = false;                  ///< under a new id, which `replaces` the old one
  std::optional<std::int64_t> mistaken;  ///< instead of the number of `mistaken_field`
  std::optional<Refusal> refusal;        ///< what is wrong with the line
};

/// Whether the fact can be told so that it is refused for this reason and no other.
[[nodiscard]] bool can_be_refused(const Fact& fact, Refusal refusal);

/// Appends the line, with its newline.
void append_line(std::string& out, const Fact& fact, const Site& site, std::uint32_t pseudonym,
                 const Telling& telling);

/// Appends the line that retracts the fact.
void append_retraction(std::string& out, const Fact& fact, const Site& site,
                       std::uint32_t pseudonym, Seconds recorded, int version);

/// Appends a source's heartbeat.
void append_heartbeat(std::string& out, std::string_view source, std::string_view site,
                      std::int64_t number, Seconds instant);

}  // namespace ketavigil::simulation
