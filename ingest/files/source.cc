#include "ingest/files/source.h"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <system_error>

#include "events/decode.h"

namespace ketavigil::ingest {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t block_bytes = std::size_t{1} << 20;
constexpr std::size_t document_bytes_max = std::size_t{256} << 20;
constexpr unsigned gzip_buffer_bytes = 1U << 17;

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> endings) {
  if (name.ends_with(".gz")) name.remove_suffix(3);
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return name.ends_with(ending); });
}

bool is_lines_name(std::string_view name) { return ends_with_any(name, {".ndjson", ".jsonl"}); }
bool is_read_in_folders(std::string_view name) {
  return ends_with_any(name, {".ndjson", ".jsonl", ".json"});
}
bool is_for_later(std::string_view name) { return ends_with_any(name, {".csv", ".tsv", ".hl7"}); }

Error usage(std::string message) { return {ErrorKind::usage, std::move(message)}; }

Status add_folder(const fs::path& folder, std::vector<std::string>* files) {
  std::error_code error;
  std::vector<std::string> found;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    if (it->is_regular_file(error) && is_read_in_folders(it->path().string()))
      found.push_back(it->path().string());
  }
  if (error) return usage("cannot read the folder " + folder.string() + ": " + error.message());
  std::sort(found.begin(), found.end());
  files->insert(files->end(), found.begin(), found.end());
  return {};
}

// zlib reads plain files as they are and gzip by its first bytes.
class Stream {
 public:
  explicit Stream(const std::string& file)
      : file_(file == "-" ? gzdopen(::dup(STDIN_FILENO), "rb") : gzopen(file.c_str(), "rb")) {
    if (file_ != nullptr) gzbuffer(file_, gzip_buffer_bytes);
  }
  ~Stream() {
    if (file_ != nullptr) gzclose(file_);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  [[nodiscard]] bool is_open() const { return file_ != nullptr; }
  // Appends up to `bytes`; false at the end or on an error.
  bool read(std::string* out, std::size_t bytes) {
    const std::size_t had = out->size();
    out->resize(had + bytes);
    const int got = gzread(file_, out->data() + had, static_cast<unsigned>(bytes));
    out->resize(had + static_cast<std::size_t>(std::max(got, 0)));
    return got > 0;
  }
  [[nodiscard]] std::int64_t consumed() const { return gzoffset(file_); }
  [[nodiscard]] std::string error() const {
    int number = Z_OK;
    const char* text = gzerror(file_, &number);
    if (number == Z_OK || number == Z_STREAM_END) return "";
    return number == Z_ERRNO ? std::generic_category().message(errno) : text;
  }

 private:
  gzFile file_;
};

// Whether these first bytes are lines of JSON objects, rather than one document over many lines:
// the first line closes what it opens.
bool begins_with_a_line(std::string_view text) {
  const auto from = text.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos) return true;
  const auto to = text.find('\n', from);
  std::string_view line = text.substr(from, to == std::string_view::npos ? to : to - from);
  const auto last = line.find_last_not_of(" \t\r");
  if (last == std::string_view::npos || line.front() != '{' || line[last] != '}')
    return line.front() != '{' && line.front() != '[';
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i <= last; ++i) {
    const char c = line[i];
    if (in_string) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return depth == 0;
}

std::string_view without_line_end(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

// Makes a block of whole lines; `rest` keeps what comes after the last newline.
Block lines_block(std::string text, bool at_end, std::string* rest, std::int64_t* line_number) {
  const auto last_newline = text.rfind('\n');
  const std::size_t end = at_end                              ? text.size()
                          : last_newline == std::string::npos ? 0
                                                              : last_newline + 1;
  rest->assign(text, end, std::string::npos);
  text.resize(end);
  Block block;
  block.bytes = std::make_shared<const std::string>(std::move(text));
  std::string_view left = *block.bytes;
  while (!left.empty()) {
    const auto newline = left.find('\n');
    const std::string_view line = without_line_end(left.substr(0, newline));
    left = newline == std::string_view::npos ? std::string_view() : left.substr(newline + 1);
    ++*line_number;
    if (is_blank(line)) continue;
    block.lines.push_back(line);
    block.line_numbers.push_back(*line_number);
  }
  return block;
}

// Cuts a line that has no newline within 1 MiB: one byte more is kept, so that it is refused, and
// the rest of it is read away. Returns false at the end of the file.
bool skip_long_line(Stream* stream, std::string* text) {
  text->resize(events::event_bytes_max + 1);
  std::string skipped;
  while (true) {
    skipped.clear();
    if (!stream->read(&skipped, block_bytes)) return false;
    const auto newline = skipped.find('\n');
    if (newline == std::string::npos) continue;
    text->append(skipped, newline, std::string::npos);
    return true;
  }
}

Status read_document(Stream* stream, std::string text, const std::function<Status(Block)>& take) {
  while (text.size() <= document_bytes_max && stream->read(&text, block_bytes)) {
  }
  Block block;
  block.is_document = true;
  block.bytes = std::make_shared<const std::string>(std::move(text));
  block.lines.push_back(*block.bytes);
  block.line_numbers.push_back(0);
  return take(std::move(block));
}

}  // namespace

Result<std::vector<std::string>> files_to_read(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (path == "-") {
      files.push_back(path);
    } else if (fs::is_directory(path, error)) {
      KETAVIGIL_TRY(add_folder(path, &files));
    } else if (!fs::exists(path, error)) {
      return usage("there is no file or folder " + path);
    } else if (is_for_later(path)) {
      return usage(
          path +
          ": this version reads NDJSON and FHIR JSON (each also .gz), not yet CSV or HL7 v2");
    } else {
      files.push_back(path);
    }
  }
  if (files.empty())
    return usage("no file to read: the folders have no *.ndjson, *.jsonl or *.json");
  return files;
}

std::int64_t total_bytes(const std::vector<std::string>& files) {
  std::int64_t sum = 0;
  for (const std::string& file : files) {
    std::error_code error;
    const auto size = file == "-" ? 0 : fs::file_size(file, error);
    if (file == "-" || error) return 0;
    sum += static_cast<std::int64_t>(size);
  }
  return sum;
}

Status read_blocks(const std::string& file, const std::function<Status(Block)>& take,
                   const std::function<void(std::int64_t)>& consumed) {
  Stream stream(file);
  if (!stream.is_open())
    return usage("cannot open " + file + ": " + std::generic_category().message(errno));
  std::string text;
  bool more = stream.read(&text, block_bytes);
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  if (!is_lines_name(file) && !begins_with_a_line(text)) {
    KETAVIGIL_TRY(read_document(&stream, std::move(text), take));
  } else {
    std::int64_t line_number = 0;
    while (!text.empty() || more) {
      std::string rest;
      Block block = lines_block(std::move(text), !more, &rest, &line_number);
      if (!block.lines.empty()) KETAVIGIL_TRY(take(std::move(block)));
      text = std::move(rest);
      consumed(stream.consumed());
      if (!more) break;
      if (text.size() > events::event_bytes_max) {
        more = skip_long_line(&stream, &text);
      } else {
        more = stream.read(&text, block_bytes);
      }
    }
  }
  if (const std::string error = stream.error(); !error.empty()) {
    return usage("cannot read " + file + " to its end: " + error + ". What came before was taken");
  }
  consumed(stream.consumed());
  return {};
}

}  // namespace ketavigil::ingest
