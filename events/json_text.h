// JSON text by RFC 8785 (the JSON Canonicalization Scheme), which digests, findings and printed
// facts need to the byte: shortest numbers as ECMAScript writes them, the fewest escapes.
#pragma once

#include <string>
#include <string_view>

namespace ketavigil::events {

/// Appends a JSON string with quotes. `text` must be valid UTF-8.
void append_json_string(std::string* out, std::string_view text);

/// Appends the shortest decimal that reads back as the same double, in ECMAScript's layout; −0 is
/// 0. `number` must be finite.
void append_json_number(std::string* out, double number);
/// The number by itself.
[[nodiscard]] std::string json_number(double number);

/// Half-even to 12 significant digits: what decisions and printed statistics are made on.
/// Exact in decimal: the nearest double of the decimal string with 12 digits.
[[nodiscard]] double round_to_12_digits(double number);

/// Lower-case hexadecimal of bytes.
[[nodiscard]] std::string hexadecimal(std::string_view bytes);

/// SHA-256 of `text`, 32 raw bytes. Thread-safe.
[[nodiscard]] std::string sha256(std::string_view text);

}  // namespace ketavigil::events
