#include "events/decode.h"

#include <simdjson.h>

#include <algorithm>
#include <array>

#include "events/event_keys.h"

namespace ketavigil::events {
namespace {

using simdjson::dom::element;

Rejection malformed(std::string expected) {
  return {"malformed", "", std::move(expected), std::nullopt, std::nullopt};
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
  const Microseconds said = fact.recorded ? fact.recorded->us : earliest_instant(fact.effective);
  if (said <= received + clock_tolerance_us) return std::nullopt;
  return Rejection{"clock", fact.recorded ? "recorded" : "effective",
                   "a time at most 10 minutes after it was received, " + print_utc(received),
                   std::nullopt, std::nullopt};
}

Decoder::Decoder(const DecodeSettings& settings)
    : settings_(settings), parser_(std::make_unique<simdjson::dom::parser>()) {}
Decoder::~Decoder() = default;

namespace {

// The parser refuses whole numbers beyond 64 bits, which JSON has like any others and a sender may
// use as a serial number: such a token gets a fraction, so that it is read as the double it is.
// True if there was one.
bool give_wide_integers_a_fraction(std::string* text) {
  constexpr std::size_t surely_fits = 18;  // digits
  std::string out;
  bool in_string = false;
  bool any = false;
  for (std::size_t i = 0; i < text->size();) {
    const char c = (*text)[i];
    if (in_string || (c != '-' && (c < '0' || c > '9'))) {
      if (in_string && c == '\\' && i + 1 < text->size()) out.push_back((*text)[i++]);
      if (c == '"') in_string = !in_string;
      out.push_back((*text)[i++]);
      continue;
    }
    const std::size_t end = std::min(text->find_first_not_of("-+.eE0123456789", i), text->size());
    const std::string_view token = std::string_view(*text).substr(i, end - i);
    out += token;
    if (token.size() > surely_fits && token.find_first_of(".eE") == std::string_view::npos) {
      out += ".0";
      any = true;
    }
    i = end;
  }
  if (any) *text = std::move(out);
  return any;
}

}  // namespace

std::variant<simdjson::dom::element, Rejection> Decoder::parse(std::string_view bytes,
                                                               std::size_t bytes_max) {
  if (bytes.size() > bytes_max) return malformed("an event of at most 1 MiB");
  padded_.reserve(bytes.size() + simdjson::SIMDJSON_PADDING);
  padded_.assign(bytes);
  element document;
  auto error =
      parser_->parse(padded_.data(), padded_.size(), /*realloc_if_needed=*/false).get(document);
  if (error == simdjson::NUMBER_ERROR && give_wide_integers_a_fraction(&padded_)) {
    padded_.reserve(padded_.size() + simdjson::SIMDJSON_PADDING);
    error =
        parser_->parse(padded_.data(), padded_.size(), /*realloc_if_needed=*/false).get(document);
  }
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
  auto decoded = read_strictly(keys, settings_, default_source);
  std::optional<Rejection> rejection;
  if (auto* refused = std::get_if<Rejection>(&decoded)) {
    rejection = std::move(*refused);
  } else if (received) {
    rejection = check_clock(std::get<Fact>(decoded), *received);
  }
  if (!rejection) return decoded;
  rejection->readable = read_leniently(keys, default_source);
  rejection->said_at = lenient_time(keys.at(Key::recorded));
  if (!rejection->said_at) rejection->said_at = lenient_time(keys.at(Key::effective));
  return std::move(*rejection);
}

}  // namespace ketavigil::events
