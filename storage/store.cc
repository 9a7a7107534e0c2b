#include "storage/store.h"

#include <fcntl.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <system_error>

#include "storage/cursor_bounds.h"
#include "storage/failure.h"
#include "storage/files.h"
#include "storage/keys.h"
#include "storage/writers.h"

namespace ketavigil::storage {
namespace {

void raise_to(std::atomic<std::uint64_t>* value, std::uint64_t at_least) {
  std::uint64_t seen = value->load();
  while (seen < at_least && !value->compare_exchange_weak(seen, at_least)) {
  }
}

}  // namespace

Store::Store(std::filesystem::path path, bool reader, std::int64_t guard_bytes)
    : path_(std::move(path)), reader_(reader), guard_bytes_(guard_bytes) {}

Store::~Store() {
  static_cast<void>(close());
  if (!reader_) forget_writer(path_);
}

Status Store::close() {
  if (db_ == nullptr) return {};
  const Status synced = reader_ ? Status() : sync();
  for (rocksdb::ColumnFamilyHandle* handle : all_handles_) {
    db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  all_handles_.clear();
  handles_.fill(nullptr);
  const rocksdb::Status closed = db_->Close();
  db_.reset();
  witness_.reset();
  KETAVIGIL_TRY(synced);
  return storage_status("cannot close the store " + path_.string(), closed);
}

void Store::adopt_handles(const std::vector<rocksdb::ColumnFamilyHandle*>& handles) {
  all_handles_ = handles;
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    for (std::size_t i = 0; i < kFamilyCount; ++i) {
      if (handle->GetName() == kFamilyNames[i]) handles_[i] = handle;
    }
  }
}

// --- Reading ---

rocksdb::ReadOptions Store::read_options(const Snapshot* snapshot) const {
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  if (snapshot != nullptr) options.snapshot = snapshot->snapshot_;
  return options;
}

Status Store::get(Family family, std::string_view key, std::string* value, bool* found,
                  const Snapshot* snapshot) const {
  *found = false;
  if (handle(family) == nullptr) return {};
  const rocksdb::Status status =
      db_->Get(read_options(snapshot), handle(family), rocksdb::Slice(key), value);
  if (status.IsNotFound()) return {};
  *found = status.ok();
  return storage_status("cannot read the store " + path_.string(), status);
}

Status Store::multi_get(Family family, const std::vector<std::string>& keys,
                        std::vector<std::optional<std::string>>* values,
                        const Snapshot* snapshot) const {
  values->assign(keys.size(), std::nullopt);
  if (handle(family) == nullptr || keys.empty()) return {};
  const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> found(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  db_->MultiGet(read_options(snapshot), handle(family), keys.size(), slices.data(), found.data(),
                statuses.data(), /*sorted_input=*/false);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    KETAVIGIL_TRY(storage_status("cannot read the store " + path_.string(), statuses[i]));
    (*values)[i] = found[i].ToString();
  }
  return {};
}

Cursor Store::scan(Family family, std::string_view from, std::string_view upper_bound,
                   const Snapshot* snapshot) const {
  Cursor cursor(from, upper_bound);
  if (handle(family) == nullptr) return cursor;
  rocksdb::ReadOptions options = read_options(snapshot);
  options.iterate_lower_bound = &cursor.bounds_->lower;
  if (!upper_bound.empty()) options.iterate_upper_bound = &cursor.bounds_->upper;
  cursor.iterator_.reset(db_->NewIterator(options, handle(family)));
  cursor.seek_first();
  return cursor;
}

Snapshot Store::snapshot() const {
  return Snapshot(db_.get(), reader_ ? nullptr : db_->GetSnapshot());
}

Result<std::uint64_t> Store::position() const {
  std::string value;
  bool found = false;
  KETAVIGIL_TRY(get(Family::meta, kPositionKey, &value, &found));
  std::uint64_t position = 0;
  if (found && !decode_u64(value, &position)) {
    return Error{ErrorKind::storage,
                 "the store " + path_.string() + " is damaged: its position is not 8 bytes long"};
  }
  return position;
}

// --- Writing ---

Status Store::refuse_reader(const char* what) const {
  if (!reader_) return {};
  return Status::failure(ErrorKind::storage, "the store " + path_.string() +
                                                 " is open for reading only: cannot " + what);
}

Status Store::write(Batch&& batch, Durability durability) {
  KETAVIGIL_TRY(refuse_reader("write"));
  KETAVIGIL_TRY(check_room());
  if (batch.bytes() > kMaxBatchBytes) {
    return Status::failure(ErrorKind::storage, "a batch of " + readable_bytes(batch.bytes()) +
                                                   " is above the bound of " +
                                                   readable_bytes(kMaxBatchBytes));
  }
  const std::uint64_t position = batch.position_.value_or(written_.load());
  if (position < written_.load()) {
    return Status::failure(ErrorKind::storage,
                           "a batch would set the position of " + path_.string() + " back from " +
                               std::to_string(written_.load()) + " to " + std::to_string(position));
  }
  rocksdb::WriteOptions options;
  options.sync = durability == Durability::synced;
  const rocksdb::Status status = db_->Write(options, batch.batch_.get());
  KETAVIGIL_TRY(storage_status("cannot write the store " + path_.string(), status));
  raise_to(&written_, position);
  if (options.sync) raise_to(&synced_, position);
  if (watched_) tell_watchers(*batch.batch_);
  batch.clear();  // the caller fills it again
  return {};
}

Status Store::sync() {
  KETAVIGIL_TRY(refuse_reader("sync"));
  const std::uint64_t covered = written_.load();  // before: what is written meanwhile may be left
  KETAVIGIL_TRY(storage_status("cannot sync the store " + path_.string(), db_->SyncWAL()));
  raise_to(&synced_, covered);
  return {};
}

Status Store::acknowledge(std::uint64_t position) {
  KETAVIGIL_TRY(refuse_reader("acknowledge"));
  const std::lock_guard<std::mutex> lock(witness_mutex_);
  if (position <= acknowledged_.load()) return {};
  if (position > synced_.load()) {
    return Status::failure(ErrorKind::storage,
                           "position " + std::to_string(position) + " of " + path_.string() +
                               " cannot be acknowledged: only " + std::to_string(synced_.load()) +
                               " is on the disk");
  }
  WitnessRecord record = witness_->current();
  record.position = position;
  KETAVIGIL_TRY(mark_manifest(&record));
  KETAVIGIL_TRY(witness_->record(record));
  acknowledged_.store(position);
  return {};
}

// The MANIFEST grows only when a flush or compaction ends. Whatever part of it the witness speaks
// of must be on the disk first: RocksDB may be in the middle of appending to it.
Status Store::mark_manifest(WitnessRecord* record) {
  KETAVIGIL_TRY_ASSIGN(const NumberedFile manifest, current_manifest(rocksdb_path(path_)));
  const int descriptor = ::open(manifest.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return {};  // just replaced by a new one: next time
  struct stat status {};
  const bool measured = ::fstat(descriptor, &status) == 0;
  const auto bytes = static_cast<std::uint64_t>(status.st_size);
  const bool grown = record->manifest_number != manifest.number || record->manifest_bytes != bytes;
  const bool synced = measured && (!grown || ::fdatasync(descriptor) == 0);
  ::close(descriptor);
  if (!synced) return system_failure("cannot sync", manifest.path);
  record->manifest_number = manifest.number;
  record->manifest_bytes = bytes;
  return {};
}

Status Store::flush() {
  KETAVIGIL_TRY(refuse_reader("flush"));
  std::vector<rocksdb::ColumnFamilyHandle*> ours(handles_.begin(), handles_.end());
  return storage_status("cannot flush the store " + path_.string(),
                        db_->Flush(rocksdb::FlushOptions(), ours));
}

}  // namespace ketavigil::storage
