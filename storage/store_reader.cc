// Opening a store for reading. Beside a writer: a RocksDB secondary instance, and the checks that
// make its view whole, since the writer may flush and delete files at any moment. Alone: read-only
// and strict, because a secondary takes a table that is missing or damaged for one that the writer
// has deleted, and silently shows less.
#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <chrono>
#include <cstdlib>
#include <system_error>
#include <thread>

#include "storage/failure.h"
#include "storage/files.h"
#include "storage/options.h"
#include "storage/recovery_check.h"
#include "storage/store.h"
#include "storage/store_families.h"
#include "storage/writers.h"

namespace ketavigil::storage {
namespace {

constexpr int kAttempts = 50;  // together one second and the work itself
constexpr std::chrono::milliseconds kPause{20};
constexpr int kOpenAttempts = 5;  // of opening RocksDB

/// Folder for the info log of a secondary instance, in the system's temporary folder.
Result<std::filesystem::path> temporary_folder() {
  std::error_code error;
  std::filesystem::path base = std::filesystem::temp_directory_path(error);
  if (error) base = "/tmp";
  std::string name = (base / "ketavigil-reader-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return system_failure("cannot create", name);
  return std::filesystem::path(name);
}

}  // namespace

class ReaderOpening {
 public:
  static Result<std::unique_ptr<Store>> run(const std::filesystem::path& path,
                                            Resources& resources) {
    const std::filesystem::path folder = rocksdb_path(path);
    std::error_code error;
    if (!std::filesystem::exists(folder / "CURRENT", error)) {
      return Error{ErrorKind::storage, "there is no store in " + path.string()};
    }
    KETAVIGIL_TRY(check_live_files(path));
    std::unique_ptr<Store> store(new Store(path, true, 0));
    KETAVIGIL_TRY_ASSIGN(const std::filesystem::path info_log, temporary_folder());
    Status status = open_rocksdb(store.get(), info_log, resources);
    for (int attempt = 1; !status.ok() && attempt < kOpenAttempts; ++attempt) {
      std::this_thread::sleep_for(kPause);  // a file was deleted between its listing and its use
      status = open_rocksdb(store.get(), info_log, resources);
    }
    // RocksDB keeps the file open, and nobody reads it: so nothing is left of a process that is
    // killed.
    std::filesystem::remove_all(info_log, error);
    KETAVIGIL_TRY(status);
    KETAVIGIL_TRY(settle(store.get()));
    return store;
  }

  /// Catches up until nothing can be missing in the view. RocksDB reads the MANIFEST, then the
  /// logs; where the writer flushes and deletes a log in between, the rows of that log are in
  /// neither, and RocksDB says nothing. If the logs on the disk are the same before and after, no
  /// log was begun or deleted meanwhile, and that did not happen.
  static Status settle(Store* store) {
    const std::filesystem::path folder = rocksdb_path(store->path_);
    Status why;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      if (attempt > 0) std::this_thread::sleep_for(kPause);
      // Before catching up: the writer's log was on the disk when it wrote this.
      KETAVIGIL_TRY_ASSIGN(const std::optional<WitnessRecord> witness,
                           Witness::read(witness_path(store->path_)));
      KETAVIGIL_TRY_ASSIGN(const std::vector<NumberedFile> before, write_ahead_logs(folder));
      const rocksdb::Status caught_up = store->db_->TryCatchUpWithPrimary();
      // Opened alone it has read everything there is.
      why = caught_up.IsNotSupported()
                ? Status()
                : storage_status("cannot read the store " + folder.string(), caught_up);
      if (!why.ok()) continue;
      KETAVIGIL_TRY_ASSIGN(const std::vector<NumberedFile> after, write_ahead_logs(folder));
      if (before != after) {
        why =
            Status::failure(ErrorKind::storage,
                            "the store " + folder.string() +
                                " is being written too fast to get a whole view of it: try again");
        continue;
      }
      KETAVIGIL_TRY_ASSIGN(const std::uint64_t position, store->position());
      why = check_witness(position, witness, store->path_);
      if (!why.ok() && witness) continue;  // a missing witness stays missing
      KETAVIGIL_TRY(why);
      store->acknowledged_ = witness ? witness->position : 0;
      return {};
    }
    return why;
  }

 private:
  static Status open_rocksdb(Store* store, const std::filesystem::path& info_log,
                             Resources& resources) {
    const std::string folder = rocksdb_path(store->path_).string();
    const rocksdb::DBOptions options = reader_options(resources);
    const std::string what = "cannot read the store " + folder;
    std::vector<std::string> on_disk;
    KETAVIGIL_TRY(storage_status(what, rocksdb::DB::ListColumnFamilies(options, folder, &on_disk)));
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    const auto families = known_families(on_disk, resources);
    if (has_writer(store->path_)) {
      KETAVIGIL_TRY(
          storage_status(what, rocksdb::DB::OpenAsSecondary(options, folder, info_log.string(),
                                                            families, &handles, &db)));
    } else {
      rocksdb::DBOptions alone = options;
      alone.db_log_dir = info_log.string();
      KETAVIGIL_TRY(storage_status(
          what, rocksdb::DB::OpenForReadOnly(alone, folder, families, &handles, &db)));
    }
    store->db_.reset(db);
    store->adopt_handles(handles);
    return {};
  }
};

Result<std::unique_ptr<Store>> Store::open_reader(const std::filesystem::path& path,
                                                  Resources& resources) {
  return ReaderOpening::run(path, resources);
}

Status Store::catch_up() {
  if (reader_) return ReaderOpening::settle(this);
  return Status::failure(ErrorKind::storage,
                         "the store " + path_.string() + " is open for writing: it is up to date");
}

}  // namespace ketavigil::storage
