#include "storage/checkpoint.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "storage/checkpoint_manifest.h"
#include "storage/copying.h"
#include "storage/files.h"

namespace ketavigil::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNewPrefix = ".new-";      // being written
constexpr std::string_view kOldPrefix = ".old-";      // being removed
constexpr std::string_view kStagePrefix = ".stage-";  // in the shard's own directory
constexpr std::chrono::hours kLeftoverAge{24};
// A checkpoint that fills a disk to its end harms whoever shares it.
constexpr std::int64_t kRoomLeftBytes = std::int64_t{64} << 20;
constexpr std::size_t kPositionDigits = 20;
constexpr std::size_t kMadeDigits = 17;
constexpr std::size_t kSuffixCharacters = 6;  // of mkdtemp

Error storage_error(const std::string& message) { return {ErrorKind::storage, message}; }
Error damaged(const fs::path& path, const std::string& what) {
  return {ErrorKind::verification, "the checkpoint " + path.string() + " is damaged: " + what};
}

bool starts_with(const fs::path& path, std::string_view prefix) {
  return path.filename().string().starts_with(prefix);
}

Result<fs::path> unique_folder(const fs::path& parent, std::string_view prefix) {
  std::string name = (parent / (std::string(prefix) + "XXXXXX")).string();
  if (::mkdtemp(name.data()) == nullptr) return system_failure("cannot create", name);
  return fs::path(name);
}

void remove_beginning_with(const fs::path& folder, std::string_view prefix) {
  std::error_code ignored;
  std::vector<fs::path> found;
  for (fs::directory_iterator it(folder, ignored), end; !ignored && it != end;
       it.increment(ignored)) {
    if (starts_with(it->path(), prefix)) found.push_back(it->path());
  }
  for (const fs::path& path : found) fs::remove_all(path, ignored);
}

// Position and time, so that the order of the names is that of the checkpoints.
std::string name_of(std::uint64_t position, std::int64_t made_us, std::string_view suffix) {
  char text[64];
  std::snprintf(text, sizeof text, "%020llu-%017lld-", static_cast<unsigned long long>(position),
                static_cast<long long>(made_us));
  return text + std::string(suffix);
}

bool parse_name(const fs::path& path, CheckpointName* name) {
  const std::string text = path.filename().string();
  if (text.size() != kPositionDigits + kMadeDigits + kSuffixCharacters + 2) return false;
  const char* begin = text.data();
  const char* made = begin + kPositionDigits + 1;
  const auto position_end = std::from_chars(begin, begin + kPositionDigits, name->position);
  const auto made_end = std::from_chars(made, made + kMadeDigits, name->made_us);
  name->path = path;
  return position_end.ptr == begin + kPositionDigits && text[kPositionDigits] == '-' &&
         made_end.ptr == made + kMadeDigits && text[kPositionDigits + kMadeDigits + 1] == '-';
}

Result<std::vector<fs::path>> files_below(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> names;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    if (it->is_regular_file(error)) names.push_back(it->path().lexically_relative(folder));
  }
  if (error) return storage_error("cannot list " + folder.string() + ": " + error.message());
  std::sort(names.begin(), names.end());
  return names;
}

// Links take no room of their own.
Status check_room_for(const fs::path& staged, const std::vector<fs::path>& names,
                      const fs::path& folder) {
  struct stat here {};
  struct stat there {};
  if (::stat(staged.c_str(), &here) == 0 && ::stat(folder.c_str(), &there) == 0 &&
      here.st_dev == there.st_dev)
    return {};
  std::error_code ignored;
  std::int64_t needed = kRoomLeftBytes;
  for (const fs::path& name : names) {
    const auto bytes = fs::file_size(staged / name, ignored);
    if (!ignored) needed += static_cast<std::int64_t>(bytes);
  }
  KETAVIGIL_TRY_ASSIGN(const std::int64_t free, free_bytes_at(folder));
  if (free >= needed) return {};
  return storage_error("only " + readable_bytes(free) + " free on the disk of " + folder.string() +
                       ", the checkpoint may need " + readable_bytes(needed));
}

/// The folder under its temporary name; removed unless it was given its own.
class Unfinished {
 public:
  explicit Unfinished(fs::path path) : path_(std::move(path)) {}
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  ~Unfinished() {
    std::error_code ignored;
    if (!finished_) fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }
  void finish() { finished_ = true; }

 private:
  fs::path path_;
  bool finished_ = false;
};

Result<std::vector<CheckpointFile>> copy_staged(const fs::path& staged, const fs::path& to,
                                                const std::function<bool()>& stop) {
  KETAVIGIL_TRY_ASSIGN(const std::vector<fs::path> names, files_below(staged));
  KETAVIGIL_TRY(check_room_for(staged, names, to));
  std::error_code error;
  fs::create_directory(rocksdb_path(to), error);
  if (error)
    return storage_error("cannot create " + rocksdb_path(to).string() + ": " + error.message());
  std::vector<CheckpointFile> files;
  for (const fs::path& name : names) {
    if (stop && stop()) return storage_error("the checkpoint is given up");
    KETAVIGIL_TRY_ASSIGN(const FileDigest digest, link_or_copy_synced(staged / name, to / name));
    files.push_back({name.string(), digest.bytes, digest.sha256});
  }
  KETAVIGIL_TRY(sync_directory(rocksdb_path(to)));
  return files;
}

