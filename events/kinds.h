// What there is to follow: kinds of facts, their fields, and the closed lists of their words.
// The tables are EVENTS.md's, as data: decoding, canonical form, printing and the stored form all
// walk them, so a new field is one line here and one in docs/formats/events.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ketavigil::events {

/// The kinds; the number orders facts of equal instants (EVENTS, Kinds) and is stored.
enum class Kind : std::uint8_t {
  none = 0,  ///< of a retraction, which says nothing but what it retracts
  enrolment = 1,
  covariate = 2,
  condition = 3,
  medication = 4,
  plan = 5,
  dispense = 6,
  vital = 7,
  blood_pressure = 8,
  session = 9,
  score = 10,
  symptom = 11,
  culture = 12,
  lab = 13,
  adverse_event = 14,
  exit = 15,
  heartbeat = 16,
};
inline constexpr int kind_count = 17;

enum class Status : std::uint8_t {
  final = 0,
  preliminary = 1,
  corrected = 2,
  entered_in_error = 3
};

/// The fields that belong to kinds. The number is stored: never reuse one.
enum class Field : std::uint8_t {
  site = 0,  // the common one; `enrolment` needs it
  birth_year = 1,
  sex = 2,
  education_years = 3,
  conditions = 4,
  setting = 5,
  name = 6,
  value = 7,
  unit = 8,
  code = 9,
  medication_class = 10,
  action = 11,
  compound = 12,
  route = 13,
  dose_mg = 14,
  interval_days = 15,
  titration = 16,
  end = 17,
  reason = 18,
  days_supply = 19,
  quantity_mg = 20,
  prescriber = 21,
  pharmacy = 22,
  systolic = 23,
  diastolic = 24,
  phase = 25,
  symptoms = 26,
  weight_kg = 27,
  duration_min = 28,
  psychotherapy = 29,
  comedication = 30,
  monitored_min = 31,
  ready_min = 32,
  lot = 33,
  plan = 34,
  unplanned = 35,
  instrument = 36,
  form = 37,
  location = 38,
  administration = 39,
  items = 40,
  severity = 41,
  resolved = 42,
  result = 43,
  organism = 44,
  upper_limit = 45,
  ctcae = 46,
  seriousness = 47,
  outcome = 48,
};
inline constexpr int field_count = 49;

enum class FieldType : std::uint8_t {
  text,            ///< any string
  identifier,      ///< 1-128 bytes without control characters
  word,            ///< one of a closed list
  number,          ///< a finite double
  integer,         ///< a whole number
  flag,            ///< true or false
  time,            ///< a time or bare date
  texts,           ///< a list of strings, a set
  words,           ///< a list of words of a closed list, a set
  integers,        ///< a list of integers, in order
  number_or_text,  ///< a covariate's value
};

/// Closed lists that configuration can lengthen (EVENTS: "or configured").
enum class Extensible : std::uint8_t { no, compounds, covariates, medication_classes, instruments };

/// One field of one kind.
struct FieldSpec {
  Field field;
  FieldType type;
  bool needed = false;
  std::span<const std::string_view> words = {};  ///< of `word` and `words`
  Extensible extensible = Extensible::no;
  bool positive = false;                      ///< implausible unless > 0
  std::optional<std::int32_t> least = {};     ///< implausible below
  std::optional<std::int32_t> greatest = {};  ///< implausible above
  std::string_view constant_default = {};     ///< filled in where absent
};

/// The fields of a kind in the order of EVENTS.md's table; empty for `none`.
[[nodiscard]] std::span<const FieldSpec> fields_of(Kind kind);

[[nodiscard]] std::string_view name_of(Kind kind);
[[nodiscard]] std::string_view name_of(Status status);
[[nodiscard]] std::string_view name_of(Field field);
[[nodiscard]] std::optional<Kind> kind_named(std::string_view name);
[[nodiscard]] std::optional<Status> status_named(std::string_view name);
[[nodiscard]] std::optional<Field> field_named(std::string_view name);

/// An instrument of `score` facts: its range and which way is worse.
struct Instrument {
  std::string_view name;
  double least;
  double greatest;
  bool worse_is_greater;
};
[[nodiscard]] const Instrument* instrument_named(std::string_view name);
[[nodiscard]] std::span<const Instrument> instruments();

/// Scores whose eligibility depends on the time since a session (CATALOGUE, section 1).
[[nodiscard]] bool is_cognition(std::string_view instrument);

/// A vital sign: its only unit, and its plausible range.
struct Vital {
  std::string_view name;
  std::string_view unit;
  double least;
  double greatest;
};
[[nodiscard]] const Vital* vital_named(std::string_view name);

/// The units that a laboratory code may come in; empty for codes outside our tables (any unit).
[[nodiscard]] std::span<const std::string_view> lab_units(std::string_view loinc);

inline constexpr std::string_view unit_mmhg = "mm[Hg]";
inline constexpr std::string_view unit_kpa = "kPa";

/// Plausible pressures in mmHg (EVENTS, Plausible).
inline constexpr double systolic_least = 50;
inline constexpr double systolic_greatest = 300;
inline constexpr double diastolic_least = 20;
inline constexpr double diastolic_greatest = 200;
inline constexpr double pulse_pressure_least = 10;

/// kPa as mmHg: × 7.50062, rounded half-even to whole mmHg, before plausibility and every rule.
[[nodiscard]] double mmhg_from_kpa(double kpa);

}  // namespace ketavigil::events
