// Checkpoints of a store: whole copies that a lost shard is restored from. Each is a directory with
// a manifest that says what must be in it; it gets its name only when it was read back whole, so
// that what can be seen is complete. Format: docs/formats/storage.md, "Checkpoints".
//
// Several processes may write into one folder at once, on several machines: temporary names are
// unique, and nothing that is there is changed but by renaming and removing it as a whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "events/result.h"
#include "storage/resources.h"
#include "storage/store.h"

namespace ketavigil::storage {

struct CheckpointFile {
  std::string name;  ///< below the checkpoint, for example `store/000012.sst`
  std::uint64_t bytes = 0;
  std::string sha256;  ///< 64 lower-case hex digits
};

/// What a checkpoint says of itself.
struct Checkpoint {
  std::filesystem::path path;
  std::uint64_t position = 0;  ///< of the log, up to which it is written
  std::int64_t made_us = 0;    ///< microseconds since 1970, by the clock of who made it
  std::string metadata;        ///< the caller's: a JSON object
  std::vector<CheckpointFile> files;
};

/// The files of an open store as of one moment, hard-linked within its own directory: cheap to
/// make, and the store may close before they are copied. Removed at the end. Movable.
class StagedCheckpoint {
 public:
  StagedCheckpoint(StagedCheckpoint&& other) noexcept;
  StagedCheckpoint& operator=(StagedCheckpoint&& other) = delete;
  StagedCheckpoint(const StagedCheckpoint&) = delete;
  StagedCheckpoint& operator=(const StagedCheckpoint&) = delete;
  ~StagedCheckpoint();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// The position of the copy lies between these two.
  [[nodiscard]] std::uint64_t position_least() const { return position_least_; }
  [[nodiscard]] std::uint64_t position_greatest() const { return position_greatest_; }

 private:
  friend Result<StagedCheckpoint> stage_checkpoint(Store& store);
  explicit StagedCheckpoint(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
  std::uint64_t position_least_ = 0;
  std::uint64_t position_greatest_ = 0;
};

/// Flushes the store and links its files. One thread a store; beside the thread that writes.
[[nodiscard]] Result<StagedCheckpoint> stage_checkpoint(Store& store);

struct CheckpointTarget {
  std::filesystem::path folder;  ///< of the checkpoints of one shard; made if it is not there
  std::int64_t made_us = 0;      ///< now
  /// Reads of the copy what the caller wants to know without opening it: a JSON object.
  std::function<Result<std::string>(const Store&)> describe;
  /// Asked between files; true: nothing is written after all, and an error says so. May be empty.
  std::function<bool()> stop;
};

/// Copies what is staged (links it on the same file system), writes the manifest, reads everything
/// back and only then gives it its name. After a failure nothing new can be seen.
[[nodiscard]] Result<Checkpoint> write_checkpoint(const StagedCheckpoint& staged,
                                                  const CheckpointTarget& target,
                                                  Resources& resources);

/// The name of a checkpoint.
struct CheckpointName {
  std::filesystem::path path;
  std::uint64_t position = 0;
  std::int64_t made_us = 0;
};
/// Those in a folder, newest first; none where there is no folder.
[[nodiscard]] Result<std::vector<CheckpointName>> list_checkpoints(
    const std::filesystem::path& folder);

/// Reads the manifest. A verification failure if it is damaged or of a format that this version
/// does not know.
[[nodiscard]] Result<Checkpoint> read_checkpoint(const std::filesystem::path& path);

/// Makes `shard`, which must not exist, the store that the checkpoint holds: copied under another
/// name (`shard`.restoring), compared file by file, read whole, renamed. A verification failure if
/// the checkpoint is damaged, a storage failure if this disk cannot take it.
[[nodiscard]] Status restore_checkpoint(const Checkpoint& checkpoint,
                                        const std::filesystem::path& shard, Resources& resources);

/// Removes all but the `keep` newest that are not newer than `newest`, which stays. Those that are
/// newer are another's, or damaged and passed over: they go when `newest` has come past them. Also
/// removes what killed writers left more than a day before `newest` was made. Those that are known
/// to be `damaged` do not count.
[[nodiscard]] Status remove_old_checkpoints(const Checkpoint& newest, int keep,
                                            const std::set<std::filesystem::path>& damaged = {});

}  // namespace ketavigil::storage
