// Lenient reading: what is refused is read as far as it can be, since a quarantined value that
// would be critical if true still pages.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "events/event_keys.h"

namespace ketavigil::events {
namespace {

using simdjson::dom::element;

// A number as written: a JSON number, or a string that is one.
std::optional<double> lenient_number(const element& value) {
  if (const auto number = number_in(value)) return number;
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS || text.empty()) return std::nullopt;
  double number = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data() + (text.front() == '+' ? 1 : 0), end, number);
  if (result.ec != std::errc() || result.ptr != end || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<std::string> lenient_identifier(const std::optional<element>& value) {
  std::string_view text;
  if (!value || value->get_string().get(text) != simdjson::SUCCESS || !is_identifier(text))
    return std::nullopt;
  return std::string(text);
}

void read_field_leniently(const FieldSpec& spec, const element& value, Fact* fact) {
  std::string_view text;
  switch (spec.type) {
    case FieldType::number:
    case FieldType::integer:
      if (const auto number = lenient_number(value)) fact->fields.emplace_back(spec.field, *number);
      break;
    case FieldType::words:
    case FieldType::texts: {
      simdjson::dom::array array;
      if (value.get_array().get(array) != simdjson::SUCCESS) break;
      std::vector<std::string> words;
      for (const element item : array) {
        if (item.get_string().get(text) == simdjson::SUCCESS) words.emplace_back(text);
      }
      // A word we do not know is no symptom that a rule asks for.
      if (spec.type == FieldType::words) {
        std::erase_if(words, [&](const std::string& word) { return !contains(spec.words, word); });
      }
      if (!words.empty()) fact->fields.emplace_back(spec.field, as_set(std::move(words)));
      break;
    }
    case FieldType::integers: {
      simdjson::dom::array array;
      if (value.get_array().get(array) != simdjson::SUCCESS) break;
      std::vector<std::int64_t> numbers;
      for (const element item : array) {
        const auto number = lenient_number(item);
        if (!number || *number != std::trunc(*number) || std::fabs(*number) > 1e15) return;
        numbers.push_back(static_cast<std::int64_t>(*number));
      }
      fact->fields.emplace_back(spec.field, std::move(numbers));
      break;
    }
    case FieldType::flag: {
      bool flag = false;
      if (value.get_bool().get(flag) == simdjson::SUCCESS)
        fact->fields.emplace_back(spec.field, flag);
      break;
    }
    case FieldType::time:
      if (auto time = lenient_time(value)) fact->fields.emplace_back(spec.field, std::move(*time));
      break;
    case FieldType::text:
    case FieldType::identifier:
    case FieldType::word:
    case FieldType::number_or_text:
      if (value.get_string().get(text) == simdjson::SUCCESS)
        fact->fields.emplace_back(spec.field, std::string(text));
      break;
  }
}

// The kind's default unit where the one given is none of ours (EVENTS, U).
void settle_unit(Fact* fact) {
  std::string_view unit;
  bool known = true;
  if (fact->kind == Kind::blood_pressure) {
    unit = unit_mmhg;
    known = fact->word(Field::unit) == unit_mmhg || fact->word(Field::unit) == unit_kpa;
  } else if (const Vital* vital = vital_named(fact->word(Field::name));
             fact->kind == Kind::vital && vital != nullptr) {
    unit = vital->unit;
    known = fact->word(Field::unit) == unit;
  }
  if (known || unit.empty()) return;
  std::erase_if(fact->fields, [](const auto& field) { return field.first == Field::unit; });
  fact->fields.emplace_back(Field::unit, std::string(unit));
}

}  // namespace

std::optional<Time> lenient_time(const std::optional<element>& value) {
  std::string_view text;
  if (!value || value->get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
  return parse_time_leniently(text);
}

std::optional<Fact> read_leniently(const Keys& keys, std::string_view default_source) {
  Fact fact;
  auto source = lenient_identifier(keys.at(Key::source));
  if (!source && !keys.at(Key::source) && !default_source.empty())
    source = std::string(default_source);
  auto id = lenient_identifier(keys.at(Key::id));
  auto patient = lenient_identifier(keys.at(Key::patient));
  std::string_view text;
  if (!source || !id || !patient || !keys.at(Key::kind) ||
      keys.at(Key::kind)->get_string().get(text) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  const auto kind = kind_named(text);
  if (!kind || *kind == Kind::heartbeat) return std::nullopt;
  if (keys.at(Key::status) && keys.at(Key::status)->get_string().get(text) == simdjson::SUCCESS) {
    fact.status = status_named(text).value_or(Status::final);
    if (fact.is_retraction()) return std::nullopt;
  }
  auto recorded = lenient_time(keys.at(Key::recorded));
  if (recorded && recorded->bare_date) recorded.reset();
  auto effective = lenient_time(keys.at(Key::effective));
  if (!effective) effective = recorded;
  if (!effective) return std::nullopt;
  fact.source = std::move(*source);
  fact.id = std::move(*id);
  fact.patient = std::move(*patient);
  fact.kind = *kind;
  fact.effective = std::move(*effective);
  fact.recorded = std::move(recorded);
  fact.version = version_when_absent(fact.status, fact.recorded);
  if (keys.at(Key::version)) {
    const auto version = lenient_number(*keys.at(Key::version));
    if (version && *version == std::trunc(*version) && *version >= 1 &&
        *version <= 9007199254740991.0) {
      fact.version = static_cast<std::int64_t>(*version);
    }
  }
  fact.session = lenient_identifier(keys.at(Key::session));
  fact.site = lenient_identifier(keys.at(Key::site));
  for (const FieldSpec& spec : fields_of(fact.kind)) {
    if (const auto& value = keys.at(spec.field)) {
      read_field_leniently(spec, *value, &fact);
    } else if (!spec.constant_default.empty()) {
      fact.fields.emplace_back(spec.field, std::string(spec.constant_default));
    }
  }
  settle_unit(&fact);
  return fact;
}

}  // namespace ketavigil::events
