// The tokens of a running service: read again whenever their file changes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dashboards/access/token_file.h"

namespace ketavigil::dashboards::access {

/// Thread-safe. Each question looks whether the file is another than it was, so that a revoked
/// token ends at once. While the file cannot be read nobody is known: see `trouble`.
class TokenBook {
 public:
  [[nodiscard]] static Result<std::unique_ptr<TokenBook>> open(const std::filesystem::path& file);

  /// The token that this is, if it holds. All are compared, each in constant time.
  [[nodiscard]] std::optional<Token> find(std::string_view token, events::Microseconds now);
  /// The token of this hash, if it holds.
  [[nodiscard]] std::optional<Token> find_hash(std::string_view hash, events::Microseconds now);
  /// Why the file cannot be used now; empty: it can.
  [[nodiscard]] std::string trouble();

 private:
  // What tells one state of a file from another.
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;  ///< -1: there is no file
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;
    bool operator==(const Stamp&) const = default;
  };

  explicit TokenBook(std::filesystem::path file) : file_(std::move(file)) {}
  [[nodiscard]] Stamp stamp() const;
  void refresh();

  const std::filesystem::path file_;
  std::mutex mutex_;
  Stamp read_;                 // guarded by `mutex_`, like what follows
  std::vector<Token> tokens_;  // none while there is trouble
  std::string trouble_ = "it has not been read";
};

}  // namespace ketavigil::dashboards::access
