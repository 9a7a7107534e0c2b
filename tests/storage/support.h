// What the tests of the store share: a folder that goes away, rows in and out, damage.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/resources.h"
#include "storage/store.h"

namespace ketavigil::storage {

/// A folder of its own under the system's temporary folder, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

/// Small memory, so that little data makes several files.
[[nodiscard]] ResourceLimits small_limits();

[[nodiscard]] StoreOptions options_for(const std::filesystem::path& path);

/// Opens (creating) or fails the test with the store's own words; null then.
std::unique_ptr<Store> open_or_fail(const std::filesystem::path& path, Resources& resources);

/// The error of opening; empty if it opened.
std::string refusal(const std::filesystem::path& path, Resources& resources);

/// Writes entry `position`: rows in four families and the position, in one batch. `text_bytes` is
/// the size of the row in `facts`.
Status write_entry(Store& store, std::uint64_t position, Durability durability,
                   std::size_t text_bytes = 200);

/// Entries `first` to `last`, synced and acknowledged at the end; fails the test on an error.
void write_acknowledged(Store& store, std::uint64_t first, std::uint64_t last,
                        std::size_t text_bytes = 200);

/// First argument that makes the test program a writer: `write_until_killed` on the second one.
inline constexpr const char* kWriterCommand = "write-until-killed";
inline constexpr std::size_t kWriterTextBytes = 600;

/// Goes on writing entries from the store's position, some synced, and tells standard output the
/// 8 bytes of each position that is acknowledged. Returns only on an error.
int write_until_killed(const std::filesystem::path& path);

/// First argument that makes the test program one that writes checkpoints:
/// `checkpoint_until_killed` on the second and third.
inline constexpr const char* kCheckpointCommand = "checkpoint-until-killed";

/// Goes on writing entries into `path` and checkpoints of it into `folder`, keeping two. Returns
/// only on an error.
int checkpoint_until_killed(const std::filesystem::path& path, const std::filesystem::path& folder);

using Rows = std::map<std::pair<Family, std::string>, std::string>;

/// All rows of all families, or the first error met.
Result<Rows> all_rows(const Store& store);

/// The rows that entries 1 to `last` leave.
Rows expected_rows(std::uint64_t last, std::size_t text_bytes = 200);

[[nodiscard]] std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, const std::string& bytes);
void flip_byte(const std::filesystem::path& path, std::uint64_t offset);

/// Files of RocksDB's folder whose name begins or ends so, by name.
std::vector<std::filesystem::path> files_like(const std::filesystem::path& shard,
                                              const std::string& prefix, const std::string& suffix);

/// Name, size and time of change of everything under `path`.
std::map<std::string, std::pair<std::uintmax_t, std::int64_t>> listing(
    const std::filesystem::path& path);

}  // namespace ketavigil::storage
