#include "storage/recovery_check.h"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <thread>

#include "storage/families.h"
#include "storage/files.h"
#include "storage/keys.h"
#include "storage/log_file.h"

namespace ketavigil::storage {
namespace {

constexpr std::string_view kRemedy =
    "; nothing was changed; restore the data directory from a backup, or "
    "rebuild it from the log";

constexpr std::size_t kBatchHeaderBytes = 12;  // sequence number 8, count 4; little endian

/// Finds the position in a write-ahead log's record. Families have no names there; the key is
/// reserved in all of them (families.h).
class PositionFinder : public rocksdb::WriteBatch::Handler {
 public:
  rocksdb::Status PutCF(std::uint32_t /*family*/, const rocksdb::Slice& key,
                        const rocksdb::Slice& value) override {
    std::uint64_t found = 0;
    if (std::string_view(key.data(), key.size()) == kPositionKey &&
        decode_u64({value.data(), value.size()}, &found)) {
      position = std::max(position.value_or(0), found);
    }
    return rocksdb::Status::OK();
  }
  rocksdb::Status DeleteCF(std::uint32_t, const rocksdb::Slice&) override {
    return rocksdb::Status::OK();
  }
  rocksdb::Status DeleteRangeCF(std::uint32_t, const rocksdb::Slice&,
                                const rocksdb::Slice&) override {
    return rocksdb::Status::OK();
  }
  rocksdb::Status SingleDeleteCF(std::uint32_t, const rocksdb::Slice&) override {
    return rocksdb::Status::OK();
  }
  rocksdb::Status MarkNoop(bool) override { return rocksdb::Status::OK(); }

  std::optional<std::uint64_t> position;
};

/// Follows the sequence numbers from record to record, over all logs.
class Chain {
 public:
  /// False if `record` does not follow the one before it; `why` then says how.
  bool follow(std::string_view record, std::string* why) {
    if (record.size() < kBatchHeaderBytes) {
      *why = "a record is too short for a batch";
      return false;
    }
    const std::uint64_t sequence = sequence_of(record);
    const rocksdb::WriteBatch batch{std::string(record)};
    if (batch.Count() == 0) return true;  // RocksDB marks a recovery by an empty one
    if (next_ && sequence != *next_) {
      *why = "write " + std::to_string(*next_) + " should come next, but " +
             std::to_string(sequence) + " does";
      return false;
    }
    if (!batch.Iterate(&finder_).ok()) {
      *why = "a batch cannot be read";
      return false;
    }
    next_ = sequence + batch.Count();
    return true;
  }
  [[nodiscard]] std::uint64_t last_sequence() const { return next_.value_or(1) - 1; }
  [[nodiscard]] std::optional<std::uint64_t> position() const { return finder_.position; }

