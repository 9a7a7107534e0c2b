#include "tests/integration/service.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

namespace ketavigil::test {
namespace {

constexpr auto start_patience = std::chrono::seconds(60);

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// In the child: it dies with its parent, and becomes the program.
[[noreturn]] void become(const std::vector<std::string>& arguments, int out, int error) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(error, STDERR_FILENO);
  std::vector<char*> pointers;
  for (const auto& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  ::execv(pointers.front(), pointers.data());
  ::_exit(127);
}

Ended ended_of(int status) {
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, WIFSIGNALED(status) ? WTERMSIG(status) : 0};
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "ketavigil-test-XXXXXX").string();
  path_ = ::mkdtemp(pattern.data());
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Ended run_program(const std::vector<std::string>& arguments, std::string* output) {
  const TemporaryFolder folder;
  const auto open = [&](const char* name) {
    return ::open((folder.path() / name).c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  };
  const int out = open("out");
  const int error = open("error");
  const pid_t child = ::fork();
  if (child == 0) become(arguments, out, error);
  ::close(out);
  ::close(error);
  int status = 0;
  ::waitpid(child, &status, 0);
  *output = read_file(folder.path() / "out") + read_file(folder.path() / "error");
  return ended_of(status);
}

Service::Service(const std::filesystem::path& folder, const std::string& more,
                 std::int64_t free_space_guard_bytes)
    : Service(folder, folder / "data", more, free_space_guard_bytes) {}

Service::Service(const std::filesystem::path& folder, const std::filesystem::path& data,
                 const std::string& more, std::int64_t free_space_guard_bytes)
    : folder_(folder), data_(data) {
  std::filesystem::create_directories(folder_);
  std::ofstream(folder_ / "serve.yaml") << "storage:\n  path: " << data_.string()
                                        << "\n  free_space_guard_bytes: " << free_space_guard_bytes
                                        << "\nintake:\n  port: 0\noperations:\n  port: 0\n"
                                        << more;
}

Service::~Service() { kill(); }

bool Service::start() {
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) return false;
  const int error =
      ::open((folder_ / "serve.log").c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  const std::vector<std::string> arguments = {KETAVIGIL_BINARY, "serve", "--config",
                                              (folder_ / "serve.yaml").string()};
  child_ = ::fork();
  if (child_ == 0) {
    if (file_bytes_max_ > 0) {
      ::signal(SIGXFSZ, SIG_IGN);  // a write beyond the limit then fails with EFBIG
      const rlimit limit{file_bytes_max_, file_bytes_max_};
      ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    become(arguments, pipe[1], error);
  }
  ::close(pipe[1]);
  ::close(error);
  const bool said = read_line(pipe[0]);
  ::close(pipe[0]);
  if (!said) kill();
  return said;
}

bool Service::read_line(int descriptor) {
  const auto until = std::chrono::steady_clock::now() + start_patience;
  std::string line;
  while (line.find('\n') == std::string::npos) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    pollfd waiting{descriptor, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return false;
    char bytes[256];
    const ssize_t got = ::read(descriptor, bytes, sizeof bytes);
    if (got <= 0) return false;
    line.append(bytes, static_cast<std::size_t>(got));
  }
  unsigned intake = 0;
  unsigned operations = 0;
  const auto port_after = [&line](const std::string& words, unsigned* port) {
    for (const std::string scheme : {" http", " https"}) {
      const std::string before = words + scheme + "://127.0.0.1:";
      const auto found = line.find(before);
      if (found == std::string::npos) continue;
      return std::sscanf(line.c_str() + found + before.size(), "%u", port) == 1;
    }
    return false;
  };
  if (!port_after("listening intake", &intake) || !port_after(" operations", &operations))
    return false;
  intake_port_ = static_cast<std::uint16_t>(intake);
  operations_port_ = static_cast<std::uint16_t>(operations);
  return true;
}

Ended Service::stop() {
  if (child_ <= 0) return {};
  ::kill(child_, SIGTERM);
  int status = 0;
  ::waitpid(child_, &status, 0);
  child_ = 0;
  return ended_of(status);
}

void Service::kill() {
  if (child_ <= 0) return;
  ::kill(child_, SIGKILL);
  int status = 0;
  ::waitpid(child_, &status, 0);
  child_ = 0;
}

std::optional<Ended> Service::wait_for_end(int seconds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  int status = 0;
  while (::waitpid(child_, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > until) return std::nullopt;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  child_ = 0;
  return ended_of(status);
}

std::optional<HttpAnswer> Service::post(const std::string& body, const std::string& content_type) {
  return HttpClient(intake_port_).request("POST", "/api/v1/events", body, content_type);
}

std::optional<HttpAnswer> Service::get(const std::string& path) {
  return HttpClient(operations_port_).request("GET", path);
}

std::string Service::log() const { return read_file(folder_ / "serve.log"); }

}  // namespace ketavigil::test
