#include "ingest/decode/fhir/quantity.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>

#include "events/json_text.h"
#include "ingest/decode/fhir/elements.h"

namespace ketavigil::ingest::fhir {
namespace {

using simdjson::dom::element;

constexpr std::string_view ordinal_value = "http://hl7.org/fhir/StructureDefinition/ordinalValue";

// JSON's numbers without exponent, which is what a score written as text is.
std::optional<double> number_in(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (text.find_first_not_of("0123456789.-") != std::string_view::npos) return std::nullopt;
  if (text.empty() || text.front() == '.' || text.back() == '.') return std::nullopt;
  double number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

// What stands between the quotes of a JSON string, escapes and all; a number as it is.
std::string_view unquoted(std::string_view json) {
  return json.starts_with('"') ? json.substr(1, json.size() - 2) : json;
}

WrittenValue as_number(double number) {
  WrittenValue value;
  events::append_json_number(&value.json, number);
  value.number = number;
  return value;
}

WrittenValue as_string(std::string_view text) {
  WrittenValue value;
  value.json = json_text(text);
  return value;
}

std::optional<WrittenValue> in_text(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (const auto number = number_in(text)) return as_number(*number);
  return as_string(text);
}

std::optional<double> number_of(const element& node) {
  double number = 0;
  if (!node.is_number() || node.get_double().get(number) != simdjson::SUCCESS) return std::nullopt;
  return number;
}

std::optional<WrittenValue> plain_value(const element& node) {
  WrittenValue value;
  value.json = json_of(node);
  value.number = number_of(node);
  return value;
}

// The number that a coding's `ordinalValue` gives, or PHQ-9's answer code.
std::optional<double> score_of_coding(const element& coding, const Concept& concept_of) {
  for (const element& extension : items_at(coding, "extension")) {
    if (text_at(extension, "url") != ordinal_value) continue;
    if (const auto decimal = member(extension, "valueDecimal")) return number_of(*decimal);
  }
  const bool phq9 = concept_of.role == Role::phq9_item || concept_of.name == "phq-9-item-9";
  if (!phq9 || system_of(text_at(coding, "system")) != System::loinc) return std::nullopt;
  const auto answer = phq9_answer(text_at(coding, "code"));
  return answer ? std::optional<double>(*answer) : std::nullopt;
}

// A coded answer. Everything that gives a number must give the same one.
std::optional<WrittenValue> coded_value(const element& codeable, const Concept& concept_of) {
  std::vector<WrittenValue> numbers;
  const std::string_view text = text_at(codeable, "text");
  if (const auto number = number_in(text)) numbers.push_back(as_number(*number));
  const bool is_score = concept_of.role == Role::score || concept_of.role == Role::phq9_item;
  std::string_view shown = text;
  for (const element& coding : items_at(codeable, "coding")) {
    if (shown.empty()) shown = text_at(coding, "display");
    if (shown.empty()) shown = text_at(coding, "code");
    if (!is_score) continue;
    if (const auto number = score_of_coding(coding, concept_of))
      numbers.push_back(as_number(*number));
  }
  if (!numbers.empty()) return agreed(numbers);
  if (shown.empty()) return std::nullopt;
  return as_string(shown);
}

// A value of a type that none of our concepts has, so that it is refused and not lost.
std::optional<WrittenValue> value_of_another_type(const element& node) {
  simdjson::dom::object object;
  if (node.get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
  for (const auto& [key, value] : object) {
    if (key.starts_with("value") && !value.is_null()) return as_string(key);
  }
  return std::nullopt;
}

std::optional<WrittenValue> any_value_of(const element& node, const Concept& concept_of) {
  if (const auto quantity = member(node, "valueQuantity")) return quantity_of(*quantity);
  if (const auto integer = member(node, "valueInteger")) return plain_value(*integer);
  if (const auto text = member(node, "valueString"))
    return text->is_string() ? in_text(text_of(*text)) : plain_value(*text);
  if (const auto codeable = member(node, "valueCodeableConcept"))
    return coded_value(*codeable, concept_of);
  return value_of_another_type(node);
}

enum class Scale : std::uint8_t { none, thousandth, thousand, pounds, fahrenheit };

// How a unit is spelled: as a code, as the text shown, or both.
struct Spelling {
  std::string_view spelling;
  bool as_code;
  bool as_text;
  std::string_view unit;
  Scale scale = Scale::none;
};

constexpr Spelling pressure_units[] = {
    {"mm[Hg]", true, true, "mm[Hg]"},       {"mmHg", true, true, "mm[Hg]"},
    {"mm Hg", false, true, "mm[Hg]"},       {"mmhg", false, true, "mm[Hg]"},
    {"MMHG", false, true, "mm[Hg]"},        {"266016", true, false, "mm[Hg]"},  // MDC
    {"MDC_DIM_MMHG", true, true, "mm[Hg]"}, {"kPa", true, true, "kPa"},
};
constexpr Spelling heart_rate_units[] = {
    {"/min", true, true, "/min"},
    {"{beats}/min", true, true, "/min"},
    {"{Beats}/min", true, true, "/min"},
    {"{beat}/min", true, true, "/min"},
    {"1/min", true, true, "/min"},
    {"beats/minute", false, true, "/min"},
    {"beats/min", false, true, "/min"},
    {"bpm", false, true, "/min"},
    {"beats per minute", false, true, "/min"},
};
constexpr Spelling respiratory_rate_units[] = {
    {"/min", true, true, "/min"},          {"{breaths}/min", true, true, "/min"},
    {"{Breaths}/min", true, true, "/min"}, {"{breath}/min", true, true, "/min"},
    {"1/min", true, true, "/min"},         {"breaths/minute", false, true, "/min"},
    {"breaths/min", false, true, "/min"},  {"breaths per minute", false, true, "/min"},
};
constexpr Spelling saturation_units[] = {
    {"%", true, true, "%"},
    {"%O2", false, true, "%"},
    {"% O2", false, true, "%"},
    {"percent", false, true, "%"},
};
constexpr Spelling weight_units[] = {
    {"kg", true, true, "kg"},
    {"g", true, true, "kg", Scale::thousandth},
    {"[lb_av]", true, true, "kg", Scale::pounds},
    {"lb", false, true, "kg", Scale::pounds},
    {"lbs", false, true, "kg", Scale::pounds},
};
constexpr Spelling temperature_units[] = {
    {"Cel", true, true, "Cel"},
    {"C", false, true, "Cel"},
    {"\u00b0C", false, true, "Cel"},
    {"degC", false, true, "Cel"},
    {"[degF]", true, true, "Cel", Scale::fahrenheit},
    {"F", false, true, "Cel", Scale::fahrenheit},
    {"\u00b0F", false, true, "Cel", Scale::fahrenheit},
    {"degF", false, true, "Cel", Scale::fahrenheit},
};
constexpr Spelling laboratory_units[] = {
    {"U/L", true, true, "U/L"},
    {"U/l", false, true, "U/L"},
    {"mg/dL", true, true, "mg/dL"},
    {"mg/dl", true, true, "mg/dL"},  // UCUM has both l and L
    {"umol/L", true, true, "umol/L"},
    {"umol/l", true, true, "umol/L"},
    {"\u00b5mol/L", false, true, "umol/L"},  // micro sign
    {"\u03bcmol/L", false, true, "umol/L"},  // Greek mu
    {"/[HPF]", true, true, "/[HPF]"},
    {"/[hpf]", false, true, "/[HPF]"},
    {"/HPF", false, true, "/[HPF]"},
    {"/hpf", false, true, "/[HPF]"},
};
constexpr Spelling dose_units[] = {
    {"mg", true, true, "mg"},
    {"g", true, true, "mg", Scale::thousand},
    {"ug", true, true, "mg", Scale::thousandth},
    {"mcg", true, true, "mg", Scale::thousandth},
    {"\u00b5g", false, true, "mg", Scale::thousandth},
    {"\u03bcg", false, true, "mg", Scale::thousandth},
};

std::span<const Spelling> units_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::pressure:
      return pressure_units;
    case Dimension::heart_rate:
      return heart_rate_units;
    case Dimension::respiratory_rate:
      return respiratory_rate_units;
    case Dimension::saturation:
      return saturation_units;
    case Dimension::weight:
      return weight_units;
    case Dimension::temperature:
      return temperature_units;
    case Dimension::laboratory:
      return laboratory_units;
    case Dimension::dose:
      return dose_units;
  }
  return {};
}

const Spelling* spelled(std::span<const Spelling> units, std::string_view spelling, bool as_code) {
  for (const Spelling& unit : units) {
    if (unit.spelling == spelling && (as_code ? unit.as_code : unit.as_text)) return &unit;
  }
  return nullptr;
}

// Whether `code` is of the systems whose codes the tables spell (no system: UCUM by custom).
bool is_unit_system(std::string_view system) {
  if (system.ends_with('/')) system.remove_suffix(1);
  return system.empty() || system == "http://unitsofmeasure.org" ||
         system_of(system) == System::mdc;
}

bool same_unit(const Spelling& a, const Spelling& b) {
  return a.unit == b.unit && a.scale == b.scale;
}

struct Unit {
  const Spelling* known = nullptr;
  std::string as_written;
};

Unit unit_of(const WrittenValue& value, Dimension dimension) {
  const auto units = units_of(dimension);
  const Spelling* by_text = spelled(units, value.unit_text, false);
  if (value.unit_code.empty() || !is_unit_system(value.unit_system)) {
    const std::string_view written = value.unit_text.empty() ? value.unit_code : value.unit_text;
    return {by_text, std::string(written)};
  }
  const Spelling* by_code = spelled(units, value.unit_code, true);
  if (by_code != nullptr && by_text != nullptr && !same_unit(*by_code, *by_text))
    return {nullptr, std::string(value.unit_code) + " or " + std::string(value.unit_text)};
  return {by_code, std::string(value.unit_code)};
}

// Exact: moves the point of the shortest decimal and reads it back.
double shifted(double number, int digits) {
  char buffer[48];
  const auto written =
      std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific);
  std::string text(buffer, written.ptr);
  const std::size_t e = text.find('e');
  if (e == std::string::npos) return number;
  int exponent = 0;
  const std::size_t digits_from = e + 1 + (text[e + 1] == '+' ? 1 : 0);
  std::from_chars(text.data() + digits_from, text.data() + text.size(), exponent);
  text = text.substr(0, e + 1) + std::to_string(exponent + digits);
  double moved = number;
  std::from_chars(text.data(), text.data() + text.size(), moved);
  return moved;
}

double scaled(double number, Scale scale) {
  switch (scale) {
    case Scale::none:
      return number;
    case Scale::thousandth:
      return shifted(number, -3);
    case Scale::thousand:
      return shifted(number, 3);
    case Scale::pounds:
      return events::round_to_12_digits(number * 0.45359237);
    case Scale::fahrenheit:
      return events::round_to_12_digits((number - 32.0) * 5.0 / 9.0);
  }
  return number;
}

}  // namespace

