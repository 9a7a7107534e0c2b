// The few things done with files beside RocksDB: names of its files, durable replacement, free
// space. Every function may be called from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "events/result.h"

namespace ketavigil::storage {

/// What stands in the directory of one shard.
[[nodiscard]] std::filesystem::path rocksdb_path(const std::filesystem::path& shard);
[[nodiscard]] std::filesystem::path witness_path(const std::filesystem::path& shard);

/// "`what` `path`: " and the meaning of `errno`, as a storage failure.
[[nodiscard]] Error system_failure(std::string_view what, const std::filesystem::path& path);

/// Makes `path` hold `bytes`, on the disk when this returns: another name, sync, rename, sync of
/// the directory. After a failure or power loss the old content is whole.
Status replace_file(const std::filesystem::path& path, std::string_view bytes);

/// Makes a new file that holds `bytes`, whole from the moment it can be seen. One that is there
/// already stays as it is, without an error: of several writers, on several machines, the first
/// wins.
Status create_file(const std::filesystem::path& path, std::string_view bytes);

/// Makes the entries of a directory durable.
Status sync_directory(const std::filesystem::path& path);

/// Bytes that an unprivileged process may still write on the file system of `path`.
Result<std::int64_t> free_bytes_at(const std::filesystem::path& path);

/// A RocksDB write-ahead log file (NNNNNN.log) and its number.
struct NumberedFile {
  std::uint64_t number = 0;
  std::filesystem::path path;
  bool operator==(const NumberedFile&) const = default;
};

/// The write-ahead logs in RocksDB's folder, by ascending number.
Result<std::vector<NumberedFile>> write_ahead_logs(const std::filesystem::path& folder);

/// The MANIFEST that CURRENT names. Refuses a CURRENT that names none.
Result<NumberedFile> current_manifest(const std::filesystem::path& folder);

/// A counted number of bytes for a person: "12.3 GiB", "512 bytes".
[[nodiscard]] std::string readable_bytes(std::int64_t bytes);

}  // namespace ketavigil::storage
