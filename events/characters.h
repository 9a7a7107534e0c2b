// Which characters a text holds: what is no UTF-8, steers a terminal or breaks a line. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace ketavigil::events {

[[nodiscard]] bool is_utf_8(std::string_view text);

/// U+0000 to U+001F and U+007F to U+009F, which no name of a fact, patient, source or site has.
[[nodiscard]] bool has_control_characters(std::string_view text);

/// No control characters, and neither U+2028 nor U+2029, which end a line too.
[[nodiscard]] bool is_one_line(std::string_view text);

/// For a message: what would steer a terminal or break its line as `\xNN`, byte by byte.
[[nodiscard]] std::string escaped_controls(std::string_view text);

}  // namespace ketavigil::events
