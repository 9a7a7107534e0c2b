// One connection of a listener, from accept to close. Internal to this folder: Boost.Beast's
// headers are heavy, so nobody else includes this.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "ingest/http/server.h"
#include "ingest/http/transport.h"

namespace ketavigil::ingest::http {

class Connection;

/// What all connections of a listener share. Thread-safe where not fixed at the start.
struct Shared {
  Shared(const ServerOptions& given, Router routes, ServerObserver* watcher)
      : options(given),
        router(std::move(routes)),
        observer(watcher),
        handlers(static_cast<std::size_t>(given.handler_threads)) {}

  const ServerOptions options;
  const Router router;
  ServerObserver* const observer;
  std::atomic<bool> stopping{false};
  std::atomic<int> waiting{0};               ///< requests that wait for a handler thread
  std::atomic<int> streams{0};               ///< answers that come little by little
  std::atomic<std::size_t> bodies_bytes{0};  ///< of requests being read or handled

  std::mutex mutex;
  std::condition_variable one_gone;
  std::map<Connection*, std::weak_ptr<Connection>> connections;  // guarded by `mutex`
  std::deque<std::weak_ptr<Connection>> refusing;                // likewise; the oldest first

  // Last, so that what still waits in them goes first, while the rest is there.
  boost::asio::io_context io;
  boost::asio::thread_pool handlers;
};

/// Reads a request, lets its handler answer, writes the answer, and again; or writes a stream until
/// one of both sides ends it (connection_stream.cc). Runs on its own strand.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  /// A connection beyond the limit is asked once, for a second, what it wants: a probe is answered
  /// even then, the rest gets 503. The oldest of them gives way to a new one.
  enum class Purpose { serve, refuse };
  /// `context` null: plain HTTP.
  Connection(Shared& shared, boost::asio::ip::tcp::socket socket,
             std::shared_ptr<boost::asio::ssl::context> context, Purpose purpose);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();          ///< after it is known to `shared`
  void close_if_idle();  ///< from any thread
  void close_now();      ///< from any thread

 private:
  using Error = boost::system::error_code;
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using Steady = std::chrono::steady_clock;

  void shake_hands();
  void expire_after(std::chrono::milliseconds deadline);
  void wait_for_request();
  void read_header();
  void take_header(Error error);
  void read_body();
  void take_body(Error error);
  [[nodiscard]] bool is_probe() const;
  [[nodiscard]] bool account_body();
  void release_body();
  void dispatch();
  void run(const Router::Match& match, const Request& request);
  void answer(Response response);
  void answer_and_close(Response response);
  void answer_failed_read(Error error);
  void tell_observer(int status);
  void set_header(const Response& response);
  void written(Error error);
  void linger();
  void drain();
  void close();

  [[nodiscard]] bool take_stream_place();
  void release_stream();
  void answer_stream(std::shared_ptr<ResponseStream> stream);
  void notice_end_of_client();
  void poll_stream();
  void write_piece(std::string piece);
  void end_stream();
  void close_after_linger(Error error);

  template <typename Step>
  auto next(Step step);

  Shared& shared_;
  const Purpose purpose_;
  Transport stream_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::optional<boost::beast::http::response<boost::beast::http::string_body>> response_;
  std::optional<boost::beast::http::response_serializer<boost::beast::http::string_body>> header_;
  std::shared_ptr<ResponseStream> source_;  // while it is written
  boost::asio::steady_timer pause_;
  std::string piece_;
  std::string route_ = "other";
  Steady::time_point begun_;
  Steady::time_point refused_until_ = Steady::time_point::max();  // all steps together
  std::size_t body_accounted_ = 0;
  std::size_t drained_bytes_ = 0;
  unsigned version_ = 11;
  bool head_ = false;
  bool keep_alive_ = false;
  bool idle_ = false;
  bool has_unread_ = false;  // a request that was not read to its end
  bool has_stream_place_ = false;
  bool turned_away_ = false;  // nobody was told yet
};

}  // namespace ketavigil::ingest::http