 private:
  std::optional<std::uint64_t> next_;
  PositionFinder finder_;
};

Error behind_witness(std::uint64_t position, std::uint64_t acknowledged,
                     const std::filesystem::path& where) {
  return {ErrorKind::storage,
          "the store in " + where.string() + " is short: it holds the log up to position " +
              std::to_string(position) + ", but position " + std::to_string(acknowledged) +
              " was acknowledged; restore the data directory from a newer backup (ketavigil "
              "restore), or rebuild it from the log"};
}

std::string place(const std::filesystem::path& file, std::uint64_t offset, const std::string& why) {
  return file.filename().string() + " at byte " + std::to_string(offset) + ": " + why;
}

}  // namespace

std::uint64_t sequence_of(std::string_view batch) {
  std::uint64_t sequence = 0;
  if (batch.size() < kBatchHeaderBytes) return sequence;
  for (std::size_t i = sizeof(sequence); i-- > 0;) {
    sequence = sequence << 8 | static_cast<unsigned char>(batch[i]);
  }
  return sequence;
}

Result<LogsReport> read_logs(const std::filesystem::path& folder) {
  LogsReport report;
  Chain chain;
  KETAVIGIL_TRY_ASSIGN(const std::vector<NumberedFile> logs, write_ahead_logs(folder));
  for (const NumberedFile& log : logs) {
    std::string unchained;
    KETAVIGIL_TRY_ASSIGN(const LogFileReport file,
                         read_log_file(log.path, [&](std::string_view record) {
                           if (unchained.empty() && chain.follow(record, &unchained)) {
                             report.broken_log = log.number;
                           }
                         }));
    report.bytes += static_cast<std::int64_t>(file.bytes);
    report.cut.clear();
    if (!unchained.empty()) {
      report.broken = log.path.filename().string() + ": " + unchained;
      report.missing = true;  // from the end of the log of the last good record on
    } else if (file.end == LogEnd::damaged) {
      report.broken = place(log.path, file.offset, file.reason);
      report.broken_log = log.number;
    } else if (file.end != LogEnd::whole) {
      report.cut = place(log.path, file.offset, file.reason);
    }
    if (!report.broken.empty()) break;
  }
  report.position = chain.position();
  report.last_sequence = chain.last_sequence();
  return report;
}

Status check_manifest(const std::filesystem::path& folder,
                      const std::optional<WitnessRecord>& witness) {
  KETAVIGIL_TRY_ASSIGN(const NumberedFile manifest, current_manifest(folder));
  KETAVIGIL_TRY_ASSIGN(const LogFileReport file,
                       read_log_file(manifest.path, [](std::string_view) {}));
  std::string why;
  if (file.end == LogEnd::damaged || file.end == LogEnd::zeros) {
    why = place(manifest.path, file.offset, file.reason);
  } else if (witness && manifest.number < witness->manifest_number) {
    why = "CURRENT names number " + std::to_string(manifest.number) + ", but number " +
          std::to_string(witness->manifest_number) + " was in use when position " +
          std::to_string(witness->position) + " was acknowledged";
  } else if (witness && manifest.number == witness->manifest_number &&
             file.whole_bytes() < witness->manifest_bytes) {
    why = manifest.path.filename().string() + " has " + std::to_string(file.whole_bytes()) +
          " whole bytes, but " + std::to_string(witness->manifest_bytes) + " were on the disk";
  }
  if (why.empty()) return {};
  return Status::failure(ErrorKind::storage, "the store " + folder.string() +
                                                 " is damaged: its MANIFEST, which says what "
                                                 "belongs to it, is not whole: " +
                                                 why + std::string(kRemedy));
}

Status check_witness(std::uint64_t position, const std::optional<WitnessRecord>& witness,
                     const std::filesystem::path& shard) {
  if (!witness && position > 0) {
    return Status::failure(ErrorKind::storage,
                           "the store in " + shard.string() + " holds the log up to position " +
                               std::to_string(position) +
                               ", but its witness `acknowledged` is missing: whether it "
                               "is short cannot be told" +
                               std::string(kRemedy));
  }
  if (witness && position < witness->position) {
    return behind_witness(position, witness->position, shard);
  }
  return {};
}

Result<LogsVerdict> judge_logs(const LogsReport& logs, const std::optional<WitnessRecord>& witness,
                               const std::filesystem::path& folder) {
  const bool reaches =
      witness && (witness->position == 0 || logs.position.value_or(0) >= witness->position);
  if (logs.broken.empty()) {
    if (logs.position && witness && !reaches) {
      return behind_witness(*logs.position, witness->position, folder);
    }
    return LogsVerdict::whole;
  }
  if (reaches) return LogsVerdict::disposable;
  return Error{
      ErrorKind::storage,
      "the store " + folder.string() + " is damaged in its write-ahead log " + logs.broken +
          "; before that it reaches position " +
          (logs.position ? std::to_string(*logs.position) : std::string("of its last flush")) +
          ", but position " + (witness ? std::to_string(witness->position) : "unknown") +
          " was acknowledged" + std::string(kRemedy)};
}

Status check_live_files(const std::filesystem::path& shard) {
  constexpr int kAttempts = 5;  // a writer may be deleting files under us
  constexpr std::chrono::milliseconds kPause{20};
  const std::filesystem::path folder = rocksdb_path(shard);
  const auto once = [&]() -> Status {
    KETAVIGIL_TRY_ASSIGN(const std::optional<WitnessRecord> witness,
                         Witness::read(witness_path(shard)));
    KETAVIGIL_TRY_ASSIGN(const LogsReport logs, read_logs(folder));
    KETAVIGIL_TRY_ASSIGN(const LogsVerdict verdict, judge_logs(logs, witness, folder));
    KETAVIGIL_TRY(check_manifest(folder, witness));
    if (verdict == LogsVerdict::whole) return {};
    return Status::failure(ErrorKind::storage,
                           "the write-ahead log of " + folder.string() +
                               " breaks off behind what was acknowledged (" + logs.broken +
                               "): open the store once for writing, which drops the rest");
  };
  Status status = once();
  for (int attempt = 1; !status.ok() && attempt < kAttempts; ++attempt) {
    std::this_thread::sleep_for(kPause);
    status = once();
  }
  return status;
}

}  // namespace ketavigil::storage
