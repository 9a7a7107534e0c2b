#include "events/decode.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "events/json_text.h"

namespace ketavigil::events {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

// The order of reasons: the first that holds is told (EVENTS, Reasons).
enum class Rank : std::uint8_t { missing, type, unknown, implausible, future, none };

// Keeps the first reason by (rank, place of the field in the tables).
class Verdict {
 public:
  void note(Rank rank, int place, std::string reason, std::string field, std::string expected) {
    if (rank > rank_ || (rank == rank_ && place >= place_)) return;
    rank_ = rank;
    place_ = place;
    rejection_ = {std::move(reason), std::move(field), std::move(expected), std::nullopt};
  }
  [[nodiscard]] bool rejected() const { return rank_ != Rank::none; }
  [[nodiscard]] Rejection take() { return std::move(rejection_); }

 private:
  Rank rank_ = Rank::none;
  int place_ = 0;
  Rejection rejection_;
};

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
constexpr std::string_view key_names[] = {"source",   "id",      "patient",  "kind",
                                          "version",  "status",  "replaces", "effective",
                                          "recorded", "session", "site",     "text"};
constexpr int first_kind_place = static_cast<int>(Key::count);

Rejection malformed(std::string expected) {
  return {"malformed", "", std::move(expected), std::nullopt};
}

std::string unknown_reason(std::string_view field) {
  std::string reason = "unknown-" + std::string(field);
  std::replace(reason.begin(), reason.end(), '_', '-');
  return reason;
}

bool is_identifier(std::string_view text) {
  if (text.empty() || text.size() > identifier_bytes_max) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7F) return false;
    // U+0080-009F are C2 80 … C2 9F in UTF-8.
    if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0)
      return false;
  }
  return true;
}

// What simdjson lets pass and EVENTS.md does not: duplicate keys, NUL in a string, depth.
// Returns what is wrong, or nothing.
std::string_view wrong_with(const element& value, int depth) {
  if (value.is_string()) {
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS) return "a string";
    return text.find('\0') == std::string_view::npos ? ""
                                                     : "no NUL character (\\u0000) in a string";
  }
  const bool is_object = value.is_object();
  if (!is_object && !value.is_array()) return "";
  if (depth > depth_max) return "at most 32 levels of nesting";
  if (!is_object) {
    simdjson::dom::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return "an array";
    for (const element item : array) {
      if (const auto wrong = wrong_with(item, depth + 1); !wrong.empty()) return wrong;
    }
    return "";
  }
  std::array<std::string_view, 48> seen;
  std::size_t count = 0;
  std::vector<std::string_view> overflow;
  simdjson::dom::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return "an object";
  for (const auto& [key, item] : object) {
    if (key.find('\0') != std::string_view::npos) return "no NUL character (\\u0000) in a key";
    if (count < seen.size()) {
      if (std::find(seen.begin(), seen.begin() + count, key) != seen.begin() + count)
        return "each key once";
      seen[count++] = key;
    } else {
      overflow.push_back(key);
    }
    if (const auto wrong = wrong_with(item, depth + 1); !wrong.empty()) return wrong;
  }
  if (!overflow.empty()) {
    overflow.insert(overflow.end(), seen.begin(), seen.end());
    std::sort(overflow.begin(), overflow.end());
    if (std::adjacent_find(overflow.begin(), overflow.end()) != overflow.end())
      return "each key once";
  }
  return "";
}

std::string joined(std::span<const std::string_view> words) {
  std::string out = "one of";
  for (const auto word : words) (out += ' ') += word;
  return out;
}

// The values of an event by key, found in one walk. Null is absent.
struct Keys {
  std::array<std::optional<element>, static_cast<std::size_t>(Key::count)> common;
  std::array<std::optional<element>, field_count> fields;

