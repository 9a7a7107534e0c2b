#include "tests/ingest/http/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace ketavigil::test {

HttpClient::HttpClient(std::uint16_t port, std::chrono::milliseconds patience)
    : port_(port), patience_(patience) {}

HttpClient::~HttpClient() { close(); }

bool HttpClient::connect() {
  close();
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close();
    return false;
  }
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return true;
}

void HttpClient::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  received_.clear();
}

bool HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void HttpClient::shut_sending() { ::shutdown(socket_, SHUT_WR); }

bool HttpClient::receive_more(std::chrono::steady_clock::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      until - std::chrono::steady_clock::now());
  if (left.count() <= 0) return false;
  pollfd waiting{socket_, POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return false;
  char bytes[65536];
  const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  received_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

std::optional<HttpAnswer> HttpClient::read_answer(bool head) {
  const auto until = std::chrono::steady_clock::now() + patience_;
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!receive_more(until)) return std::nullopt;
  }
  HttpAnswer answer;
  if (received_.size() < 12 || !received_.starts_with("HTTP/1.")) return std::nullopt;
  answer.status = std::atoi(received_.c_str() + 9);
  std::size_t from = received_.find("\r\n") + 2;
  while (from < end + 2) {
    const std::size_t to = received_.find("\r\n", from);
    const std::string line = received_.substr(from, to - from);
    const auto colon = line.find(": ");
    std::string name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (colon != std::string::npos) answer.headers[name] = line.substr(colon + 2);
    from = to + 2;
  }
  received_.erase(0, end + 4);
  if (head || answer.status < 200 || answer.header("transfer-encoding") == "chunked") return answer;
  const std::size_t length = std::strtoull(answer.header("content-length").c_str(), nullptr, 10);
  while (received_.size() < length) {
    if (!receive_more(until)) return std::nullopt;
  }
  answer.body = received_.substr(0, length);
  received_.erase(0, length);
  return answer;
}

std::optional<std::string> HttpClient::read_chunk() {
  const auto until = std::chrono::steady_clock::now() + patience_;
  std::size_t end = 0;
  while ((end = received_.find("\r\n")) == std::string::npos) {
    if (!receive_more(until)) return std::nullopt;
  }
  const std::size_t size = std::strtoull(received_.c_str(), nullptr, 16);
  while (received_.size() < end + 2 + size + 2) {
    if (!receive_more(until)) return std::nullopt;
  }
  std::string chunk = received_.substr(end + 2, size);
  received_.erase(0, end + 2 + size + 2);
  return chunk;
}

std::optional<std::string> HttpClient::read_to_end() {
  const auto until = std::chrono::steady_clock::now() + patience_;
  while (receive_more(until)) {
  }
  if (std::chrono::steady_clock::now() >= until) return std::nullopt;
  return std::move(received_);
}

bool HttpClient::is_closed_within(std::chrono::milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (receive_more(until)) {
  }
  return std::chrono::steady_clock::now() < until;
}

std::optional<HttpAnswer> HttpClient::request(const std::string& method, const std::string& path,
                                              const std::string& body,
                                              const std::string& content_type,
                                              const std::string& more_headers) {
  std::string text = method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + more_headers;
  if (!content_type.empty()) text += "Content-Type: " + content_type + "\r\n";
  if (!body.empty() || method == "POST") {
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  text += "\r\n" + body;
  if (!connected() && !connect()) return std::nullopt;
  // What is sent in vain, because the server has answered already, shows when the answer is read.
  static_cast<void>(send(text));
  auto answer = read_answer(method == "HEAD");
  if (!answer || answer->header("connection") == "close") close();
  return answer;
}

}  // namespace ketavigil::test
