// Strict reading: every field of EVENTS.md's tables, and the first reason that holds.
#include <algorithm>

#include "events/event_keys.h"
#include "events/json_text.h"

namespace ketavigil::events {
namespace {

using simdjson::dom::element;

// The order of reasons: the first that holds is told (EVENTS, Reasons).
enum class Rank : std::uint8_t { missing, type, unknown, implausible, future, none };

// Keeps the first reason by (rank, place of the field in the tables).
class Verdict {
 public:
  void note(Rank rank, int place, std::string reason, std::string field, std::string expected) {
    if (rank > rank_ || (rank == rank_ && place >= place_)) return;
    rank_ = rank;
    place_ = place;
    rejection_ = {std::move(reason), std::move(field), std::move(expected), std::nullopt,
                  std::nullopt};
  }
  [[nodiscard]] bool rejected() const { return rank_ != Rank::none; }
  [[nodiscard]] Rejection take() { return std::move(rejection_); }

 private:
  Rank rank_ = Rank::none;
  int place_ = 0;
  Rejection rejection_;
};

std::string unknown_reason(std::string_view field) {
  std::string reason = "unknown-" + std::string(field);
  std::replace(reason.begin(), reason.end(), '_', '-');
  return reason;
}

std::string joined(std::span<const std::string_view> words) {
  std::string out = "one of";
  for (const auto word : words) (out += ' ') += word;
  return out;
}

bool is_among(const std::vector<std::string>& words, std::string_view word) {
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
      return is_among(settings.compounds, word);
    case Extensible::covariates:
      return is_among(settings.covariates, word);
    case Extensible::medication_classes:
      return is_among(settings.medication_classes, word);
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
    if (!time) {
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

}  // namespace

Decoded read_strictly(const Keys& keys, const DecodeSettings& settings,
                      std::string_view default_source) {
  Reading reading(keys, settings);
  reading.common(default_source);
  if (!reading.fact.is_retraction() && reading.fact.kind != Kind::none) reading.of_kind();
  if (!reading.verdict.rejected()) reading.future();
  if (reading.verdict.rejected()) return reading.verdict.take();
  return std::move(reading.fact);
}

}  // namespace ketavigil::events
