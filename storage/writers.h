// Whether somebody has a store open for writing: a reader beside a writer must go round its
// changes, a reader alone must not, since only then a missing file is certainly a damage.
#pragma once

#include <filesystem>

namespace ketavigil::storage {

/// Of this process: said by a store that opens for writing, and taken back when it closes.
/// Thread-safe.
void note_writer(const std::filesystem::path& shard);
void forget_writer(const std::filesystem::path& shard);

/// Whether this or another process holds RocksDB's lock on the shard's store.
[[nodiscard]] bool has_writer(const std::filesystem::path& shard);

}  // namespace ketavigil::storage
