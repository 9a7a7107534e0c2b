#include "storage/resources.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>

#include "storage/options.h"

namespace ketavigil::storage {
namespace {

constexpr std::int64_t kLeastLogBytes = std::int64_t{64} << 20;
constexpr std::int64_t kMostLogBytes = std::int64_t{256} << 20;

}  // namespace

Resources::Resources(const ResourceLimits& limits) {
  // Sharded by RocksDB itself; not strict, because a strict cache turns a full one into read
  // errors. Half is kept for indexes and filters, without which every read costs one more.
  cache_ = rocksdb::NewLRUCache(static_cast<std::size_t>(limits.cache_bytes),
                                /*num_shard_bits=*/-1, /*strict_capacity_limit=*/false,
                                /*high_pri_pool_ratio=*/0.5);
  // Not charged to the cache, which is the smaller of the two. No stall: a store that waits for
  // memory which an idle store holds would wait for ever.
  write_buffers_ = std::make_shared<rocksdb::WriteBufferManager>(
      static_cast<std::size_t>(limits.memtable_bytes), nullptr, /*allow_stall=*/false);
  // The manager forces flushes from 7/8 of its size on, of whichever store happens to write, even
  // if that one holds next to nothing: many tiny SSTs. The shares keep the sum below that.
  const double each =
      static_cast<double>(limits.memtable_bytes) * 7 / 8 / std::max(limits.shards, 1);
  memtable_share_ = std::min(1.0, each / static_cast<double>(usual_memtable_bytes()));
  log_bytes_each_ =
      std::clamp(limits.log_bytes / std::max(limits.shards, 1), kLeastLogBytes, kMostLogBytes);
  // One flush and one compaction at a time for the whole process: two cores, and below the eight
  // jobs from which RocksDB 7.8 could reorder a retried flush (fixed in 7.9).
  rocksdb::Env::Default()->SetBackgroundThreads(1, rocksdb::Env::HIGH);
  rocksdb::Env::Default()->SetBackgroundThreads(1, rocksdb::Env::LOW);
}

std::int64_t Resources::cache_bytes_used() const {
  return static_cast<std::int64_t>(cache_->GetUsage());
}

std::int64_t Resources::memtable_bytes_used() const {
  return static_cast<std::int64_t>(write_buffers_->memory_usage());
}

}  // namespace ketavigil::storage
