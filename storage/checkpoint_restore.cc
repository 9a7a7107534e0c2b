// Restoring a shard from a checkpoint.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <set>
#include <system_error>
#include <utility>

#include "storage/checkpoint.h"
#include "storage/copying.h"
#include "storage/files.h"

namespace ketavigil::storage {
namespace {

namespace fs = std::filesystem;

// What the restored store needs to write its first logs.
constexpr std::int64_t kRoomLeftBytes = std::int64_t{64} << 20;

Error storage_error(const std::string& message) { return {ErrorKind::storage, message}; }
Error damaged(const fs::path& path, const std::string& what) {
  return {ErrorKind::verification, "the checkpoint " + path.string() + " is damaged: " + what};
}

/// The folder in which a shard is restored before it gets its name: one process at a time, by a
/// lock that ends with the process. What a killed one left is removed by the next.
class RestoringFolder {
 public:
  static Result<RestoringFolder> take(const fs::path& shard) {
    const fs::path path = shard.string() + ".restoring";
    std::error_code error;
    fs::create_directories(path, error);
    if (error) return storage_error("cannot create " + path.string() + ": " + error.message());
    RestoringFolder folder(path, ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.descriptor_ < 0) return system_failure("cannot open", path);
    struct stat held {};
    struct stat named {};
    if (::flock(folder.descriptor_, LOCK_EX | LOCK_NB) != 0 ||
        ::fstat(folder.descriptor_, &held) != 0 || ::stat(path.c_str(), &named) != 0 ||
        held.st_ino != named.st_ino) {
      return storage_error("another process restores " + shard.string() + " this moment");
    }
    for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error))
      fs::remove_all(it->path(), error);
    if (error) return storage_error("cannot empty " + path.string() + ": " + error.message());
    folder.owned_ = true;
    return folder;
  }

  RestoringFolder(RestoringFolder&& other) noexcept
      : path_(std::move(other.path_)),
        descriptor_(std::exchange(other.descriptor_, -1)),
        owned_(std::exchange(other.owned_, false)) {}
  RestoringFolder(const RestoringFolder&) = delete;
  RestoringFolder& operator=(const RestoringFolder&) = delete;
  RestoringFolder& operator=(RestoringFolder&&) = delete;
  ~RestoringFolder() {
    std::error_code ignored;
    if (owned_) fs::remove_all(path_, ignored);
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  [[nodiscard]] const fs::path& path() const { return path_; }
  Status become(const fs::path& shard) {
    if (::rename(path_.c_str(), shard.c_str()) != 0) return system_failure("cannot rename", path_);
    owned_ = false;
    return sync_directory(fs::absolute(shard).parent_path());
  }

 private:
  RestoringFolder(fs::path path, int descriptor)
      : path_(std::move(path)), descriptor_(descriptor) {}

  fs::path path_;
  int descriptor_;
  bool owned_ = false;
};

Status check_room_for(const Checkpoint& checkpoint, const fs::path& folder) {
  std::int64_t needed = kRoomLeftBytes;
  for (const CheckpointFile& file : checkpoint.files)
    needed += static_cast<std::int64_t>(file.bytes);
  KETAVIGIL_TRY_ASSIGN(const std::int64_t free, free_bytes_at(folder));
  if (free >= needed) return {};
  return storage_error("only " + readable_bytes(free) + " free on the disk of " + folder.string() +
                       ", restoring " + checkpoint.path.string() + " needs " +
                       readable_bytes(needed) + ": make room first");
}

// Only what the manifest lists: a stray file beside it is no part of the store.
Status copy_files(const Checkpoint& checkpoint, const fs::path& to) {
  std::set<fs::path> folders = {to};
  for (const CheckpointFile& file : checkpoint.files) {
    const fs::path target = to / file.name;
    std::error_code error;
    fs::create_directories(target.parent_path(), error);
    if (error)
      return storage_error("cannot create " + target.parent_path().string() + ": " +
                           error.message());
    folders.insert(target.parent_path());
    const auto copied = copy_file_synced(checkpoint.path / file.name, target);
    if (!copied.ok() && copied.error().kind == ErrorKind::verification)
      return damaged(checkpoint.path, copied.error().message);
    if (!copied.ok()) return copied.error();
    if (copied.value().bytes != file.bytes || copied.value().sha256 != file.sha256) {
      return damaged(checkpoint.path, "its file " + file.name + " is not what was written (" +
                                          std::to_string(copied.value().bytes) + " bytes, " +
                                          std::to_string(file.bytes) + " expected)");
    }
  }
  for (const fs::path& folder : folders) KETAVIGIL_TRY(sync_directory(folder));
  return {};
}

Status read_back(const Checkpoint& checkpoint, const fs::path& copy, Resources& resources) {
  const auto store = Store::open_reader(copy, resources);
  if (!store.ok()) return damaged(checkpoint.path, store.error().message);
  const auto position = store.value()->position();
  if (!position.ok()) return damaged(checkpoint.path, position.error().message);
  if (position.value() != checkpoint.position) {
    return damaged(checkpoint.path, "it holds the log up to " + std::to_string(position.value()) +
                                        ", its manifest says " +
                                        std::to_string(checkpoint.position));
  }
  const Status whole = store.value()->verify_checksums();
  if (!whole.ok()) return damaged(checkpoint.path, whole.error().message);
  return {};
}

}  // namespace

Status restore_checkpoint(const Checkpoint& checkpoint, const fs::path& shard,
                          Resources& resources) {
  KETAVIGIL_TRY_ASSIGN(RestoringFolder folder, RestoringFolder::take(shard));
  std::error_code error;
  if (fs::exists(shard, error))
    return storage_error("cannot restore " + shard.string() + ": it is there already");
  KETAVIGIL_TRY(check_room_for(checkpoint, folder.path()));
  KETAVIGIL_TRY(copy_files(checkpoint, folder.path()));
  KETAVIGIL_TRY(read_back(checkpoint, folder.path(), resources));
  return folder.become(shard);
}

}  // namespace ketavigil::storage
