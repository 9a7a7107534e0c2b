// A folder of facts as they were known at a moment, that goes with whoever made it.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "events/result.h"

namespace ketavigil::engine {

/// A folder in the system's temporary folder, open to this user alone. It holds what patients have,
/// so it is removed when this goes, and also when the process is killed: a second one (`sh`, which
/// holds nothing but the end of a pipe) waits for its end and removes the folder then. Only a
/// machine that stops leaves it behind. Not thread-safe.
class TransientFolder {
 public:
  /// A storage error where none can be made.
  [[nodiscard]] static Result<TransientFolder> make();

  TransientFolder() = default;  ///< none
  TransientFolder(TransientFolder&& other) noexcept;
  TransientFolder& operator=(TransientFolder&& other) noexcept;
  TransientFolder(const TransientFolder&) = delete;
  TransientFolder& operator=(const TransientFolder&) = delete;
  ~TransientFolder() { remove(); }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  void watch();
  void remove();

  std::filesystem::path path_;
  pid_t watcher_ = -1;  ///< nobody, where none can be started
  int pipe_ = -1;       ///< it waits for the end of
};

}  // namespace ketavigil::engine
