// One shard's store: ordered families of bytes in one RocksDB, one atomic write at a time, and a
// witness beside it that says what it must still hold. It opens whole or not at all.
// Files and what is refused at open: docs/formats/storage.md.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/result.h"
#include "storage/batch.h"
#include "storage/cursor.h"
#include "storage/families.h"
#include "storage/resources.h"
#include "storage/witness.h"
#include "storage/written_keys.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class WriteBatch;
struct ReadOptions;
}  // namespace rocksdb

namespace ketavigil::storage {

struct StoreOptions {
  /// The shard's directory; the store is in `store/` in it, the witness in `acknowledged`.
  std::filesystem::path path;
  bool create_if_missing = false;
  /// Writes are refused with fewer bytes than this free on the file system. 0 turns it off.
  std::int64_t free_space_guard_bytes = std::int64_t{2} << 30;
};

enum class Durability {
  buffered,  ///< with the kernel: survives the process, not a power loss
  synced,    ///< on the disk, with every write before it
};

/// Sizes in bytes. Estimates of RocksDB, but for `log_bytes`.
struct StoreSizes {
  struct OfFamily {
    std::int64_t live_bytes = 0;      ///< of the rows that hold now, compressed
    std::int64_t file_bytes = 0;      ///< of its SSTs, with what is overwritten and not yet gone
    std::int64_t memtable_bytes = 0;  ///< written and not yet in SSTs
    std::int64_t rows = 0;
  };
  std::array<OfFamily, kFamilyCount> families;
  std::int64_t log_bytes = 0;  ///< of the write-ahead logs on the disk
};

/// Thread-safety: reads from any thread; one thread writes at a time; `sync` and `acknowledge` may
/// run beside the writing thread. After a failed write or sync nothing more can be written until
/// the store is opened anew: the process should end. Cursors, snapshots and batches end before it.
class Store {
 public:
  /// Opens for reading and writing, and keeps everybody else from writing. Replays what the last
  /// process left in the write-ahead log. Refuses a store that is in use, damaged, missing a part,
  /// or behind its witness.
  static Result<std::unique_ptr<Store>> open(const StoreOptions& options, Resources& resources);

  /// Opens for reading, also beside a writer, in this process or another. Never writes into the
  /// data directory. Shows what the writer had handed to the kernel at some moment after the call
  /// began, at least all that was acknowledged then, and stands still there until `catch_up`.
  static Result<std::unique_ptr<Store>> open_reader(const std::filesystem::path& path,
                                                    Resources& resources);

  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  ~Store();

  // --- Reading ---

  /// `*found` tells whether `key` is there; only then `*value` is set.
  Status get(Family family, std::string_view key, std::string* value, bool* found,
             const Snapshot* snapshot = nullptr) const;
  /// The values of `keys`, in their order, as of one moment; nothing for an absent one.
  Status multi_get(Family family, const std::vector<std::string>& keys,
                   std::vector<std::optional<std::string>>* values,
                   const Snapshot* snapshot = nullptr) const;
  /// The rows with `from` <= key < `upper_bound`; empty: no bound on that side.
  [[nodiscard]] Cursor scan(Family family, std::string_view from, std::string_view upper_bound,
                            const Snapshot* snapshot = nullptr) const;
  [[nodiscard]] Snapshot snapshot() const;
  /// The value of `kPositionKey`; 0 if there is none yet.
  Result<std::uint64_t> position() const;
  /// The position that the witness holds.
  [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_.load(); }
  /// From now on the keys of what is written are collected there, while somebody holds it. Any
  /// thread.
  void watch(const std::shared_ptr<WrittenKeys>& keys) const;
  /// Readers only: shows what was written since. No cursor may be in use meanwhile.
  Status catch_up();

  // --- Writing ---

  /// All of `batch` or nothing, in every family; afterwards the batch is empty and
  /// can be filled again. Refuses (and changes
  /// nothing) without room, above `kMaxBatchBytes`, and a position smaller than the one before.
  Status write(Batch&& batch, Durability durability);
  /// Makes everything written so far survive a power loss.
  Status sync();
  /// Tells the witness that everything up to `position` may be acknowledged; on the disk when this
  /// returns. Only what is synced may be; a position at or below the last one does nothing.
  Status acknowledge(std::uint64_t position);
  /// Moves everything from memory into SSTs.
  Status flush();

  // --- Care ---

  Result<std::int64_t> free_bytes() const;
  /// Whether `write` would find room.
  [[nodiscard]] bool room() const { return check_room().ok(); }
  Status check_room() const;
  /// Reads everything there is: the write-ahead logs and the MANIFEST record by record, each SST
  /// against the checksum of the whole file and of each block, then every row of every family.
  /// Long: minutes for 10 GB. An error names what is damaged.
  Status verify_checksums() const;
  Result<StoreSizes> sizes() const;
  /// Makes `path`, which must not exist, a shard directory of its own with all that was written
  /// until now. Cheap on the same file system (hard links). Without a crash it can be opened;
  /// after one in the middle it is refused.
  Status checkpoint(const std::filesystem::path& path);

  /// What opening had to drop behind the last acknowledged position, for the log; empty if nothing.
  [[nodiscard]] const std::string& recovery_note() const { return recovery_note_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] bool reader() const { return reader_; }
  /// Syncs and closes; the destructor does so too, but cannot tell. Nothing may be called after.
  Status close();

 private:
  friend class Batch;
  friend class StoreOpening;
  friend class ReaderOpening;

  Store(std::filesystem::path path, bool reader, std::int64_t guard_bytes);

  [[nodiscard]] rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return handles_[family_index(family)];
  }
  void adopt_handles(const std::vector<rocksdb::ColumnFamilyHandle*>& handles);
  rocksdb::ReadOptions read_options(const Snapshot* snapshot) const;
  Status refuse_reader(const char* what) const;
  Status read_every_row() const;
  Status mark_manifest(WitnessRecord* record);
  void tell_watchers(const rocksdb::WriteBatch& batch);

  std::filesystem::path path_;
  bool reader_;
  std::int64_t guard_bytes_;
  std::string recovery_note_;
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilyCount> handles_{};  ///< null: not there yet
  std::vector<rocksdb::ColumnFamilyHandle*> all_handles_;             ///< with unknown families
  std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> synced_{0};
  std::atomic<std::uint64_t> acknowledged_{0};
  mutable std::atomic<bool> watched_{false};
  mutable std::mutex watchers_mutex_;
  mutable std::vector<std::weak_ptr<WrittenKeys>> watchers_;  // guarded by `watchers_mutex_`
  std::mutex witness_mutex_;
  std::optional<Witness> witness_;
};

}  // namespace ketavigil::storage
