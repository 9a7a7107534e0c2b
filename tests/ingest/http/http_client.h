// A client by plain sockets, so that tests decide every byte and every pause.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ketavigil::test {

/// An answer as it came.
struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;

  [[nodiscard]] std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

/// One connection to 127.0.0.1. Reconnects by itself in `request`, never in the raw calls.
class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port,
                      std::chrono::milliseconds patience = std::chrono::seconds(20));
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Sends a whole request and reads its answer; nothing if the connection broke or time is up.
  std::optional<HttpAnswer> request(const std::string& method, const std::string& path,
                                    const std::string& body = {},
                                    const std::string& content_type = {},
                                    const std::string& more_headers = {});

  bool connect();
  void close();
  [[nodiscard]] bool connected() const { return socket_ >= 0; }
  bool send(std::string_view bytes);
  void shut_sending();
  /// The next answer on this connection. `head`: it has no body. Of one that comes in chunks only
  /// the header is read.
  std::optional<HttpAnswer> read_answer(bool head = false);
  /// The next chunk; empty: the last one. Nothing if the connection broke or time is up.
  std::optional<std::string> read_chunk();
  /// Everything until the other side ends the connection; nothing if time is up.
  std::optional<std::string> read_to_end();
  /// Whether the other side ends the connection within `time`; what it still sends is dropped.
  bool is_closed_within(std::chrono::milliseconds time);

 private:
  bool receive_more(std::chrono::steady_clock::time_point until);

  std::uint16_t port_;
  std::chrono::milliseconds patience_;
  int socket_ = -1;
  std::string received_;
};

}  // namespace ketavigil::test
