#include "tests/e2e/program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace ketavigil::e2e {

Finished run(const std::vector<std::string>& arguments) {
  const Folder folder;
  const std::string out = folder.path("out");
  const std::string error = folder.path("error");
  std::vector<std::string> words = {KETAVIGIL_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_CREAT | O_WRONLY, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, error.c_str(), O_CREAT | O_WRONLY,
                                   0600);
  pid_t child = 0;
  Finished finished;
  if (posix_spawn(&child, KETAVIGIL_BINARY, &actions, nullptr, pointers.data(), environ) == 0) {
    int status = 0;
    waitpid(child, &status, 0);
    finished.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  posix_spawn_file_actions_destroy(&actions);
  finished.out = read_file(out);
  finished.error = read_file(error);
  return finished;
}

Folder::Folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "ketavigil-test-XXXXXX").string();
  path_ = ::mkdtemp(pattern.data()) == nullptr ? std::filesystem::path()
                                               : std::filesystem::path(pattern);
}

Folder::~Folder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

std::string read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace ketavigil::e2e