  explicit Keys(const simdjson::dom::object& object) {
    for (const auto& [key, value] : object) {
      if (value.is_null()) continue;
      for (std::size_t i = 0; i < std::size(key_names); ++i) {
        if (key == key_names[i]) common[i] = value;
      }
      if (const auto field = field_named(key)) fields[static_cast<std::size_t>(*field)] = value;
    }
  }
  [[nodiscard]] const std::optional<element>& at(Key key) const {
    return common[static_cast<std::size_t>(key)];
  }
  [[nodiscard]] const std::optional<element>& at(Field field) const {
    return fields[static_cast<std::size_t>(field)];
  }
};

std::optional<double> number_in(const element& value) {
  double number = 0;
  return value.is_number() && value.get_double().get(number) == simdjson::SUCCESS
             ? std::optional(number)
             : std::nullopt;
}

std::optional<std::int64_t> integer_in(const element& value) {
  const auto number = number_in(value);
  constexpr double exact_limit = 9007199254740992.0;  // 2^53
  if (!number || *number != std::trunc(*number) || std::fabs(*number) > exact_limit)
    return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

bool contains(std::span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

const ConfiguredInstrument* configured_instrument(const DecodeSettings& settings,
                                                  std::string_view name) {
  for (const auto& instrument : settings.instruments) {
    if (instrument.name == name) return &instrument;
  }
  return nullptr;
}

bool is_known_word(const FieldSpec& spec, const DecodeSettings& settings, std::string_view word) {
  if (contains(spec.words, word)) return true;
  switch (spec.extensible) {
    case Extensible::no:
      return false;
    case Extensible::compounds:
      return contains(settings.compounds, word);
    case Extensible::covariates:
      return contains(settings.covariates, word);
    case Extensible::medication_classes:
      return contains(settings.medication_classes, word);
    case Extensible::instruments:
      return instrument_named(word) != nullptr || configured_instrument(settings, word) != nullptr;
  }
  return false;
}

std::string known_words(const FieldSpec& spec) {
  if (spec.extensible != Extensible::instruments) return joined(spec.words);
  std::string out = "one of";
  for (const Instrument& instrument : instruments()) (out += ' ') += instrument.name;
  return out + " or one of the configuration";
}

// Sorted, each once: lists of words are sets.
std::vector<std::string> as_set(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

// Reads one event strictly.
class Reading {
 public:
  Reading(const Keys& keys, const DecodeSettings& settings) : keys_(keys), settings_(settings) {}

  Verdict verdict;
  Fact fact;

  void common(std::string_view default_source) {
    if (!keys_.at(Key::source) && !default_source.empty()) {
      fact.source = default_source;
    } else {
      identifier(Key::source, &fact.source);
    }
    identifier(Key::id, &fact.id);
    status();
    kind();
    if (fact.kind != Kind::heartbeat) identifier(Key::patient, &fact.patient);
    recorded();
    version();
    if (fact.is_retraction()) {
      fact.kind = Kind::none;
      return;
    }
    effective();
    optional_identifier(Key::replaces, &fact.replaces);
    optional_identifier(Key::session, &fact.session);
    site();
    text();
  }

  void of_kind() {
    int place = first_kind_place;
    for (const FieldSpec& spec : fields_of(fact.kind)) {
      field(spec, place);
      ++place;
    }
    if (fact.kind == Kind::blood_pressure) blood_pressure();
    if (fact.kind == Kind::vital) vital();
    if (fact.kind == Kind::score) score();
    if (fact.kind == Kind::lab) lab();
  }

  void future() {
    if (!fact.recorded || fact.is_retraction()) return;
    const Microseconds earliest = earliest_instant(fact.effective);
    if (earliest <= fact.recorded->us + clock_tolerance_us) return;
    verdict.note(Rank::future, static_cast<int>(Key::effective), "future", "effective",
                 "a time at most 10 minutes after `recorded`");
  }

  // A bare date as if its day began where days begin first, at UTC+14.
  static Microseconds earliest_instant(const Time& time) {
    return time.bare_date ? time.us - 14 * hour_us : time.us;
  }

 private:
  static int place_of(Key key) { return static_cast<int>(key); }
  static std::string name(Key key) { return std::string(key_names[static_cast<std::size_t>(key)]); }

  void missing(int place, std::string field_name, std::string expected) {
    verdict.note(Rank::missing, place, "missing", std::move(field_name), std::move(expected));
  }
  void wrong_type(int place, std::string field_name, std::string expected) {
    verdict.note(Rank::type, place, "type", std::move(field_name), std::move(expected));
  }
  void unknown(int place, std::string_view field_name, std::string shown, std::string expected) {
    verdict.note(Rank::unknown, place, unknown_reason(field_name), std::move(shown),
                 std::move(expected));
  }
  void implausible(int place, std::string field_name, std::string expected) {
    verdict.note(Rank::implausible, place, "implausible", std::move(field_name),
                 std::move(expected));
  }

  bool read_identifier(const element& value, int place, const std::string& field_name,
                       std::string* out) {
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS || !is_identifier(text)) {
      wrong_type(place, field_name, "a string of 1 to 128 bytes without control characters");
      return false;
    }
    *out = text;
    return true;
  }

  void identifier(Key key, std::string* out) {
    if (!keys_.at(key)) {
      missing(place_of(key), name(key), "a string of 1 to 128 bytes");
      return;
    }
    read_identifier(*keys_.at(key), place_of(key), name(key), out);
  }

  void optional_identifier(Key key, std::optional<std::string>* out) {
    std::string text;
    if (keys_.at(key) && read_identifier(*keys_.at(key), place_of(key), name(key), &text))
      *out = std::move(text);
  }

  void status() {
    if (!keys_.at(Key::status)) return;
    std::string_view text;
    if (keys_.at(Key::status)->get_string().get(text) != simdjson::SUCCESS) {
      wrong_type(place_of(Key::status), "status", "a string");
    } else if (const auto named = status_named(text)) {
      fact.status = *named;
    } else {
      unknown(place_of(Key::status), "status", "status",
              "one of final preliminary corrected entered-in-error");
    }
  }

  void kind() {
    if (fact.is_retraction()) return;
    if (!keys_.at(Key::kind)) {
      missing(place_of(Key::kind), "kind", "what the fact is, for example blood_pressure");
      return;
    }
    std::string_view text;
    if (keys_.at(Key::kind)->get_string().get(text) != simdjson::SUCCESS) {
      wrong_type(place_of(Key::kind), "kind", "a string");
    } else if (const auto named = kind_named(text)) {
      fact.kind = *named;
    } else {
      unknown(place_of(Key::kind), "kind", "kind",
              "one of enrolment covariate condition medication plan dispense vital blood_pressure "
              "session "
              "score symptom culture lab adverse_event exit heartbeat");
    }
  }

  void version() {
    if (!keys_.at(Key::version)) {
      fact.version = version_when_absent(fact.status, fact.recorded);
      return;
    }
    const auto number = integer_in(*keys_.at(Key::version));
    if (!number || *number < 1 || *number > (std::int64_t{1} << 53) - 1) {
      wrong_type(place_of(Key::version), "version", "a whole number from 1 to 9007199254740991");
      return;
    }
    fact.version = *number;
  }

  void recorded() {
    if (!keys_.at(Key::recorded)) return;
    auto time = read_time(*keys_.at(Key::recorded));
    if (!time || time->bare_date) {
      wrong_type(place_of(Key::recorded), "recorded",
                 "a time with an offset (RFC 3339), for example 2026-03-04T15:22:00+01:00");
      return;
    }
    fact.recorded = std::move(*time);
  }

  void effective() {
    if (!keys_.at(Key::effective)) {
      missing(place_of(Key::effective), "effective",
              "when it was true of the patient: a time or a date");
      return;
    }
    auto time = read_time(*keys_.at(Key::effective));
    if (!time || (time->bare_date && fact.kind == Kind::heartbeat)) {
      wrong_type(place_of(Key::effective), "effective",
                 "a time with an offset (2026-03-04T15:22:00+01:00) or a date (2026-03-04)");
      return;
    }
    fact.effective = std::move(*time);
  }

  static std::optional<Time> read_time(const element& value) {
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
    return parse_time(text);
  }

  void site() {
    optional_identifier(Key::site, &fact.site);
    if (fact.kind == Kind::enrolment && !keys_.at(Key::site)) {
      missing(place_of(Key::site), "site", "the site that enrols");
    }
  }

  void text() {
    if (!keys_.at(Key::text)) return;
    std::string_view words;
    if (keys_.at(Key::text)->get_string().get(words) != simdjson::SUCCESS) {
      wrong_type(place_of(Key::text), "text", "a string");
      return;
    }
    fact.text_cut = words.size() > text_bytes_max;
    if (fact.text_cut) {
      std::size_t end = text_bytes_max;
      while ((static_cast<unsigned char>(words[end]) & 0xC0) == 0x80) --end;  // a whole character
      words = words.substr(0, end);
    }
    fact.text = words;
  }

  void keep(Field field, Value value) { fact.fields.emplace_back(field, std::move(value)); }

  void field(const FieldSpec& spec, int place) {
    const auto& value = keys_.at(spec.field);
    const std::string field_name(name_of(spec.field));
    if (!value) {
      if (spec.needed)
        missing(place, field_name, "a value: " + std::string(name_of(fact.kind)) + " needs it");
      if (!spec.constant_default.empty()) keep(spec.field, std::string(spec.constant_default));
      return;
    }
    switch (spec.type) {
      case FieldType::text:
        return text_field(spec, place, field_name, *value);
      case FieldType::identifier: {
        std::string text;
        if (read_identifier(*value, place, field_name, &text)) keep(spec.field, std::move(text));
        return;
      }
      case FieldType::word:
        return word_field(spec, place, field_name, *value);
      case FieldType::number:
      case FieldType::integer:
        return number_field(spec, place, field_name, *value);
      case FieldType::flag: {
        bool flag = false;
        if (value->get_bool().get(flag) != simdjson::SUCCESS)
          return wrong_type(place, field_name, "true or false");
        return keep(spec.field, flag);
      }
      case FieldType::time: {
        auto time = read_time(*value);
        if (!time) return wrong_type(place, field_name, "a time with an offset, or a date");
        return keep(spec.field, std::move(*time));
      }
      case FieldType::texts:
      case FieldType::words:
        return list_field(spec, place, field_name, *value);
      case FieldType::integers:
        return integers_field(spec, place, field_name, *value);
      case FieldType::number_or_text: {
        if (const auto number = number_in(*value)) return keep(spec.field, *number);
        std::string_view text;
        if (value->get_string().get(text) != simdjson::SUCCESS) {
          return wrong_type(place, field_name, "a number or a string");
        }
        return keep(spec.field, std::string(text));
      }
    }
  }

  void text_field(const FieldSpec& spec, int place, const std::string& field_name,
                  const element& value) {
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS)
      return wrong_type(place, field_name, "a string");
    keep(spec.field, std::string(text));
  }

  void word_field(const FieldSpec& spec, int place, const std::string& field_name,
                  const element& value) {
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS)
      return wrong_type(place, field_name, "a string");
    if (!is_known_word(spec, settings_, text))
      return unknown(place, field_name, field_name, known_words(spec));
    keep(spec.field, std::string(text));
  }

  void number_field(const FieldSpec& spec, int place, const std::string& field_name,
                    const element& value) {
    const bool whole = spec.type == FieldType::integer;
    auto number = number_in(value);
    if (whole && !integer_in(value)) number.reset();
    if (!number) return wrong_type(place, field_name, whole ? "a whole number" : "a number");
    if (spec.positive && !(*number > 0)) implausible(place, field_name, "a number greater than 0");
    if ((spec.least && *number < *spec.least) || (spec.greatest && *number > *spec.greatest)) {
      implausible(place, field_name,
                  "a whole number from " + std::to_string(*spec.least) + " to " +
                      std::to_string(*spec.greatest));
    }
    keep(spec.field, *number == 0 ? 0.0 : *number);
  }

  void list_field(const FieldSpec& spec, int place, const std::string& field_name,
                  const element& value) {
    simdjson::dom::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS)
      return wrong_type(place, field_name, "a list of strings");
    std::vector<std::string> words;
    std::size_t index = 0;
    for (const element item : array) {
      const std::string shown = field_name + "[" + std::to_string(index++) + "]";
      std::string_view text;
      if (item.get_string().get(text) != simdjson::SUCCESS)
        return wrong_type(place, shown, "a string");
      if (spec.type == FieldType::words && !contains(spec.words, text)) {
        unknown(place, field_name, shown, joined(spec.words));
      }
      words.emplace_back(text);
    }
    keep(spec.field, as_set(std::move(words)));
  }

  void integers_field(const FieldSpec& spec, int place, const std::string& field_name,
                      const element& value) {
    simdjson::dom::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) {
      return wrong_type(place, field_name, "a list of whole numbers");
    }
    std::vector<std::int64_t> numbers;
    for (const element item : array) {
      const auto number = integer_in(item);
      if (!number)
        return wrong_type(place, field_name + "[" + std::to_string(numbers.size()) + "]",
                          "a whole number");
      numbers.push_back(*number);
    }
    keep(spec.field, std::move(numbers));
  }

  int place_in_kind(Field field) const {
    int place = first_kind_place;
    for (const FieldSpec& spec : fields_of(fact.kind)) {
      if (spec.field == field) return place;
      ++place;
    }
    return place;
  }

  void pressure(Field component, double least, double greatest) {
    const auto value = pressure_mmhg(fact, component);
    if (value && (*value < least || *value > greatest)) {
      std::string expected;
      append_json_number(&expected, least);
      expected += " to ";
      append_json_number(&expected, greatest);
      implausible(place_in_kind(component), std::string(name_of(component)), expected + " mm[Hg]");
    }
  }

  void blood_pressure() {
    if (!keys_.at(Field::systolic) && !keys_.at(Field::diastolic)) {
      missing(place_in_kind(Field::systolic), "systolic", "systolic, diastolic or both");
    }
    pressure(Field::systolic, systolic_least, systolic_greatest);
    pressure(Field::diastolic, diastolic_least, diastolic_greatest);
    const auto systolic = pressure_mmhg(fact, Field::systolic);
    const auto diastolic = pressure_mmhg(fact, Field::diastolic);
    if (systolic && diastolic && *systolic - *diastolic < pulse_pressure_least) {
      implausible(place_in_kind(Field::systolic), "systolic", "at least 10 mm[Hg] above diastolic");
    }
  }

  void range(double value, double least, double greatest, std::string_view unit) {
    if (value >= least && value <= greatest) return;
    std::string expected = "a value from ";
    append_json_number(&expected, least);
    expected += " to ";
    append_json_number(&expected, greatest);
    if (!unit.empty()) (expected += ' ') += unit;
    implausible(place_in_kind(Field::value), "value", std::move(expected));
  }

  void vital() {
    const Vital* vital = vital_named(fact.word(Field::name));
    if (vital == nullptr) return;
    if (fact.find(Field::unit) != nullptr && fact.word(Field::unit) != vital->unit) {
      unknown(place_in_kind(Field::unit), "unit", "unit", std::string(vital->unit));
    }
    if (const auto value = fact.number(Field::value))
      range(*value, vital->least, vital->greatest, vital->unit);
  }

  void score() {
    const std::string_view instrument = fact.word(Field::instrument);
    const auto value = fact.number(Field::value);
    if (const Instrument* known = instrument_named(instrument); known != nullptr && value) {
      range(*value, known->least, known->greatest, "");
    } else if (const auto* added = configured_instrument(settings_, instrument);
               added != nullptr && value) {
      range(*value, added->least, added->greatest, "");
    }
    const auto* items = fact.integers(Field::items);
    if (items == nullptr || instrument != "phq-9") return;
    const int place = place_in_kind(Field::items);
    if (items->size() != 9) return wrong_type(place, "items", "nine whole numbers from 0 to 3");
    for (std::size_t i = 0; i < items->size(); ++i) {
      if ((*items)[i] < 0 || (*items)[i] > 3) {
        return implausible(place, "items[" + std::to_string(i) + "]", "a whole number from 0 to 3");
      }
    }
  }

  void lab() {
    const auto units = lab_units(fact.word(Field::code));
    if (units.empty() || fact.find(Field::unit) == nullptr ||
        contains(units, fact.word(Field::unit)))
      return;
    unknown(place_in_kind(Field::unit), "unit", "unit", joined(units));
  }

  const Keys& keys_;
  const DecodeSettings& settings_;
};

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

