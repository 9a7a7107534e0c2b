// An HTTP/1.1 listener: bounded in connections, bytes and time, with a fixed number of threads.
// Knows nothing of events.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "events/result.h"
#include "ingest/http/router.h"

namespace ketavigil::ingest::http {

/// PEM files: the certificate with its chain, and its key. New ones are taken up by connections
/// that begin after they changed.
struct TlsFiles {
  std::string certificate_file;
  std::string key_file;
};

/// The bounds of a listener. Each deadline counts from the step's begin, so a client that sends a
/// byte now and then is cut too.
struct ServerOptions {
  std::string address = "127.0.0.1";  ///< an IP address, or `localhost`
  std::uint16_t port = 0;             ///< 0: any that is free
  std::optional<TlsFiles> tls = {};   ///< nothing: plain HTTP
  int connections_max = 256;          ///< at once; others get 503 (a probe its answer), then closed
  int io_threads = 1;                 ///< read, parse and write
  int handler_threads = 4;            ///< run handlers, which may wait
  int waiting_max = 128;              ///< requests that wait for a handler thread; others get 503
  int streams_max = 64;               ///< answers with a stream at once; others get 503
  std::size_t header_bytes_max = std::size_t{16} << 10;  ///< more: 431
  std::size_t body_bytes_max = std::size_t{16} << 20;    ///< more: 413
  std::size_t bodies_bytes_max = std::size_t{64} << 20;  ///< of all connections: more: 503
  std::chrono::milliseconds idle_deadline{30'000};       ///< between two requests
  std::chrono::milliseconds header_deadline{10'000};     ///< of a header; of a TLS handshake too
  std::chrono::milliseconds body_deadline{60'000};       ///< end of header to end of body
  std::chrono::milliseconds write_deadline{30'000};      ///< one answer, or a piece of a stream
  std::chrono::milliseconds stream_pause{200};           ///< before a stream is asked again
};

/// Is told what was served, from the server's threads. Must be thread-safe and quick.
class ServerObserver {
 public:
  virtual ~ServerObserver() = default;
  /// `route` is the router's pattern, or "other"; `seconds` from the whole request to its answer.
  virtual void served(std::string_view route, int status, double seconds) = 0;
  /// A connection was turned away at the limit. Also while the server is stopped.
  virtual void refused() = 0;
  /// Certificate or key changed and cannot be used; those from before are.
  virtual void identity_refused(std::string_view) {}
};

/// Whether an address of `ServerOptions` is a loopback address. False for what is no address.
[[nodiscard]] bool is_loopback(const std::string& address);

/// One listener. Thread-safety: `start` and `stop` from one thread; the rest from any.
class Server {
 public:
  /// Binds; connections wait in the kernel until `start`. `observer` may be null, and must outlive
  /// the server. A configuration error where the address cannot be bound, or certificate and key
  /// cannot be used.
  static Result<std::unique_ptr<Server>> listen(const ServerOptions& options, Router router,
                                                ServerObserver* observer);
  ~Server();  ///< stops without grace
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void start();
  /// Accepts no more, closes what is idle and ends streams, lets requests that have begun be
  /// answered until `grace` is over, then closes everything. Returns when no thread runs any more.
  void stop(std::chrono::milliseconds grace);

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string url() const;  ///< `http://127.0.0.1:8410`, `https://…`
  [[nodiscard]] int connections() const;
  [[nodiscard]] int waiting() const;  ///< requests that wait for a handler thread
  [[nodiscard]] int streams() const;  ///< answers that come little by little

 private:
  struct Running;
  explicit Server(std::unique_ptr<Running> running);
  std::unique_ptr<Running> running_;
};

}  // namespace ketavigil::ingest::http
