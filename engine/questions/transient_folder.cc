#include "engine/questions/transient_folder.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

namespace ketavigil::engine {
namespace {

namespace fs = std::filesystem;

// `read` ends when the other end of the pipe is closed, by whatever ended its process.
constexpr const char* wait_and_remove = "read -r _; exec rm -rf -- \"$0\"";

// Starts it with the pipe as its input and nothing else open, and no signal of the terminal
// reaching it. Negative where that is not possible.
pid_t start_watcher(int read_end, const char* folder) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&files, read_end, STDIN_FILENO);
  ::posix_spawn_file_actions_addclosefrom_np(&files, STDOUT_FILENO);
  sigset_t all;
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &all);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  const char* const arguments[] = {"sh", "-c", wait_and_remove, folder, nullptr};
  const char* const environment[] = {"PATH=/usr/bin:/bin", nullptr};
  pid_t watcher = -1;
  const int failed = ::posix_spawn(&watcher, "/bin/sh", &files, &attributes,
                                   const_cast<char* const*>(arguments),     // they are not changed
                                   const_cast<char* const*>(environment));  // likewise
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  return failed == 0 ? watcher : -1;
}

}  // namespace

Result<TransientFolder> TransientFolder::make() {
  std::error_code error;
  const fs::path base = fs::temp_directory_path(error);
  std::string pattern = ((error ? fs::path("/tmp") : base) / "ketavigil-as-of-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    return Error{ErrorKind::storage, "cannot make a temporary folder " + pattern +
                                         ": set TMPDIR to a folder with room"};
  }
  TransientFolder folder;
  folder.path_ = fs::absolute(pattern);
  folder.watch();
  return folder;
}

TransientFolder::TransientFolder(TransientFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      watcher_(std::exchange(other.watcher_, -1)),
      pipe_(std::exchange(other.pipe_, -1)) {}

TransientFolder& TransientFolder::operator=(TransientFolder&& other) noexcept {
  if (this == &other) return *this;
  remove();
  path_ = std::exchange(other.path_, {});
  watcher_ = std::exchange(other.watcher_, -1);
  pipe_ = std::exchange(other.pipe_, -1);
  return *this;
}

void TransientFolder::watch() {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return;
  watcher_ = start_watcher(ends[0], path_.c_str());
  ::close(ends[0]);
  if (watcher_ > 0) {
    pipe_ = ends[1];
  } else {
    ::close(ends[1]);
  }
}

void TransientFolder::remove() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  path_.clear();
  if (watcher_ <= 0) return;
  ::close(std::exchange(pipe_, -1));
  while (::waitpid(watcher_, nullptr, 0) < 0 && errno == EINTR) {
  }
  watcher_ = -1;
}

}  // namespace ketavigil::engine
