#include "ingest/http/connection.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <exception>
#include <utility>

namespace ketavigil::ingest::http {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;

// How much is read at once beside what the header may take.
constexpr std::size_t read_bytes = std::size_t{64} << 10;
constexpr std::size_t first_read_bytes = std::size_t{4} << 10;
// After an answer that ends the connection, what the client still sends is read away for a while:
// closing at once would make the kernel drop the answer with it.
constexpr std::chrono::milliseconds linger_deadline{2'000};
// What a connection beyond the limit has, from accept to close.
constexpr std::chrono::milliseconds refused_deadline{1'000};
constexpr std::size_t linger_bytes_max = std::size_t{32} << 20;
constexpr int retry_after_seconds = 1;
constexpr int not_modified = 304;
constexpr int stream_retry_after_seconds = 10;

bool is_of_http(const boost::system::error_code& error) {
  return error.category() == wire::make_error_code(wire::error::end_of_stream).category();
}

std::string lower(beast::string_view text) {
  std::string out(text.data(), text.size());
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

// Path and query of a target; of the absolute form too, which a server has to accept (RFC 9112).
void split_target(std::string target, Request* request) {
  if (target.starts_with("http://")) {
    const auto slash = target.find('/', 7);
    target = slash == std::string::npos ? "/" : target.substr(slash);
  }
  const auto mark = target.find('?');
  request->path = target.substr(0, mark);
  if (mark != std::string::npos) request->query = target.substr(mark + 1);
}

Request request_of(wire::request<wire::string_body> message) {
  Request request;
  request.method = std::string(message.method_string());
  split_target(std::string(message.target()), &request);
  for (const auto& field : message) {
    request.headers.emplace_back(lower(field.name_string()), std::string(field.value()));
  }
  request.body = std::move(message.body());
  return request;
}

Response response_of(const Router& router, const Router::Match& match, const Request& request) {
  try {
    return router.answer(request, match);
  } catch (const std::exception&) {
    return error_response(500, "internal", "the request could not be answered");
  }
}

}  // namespace

Connection::Connection(Shared& shared, net::ip::tcp::socket socket,
                       std::shared_ptr<net::ssl::context> context, Purpose purpose)
    : shared_(shared),
      purpose_(purpose),
      stream_(std::move(socket), std::move(context)),
      buffer_(shared.options.header_bytes_max + read_bytes),
      pause_(stream_.get_executor()),
      turned_away_(purpose == Purpose::refuse) {}

Connection::~Connection() {
  if (turned_away_ && shared_.observer != nullptr) shared_.observer->refused();
  release_body();
  release_stream();
  const std::lock_guard lock(shared_.mutex);
  shared_.connections.erase(this);
  std::erase_if(shared_.refusing, [](const auto& one) { return one.expired(); });
  shared_.one_gone.notify_all();
}

// The next step of this connection, which lives until it is done.
template <typename Step>
auto Connection::next(Step step) {
  return
      [self = shared_from_this(), step](Error error, std::size_t) { (self.get()->*step)(error); };
}

void Connection::start() {
  if (purpose_ == Purpose::refuse) refused_until_ = Steady::now() + refused_deadline;
  net::post(stream_.get_executor(), [self = shared_from_this()] {
    self->stream_.is_encrypted() ? self->shake_hands() : self->wait_for_request();
  });
}

void Connection::shake_hands() {
  idle_ = true;  // a stop need not wait for it
  expire_after(shared_.options.header_deadline);
  stream_.async_handshake([self = shared_from_this()](Error error) {
    self->idle_ = false;
    if (error) return self->close();
    self->wait_for_request();
  });
}

void Connection::expire_after(std::chrono::milliseconds deadline) {
  if (purpose_ == Purpose::serve) return stream_.expires_after(deadline);
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(refused_until_ - Steady::now());
  stream_.expires_after(std::clamp(left, std::chrono::milliseconds(0), deadline));
}

void Connection::close_if_idle() {
  net::post(stream_.get_executor(), [self = shared_from_this()] {
    if (self->idle_ || self->source_ != nullptr) self->close();
  });
}

void Connection::close_now() {
  net::post(stream_.get_executor(), [self = shared_from_this()] { self->close(); });
}

void Connection::close() {
  stream_.close();
  pause_.cancel();
  release_stream();
}

// --- Reading ---

void Connection::wait_for_request() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(shared_.options.header_bytes_max));
  parser_->body_limit(shared_.options.body_bytes_max);
  route_ = "other";
  head_ = false;
  keep_alive_ = false;
  begun_ = Steady::now();
  if (buffer_.size() > 0) return read_header();  // the client did not wait for the last answer
  if (shared_.stopping) return close();
  idle_ = true;
  expire_after(shared_.options.idle_deadline);
  stream_.async_read_some(buffer_.prepare(first_read_bytes),
                          [self = shared_from_this()](Error error, std::size_t bytes) {
                            self->idle_ = false;
                            if (error) return self->close();
                            self->buffer_.commit(bytes);
                            self->begun_ = Steady::now();
                            self->read_header();
                          });
}

void Connection::read_header() {
  expire_after(shared_.options.header_deadline);
  wire::async_read_header(stream_, buffer_, *parser_, next(&Connection::take_header));
}

void Connection::take_header(Error error) {
  if (error) return answer_failed_read(error);
  const auto& message = parser_->get();
  version_ = message.version();
  head_ = message.method() == wire::verb::head;
  turned_away_ = purpose_ == Purpose::refuse && !is_probe();
  if (turned_away_) {
    return answer_and_close(unavailable_response(
        retry_after_seconds, "there are too many connections: try again a little later"));
  }
  keep_alive_ = message.keep_alive() && purpose_ == Purpose::serve;
  expire_after(shared_.options.body_deadline);
  parser_->eager(true);
  if (!beast::iequals(message[wire::field::expect], "100-continue")) return read_body();
  static constexpr char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
  net::async_write(stream_, net::buffer(go_on, sizeof go_on - 1),
                   [self = shared_from_this()](Error failed, std::size_t) {
                     if (failed) return self->close();
                     self->read_body();
                   });
}

// A request without a body for a route that is answered at once.
bool Connection::is_probe() const {
  if (!parser_->is_done()) return false;
  Request request;
  split_target(std::string(parser_->get().target()), &request);
  return shared_.router.find(std::string(parser_->get().method_string()), request.path).at_once;
}

void Connection::read_body() {
  if (parser_->is_done()) return take_body({});
  wire::async_read_some(stream_, buffer_, *parser_, next(&Connection::take_body));
}

void Connection::take_body(Error error) {
  if (error) return answer_failed_read(error);
  if (!account_body()) {
    return answer_and_close(unavailable_response(
        retry_after_seconds, "too many large requests at once: try again a little later"));
  }
  if (!parser_->is_done()) return read_body();
  begun_ = Steady::now();
  dispatch();
}

// Keeps the sum of all bodies in memory within its bound.
bool Connection::account_body() {
  const std::size_t size = parser_->get().body().size();
  shared_.bodies_bytes += size - body_accounted_;
  body_accounted_ = size;
  return shared_.bodies_bytes <= shared_.options.bodies_bytes_max;
}

void Connection::release_body() {
  shared_.bodies_bytes -= body_accounted_;
  body_accounted_ = 0;
}

void Connection::answer_failed_read(Error error) {
  if (error == wire::error::header_limit || error == wire::error::buffer_overflow) {
    return answer_and_close(error_response(
        431, "header_too_large",
        "the header is above " + std::to_string(shared_.options.header_bytes_max) + " bytes"));
  }
  if (error == wire::error::body_limit) {
    return answer_and_close(error_response(413, "body_too_large",
                                           "the body is above " +
                                               std::to_string(shared_.options.body_bytes_max) +
                                               " bytes: send it in several requests"));
  }
  const bool ended = error == wire::error::end_of_stream || error == wire::error::partial_message;
  if (ended || !is_of_http(error)) return close();
  answer_and_close(error_response(400, "bad_request", "this is no HTTP/1.1 request"));
}

// --- Answering ---

void Connection::dispatch() {
  Request request = request_of(parser_->release());
  Router::Match match = shared_.router.find(request.method, request.path);
  route_ = std::string(match.route);
  if (match.at_once) return answer(response_of(shared_.router, match, request));
  if (++shared_.waiting > shared_.options.waiting_max) {
    --shared_.waiting;
    return answer(unavailable_response(retry_after_seconds,
                                       "too many requests wait: try again a little later"));
  }
  stream_.expires_never();  // what the handler takes is its own affair
  net::post(shared_.handlers, [self = shared_from_this(), match = std::move(match),
                               taken = std::make_shared<const Request>(std::move(request))] {
    --self->shared_.waiting;
    self->run(match, *taken);
  });
}

// In a handler thread.
void Connection::run(const Router::Match& match, const Request& request) {
  auto response = std::make_shared<Response>(response_of(shared_.router, match, request));
  net::post(stream_.get_executor(),
            [self = shared_from_this(), response] { self->answer(std::move(*response)); });
}

void Connection::answer_and_close(Response response) {
  keep_alive_ = false;
  has_unread_ = true;
  answer(std::move(response));
}

void Connection::answer(Response response) {
  release_body();
  if (response.stream != nullptr && !take_stream_place()) {
    response = unavailable_response(stream_retry_after_seconds,
                                    "too many streams are open: try again a little later");
  }
  tell_observer(response.status);
  set_header(response);
  if (response.stream != nullptr) return answer_stream(std::move(response.stream));
  response_->keep_alive(keep_alive_ && !shared_.stopping);
  if (response.status == not_modified) {
    response_->erase(wire::field::content_type);  // it has no body, and says nothing of one
  } else {
    response_->content_length(response.body.size());
    if (!head_) response_->body() = std::move(response.body);
  }
  expire_after(shared_.options.write_deadline);
  wire::async_write(stream_, *response_, next(&Connection::written));
}

void Connection::tell_observer(int status) {
  if (shared_.observer == nullptr) return;
  if (std::exchange(turned_away_, false)) return shared_.observer->refused();
  const std::chrono::duration<double> took = Steady::now() - begun_;
  shared_.observer->served(route_, status, took.count());
}

void Connection::set_header(const Response& response) {
  response_.emplace();
  response_->version(version_);
  response_->result(static_cast<unsigned>(response.status));
  response_->set(wire::field::content_type, response.content_type);
  response_->set(wire::field::cache_control, "no-store");
  response_->set("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : response.headers) response_->set(name, value);
}

void Connection::written(Error error) {
  const bool goes_on = !error && !response_->need_eof();
  response_.reset();
  if (error) return close();
  if (goes_on) return wait_for_request();
  linger();
}

void Connection::linger() {
  if (stream_.is_encrypted() && !has_unread_) {
    expire_after(linger_deadline);
    return stream_.async_shutdown([self = shared_from_this()](Error) { self->close(); });
  }
  Error ignored;
  stream_.socket().shutdown(net::ip::tcp::socket::shutdown_send, ignored);
  drained_bytes_ = 0;
  expire_after(linger_deadline);
  drain();
}

void Connection::drain() {
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(read_bytes),
                          [self = shared_from_this()](Error error, std::size_t bytes) {
                            self->drained_bytes_ += bytes;
                            if (error || self->drained_bytes_ > linger_bytes_max) {
                              return self->close();
                            }
                            self->drain();
                          });
}

}  // namespace ketavigil::ingest::http
