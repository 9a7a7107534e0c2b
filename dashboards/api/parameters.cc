#include "dashboards/api/parameters.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>

namespace ketavigil::dashboards::api {
namespace {

std::optional<int> hexadecimal_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

Error wrong(std::string_view name, std::string_view expected) {
  return {ErrorKind::usage, std::string(name) + ": expected " + std::string(expected)};
}

std::string joined(std::initializer_list<std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) {
    if (!out.empty()) out += ", ";
    out += word;
  }
  return out;
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hexadecimal_digit(text[i + 1]);
    const auto low = hexadecimal_digit(text[i + 2]);
    if (!high || !low) return std::nullopt;
    out += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  if (!simdjson::validate_utf8(out.data(), out.size())) return std::nullopt;
  return out;
}

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

Result<Parameters> Parameters::read(std::string_view query,
                                    std::initializer_list<std::string_view> known) {
  Parameters out;
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view one = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (one.empty()) continue;
    const auto equals = one.find('=');
    const auto name = percent_decoded(one.substr(0, equals), true);
    const auto value = equals == std::string_view::npos
                           ? std::optional<std::string>(std::string())
                           : percent_decoded(one.substr(equals + 1), true);
    if (!name || !value) return Error{ErrorKind::usage, "a parameter is not percent-encoded UTF-8"};
    if (std::find(known.begin(), known.end(), *name) == known.end()) {
      return Error{ErrorKind::usage, "a parameter is unknown here; known are: " +
                                         (known.size() == 0 ? "none" : joined(known))};
    }
    if (!out.values_.emplace(*name, *value).second) return wrong(*name, "to be given once");
  }
  return out;
}

std::string Parameters::text(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string() : found->second;
}

bool Parameters::has(std::string_view name) const { return values_.find(name) != values_.end(); }

Result<std::optional<events::Microseconds>> Parameters::time(std::string_view name) const {
  if (!has(name)) return std::optional<events::Microseconds>();
  const auto time = events::parse_time(text(name));
  if (!time) return wrong(name, "a time with an offset, such as 2026-03-02T08:00:00Z, or a date");
  return std::optional<events::Microseconds>(time->us);
}

Result<std::size_t> Parameters::number(std::string_view name, std::size_t least, std::size_t most,
                                       std::size_t otherwise) const {
  if (!has(name)) return otherwise;
  const std::string digits = text(name);
  std::size_t value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool whole = read.ec == std::errc() && read.ptr == digits.data() + digits.size();
  if (!whole || value < least || value > most)
    return wrong(name,
                 "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return value;
}

Result<std::size_t> Parameters::page_begin() const {
  constexpr std::size_t most = 100'000'000;
  KETAVIGIL_TRY_ASSIGN(const auto cursor, number("cursor", 0, most, 0));
  KETAVIGIL_TRY_ASSIGN(const auto offset, number("offset", 0, most, 0));
  return cursor + offset;
}

Result<std::optional<bool>> Parameters::truth(std::string_view name) const {
  KETAVIGIL_TRY_ASSIGN(const auto place, word(name, {"false", "true"}));
  return place ? std::optional<bool>(*place == 1) : std::nullopt;
}

Result<std::optional<std::size_t>> Parameters::word(
    std::string_view name, std::initializer_list<std::string_view> words) const {
  if (!has(name)) return std::optional<std::size_t>();
  const std::string value = text(name);
  const auto found = std::find(words.begin(), words.end(), value);
  if (found == words.end()) return wrong(name, "one of: " + joined(words));
  return std::optional<std::size_t>(found - words.begin());
}

}  // namespace ketavigil::dashboards::api
