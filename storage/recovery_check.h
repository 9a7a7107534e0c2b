// What must hold of a store's files before RocksDB may open it: its MANIFEST is whole, its
// write-ahead logs follow each other without a hole, and they reach what was acknowledged.
// RocksDB alone does not see all of this: a record length damaged near the end of a file, zeros, or
// the tail of an older log missing pass for an ordinary end, and rows silently come up short.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "events/result.h"
#include "storage/witness.h"

namespace ketavigil::storage {

/// The write-ahead logs of a store, read from the first to the last or to the first break.
struct LogsReport {
  std::int64_t bytes = 0;                 ///< of all logs
  std::optional<std::uint64_t> position;  ///< the greatest `kPositionKey` before the break
  std::uint64_t last_sequence = 0;        ///< RocksDB's number of the last write before the break
  /// Where and why what follows cannot be believed. Empty if there is no break.
  std::string broken;
  bool missing = false;  ///< the break is not damage, but writes that are missing between records
  std::uint64_t broken_log = 0;  ///< number of the log whose end, or a part, is damaged or missing
  /// The last log's end was being written when the process or the power went. Empty if not.
  std::string cut;
};

/// Reads the write-ahead logs in RocksDB's `folder`. Fails only where one cannot be read.
Result<LogsReport> read_logs(const std::filesystem::path& folder);

/// Refuses a MANIFEST that is damaged, or that lacks bytes which were on the disk when `witness`
/// was written. A MANIFEST cut inside its last record, beyond those bytes, is a write under way.
Status check_manifest(const std::filesystem::path& folder,
                      const std::optional<WitnessRecord>& witness);

/// RocksDB's sequence number of the first write of a batch, as its log holds it; 0 of no batch.
[[nodiscard]] std::uint64_t sequence_of(std::string_view batch);

/// What to do with a break in the logs.
enum class LogsVerdict {
  whole,       ///< no break
  disposable,  ///< a break, but all that was acknowledged lies before it: drop the rest
};

/// Judges `logs` against the witness. Refuses, naming both positions and what to do, where
/// something acknowledged is damaged or missing.
Result<LogsVerdict> judge_logs(const LogsReport& logs, const std::optional<WitnessRecord>& witness,
                               const std::filesystem::path& folder);

/// Refuses a store at `position` that is behind its witness, or has none though something was
/// written.
Status check_witness(std::uint64_t position, const std::optional<WitnessRecord>& witness,
                     const std::filesystem::path& shard);

/// MANIFEST, logs and witness of a shard that may be being written: what is found amiss is looked
/// at again a few times before it is believed. A disposable break is an error here.
Status check_live_files(const std::filesystem::path& shard);

}  // namespace ketavigil::storage