std::optional<Time> lenient_time(const std::optional<element>& value) {
  std::string_view text;
  if (!value || value->get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
  return parse_time_leniently(text);
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

}  // namespace

const SourceSettings& DecodeSettings::source(std::string_view name) const {
  static const SourceSettings unlisted;
  const auto found = sources.find(name);
  return found == sources.end() ? unlisted : found->second;
}

Microseconds instant_of(const Time& time, const Zone& zone, bool end_of_day) {
  if (!time.bare_date) return time.us;
  return end_of_day ? zone.day_ends(time.us) : zone.day_begins(time.us);
}

Microseconds instant_of(const Fact& fact, const DecodeSettings& settings) {
  if (!fact.effective.bare_date) return fact.effective.us;
  return instant_of(fact.effective, settings.source(fact.source).zone, fact.kind == Kind::exit);
}

std::optional<Rejection> check_clock(const Fact& fact, Microseconds received) {
  if (!fact.recorded && fact.is_retraction()) return std::nullopt;
  const Microseconds said =
      fact.recorded ? fact.recorded->us : Reading::earliest_instant(fact.effective);
  if (said <= received + clock_tolerance_us) return std::nullopt;
  return Rejection{"clock", fact.recorded ? "recorded" : "effective",
                   "a time at most 10 minutes after it was received, " + print_utc(received),
                   std::nullopt};
}

Decoder::Decoder(const DecodeSettings& settings)
    : settings_(settings), parser_(std::make_unique<simdjson::dom::parser>()) {}
Decoder::~Decoder() = default;

std::variant<simdjson::dom::element, Rejection> Decoder::parse(std::string_view bytes, std::size_t bytes_max) {
  if (bytes.size() > bytes_max) return malformed("an event of at most 1 MiB");
  padded_.reserve(bytes.size() + simdjson::SIMDJSON_PADDING);
  padded_.assign(bytes);
  element document;
  const auto error =
      parser_->parse(padded_.data(), padded_.size(), /*realloc_if_needed=*/false).get(document);
  if (error != simdjson::SUCCESS) {
    return malformed(std::string("JSON: ") + simdjson::error_message(error));
  }
  if (const auto wrong = wrong_with(document, 1); !wrong.empty())
    return malformed(std::string(wrong));
  return document;
}

Decoded Decoder::decode(std::string_view bytes, std::string_view default_source,
                        std::optional<Microseconds> received) {
  auto parsed = parse(bytes);
  if (auto* rejection = std::get_if<Rejection>(&parsed)) return std::move(*rejection);
  return decode(std::get<element>(parsed), default_source, received);
}

Decoded Decoder::decode(const element& event, std::string_view default_source,
                        std::optional<Microseconds> received) {
  simdjson::dom::object object;
  if (event.get_object().get(object) != simdjson::SUCCESS) return malformed("a JSON object");
  const Keys keys(object);
  Reading reading(keys, settings_);
  reading.common(default_source);
  if (!reading.fact.is_retraction() && reading.fact.kind != Kind::none) reading.of_kind();
  if (!reading.verdict.rejected()) reading.future();
  std::optional<Rejection> rejection;
  if (reading.verdict.rejected()) {
    rejection = reading.verdict.take();
  } else if (received) {
    rejection = check_clock(reading.fact, *received);
  }
  if (!rejection) return std::move(reading.fact);
  rejection->readable = read_leniently(keys, default_source);
  return std::move(*rejection);
}

}  // namespace ketavigil::events
