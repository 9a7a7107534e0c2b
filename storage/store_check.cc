// Care of an open store: room, checksums, sizes, checkpoints.
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/utilities/checkpoint.h>

#include <algorithm>
#include <system_error>

#include "storage/failure.h"
#include "storage/files.h"
#include "storage/recovery_check.h"
#include "storage/store.h"

namespace ketavigil::storage {

Result<std::int64_t> Store::free_bytes() const { return free_bytes_at(path_); }

Status Store::check_room() const {
  if (guard_bytes_ <= 0) return {};
  KETAVIGIL_TRY_ASSIGN(const std::int64_t free, free_bytes());
  if (free >= guard_bytes_) return {};
  return Status::failure(ErrorKind::storage,
                         "only " + std::to_string(free) + " bytes (" + readable_bytes(free) +
                             ") free on the disk of " + path_.string() + ", below the guard of " +
                             std::to_string(guard_bytes_) + " (" + readable_bytes(guard_bytes_) +
                             "): nothing is written until there is more room");
}

Status Store::verify_checksums() const {
  KETAVIGIL_TRY(check_live_files(path_));
  const std::string what = "the store " + path_.string() + " is damaged";
  const rocksdb::ReadOptions options = read_options(nullptr);
  KETAVIGIL_TRY(storage_status(what, db_->VerifyFileChecksums(options)));
  KETAVIGIL_TRY(storage_status(what, db_->VerifyChecksum(options)));
  return read_every_row();
}

Status Store::read_every_row() const {
  rocksdb::ReadOptions options = read_options(nullptr);
  options.fill_cache = false;  // nobody asks for these rows again soon
  for (rocksdb::ColumnFamilyHandle* handle : all_handles_) {
    const std::unique_ptr<rocksdb::Iterator> rows(db_->NewIterator(options, handle));
    for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
      static_cast<void>(rows->value());
    }
    KETAVIGIL_TRY(storage_status(
        "the family " + handle->GetName() + " of the store " + path_.string() + " is damaged",
        rows->status()));
  }
  return {};
}

Result<StoreSizes> Store::sizes() const {
  StoreSizes sizes;
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    if (handles_[i] == nullptr) continue;
    const auto measure = [&](const std::string& property) {
      std::uint64_t value = 0;
      if (!db_->GetIntProperty(handles_[i], property, &value)) value = 0;
      return static_cast<std::int64_t>(value);
    };
    sizes.families[i] = {measure(rocksdb::DB::Properties::kEstimateLiveDataSize),
                         measure(rocksdb::DB::Properties::kTotalSstFilesSize),
                         measure(rocksdb::DB::Properties::kCurSizeAllMemTables),
                         measure(rocksdb::DB::Properties::kEstimateNumKeys)};
  }
  KETAVIGIL_TRY_ASSIGN(const std::vector<NumberedFile> logs, write_ahead_logs(rocksdb_path(path_)));
  for (const NumberedFile& log : logs) {
    std::error_code gone;  // a log may be deleted while we look
    const auto bytes = std::filesystem::file_size(log.path, gone);
    if (!gone) sizes.log_bytes += static_cast<std::int64_t>(bytes);
  }
  return sizes;
}

Status Store::checkpoint(const std::filesystem::path& path) {
  KETAVIGIL_TRY(refuse_reader("make a checkpoint"));
  KETAVIGIL_TRY(check_room());
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    return Status::failure(ErrorKind::storage,
                           "cannot make a checkpoint: " + path.string() + " exists already");
  }
  std::filesystem::create_directories(path, error);
  if (error) {
    return Status::failure(ErrorKind::storage,
                           "cannot create " + path.string() + ": " + error.message());
  }
  // Before the copy: the copy holds at least this.
  const WitnessRecord promised{0, acknowledged(), 0, 0};
  rocksdb::Checkpoint* made = nullptr;
  const std::string what = "cannot make a checkpoint of " + path_.string();
  KETAVIGIL_TRY(storage_status(what, rocksdb::Checkpoint::Create(db_.get(), &made)));
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  // 0: flush first, so that no write-ahead log is shared with the running store.
  KETAVIGIL_TRY(storage_status(
      what, checkpoint->CreateCheckpoint(rocksdb_path(path).string(), /*log_size_for_flush=*/0)));
  // Last: without its witness an unfinished checkpoint is refused.
  KETAVIGIL_TRY_ASSIGN(const Witness witness, Witness::create(witness_path(path), promised));
  KETAVIGIL_TRY(sync_directory(path));
  return sync_directory(std::filesystem::absolute(path).parent_path());
}

}  // namespace ketavigil::storage
