#include "storage/options.h"

#include <rocksdb/cache.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>

namespace ketavigil::storage {
namespace {

constexpr std::int64_t kKiB = 1024;
constexpr std::int64_t kMiB = 1024 * kKiB;

struct FamilyShape {
  std::int64_t memtable_bytes;  ///< before sharing (Resources::memtable_share)
  std::int64_t block_bytes;     ///< of a data block in an SST
  bool point_lookups;           ///< keys are asked for one by one, often in vain: a Bloom filter
};

constexpr FamilyShape kSmall = {1 * kMiB, 4 * kKiB, true};

// 16 MiB where most is written: larger memtables cost more a put than they save in flushes
// (measured: ordered keys 2 M puts/s, random keys 0.3 M puts/s at this size).
constexpr std::array<FamilyShape, kFamilyCount> kShapes = {{
    {16 * kMiB, 8 * kKiB, true},   // facts: "was this variant here?" mostly says no; and scans
    {8 * kMiB, 32 * kKiB, false},  // log: appended and read in order: large blocks, no filter
    {4 * kMiB, 8 * kKiB, true},    // findings: read and rewritten with every fold of a patient
    {4 * kMiB, 16 * kKiB, true},   // history: appended by case, scanned by case
    {4 * kMiB, 8 * kKiB, true},    // cells: taken out and put in anew, by patient
    {2 * kMiB, 4 * kKiB, false},   // deadlines: scanned from the earliest, erased when done
    kSmall,                        // quarantine
    kSmall,                        // meta
    {2 * kMiB, 4 * kKiB, false},   // ways_out: appended, scanned from the front, erased when told
    kSmall,                        // locks: a row a day
    {1 * kMiB, 4 * kKiB, false},   // pages: few, scanned from the front
}};

// Below this RocksDB's arena blocks become so small that they cost more than they hold.
constexpr std::int64_t kLeastMemtableBytes = 256 * kKiB;

std::shared_ptr<rocksdb::TableFactory> table_of(const FamilyShape& shape,
                                                const Resources& resources) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = resources.cache();
  table.block_size = static_cast<std::size_t>(shape.block_bytes);
  // A checksum a block, verified on every read (ReadOptions::verify_checksums stays true).
  table.checksum = rocksdb::kXXH3;
  table.format_version = 5;
  // Indexes and filters live in the cache, so that memory does not grow with the data; those of
  // level 0 stay, because every read asks them.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.pin_top_level_index_and_filter = true;
  table.optimize_filters_for_memory = true;
  if (shape.point_lookups) {
    // 10 bits a key: one in a hundred absent keys costs a block read. Whole keys only: nothing
    // here knows where a prefix ends, and scans are bounded on both sides.
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.whole_key_filtering = true;
    // A filter damaged in memory while it is built would hide keys that are there.
    table.detect_filter_construct_corruption = true;
  }
  return std::shared_ptr<rocksdb::TableFactory>(rocksdb::NewBlockBasedTableFactory(table));
}

rocksdb::ColumnFamilyOptions options_of(const FamilyShape& shape, const Resources& resources) {
  rocksdb::ColumnFamilyOptions family;
  family.comparator = rocksdb::BytewiseComparator();  // KeyBuilder's order
  const auto shared = static_cast<std::int64_t>(static_cast<double>(shape.memtable_bytes) *
                                                resources.memtable_share());
  family.write_buffer_size = static_cast<std::size_t>(std::max(shared, kLeastMemtableBytes));
  family.max_write_buffer_number = 2;  // one is filled while one is flushed
  if (shape.point_lookups) {
    // The same question asked of a memtable: a twentieth of it, and most misses end there.
    family.memtable_whole_key_filtering = true;
    family.memtable_prefix_bloom_size_ratio = 0.05;
  }
  family.table_factory = table_of(shape, resources);
  // Texts of facts shrink to about a third; LZ4 costs less than the writes it saves.
  family.compression = rocksdb::kLZ4Compression;
  family.compaction_style = rocksdb::kCompactionStyleLevel;
  // Sizes levels from the last one up: bounded space amplification (RocksDB's default from 8.4).
  family.level_compaction_dynamic_level_bytes = true;
  family.target_file_size_base = 64 * kMiB;
  family.max_bytes_for_level_base = 256 * kMiB;
  // No filters, no merges, no expiry: nothing leaves except by an erase in a batch. Cold files are
  // not rewritten by age either; `verify_checksums` is what reads them.
  family.compaction_filter = nullptr;
  family.merge_operator = nullptr;
  family.ttl = 0;
  family.periodic_compaction_seconds = 0;
  // Overlapping or unordered files end the process instead of being served.
  family.force_consistency_checks = true;
  family.check_flush_compaction_key_order = true;
  return family;
}

/// What writers and readers have in common.
rocksdb::DBOptions common_options(const Resources& resources) {
  rocksdb::DBOptions db;
  db.write_buffer_manager = resources.write_buffers();
  db.paranoid_checks = true;                   // damage met in the background stops writes
  db.verify_sst_unique_id_in_manifest = true;  // an SST swapped for another one is refused
  db.skip_checking_sst_file_sizes_on_db_open = false;
  // A checksum of each whole SST in the MANIFEST, for verify_checksums(): it covers also the few
  // bytes of a file that belong to no block.
  db.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  db.allow_data_in_errors = false;  // keys name patients: never in a message or the info log
  // The info log: warnings only, three files of 1 MiB; no statistics (metrics are ours).
  db.info_log_level = rocksdb::WARN_LEVEL;
  db.max_log_file_size = static_cast<std::size_t>(1 * kMiB);
  db.keep_log_file_num = 3;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  return db;
}

}  // namespace

