// The memory and threads that all stores of one process share, so that their sum is bounded
// however many shards there are.
#pragma once

#include <cstdint>
#include <memory>

namespace rocksdb {
class Cache;
class WriteBufferManager;
}  // namespace rocksdb

namespace ketavigil::storage {

/// With the defaults 12 shards and everything else of the process stay under 1 GiB resident:
/// 128 MiB cache, 192 MiB of memtables being filled, at most as much again while they are flushed.
struct ResourceLimits {
  std::int64_t cache_bytes = std::int64_t{128} << 20;     ///< blocks, indexes and filters of SSTs
  std::int64_t memtable_bytes = std::int64_t{192} << 20;  ///< what is written and not yet in SSTs
  /// Write-ahead logs of all stores on the disk: about what a start must replay at most. A store
  /// that comes to its part, 64 to 256 MiB, flushes the families that hold on to its oldest log.
  std::int64_t log_bytes = std::int64_t{768} << 20;
  int shards = 12;  ///< stores open for writing at once; each gets its part of the above
};

/// Made once, before the first store. Copies share. Thread-safe.
class Resources {
 public:
  explicit Resources(const ResourceLimits& limits = {});

  [[nodiscard]] const std::shared_ptr<rocksdb::Cache>& cache() const { return cache_; }
  [[nodiscard]] const std::shared_ptr<rocksdb::WriteBufferManager>& write_buffers() const {
    return write_buffers_;
  }
  /// What one store may use of a family's usual memtable size, 0 < share <= 1: chosen so that the
  /// stores together stay below the point where the write buffer manager would force flushes.
  [[nodiscard]] double memtable_share() const { return memtable_share_; }

  /// The part of `ResourceLimits::log_bytes` of one store.
  [[nodiscard]] std::int64_t log_bytes_each() const { return log_bytes_each_; }

  /// For metrics: bytes used now.
  [[nodiscard]] std::int64_t cache_bytes_used() const;
  [[nodiscard]] std::int64_t memtable_bytes_used() const;

 private:
  std::shared_ptr<rocksdb::Cache> cache_;
  std::shared_ptr<rocksdb::WriteBufferManager> write_buffers_;
  double memtable_share_ = 1;
  std::int64_t log_bytes_each_ = 0;
};

}  // namespace ketavigil::storage
