// What a handler is given and what it gives back. Plain values; the server's library does not show.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ketavigil::ingest::http {

struct Request {
  std::string method;  ///< as sent: `GET`, `POST`
  std::string path;    ///< without the query, not percent-decoded; begins with `/`
  std::string query;   ///< what follows `?`; empty: none
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case, in order
  std::string body;

  /// The first header of this name (lower case); empty where there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return {};
  }
};

/// A body that comes little by little, as server-sent events do. Used by one thread at a time,
/// which serves other connections too: `take` must be quick and never wait.
class ResponseStream {
 public:
  virtual ~ResponseStream() = default;
  /// What there is since the last call; empty: nothing yet; nothing: the stream is over. Asked
  /// again at once after it gave something, else after `ServerOptions::stream_pause`.
  virtual std::optional<std::string> take() = 0;
};

struct Response {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};  ///< beside the server's own
  std::shared_ptr<ResponseStream> stream = {};                    ///< in place of `body`
};

/// `{"status":"error","errorType":…,"error":…}`: what went wrong and what to do, never anything of
/// the request itself.
[[nodiscard]] Response error_response(int status, std::string_view type, std::string_view message);

/// 503 with `Retry-After`.
[[nodiscard]] Response unavailable_response(int retry_after_seconds, std::string_view message);

}  // namespace ketavigil::ingest::http