rocksdb::DBOptions writer_options(const Resources& resources) {
  rocksdb::DBOptions db = common_options(resources);
  // Families that a new store or an older version does not have are created by whoever opens it,
  // all at once: here each would write and read again the file of all options.
  db.create_missing_column_families = false;

  // --- What recovery may lose: nothing but the tail that no sync ever covered ---
  // The other modes either open silently short after damage in the middle (point in time), or
  // refuse the torn tail that every power loss leaves (absolute).
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  db.avoid_flush_during_recovery = false;  // what was replayed is durable before it is served
  db.best_efforts_recovery = false;        // it would go on without missing files
  db.recycle_log_file_num = 0;  // an old file's records must not be found behind a new one's
  db.wal_compression = rocksdb::kNoCompression;  // recovering compressed logs was mended in 8.0
  db.manual_wal_flush = false;  // a write that returned is with the kernel: survives kill -9
  // With SyncWAL it makes 7.8 refuse healthy stores (RocksDB issue 10892, mended in 7.10); the
  // checks of recovery_check.h take its place.
  db.track_and_verify_wals_in_manifest = false;
  db.atomic_flush = false;                // all families share one log, which keeps them consistent
  db.flush_verify_memtable_count = true;  // a flush that lost a row fails
  // No resuming by itself after a background error: a store that failed once is reopened, with
  // all its checks.
  db.max_bgerror_resume_count = 0;

  // --- Bounds ---
  db.max_background_jobs = 2;  // see Resources
  db.max_subcompactions = 1;
  // Seldom written families must not keep old logs for ever: at this size they are flushed. Bounds
  // the disk used and the time of a start, which replays what is there.
  db.max_total_wal_size = static_cast<std::uint64_t>(resources.log_bytes_each());
  // The kernel writes back as we go, instead of all at once in a sync that then takes seconds.
  db.bytes_per_sync = static_cast<std::uint64_t>(1 * kMiB);
  db.wal_bytes_per_sync = static_cast<std::uint64_t>(1 * kMiB);
  // 12 stores of 64 files stay below the usual limit of 1024 descriptors with room for sockets.
  // Few cache shards, or each would hold less than one file.
  db.max_open_files = 64;
  db.table_cache_numshardbits = 2;
  db.max_manifest_file_size = static_cast<std::uint64_t>(64 * kMiB);

  // --- One writer a store ---
  db.allow_concurrent_memtable_write = false;  // its locks would guard against nobody
  db.enable_pipelined_write = false;
  db.unordered_write = false;
  db.two_write_queues = false;
  return db;
}

rocksdb::DBOptions reader_options(const Resources& resources) {
  rocksdb::DBOptions db = common_options(resources);
  // A secondary must hold all files open: the writer deletes them under it.
  db.max_open_files = -1;
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  return db;
}

rocksdb::ColumnFamilyOptions family_options(Family family, const Resources& resources) {
  return options_of(kShapes[family_index(family)], resources);
}

rocksdb::ColumnFamilyOptions other_family_options(const Resources& resources) {
  return options_of(kSmall, resources);
}

std::int64_t usual_memtable_bytes() {
  std::int64_t sum = 0;
  for (const FamilyShape& shape : kShapes) sum += shape.memtable_bytes;
  return sum;
}

}  // namespace ketavigil::storage
