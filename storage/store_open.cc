// Opening a store for reading and writing: first everything that can be judged from its files,
// under RocksDB's own lock and without changing anything; then RocksDB; then the witness.
#include <fcntl.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/wal_filter.h>
#include <rocksdb/write_batch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <limits>
#include <system_error>

#include "storage/failure.h"
#include "storage/files.h"
#include "storage/options.h"
#include "storage/recovery_check.h"
#include "storage/store.h"
#include "storage/store_families.h"
#include "storage/writers.h"

namespace ketavigil::storage {
namespace {

// Replaying a log of N bytes writes SSTs of at most about as many, and new logs and MANIFEST.
constexpr std::int64_t kRecoveryRoomBytes = std::int64_t{64} << 20;

/// Stops the replay at a break that was found disposable, where RocksDB would go on behind it.
class StopAtBreak : public rocksdb::WalFilter {
 public:
  explicit StopAtBreak(const LogsReport& logs)
      : last_sequence_(logs.last_sequence), broken_log_(logs.broken_log) {}

  // A flush syncs the logs before the one it starts (RocksDB's SyncClosedLogs). So a family that
  // needs only later logs than the broken one was flushed when that was whole on the disk: the
  // break is no power loss but damage, and this family's rows are ahead of the others.
  void ColumnFamilyLogNumberMap(const std::map<std::uint32_t, std::uint64_t>& first_log_needed,
                                const std::map<std::string, std::uint32_t>& /*ids*/) override {
    for (const auto& [family, log] : first_log_needed) ahead_ = ahead_ || log > broken_log_;
  }

  WalProcessingOption LogRecordFound(unsigned long long /*number*/, const std::string& /*file*/,
                                     const rocksdb::WriteBatch& batch,
                                     rocksdb::WriteBatch* /*changed*/,
                                     bool* /*is_changed*/) override {
    if (sequence_of(batch.Data()) <= last_sequence_)
      return WalProcessingOption::kContinueProcessing;
    return ahead_ ? WalProcessingOption::kCorruptedRecord : WalProcessingOption::kStopReplay;
  }
  const char* Name() const override { return "ketavigil.stop-at-break"; }

 private:
  std::uint64_t last_sequence_;
  std::uint64_t broken_log_;
  bool ahead_ = false;
};

/// "process 1234 (ketavigil)" for the holder of a lock, if the kernel tells.
std::string holder_of(const std::filesystem::path& lock) {
  const int descriptor = ::open(lock.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return "another process";
  struct flock query {};
  query.l_type = F_WRLCK;
  query.l_whence = SEEK_SET;
  const bool told = ::fcntl(descriptor, F_GETLK, &query) == 0 && query.l_type != F_UNLCK;
  ::close(descriptor);
  if (!told || query.l_pid <= 0) return "another process";
  std::string name;
  std::ifstream comm("/proc/" + std::to_string(query.l_pid) + "/comm");
  std::getline(comm, name);
  return "process " + std::to_string(query.l_pid) + (name.empty() ? "" : " (" + name + ")");
}

/// RocksDB's lock, held while the files are judged.
class Lock {
 public:
  static Result<Lock> take(const std::filesystem::path& folder) {
    const std::filesystem::path file = folder / "LOCK";
    rocksdb::FileLock* held = nullptr;
    const rocksdb::Status status = rocksdb::Env::Default()->LockFile(file.string(), &held);
    if (status.ok()) return Lock(held);
    const std::string words = status.ToString();
    const std::string where = "the data directory " + folder.parent_path().string();
    const std::string who = " (a running `ketavigil serve` or `load`?)";
    if (words.find("current process") != std::string::npos) {
      return Error{ErrorKind::storage, where + " is in use by this very process already"};
    }
    if (words.find("temporarily unavailable") != std::string::npos) {
      return Error{ErrorKind::storage, where + " is in use by " + holder_of(file) + who};
    }
    return Error{ErrorKind::storage, where + " cannot be locked: " + words};
  }

  Lock(Lock&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  Lock& operator=(Lock&&) = delete;
  ~Lock() {
    if (held_ != nullptr) rocksdb::Env::Default()->UnlockFile(held_).PermitUncheckedError();
  }

 private:
  explicit Lock(rocksdb::FileLock* held) : held_(held) {}
  rocksdb::FileLock* held_;
};

/// Without a CURRENT: a new store, unless there is anything that only an old one leaves.
Status check_new(const std::filesystem::path& shard, bool create) {
  const std::filesystem::path folder = rocksdb_path(shard);
  std::error_code error;
  std::string remains;
  if (std::filesystem::exists(witness_path(shard), error)) {
    remains = "the witness `acknowledged` is there, but no store";
  }
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    const std::string extension = it->path().extension().string();
    if (extension == ".sst" || extension == ".log") {
      remains = "there are files of a store, but its CURRENT is missing";
    }
  }
  if (!remains.empty()) {
    return Status::failure(ErrorKind::storage,
                           "a store stood in " + shard.string() + " and is not whole: " + remains +
                               "; it is not started empty: restore the data directory from a "
                               "backup, or rebuild it from the log");
  }
  if (create) return {};
  return Status::failure(ErrorKind::storage, "there is no store in " + shard.string());
}

struct Judgement {
  bool fresh = false;
  bool drop_rest = false;
  LogsReport logs;
};

Result<Judgement> judge(const StoreOptions& options) {
  const std::filesystem::path folder = rocksdb_path(options.path);
  KETAVIGIL_TRY_ASSIGN(const std::optional<WitnessRecord> witness,
                       Witness::read(witness_path(options.path)));
  Judgement judgement;
  std::error_code error;
  if (!std::filesystem::exists(folder / "CURRENT", error)) {
    KETAVIGIL_TRY(check_new(options.path, options.create_if_missing));
    judgement.fresh = true;
    return judgement;
  }
  // The logs first: of an older copy of a store they can tell how far it reaches.
  KETAVIGIL_TRY_ASSIGN(judgement.logs, read_logs(folder));
  KETAVIGIL_TRY_ASSIGN(const LogsVerdict verdict, judge_logs(judgement.logs, witness, folder));
  KETAVIGIL_TRY(check_manifest(folder, witness));
  judgement.drop_rest = verdict == LogsVerdict::disposable;
  if (options.free_space_guard_bytes > 0) {
    KETAVIGIL_TRY_ASSIGN(const std::int64_t free, free_bytes_at(folder));
    const std::int64_t needed = judgement.logs.bytes + kRecoveryRoomBytes;
    if (free < needed) {
      return Error{ErrorKind::storage, "only " + readable_bytes(free) + " free on the disk of " +
                                           folder.string() + ", but opening the store may need " +
                                           readable_bytes(needed) + ": make room first"};
    }
  }
  return judgement;
}

std::string note_of(const Judgement& judgement) {
  if (judgement.drop_rest) {
    return "dropped what was never acknowledged: write-ahead log " + judgement.logs.broken;
  }
  if (!judgement.logs.cut.empty()) {
    return "dropped a write that was under way: write-ahead log " + judgement.logs.cut;
  }
  return {};
}

}  // namespace

class StoreOpening {
 public:
  static Result<std::unique_ptr<Store>> run(const StoreOptions& options, Resources& resources) {
    const std::filesystem::path folder = rocksdb_path(options.path);
    KETAVIGIL_TRY(prepare(options));
    Judgement judgement;
    {
      KETAVIGIL_TRY_ASSIGN(const Lock lock, Lock::take(folder));
      KETAVIGIL_TRY_ASSIGN(judgement, judge(options));
    }
    std::unique_ptr<Store> store(new Store(options.path, false, options.free_space_guard_bytes));
    note_writer(options.path);
    store->recovery_note_ = note_of(judgement);
    KETAVIGIL_TRY(open_rocksdb(store.get(), judgement, resources));
    KETAVIGIL_TRY(take_witness(store.get()));
    return store;
  }

