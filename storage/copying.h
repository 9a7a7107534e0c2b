// Files copied or linked with the digest of what was read, on the disk when the call returns.
// Every function may be called from any thread. Internal.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "events/result.h"

namespace ketavigil::storage {

struct FileDigest {
  std::uint64_t bytes = 0;
  std::string sha256;  ///< 64 lower-case hex digits
};

/// Copies `from` to `to`, which must not exist. What cannot be read is a verification failure, so
/// that a damaged source can be told from a disk that takes nothing (a storage failure).
Result<FileDigest> copy_file_synced(const std::filesystem::path& from,
                                    const std::filesystem::path& to);

/// Gives `from` a second name where the file system can, else copies it. Only for files that never
/// change.
Result<FileDigest> link_or_copy_synced(const std::filesystem::path& from,
                                       const std::filesystem::path& to);

}  // namespace ketavigil::storage