// Opened as a reader, so that nothing in it changes; every block and row is read.
Status read_back(const StagedCheckpoint& staged, const CheckpointTarget& target,
                 const fs::path& path, Resources& resources, Checkpoint* made) {
  KETAVIGIL_TRY_ASSIGN(const std::unique_ptr<Store> copy, Store::open_reader(path, resources));
  KETAVIGIL_TRY_ASSIGN(made->position, copy->position());
  if (made->position < staged.position_least() || made->position > staged.position_greatest()) {
    return damaged(path, "it is at position " + std::to_string(made->position) +
                             ", the store was between " + std::to_string(staged.position_least()) +
                             " and " + std::to_string(staged.position_greatest()));
  }
  KETAVIGIL_TRY(copy->verify_checksums());
  made->metadata = "{}";
  if (target.describe) {
    KETAVIGIL_TRY_ASSIGN(made->metadata, target.describe(*copy));
  }
  return {};
}

}  // namespace

StagedCheckpoint::StagedCheckpoint(StagedCheckpoint&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      position_least_(other.position_least_),
      position_greatest_(other.position_greatest_) {}

StagedCheckpoint::~StagedCheckpoint() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

Result<StagedCheckpoint> stage_checkpoint(Store& store) {
  // Only who has the store open stages here: what is left was another's, who was killed.
  remove_beginning_with(store.path(), kStagePrefix);
  KETAVIGIL_TRY_ASSIGN(fs::path folder, unique_folder(store.path(), kStagePrefix));
  StagedCheckpoint staged(std::move(folder));
  KETAVIGIL_TRY_ASSIGN(staged.position_least_, store.position());
  std::error_code error;
  fs::remove(staged.path_, error);  // a checkpoint makes its folder itself
  KETAVIGIL_TRY(store.checkpoint(staged.path_));
  KETAVIGIL_TRY_ASSIGN(staged.position_greatest_, store.position());
  return staged;
}

Result<Checkpoint> write_checkpoint(const StagedCheckpoint& staged, const CheckpointTarget& target,
                                    Resources& resources) {
  std::error_code error;
  fs::create_directories(target.folder, error);
  if (error)
    return storage_error("cannot create " + target.folder.string() + ": " + error.message());
  KETAVIGIL_TRY(sync_directory(fs::absolute(target.folder).parent_path()));
  KETAVIGIL_TRY_ASSIGN(const fs::path temporary, unique_folder(target.folder, kNewPrefix));
  Unfinished unfinished(temporary);
  Checkpoint made;
  made.made_us = target.made_us;
  KETAVIGIL_TRY_ASSIGN(made.files, copy_staged(staged.path(), temporary, target.stop));
  KETAVIGIL_TRY(read_back(staged, target, temporary, resources, &made));
  KETAVIGIL_TRY(write_checkpoint_manifest(made, temporary));
  const std::string suffix = temporary.filename().string().substr(kNewPrefix.size());
  made.path = target.folder / name_of(made.position, made.made_us, suffix);
  fs::rename(temporary, made.path, error);
  if (error) return storage_error("cannot rename " + temporary.string() + ": " + error.message());
  unfinished.finish();
  KETAVIGIL_TRY(sync_directory(target.folder));
  return made;
}

Result<std::vector<CheckpointName>> list_checkpoints(const fs::path& folder) {
  std::error_code error;
  std::vector<CheckpointName> found;
  if (!fs::exists(folder, error) && !error) return found;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    CheckpointName name;
    if (parse_name(it->path(), &name)) found.push_back(name);
  }
  if (error) return storage_error("cannot list " + folder.string() + ": " + error.message());
  std::sort(found.begin(), found.end(), [](const CheckpointName& a, const CheckpointName& b) {
    return a.path.filename() > b.path.filename();
  });
  return found;
}

Status remove_old_checkpoints(const Checkpoint& newest, int keep,
                              const std::set<std::filesystem::path>& damaged) {
  const fs::path folder = newest.path.parent_path();
  KETAVIGIL_TRY_ASSIGN(const std::vector<CheckpointName> found, list_checkpoints(folder));
  int kept = 0;
  std::error_code error;
  for (const CheckpointName& name : found) {
    if (name.path.filename() > newest.path.filename()) continue;
    if (damaged.count(name.path) == 0 && kept++ < keep) continue;
    // Its name first, so that nobody restores what is half removed.
    const fs::path hidden = folder / (std::string(kOldPrefix) + name.path.filename().string());
    fs::rename(name.path, hidden, error);
    if (!error) fs::remove_all(hidden, error);
    if (error == std::errc::no_such_file_or_directory) continue;  // another removed it
    if (error) return storage_error("cannot remove " + name.path.string() + ": " + error.message());
  }
  // By the file system's own clock: those of the machines may differ.
  const auto made = fs::last_write_time(newest.path, error);
  if (error) return {};
  std::vector<fs::path> leftovers;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (starts_with(it->path(), kNewPrefix) || starts_with(it->path(), kOldPrefix))
      leftovers.push_back(it->path());
  }
  for (const fs::path& path : leftovers) {
    auto used = fs::last_write_time(path, error);
    if (error) continue;
    const auto filled = fs::last_write_time(rocksdb_path(path), error);
    if (!error) used = std::max(used, filled);
    if (made - used > kLeftoverAge) fs::remove_all(path, error);
  }
  return {};
}

}  // namespace ketavigil::storage
