// Values as FHIR writes them (`value[x]`, `Quantity`), and their units as the wire format has them.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/decode/fhir/codes.h"

namespace ketavigil::ingest::fhir {

/// What is measured, which decides the units that are known.
enum class Dimension : std::uint8_t {
  pressure,          ///< `mm[Hg]`, `kPa`
  heart_rate,        ///< `/min`
  respiratory_rate,  ///< `/min`
  saturation,        ///< `%`
  weight,            ///< `kg`, from `g` and `[lb_av]`
  temperature,       ///< `Cel`, from `[degF]`
  laboratory,        ///< EVENTS.md's laboratory units, nothing converted; other codes as written
  dose,              ///< `mg`, from `g` and `ug`
};

/// A value as written. `json` is a number, or a string that the native decoder will refuse.
struct WrittenValue {
  std::string json;
  std::optional<double> number;  ///< when `json` is a number
  std::string_view unit_system;
  std::string_view unit_code;
  std::string_view unit_text;

  friend bool operator==(const WrittenValue& a, const WrittenValue& b) {
    return a.json == b.json && a.unit_code == b.unit_code && a.unit_text == b.unit_text &&
           a.unit_system == b.unit_system;
  }
};

/// A value in a unit of the wire format. A unit that is not known stands as written, and then the
/// value is not converted; "" if none was written. Code and text that name two known units are both
/// given (`mm[Hg] or kPa`), which is no unit.
struct Measured {
  std::string json;
  std::string unit;
  bool unit_known = false;
};

/// The Quantity (`value`, `comparator`, `unit`, `system`, `code`); nothing if it has no value. With
/// a comparator the value is a string (`>300`), since the number is not what was measured.
[[nodiscard]] std::optional<WrittenValue> quantity_of(const simdjson::dom::element& quantity);

/// The value of an Observation or component. Numbers in texts (`valueString`, the text of
/// `valueCodeableConcept`) are numbers; answers of a score may be coded (PHQ-9's LOINC answers, an
/// `ordinalValue`); what else there is comes as a string. Nothing if there is no value.
[[nodiscard]] std::optional<WrittenValue> value_of(const simdjson::dom::element& node,
                                                   const Concept& concept_of);

/// Several statements of one value: itself if they agree, else all of them in one string. `values`
/// must not be empty.
[[nodiscard]] WrittenValue agreed(const std::vector<WrittenValue>& values);

/// The value in the wire format's unit. Conversions: powers of ten exact in decimal; `[lb_av]` ×
/// 0.45359237 (exact by definition) and `[degF]` as (F − 32) × 5 / 9, rounded half-even to 12
/// significant digits.
[[nodiscard]] Measured measured(const WrittenValue& value, Dimension dimension);

/// JSON string of a value that must be refused, followed by words that say why (`"5 mL"`).
[[nodiscard]] std::string refused(std::string_view json, std::string_view words);

/// The unit as written, the code before the text; "" if there is none.
[[nodiscard]] std::string_view written_unit(const WrittenValue& value);

/// Whether the unit is one that a score may have: none, `1`, an annotation (`{score}`), or a word
/// for points.
[[nodiscard]] bool is_score_unit(const WrittenValue& value);

}  // namespace ketavigil::ingest::fhir
