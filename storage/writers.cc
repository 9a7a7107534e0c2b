#include "storage/writers.h"

#include <fcntl.h>
#include <unistd.h>

#include <mutex>
#include <set>
#include <string>
#include <system_error>

#include "storage/files.h"

namespace ketavigil::storage {
namespace {

std::mutex mutex;
std::multiset<std::string>& writers() {
  static std::multiset<std::string> paths;
  return paths;
}

std::string name_of(const std::filesystem::path& shard) {
  std::error_code error;
  const std::filesystem::path canonical = std::filesystem::weakly_canonical(shard, error);
  return error ? shard.string() : canonical.string();
}

}  // namespace

void note_writer(const std::filesystem::path& shard) {
  const std::lock_guard lock(mutex);
  writers().insert(name_of(shard));
}

void forget_writer(const std::filesystem::path& shard) {
  const std::lock_guard lock(mutex);
  const auto found = writers().find(name_of(shard));
  if (found != writers().end()) writers().erase(found);
}

bool has_writer(const std::filesystem::path& shard) {
  const std::lock_guard lock(mutex);
  // Asked of the system only where this process has no lock of its own there: closing any
  // descriptor of a file gives up all of the process's locks on it.
  if (writers().count(name_of(shard)) != 0) return true;
  const int descriptor = ::open((rocksdb_path(shard) / "LOCK").c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  struct flock held {};
  held.l_type = F_WRLCK;
  held.l_whence = SEEK_SET;
  const bool asked = ::fcntl(descriptor, F_GETLK, &held) == 0;
  ::close(descriptor);
  return !asked || held.l_type != F_UNLCK;
}

}  // namespace ketavigil::storage
