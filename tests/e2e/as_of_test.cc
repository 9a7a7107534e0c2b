// What `--as-of` copies of patients is gone with the command, however that ends.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <thread>

#include "tests/e2e/program.h"

namespace ketavigil::e2e {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto patience = 20s;

bool comes_true(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

class AsOf : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    ASSERT_EQ(run({"simulate", "--patients", "12", "--months", "12", "--seed", "5", "--out",
                   folder_.path("programme")})
                  .exit_code,
              0);
    ASSERT_EQ(run({"load", folder_.path("programme") + "/events.ndjson", "--data",
                   folder_.path("data"), "--as-recorded"})
                  .exit_code,
              0);
    fs::create_directory(folder_.path("temporary"));
  }
  // The command, in a process of its own.
  pid_t start() {
    const std::string data = folder_.path("data");
    const std::string temporary = folder_.path("temporary");
    const pid_t child = ::fork();
    if (child != 0) return child;
    ::setenv("TMPDIR", temporary.c_str(), 1);
    if (::freopen("/dev/null", "w", stdout) == nullptr) ::_exit(98);
    ::execl(KETAVIGIL_BINARY, "ketavigil", "alerts", "--data", data.c_str(), "--as-of",
            "2025-06-01", "--json", nullptr);
    ::_exit(99);
  }
  bool holds_facts() {
    for (const auto& entry : fs::directory_iterator(folder_.path("temporary"))) {
      if (fs::exists(entry.path() / "programme.json")) return true;
    }
    return false;
  }
  bool is_empty() { return fs::is_empty(folder_.path("temporary")); }

  Folder folder_;
};

TEST_P(AsOf, promise_9_nothing_of_a_patient_stays_behind_when_it_is_interrupted) {
  const pid_t child = start();
  ASSERT_GT(child, 0);
  ASSERT_TRUE(comes_true([&] { return holds_facts(); }));
  ASSERT_EQ(::kill(child, GetParam()), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "it had ended before";
  EXPECT_TRUE(comes_true([&] { return is_empty(); }));
}

INSTANTIATE_TEST_SUITE_P(BySignal, AsOf, testing::Values(SIGINT, SIGTERM, SIGHUP, SIGKILL));

TEST_F(AsOf, nothing_stays_behind_when_it_ends_by_itself) {
  const pid_t child = start();
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_TRUE(is_empty());
}

}  // namespace
}  // namespace ketavigil::e2e