std::optional<WrittenValue> quantity_of(const element& quantity) {
  const auto number = member(quantity, "value");
  if (!number) return std::nullopt;
  WrittenValue value;
  value.unit_system = text_at(quantity, "system");
  value.unit_code = text_at(quantity, "code");
  value.unit_text = text_at(quantity, "unit");
  const auto comparator = member(quantity, "comparator");
  if (comparator) {
    const std::string number_text = json_of(*number);
    value.json = json_text(std::string(text_of(*comparator)) + std::string(unquoted(number_text)));
  } else {
    value.json = json_of(*number);
    value.number = number_of(*number);
  }
  return value;
}

std::optional<WrittenValue> value_of(const element& node, const Concept& concept_of) {
  auto value = any_value_of(node, concept_of);
  // FHIR allows one or the other (obs-6): with both, neither is believed.
  if (value && member(node, "dataAbsentReason")) {
    value->json = refused(value->json, "and a dataAbsentReason");
    value->number.reset();
  }
  return value;
}

WrittenValue agreed(const std::vector<WrittenValue>& values) {
  const bool all_equal = std::all_of(values.begin(), values.end(), [&](const WrittenValue& value) {
    return value == values.front();
  });
  if (all_equal) return values.front();
  WrittenValue several = values.front();
  std::string text;
  for (const WrittenValue& value : values) {
    if (!text.empty()) text += ", ";
    text += unquoted(value.json);
  }
  several.json = '"' + text + '"';
  several.number.reset();
  return several;
}

