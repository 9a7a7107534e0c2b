#include "events/event_keys.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "events/characters.h"

namespace ketavigil::events {
namespace {

using simdjson::dom::element;

// Where a key of an event goes: a common one, a field of kinds, or (`site`) both.
struct Place {
  std::optional<Key> common;
  std::optional<Field> field;
};

const std::unordered_map<std::string_view, Place>& places() {
  static const auto table = [] {
    std::unordered_map<std::string_view, Place> all;
    for (int i = 0; i < field_count; ++i) {
      const auto field = static_cast<Field>(i);
      all[name_of(field)].field = field;
    }
    for (std::size_t i = 0; i < std::size(key_names); ++i)
      all[key_names[i]].common = static_cast<Key>(i);
    return all;
  }();
  return table;
}

}  // namespace

Keys::Keys(const simdjson::dom::object& object) {
  const auto& known = places();
  for (const auto& [key, value] : object) {
    if (value.is_null()) continue;
    const auto place = known.find(key);
    if (place == known.end()) continue;
    if (place->second.common) common[static_cast<std::size_t>(*place->second.common)] = value;
    if (place->second.field) fields[static_cast<std::size_t>(*place->second.field)] = value;
  }
}

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

bool is_identifier(std::string_view text) {
  return !text.empty() && text.size() <= identifier_bytes_max && !has_control_characters(text);
}

bool contains(std::span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Sorted, each once: lists of words are sets.
std::vector<std::string> as_set(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

Microseconds earliest_instant(const Time& time) {
  return time.bare_date ? time.us - 14 * hour_us : time.us;
}

}  // namespace ketavigil::events
