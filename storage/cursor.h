// Reading many rows in key order, and reading them as of one moment.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "events/result.h"

namespace rocksdb {
class DB;
class Iterator;
class Slice;
class Snapshot;
}  // namespace rocksdb

namespace ketavigil::storage {

/// The store as it was when this was taken (`Store::snapshot`): every read that is given it sees
/// exactly that, whatever is written since. Holds old rows on the disk while it lives: keep it
/// short. Must end before its store. Movable; may be used by several threads at once.
class Snapshot {
 public:
  Snapshot(Snapshot&& other) noexcept;
  Snapshot& operator=(Snapshot&& other) noexcept;
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  ~Snapshot();

 private:
  friend class Store;
  Snapshot(rocksdb::DB* db, const rocksdb::Snapshot* snapshot) : db_(db), snapshot_(snapshot) {}

  rocksdb::DB* db_;
  const rocksdb::Snapshot* snapshot_;  ///< null in a reader, which stands still by itself
};

/// The rows of one family with `from` <= key < upper bound, as of the scan's snapshot or else of
/// the moment the scan began. Starts at the first row.
///
///     for (Cursor rows = store.scan(Family::facts, prefix, prefix_end(prefix)); rows.valid();
///          rows.next()) { … }
///
/// A cursor that meets a damaged block stops being valid, as it does at the end: the caller must
/// ask `status()` after the loop. Must end before its store. Not thread-safe.
class Cursor {
 public:
  Cursor(Cursor&&) noexcept;
  Cursor& operator=(Cursor&&) noexcept;
  ~Cursor();

  [[nodiscard]] bool valid() const;
  /// Only while `valid()`; good until the cursor moves.
  [[nodiscard]] std::string_view key() const;
  [[nodiscard]] std::string_view value() const;
  void next();                      ///< only while `valid()`
  void prev();                      ///< only while `valid()`
  void seek(std::string_view key);  ///< to the first row not before `key`, within the bounds
  void seek_first();
  void seek_last();
  /// An error if anything could not be read since the scan began.
  [[nodiscard]] Status status() const;

 private:
  friend class Store;
  struct Bounds;
  Cursor(std::string_view from, std::string_view upper_bound);
  void note();

  std::unique_ptr<Bounds> bounds_;               ///< RocksDB keeps pointers to them
  std::unique_ptr<rocksdb::Iterator> iterator_;  ///< null where the family does not exist yet
  Status status_;
};

}  // namespace ketavigil::storage
