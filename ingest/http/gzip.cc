#include "ingest/http/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace ketavigil::ingest::http {
namespace {

constexpr std::size_t step_bytes = std::size_t{64} << 10;
constexpr int gzip_window_bits = MAX_WBITS + 16;  // gzip only, as zlib counts it

// Ends zlib's stream on every way out.
struct Stream {
  z_stream state{};
  bool open = inflateInit2(&state, gzip_window_bits) == Z_OK;
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() {
    if (open) inflateEnd(&state);
  }
};

}  // namespace

Inflated inflate_gzip(std::string_view bytes, std::size_t bytes_max, std::string* out) {
  out->clear();
  if (bytes.empty() || bytes.size() > std::numeric_limits<uInt>::max()) return Inflated::damaged;
  Stream stream;
  if (!stream.open) return Inflated::damaged;
  // zlib's interface is older than const.
  stream.state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.state.avail_in = static_cast<uInt>(bytes.size());
  while (true) {
    const std::size_t had = out->size();
    // One byte beyond the bound tells "just full" from "too much".
    const std::size_t room = std::min(step_bytes, bytes_max + 1 - had);
    out->resize(had + room);
    stream.state.next_out = reinterpret_cast<Bytef*>(out->data() + had);
    stream.state.avail_out = static_cast<uInt>(room);
    const int result = inflate(&stream.state, Z_NO_FLUSH);
    const std::size_t got = room - stream.state.avail_out;
    out->resize(had + got);
    if (out->size() > bytes_max) return Inflated::too_large;
    if (result == Z_STREAM_END) {
      if (stream.state.avail_in == 0) return Inflated::ok;
      if (inflateReset(&stream.state) != Z_OK) return Inflated::damaged;
      continue;
    }
    if (result != Z_OK || (got == 0 && stream.state.avail_in == 0)) return Inflated::damaged;
  }
}

}  // namespace ketavigil::ingest::http
