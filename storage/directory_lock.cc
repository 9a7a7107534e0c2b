#include "storage/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <system_error>

namespace ketavigil::storage {

Result<std::unique_ptr<DirectoryLock>> DirectoryLock::take(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  const std::filesystem::path file = directory / "worker.lock";
  const int descriptor = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0640);
  if (descriptor < 0)
    return Error{ErrorKind::storage, "cannot open " + file.string() + " for writing"};
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    ::close(descriptor);
    return Error{ErrorKind::storage, "the data directory " + directory.string() +
                                         " has a worker already: each worker that a group places "
                                         "needs a directory of its own"};
  }
  return std::unique_ptr<DirectoryLock>(new DirectoryLock(descriptor));
}

DirectoryLock::~DirectoryLock() { ::close(descriptor_); }

}  // namespace ketavigil::storage