Measured measured(const WrittenValue& value, Dimension dimension) {
  Unit unit = unit_of(value, dimension);
  if (unit.known == nullptr) return {value.json, std::move(unit.as_written), false};
  Measured result{value.json, std::string(unit.known->unit), true};
  if (unit.known->scale == Scale::none) return result;
  result.json.clear();
  if (value.number) {
    events::append_json_number(&result.json, scaled(*value.number, unit.known->scale));
  } else {
    // Not a number: nothing to convert, and it must not pass for one in the other unit.
    result.json = refused(value.json, unit.as_written);
  }
  return result;
}

std::string refused(std::string_view json, std::string_view words) {
  const std::string escaped = json_text(words);
  std::string text = '"' + std::string(unquoted(json));
  if (!words.empty()) text += ' ';
  text += unquoted(escaped);
  return text + '"';
}

std::string_view written_unit(const WrittenValue& value) {
  return value.unit_code.empty() ? value.unit_text : value.unit_code;
}

bool is_score_unit(const WrittenValue& value) {
  const std::string_view unit = written_unit(value);
  const bool annotation = unit.size() > 2 && unit.front() == '{' && unit.back() == '}';
  return unit.empty() || annotation || unit == "1" || unit == "score" || unit == "points" ||
         unit == "point" || unit == "pts";
}

}  // namespace ketavigil::ingest::fhir
