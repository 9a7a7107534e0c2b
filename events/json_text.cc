#include "events/json_text.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <memory>

namespace ketavigil::events {

void append_json_string(std::string* out, std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  out->push_back('"');
  std::size_t plain_from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out->append(text.substr(plain_from, i - plain_from));
    plain_from = i + 1;
    switch (byte) {
      case '"':
        *out += "\\\"";
        break;
      case '\\':
        *out += "\\\\";
        break;
      case '\b':
        *out += "\\b";
        break;
      case '\f':
        *out += "\\f";
        break;
      case '\n':
        *out += "\\n";
        break;
      case '\r':
        *out += "\\r";
        break;
      case '\t':
        *out += "\\t";
        break;
      default:
        *out += "\\u00";
        out->push_back(digits[byte >> 4]);
        out->push_back(digits[byte & 15]);
    }
  }
  out->append(text.substr(plain_from));
  out->push_back('"');
}

void append_json_number(std::string* out, double number) {
  assert(std::isfinite(number));
  if (number == 0) {
    out->push_back('0');
    return;
  }
  // Whole numbers of everyday size, which most are, need no search for the shortest digits.
  if (std::fabs(number) < 1e15 && number == std::trunc(number)) {
    char whole[24];
    const auto end = std::to_chars(whole, whole + sizeof whole, static_cast<long long>(number));
    out->append(whole, end.ptr);
    return;
  }
  // Shortest digits d.ddd and the exponent, from the scientific form.
  char buffer[40];
  const auto result =
      std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific);
  std::string_view text(buffer, static_cast<std::size_t>(result.ptr - buffer));
  if (text.front() == '-') {
    out->push_back('-');
    text.remove_prefix(1);
  }
  const std::size_t e = text.find('e');
  int exponent = 0;
  const char* exponent_from = text.data() + e + 1 + (text[e + 1] == '+' ? 1 : 0);
  std::from_chars(exponent_from, text.data() + text.size(), exponent);
  std::string digits(1, text.front());
  if (e > 2) digits += text.substr(2, e - 2);
  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1;  // ECMAScript's n: the decimal point stands after n digits
  if (count <= point && point <= 21) {
    *out += digits;
    out->append(static_cast<std::size_t>(point - count), '0');
  } else if (0 < point && point <= 21) {
    out->append(digits, 0, static_cast<std::size_t>(point));
    out->push_back('.');
    out->append(digits, static_cast<std::size_t>(point), std::string::npos);
  } else if (-6 < point && point <= 0) {
    *out += "0.";
    out->append(static_cast<std::size_t>(-point), '0');
    *out += digits;
  } else {
    out->push_back(digits.front());
    if (count > 1) {
      out->push_back('.');
      out->append(digits, 1, std::string::npos);
    }
    out->push_back('e');
    out->push_back(point - 1 < 0 ? '-' : '+');
    *out += std::to_string(std::abs(point - 1));
  }
}

std::string json_number(double number) {
  std::string text;
  append_json_number(&text, number);
  return text;
}

double round_to_12_digits(double number) {
  if (!std::isfinite(number) || number == 0) return number == 0 ? 0.0 : number;
  // A number that 12 digits or fewer tell already is its own rounding: nearly all that is measured.
  // Whole numbers are seen at once, others by their shortest digits.
  if (std::fabs(number) < 1e12 && number == std::trunc(number)) return number;
  char shortest[32];
  const auto end =
      std::to_chars(shortest, shortest + sizeof shortest, number, std::chars_format::scientific);
  const auto digits = std::count_if(shortest, std::find(shortest, end.ptr, 'e'),
                                    [](char c) { return c >= '0' && c <= '9'; });
  if (digits <= 12) return number;
  // glibc prints exactly and rounds half to even, so the decimal is the true one.
  char buffer[40];
  const int size = std::snprintf(buffer, sizeof buffer, "%.11e", number);
  double rounded = 0;
  std::from_chars(buffer, buffer + size, rounded);
  return rounded;
}

std::string hexadecimal(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 15]);
  }
  return out;
}

std::string sha256(std::string_view text) {
  struct Context {
    std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> algorithm{
        EVP_MD_fetch(nullptr, "SHA256", nullptr), &EVP_MD_free};
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                    &EVP_MD_CTX_free};
  };
  thread_local Context hash;  // fetching the algorithm costs more than hashing a fact
  std::string digest(32, '\0');
  unsigned size = 0;
  const bool ok = EVP_DigestInit_ex(hash.context.get(), hash.algorithm.get(), nullptr) == 1 &&
                  EVP_DigestUpdate(hash.context.get(), text.data(), text.size()) == 1 &&
                  EVP_DigestFinal_ex(hash.context.get(),
                                     reinterpret_cast<unsigned char*>(digest.data()), &size) == 1;
  assert(ok && size == 32);
  static_cast<void>(ok);
  return digest;
}

}  // namespace ketavigil::events
