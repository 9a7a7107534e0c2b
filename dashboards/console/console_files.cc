#include "dashboards/console/console_files.h"

#include <zlib.h>

#include <algorithm>

#include "dashboards/console/console_bytes.h"
#include "events/json_text.h"

namespace ketavigil::dashboards::console {
namespace {

constexpr std::string_view assets = "/assets/";
constexpr int gzip_window_bits = MAX_WBITS + 16;  // gzip, as zlib counts it
constexpr int memory_level = 8;
constexpr std::size_t etag_bytes = 12;

struct Known {
  std::string_view name;
  std::string_view path;
  std::string_view content_type;
};
constexpr std::array<Known, 4> known_files = {{
    {"index.html", "/", "text/html; charset=utf-8"},
    {"console.js", "/assets/console.js", "text/javascript; charset=utf-8"},
    {"console.css", "/assets/console.css", "text/css; charset=utf-8"},
    {"icon.svg", "/assets/icon.svg", "image/svg+xml"},
}};

// Empty if zlib fails, and then it is sent as it is.
std::string gzipped(std::string_view bytes) {
  z_stream state{};
  if (deflateInit2(&state, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_window_bits, memory_level,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return {};
  }
  std::string out(deflateBound(&state, static_cast<uLong>(bytes.size())), '\0');
  // zlib's interface is older than const.
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  state.avail_in = static_cast<uInt>(bytes.size());
  state.next_out = reinterpret_cast<Bytef*>(out.data());
  state.avail_out = static_cast<uInt>(out.size());
  const bool whole = deflate(&state, Z_FINISH) == Z_STREAM_END;
  out.resize(out.size() - state.avail_out);
  deflateEnd(&state);
  return whole ? out : std::string();
}

// An item of a list in a header, without what stands around and behind it.
std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// `q=0`, `q=0.0`, `q=0.000`: not that one.
bool is_refused(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view one = trimmed(access::split_off(&parameters, ';'));
    if (!one.starts_with("q=")) continue;
    const std::string_view value = one.substr(2);
    return value.starts_with('0') && value.find_first_not_of("0.") == std::string_view::npos;
  }
  return false;
}

bool accepts_gzip(std::string_view header) {
  while (!header.empty()) {
    std::string_view one = access::split_off(&header, ',');
    const std::string_view name = trimmed(access::split_off(&one, ';'));
    if (name == "gzip" || name == "x-gzip") return !is_refused(one);
  }
  return false;
}

bool is_known_to(std::string_view if_none_match, std::string_view etag) {
  while (!if_none_match.empty()) {
    std::string_view one = trimmed(access::split_off(&if_none_match, ','));
    if (one == "*") return true;
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == etag) return true;
  }
  return false;
}

}  // namespace

ConsoleFiles::ConsoleFiles() {
  for (const EmbeddedFile& embedded : embedded_files()) {
    const auto known = std::find_if(known_files.begin(), known_files.end(),
                                    [&](const Known& one) { return one.name == embedded.name; });
    if (known == known_files.end()) continue;
    const std::string_view bytes(reinterpret_cast<const char*>(embedded.bytes), embedded.size);
    const std::string digest = events::hexadecimal(events::sha256(bytes).substr(0, etag_bytes));
    files_.push_back(
        {known->path, known->content_type, bytes, "\"" + digest + "\"", gzipped(bytes)});
  }
}

const ConsoleFile* ConsoleFiles::find(std::string_view path) const {
  const std::string_view wanted = path.starts_with(assets) ? path : "/";
  for (const ConsoleFile& file : files_) {
    if (file.path == wanted) return &file;
  }
  return nullptr;
}

access::Answer ConsoleFiles::answer(const access::Question& question) const {
  const ConsoleFile* file = find(question.path);
  if (file == nullptr) return access::error_answer(404, "not_found", "there is no such file");
  const bool compressed =
      !file->gzipped.empty() && accepts_gzip(question.header("accept-encoding"));
  std::string etag = file->etag;
  if (compressed) etag.insert(etag.size() - 1, "-gzip");
  access::Answer answer;
  answer.content_type = file->content_type;
  answer.headers = {{"ETag", etag},
                    {"Cache-Control", "no-cache"},
                    {"Vary", "Accept-Encoding, Cookie, Authorization"}};
  if (is_known_to(question.header("if-none-match"), etag)) {
    answer.status = 304;
    return answer;
  }
  if (compressed) answer.headers.emplace_back("Content-Encoding", "gzip");
  answer.body = compressed ? file->gzipped : std::string(file->bytes);
  return answer;
}

}  // namespace ketavigil::dashboards::console
