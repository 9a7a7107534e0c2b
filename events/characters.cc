#include "events/characters.h"

#include <simdjson.h>

#include <cstddef>

namespace ketavigil::events {
namespace {

constexpr std::string_view line_separator = "\xE2\x80\xA8";       // U+2028
constexpr std::string_view paragraph_separator = "\xE2\x80\xA9";  // U+2029

// The bytes of a control character that begins `text`; 0 if none does.
std::size_t control_bytes(std::string_view text) {
  const auto byte = static_cast<unsigned char>(text[0]);
  if (byte < 0x20 || byte == 0x7F) return 1;
  // U+0080-009F are C2 80 … C2 9F in UTF-8.
  return byte == 0xC2 && text.size() > 1 && static_cast<unsigned char>(text[1]) < 0xA0 ? 2 : 0;
}

std::size_t separator_bytes(std::string_view text) {
  return text.starts_with(line_separator) || text.starts_with(paragraph_separator)
             ? line_separator.size()
             : 0;
}

}  // namespace

bool is_utf_8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

bool has_control_characters(std::string_view text) {
  for (; !text.empty(); text.remove_prefix(1)) {
    if (control_bytes(text) != 0) return true;
  }
  return false;
}

bool is_one_line(std::string_view text) {
  return !has_control_characters(text) && text.find(line_separator) == std::string_view::npos &&
         text.find(paragraph_separator) == std::string_view::npos;
}

std::string escaped_controls(std::string_view text) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  while (!text.empty()) {
    const std::size_t steering = control_bytes(text) + separator_bytes(text);
    for (const char c : text.substr(0, steering)) {
      const auto byte = static_cast<unsigned char>(c);
      out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    }
    if (steering == 0) out += text[0];
    text.remove_prefix(steering == 0 ? 1 : steering);
  }
  return out;
}

}  // namespace ketavigil::events
