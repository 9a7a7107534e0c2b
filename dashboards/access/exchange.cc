#include "dashboards/access/exchange.h"

#include <algorithm>
#include <array>

#include "events/json_text.h"

namespace ketavigil::dashboards::access {
namespace {

constexpr std::string_view hex_digits = "0123456789ABCDEF";
constexpr std::size_t path_bytes_max = 2'048;

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> browser_headers = {{
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src "
     "'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy",
     "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"},
}};
// Who has once come encrypted comes so for a year.
constexpr std::string_view stay_encrypted = "max-age=31536000";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                           hex_value(text[i + 2]) >= 0;
    if (is_escape) {
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

}  // namespace

Answer error_answer(int status, std::string_view type, std::string_view message) {
  Answer answer;
  answer.status = status;
  answer.body = R"({"status":"error","errorType":)";
  events::append_json_string(&answer.body, type);
  answer.body += R"(,"error":)";
  events::append_json_string(&answer.body, message);
  answer.body += "}\n";
  return answer;
}

std::string_view split_off(std::string_view* rest, char separator) {
  const auto end = rest->find(separator);
  const std::string_view part = rest->substr(0, end);
  *rest = end == std::string_view::npos ? std::string_view() : rest->substr(end + 1);
  return part;
}

std::string form_value(std::string_view form, std::string_view key) {
  while (!form.empty()) {
    std::string_view field = split_off(&form, '&');
    if (percent_decoded(split_off(&field, '=')) == key) return percent_decoded(field);
  }
  return {};
}

// A second `/` or a `\` would begin a host; browsers drop tabs and line ends before they look.
std::string own_path(std::string_view next) {
  const bool is_plain = std::all_of(next.begin(), next.end(),
                                    [](char c) { return c > ' ' && c < '\x7f' && c != '\\'; });
  const bool is_path = next.starts_with('/') && !next.starts_with("//");
  return is_plain && is_path && next.size() <= path_bytes_max ? std::string(next) : "/";
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool stays = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (stays) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += hex_digits[byte >> 4];
    out += hex_digits[byte & 15];
  }
  return out;
}

void add_browser_headers(Headers* headers, bool stays_encrypted) {
  const auto add = [headers](std::string_view name, std::string_view value) {
    const bool is_there = std::any_of(headers->begin(), headers->end(),
                                      [&](const auto& one) { return one.first == name; });
    if (!is_there) headers->emplace_back(name, value);
  };
  for (const auto& [name, value] : browser_headers) add(name, value);
  if (stays_encrypted) add("Strict-Transport-Security", stay_encrypted);
}

}  // namespace ketavigil::dashboards::access
