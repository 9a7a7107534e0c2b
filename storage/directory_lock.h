// One process a directory.
#pragma once

#include <filesystem>
#include <memory>

#include "events/result.h"

namespace ketavigil::storage {

/// Holds the lock `worker.lock` of a directory until it is destroyed; the kernel gives it back when
/// the process ends, however it ends.
class DirectoryLock {
 public:
  /// Makes the directory if it is not there. A storage error if another holds the lock.
  static Result<std::unique_ptr<DirectoryLock>> take(const std::filesystem::path& directory);
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace ketavigil::storage
