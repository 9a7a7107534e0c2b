// The console as files of the program: its page, script, style and icon. They hold no data.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dashboards/access/exchange.h"

namespace ketavigil::dashboards::console {

struct ConsoleFile {
  std::string_view path;  ///< that it is asked by; of the page `/`
  std::string_view content_type;
  std::string_view bytes;
  std::string etag;     ///< with quotes; another one for `gzipped`
  std::string gzipped;  ///< the bytes as gzip
};

/// Patterns of the router (`/cases/*`) that the console answers by GET: each page of it is the same
/// file, which looks at the address.
inline constexpr std::array<std::string_view, 9> console_patterns = {
    "/",      "/cases",        "/cases/*", "/patients/*", "/programme",
    "/feeds", "/quarantine/*", "/sign-in", "/assets/*"};

/// Thread-safe. Compresses its files once, when it is made.
class ConsoleFiles {
 public:
  ConsoleFiles();

  [[nodiscard]] const std::vector<ConsoleFile>& files() const { return files_; }
  /// The answer to GET of a path that `console_patterns` matches: a file, 304 where it is known, or
  /// 404. Paths are looked up, never opened.
  [[nodiscard]] access::Answer answer(const access::Question& question) const;

 private:
  [[nodiscard]] const ConsoleFile* find(std::string_view path) const;

  std::vector<ConsoleFile> files_;
};

}  // namespace ketavigil::dashboards::console
