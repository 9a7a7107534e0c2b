// A request and its answer, as far as access looks at them. Plain values: which server carries them
// does not show.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ketavigil::dashboards::access {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// What somebody asks. Views: of a request that outlives it.
struct Question {
  std::string_view method;
  std::string_view path;  ///< without the query, not percent-decoded
  std::string_view query;
  std::string_view body;
  const Headers& headers;  ///< names in lower case

  /// The first header of this name (lower case); empty where there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return {};
  }
  [[nodiscard]] bool only_reads() const {
    return method == "GET" || method == "HEAD" || method == "OPTIONS";
  }
};

struct Answer {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  Headers headers = {};
};

/// `{"status":"error","errorType":…,"error":…}`: what is wrong and what to do, never a word of the
/// request.
[[nodiscard]] Answer error_answer(int status, std::string_view type, std::string_view message);

/// What stands before the first `separator`, which goes with it from `rest`.
[[nodiscard]] std::string_view split_off(std::string_view* rest, char separator);

/// The value of a key in `a=b&c=d`, percent-decoded, `+` as space; empty where there is none.
[[nodiscard]] std::string form_value(std::string_view form, std::string_view key);

/// `next` if it is a path of this site, else `/`: nobody is sent elsewhere, and no header is made.
[[nodiscard]] std::string own_path(std::string_view next);

/// Percent-encodes all but letters, digits, `-`, `.`, `_`, `~` and `/`.
[[nodiscard]] std::string percent_encoded(std::string_view text);

/// What every answer of the operations listener says to browsers: no other origin is asked, no
/// script but ours runs, nothing is framed, no address leaves in a referrer. Those in `headers`
/// already stay. `stays_encrypted`: the browser is to come by TLS only, for a year.
void add_browser_headers(Headers* headers, bool stays_encrypted);

}  // namespace ketavigil::dashboards::access