 private:
  static Status prepare(const StoreOptions& options) {
    const std::filesystem::path folder = rocksdb_path(options.path);
    std::error_code error;
    if (std::filesystem::is_directory(folder, error)) return {};
    KETAVIGIL_TRY(check_new(options.path, options.create_if_missing));
    std::filesystem::create_directories(folder, error);
    if (error) {
      return Status::failure(ErrorKind::storage,
                             "cannot create " + folder.string() + ": " + error.message());
    }
    KETAVIGIL_TRY(sync_directory(options.path));
    return sync_directory(std::filesystem::absolute(options.path).parent_path());
  }

  static Status open_rocksdb(Store* store, const Judgement& judgement, Resources& resources) {
    const std::string folder = rocksdb_path(store->path_).string();
    rocksdb::DBOptions db_options = writer_options(resources);
    db_options.create_if_missing = judgement.fresh;
    StopAtBreak stop(judgement.logs);
    if (judgement.drop_rest) db_options.wal_filter = &stop;  // used while opening only
    if (judgement.drop_rest && !judgement.logs.missing) {
      // The only mode that passes over damage, and everything behind it is known to be
      // unacknowledged. RocksDB itself refuses if a family is ahead of the damaged log.
      db_options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    }
    std::vector<std::string> on_disk = {rocksdb::kDefaultColumnFamilyName};
    if (!judgement.fresh) {
      KETAVIGIL_TRY(storage_status("cannot open the store " + folder,
                                   rocksdb::DB::ListColumnFamilies(db_options, folder, &on_disk)));
    }
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    const rocksdb::Status status =
        rocksdb::DB::Open(db_options, folder, known_families(on_disk, resources), &handles, &db);
    KETAVIGIL_TRY(storage_status("cannot open the store " + folder, status));
    store->db_.reset(db);
    store->adopt_handles(handles);
    return create_families(store, missing_families(on_disk, resources));
  }

  // A crash in between leaves some of them, and the next opening creates the rest.
  static Status create_families(Store* store, const FamilyDescriptors& missing) {
    if (missing.empty()) return {};
    std::vector<rocksdb::ColumnFamilyHandle*> created;
    const rocksdb::Status status = store->db_->CreateColumnFamilies(missing, &created);
    std::vector<rocksdb::ColumnFamilyHandle*> all = store->all_handles_;
    all.insert(all.end(), created.begin(), created.end());
    store->adopt_handles(all);
    return storage_status("cannot create the families of " + rocksdb_path(store->path_).string(),
                          status);
  }

  // Read again: only now RocksDB's lock is held for good.
  static Status take_witness(Store* store) {
    const std::filesystem::path file = witness_path(store->path_);
    KETAVIGIL_TRY_ASSIGN(const std::uint64_t position, store->position());
    KETAVIGIL_TRY_ASSIGN(const std::optional<WitnessRecord> witness, Witness::read(file));
    KETAVIGIL_TRY(check_witness(position, witness, store->path_));
    store->written_ = position;
    store->synced_ = position;  // replayed rows are in SSTs before DB::Open returns
    KETAVIGIL_TRY_ASSIGN(store->witness_,
                         witness ? Witness::open(file) : Witness::create(file, WitnessRecord{}));
    store->acknowledged_ = store->witness_->current().position;
    return {};
  }
};

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options, Resources& resources) {
  return StoreOpening::run(options, resources);
}

}  // namespace ketavigil::storage
