#include "tests/crash/campaign.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

namespace ketavigil::crash {
namespace {

constexpr const char* folder_in_memory = "/dev/shm";
constexpr std::uintmax_t memory_bytes_min = std::uintmax_t{3} << 30;

// A killed process loses nothing that it gave to the kernel, so the tests need no disk, and one
// that others keep busy would make each sync take seconds. A killed reader leaves its temporary
// folder: it goes with this one.
class TemporaryPlace : public ::testing::Environment {
 public:
  void SetUp() override {
    std::error_code error;
    const auto space = std::filesystem::space(folder_in_memory, error);
    const bool fits = !error && space.available >= memory_bytes_min &&
                      ::access(folder_in_memory, W_OK) == 0 && std::getenv("TMPDIR") == nullptr;
    const auto base =
        fits ? std::filesystem::path(folder_in_memory) : std::filesystem::temp_directory_path();
    std::string pattern = (base / "ketavigil-crash-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr) << pattern;
    folder_ = pattern;
    ::setenv("TMPDIR", folder_.c_str(), 1);
  }
  void TearDown() override {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }

 private:
  std::string folder_;
};
const ::testing::Environment* const temporary_place =
    ::testing::AddGlobalTestEnvironment(new TemporaryPlace);  // GoogleTest deletes it

}  // namespace

int times(int in_short, int in_campaign) {
  const char* asked = std::getenv("KETAVIGIL_CAMPAIGN");
  return asked != nullptr && std::string(asked) == "1" ? in_campaign : in_short;
}

std::mt19937_64 random_numbers() {
  const char* seed = std::getenv("KETAVIGIL_SEED");
  return std::mt19937_64(seed == nullptr ? 1 : std::strtoull(seed, nullptr, 10));
}

std::string simulated_events(const e2e::Folder& folder, int patients, int months) {
  const auto made =
      e2e::run({"simulate", "--patients", std::to_string(patients), "--months",
                std::to_string(months), "--seed", "11", "--out", folder.path("programme")});
  EXPECT_EQ(made.exit_code, 0) << made.error;
  return folder.path("programme") + "/events.ndjson";
}

std::string answers(const std::string& data, const std::string& at) {
  std::string all;
  for (const char* command : {"alerts", "patient", "cohort"}) {
    const auto answer = e2e::run({command, "--data", data, "--at", at, "--json"});
    EXPECT_EQ(answer.exit_code, 0) << command << ": " << answer.error;
    all += answer.out;
  }
  return all;
}

Child::Child(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {KETAVIGIL_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0);
  if (posix_spawn(&pid_, KETAVIGIL_BINARY, &actions, nullptr, pointers.data(), environ) != 0)
    pid_ = 0;
  posix_spawn_file_actions_destroy(&actions);
}

Child::~Child() { kill(); }

bool Child::ends_within(std::chrono::microseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (pid_ > 0) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      pid_ = 0;
    } else if (std::chrono::steady_clock::now() >= until) {
      return false;
    } else {
      std::this_thread::sleep_for(std::chrono::microseconds(500));
    }
  }
  return true;
}

void Child::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = 0;
  exit_code_ = 128 + SIGKILL;
}

}  // namespace ketavigil::crash
