// The part of a connection that writes an answer which comes little by little.
#include <array>
#include <boost/asio/write.hpp>
#include <boost/beast/http/write.hpp>
#include <charconv>
#include <exception>

#include "ingest/http/connection.h"

namespace ketavigil::ingest::http {
namespace {

namespace net = boost::asio;
namespace wire = boost::beast::http;

constexpr std::string_view last_chunk = "0\r\n\r\n";
// The client has been told that this was the end; it may take this long to close.
constexpr std::chrono::milliseconds closing_deadline{2'000};
// Nothing is expected of a client but that it closes. Who sends more is cut.
constexpr std::size_t unasked_bytes_max = std::size_t{64} << 10;
constexpr std::size_t unasked_read_bytes = std::size_t{4} << 10;

std::optional<std::string> taken_from(ResponseStream& stream) {
  try {
    return stream.take();
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::string chunk_of(std::string_view piece) {
  std::array<char, 16> size{};
  const auto end = std::to_chars(size.data(), size.data() + size.size(), piece.size(), 16);
  std::string chunk(size.data(), end.ptr);
  chunk += "\r\n";
  chunk += piece;
  chunk += "\r\n";
  return chunk;
}

}  // namespace

bool Connection::take_stream_place() {
  if (shared_.stopping) return false;
  has_stream_place_ = ++shared_.streams <= shared_.options.streams_max;
  if (!has_stream_place_) --shared_.streams;
  return has_stream_place_;
}

void Connection::release_stream() {
  source_.reset();
  if (has_stream_place_) --shared_.streams;
  has_stream_place_ = false;
}

// Only the header of `response_`, then pieces. HTTP/1.0 knows no chunks: there the end of the
// connection is the end of the body.
void Connection::answer_stream(std::shared_ptr<ResponseStream> stream) {
  if (head_) {
    release_stream();
  } else {
    source_ = std::move(stream);
    keep_alive_ = false;
    drained_bytes_ = 0;
  }
  response_->keep_alive(keep_alive_ && !shared_.stopping);
  if (version_ >= 11) response_->chunked(true);
  header_.emplace(*response_);
  stream_.expires_after(shared_.options.write_deadline);
  wire::async_write_header(
      stream_, *header_, [self = shared_from_this()](Error error, std::size_t) {
        self->header_.reset();
        if (self->head_) return self->written(error);
        if (error) return self->close();
        self->stream_.expires_never();  // what is read meanwhile; each piece has its deadline
        self->notice_end_of_client();
        self->poll_stream();
      });
}

// A client that went away makes room for another at once, not when the next piece is written.
void Connection::notice_end_of_client() {
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(unasked_read_bytes),
                          [self = shared_from_this()](Error error, std::size_t bytes) {
                            self->drained_bytes_ += bytes;
                            if (error || self->drained_bytes_ > unasked_bytes_max) {
                              return self->close();
                            }
                            self->notice_end_of_client();
                          });
}

void Connection::poll_stream() {
  if (source_ == nullptr) return;  // closed meanwhile
  if (shared_.stopping) return close();
  std::optional<std::string> piece = taken_from(*source_);
  if (!piece) return end_stream();
  if (!piece->empty()) return write_piece(std::move(*piece));
  pause_.expires_after(shared_.options.stream_pause);
  pause_.async_wait([self = shared_from_this()](Error error) {
    if (!error) self->poll_stream();
  });
}

void Connection::write_piece(std::string piece) {
  piece_ = version_ >= 11 ? chunk_of(piece) : std::move(piece);
  stream_.expires_after(shared_.options.write_deadline);  // of the write; the read has begun
  net::async_write(stream_, net::buffer(piece_),
                   [self = shared_from_this()](Error error, std::size_t) {
                     if (error) return self->close();
                     self->poll_stream();
                   });
}

void Connection::end_stream() {
  release_stream();
  piece_ = version_ >= 11 ? last_chunk : "";
  stream_.expires_after(shared_.options.write_deadline);
  net::async_write(
      stream_, net::buffer(piece_),
      [self = shared_from_this()](Error error, std::size_t) { self->close_after_linger(error); });
}

// The read that notices the client's end closes, or the timer does.
void Connection::close_after_linger(Error error) {
  if (error) return close();
  Error ignored;
  stream_.socket().shutdown(net::ip::tcp::socket::shutdown_send, ignored);
  pause_.expires_after(closing_deadline);
  pause_.async_wait([self = shared_from_this()](Error stopped) {
    if (!stopped) self->close();
  });
}

}  // namespace ketavigil::ingest::http
