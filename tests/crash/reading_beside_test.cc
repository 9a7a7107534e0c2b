// Reading commands beside a running service: they answer, with what was acknowledged before, and
// write nothing.
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/crash/campaign.h"
#include "tests/integration/service.h"

namespace ketavigil::crash {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds pause{10};

// Path -> size and time of change of every file.
std::map<std::string, std::pair<std::uintmax_t, fs::file_time_type>> files_of(
    const fs::path& data) {
  std::map<std::string, std::pair<std::uintmax_t, fs::file_time_type>> files;
  for (const auto& entry : fs::recursive_directory_iterator(data)) {
    const bool is_file = entry.is_regular_file();
    files[entry.path().string()] = {is_file ? entry.file_size() : 0, entry.last_write_time()};
  }
  return files;
}

std::string crisis(int number) {
  return R"({"source":"ward","id":"b-)" + std::to_string(number) + R"(","patient":"p-)" +
         std::to_string(number / 4) +  // few facts each, so that no history grows without end
         R"(","kind":"blood_pressure","effective":"2024-02-01T10:00:00Z","systolic":)" +
         std::to_string(185 + number % 60) + R"(,"diastolic":125})";
}

// Posts until told to end; counts what was acknowledged.
class Pushing {
 public:
  explicit Pushing(std::uint16_t port) : thread_([this, port] { run(port); }) {}
  ~Pushing() { end(); }
  Pushing(const Pushing&) = delete;
  Pushing& operator=(const Pushing&) = delete;
  void end() {
    ends_ = true;
    if (thread_.joinable()) thread_.join();
  }
  [[nodiscard]] int acknowledged() const { return acknowledged_; }
  [[nodiscard]] int refused() const { return refused_; }

 private:
  void run(std::uint16_t port) {
    test::HttpClient client(port);
    for (int number = 0; !ends_; ++number) {
      const auto answer =
          client.request("POST", "/api/v1/events", crisis(number), "application/json");
      if (answer && answer->status == 201) {
        ++acknowledged_;
      } else {
        ++refused_;
      }
      std::this_thread::sleep_for(pause);  // else the readers have ever more to read
    }
  }
  std::atomic<bool> ends_{false};
  std::atomic<int> acknowledged_{0};
  std::atomic<int> refused_{0};
  std::thread thread_;
};

int facts_in(const std::string& documents) {
  int facts = 0;
  for (const auto& line : e2e::lines_of(documents))
    facts += static_cast<int>(nlohmann::json::parse(line).at("facts").size());
  return facts;
}

std::string first_finding(const std::string& data) {
  const auto listed = e2e::run({"alerts", "--json", "--data", data});
  EXPECT_EQ(listed.exit_code, 0) << listed.error;
  const auto findings = nlohmann::json::parse(listed.out).at("alerts");
  EXPECT_FALSE(findings.empty());
  return findings.empty() ? "" : findings.front().at("id").get<std::string>();
}

void expect_reads(const std::string& data, const std::string& finding) {
  const std::vector<std::vector<std::string>> commands = {
      {"alerts", "--json", "--data", data},  {"alerts", "--history", "--json", "--data", data},
      {"patient", "--json", "--data", data}, {"cohort", "--json", "--data", data},
      {"explain", finding, "--data", data},  {"verify", "--data", data}};
  for (const auto& command : commands) {
    const auto answer = e2e::run(command);
    EXPECT_EQ(answer.exit_code, 0) << command.front() << ": " << answer.error;
    EXPECT_FALSE(answer.out.empty()) << command.front();
  }
}

TEST(ReadingBeside, a_running_service_is_read_and_not_disturbed) {
  const test::TemporaryFolder folder;
  test::Service service(folder.path());
  ASSERT_TRUE(service.start()) << service.log();
  const std::string data = service.data().string();
  const auto first = service.post(crisis(1'000'000), "application/json");
  ASSERT_TRUE(first && first->status == 201);
  const std::string finding = first_finding(data);
  Pushing pushing(service.intake_port());
  const int rounds = times(4, 20);
  for (int round = 0; round < rounds; ++round) {
    const int before = pushing.acknowledged();
    const auto read = e2e::run({"patient", "--json", "--data", data});
    ASSERT_EQ(read.exit_code, 0) << read.error;
    EXPECT_GE(facts_in(read.out), before + 1) << "less than was acknowledged before it was asked";
    expect_reads(data, finding);
  }
  pushing.end();
  EXPECT_GT(pushing.acknowledged(), rounds);
  EXPECT_EQ(pushing.refused(), 0) << service.log();
  EXPECT_EQ(service.stop().exit_code, 0) << service.log();
  const auto verified = e2e::run({"verify", "--data", data});
  EXPECT_EQ(verified.exit_code, 0) << verified.error;
}

// The service stands still, so whatever changes was done by a reader.
TEST(ReadingBeside, readers_write_nothing) {
  const test::TemporaryFolder folder;
  test::Service service(folder.path());
  ASSERT_TRUE(service.start()) << service.log();
  const std::string data = service.data().string();
  for (int number = 0; number < 20; ++number) {
    const auto answer = service.post(crisis(number), "application/json");
    ASSERT_TRUE(answer && answer->status == 201);
  }
  ASSERT_EQ(::kill(service.child(), SIGSTOP), 0);
  const auto before = files_of(data);
  const std::string finding = first_finding(data);
  expect_reads(data, finding);
  const auto after = files_of(data);
  ASSERT_EQ(::kill(service.child(), SIGCONT), 0);
  for (const auto& [path, state] : after) {
    const auto found = before.find(path);
    EXPECT_TRUE(found != before.end()) << "made by a reader: " << path;
    EXPECT_TRUE(found == before.end() || found->second == state) << "changed: " << path;
  }
  EXPECT_EQ(before.size(), after.size());
  EXPECT_EQ(service.stop().exit_code, 0) << service.log();
}

}  // namespace
}  // namespace ketavigil::crash
