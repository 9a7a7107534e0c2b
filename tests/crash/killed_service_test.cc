// The service, killed while clients push. Promises 1 and 2.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "tests/crash/campaign.h"
#include "tests/integration/service.h"

namespace ketavigil::crash {
namespace {

using std::chrono::milliseconds;

constexpr int clients = 8;
constexpr int patients_a_client = 4;

// One client: it sends one fact after the other, and each again until it is answered 200 or 201.
class Client {
 public:
  Client(int number, const std::atomic<std::uint16_t>& port, const std::atomic<bool>& ends)
      : number_(number), port_(port), ends_(ends), thread_([this] { run(); }) {}
  ~Client() {
    if (thread_.joinable()) thread_.join();
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  std::set<std::string> acknowledged() const {
    const std::lock_guard lock(mutex_);
    return acknowledged_;
  }
  // Answers that no accident explains.
  std::string wrong() const {
    const std::lock_guard lock(mutex_);
    return wrong_;
  }

 private:
  void run() {
    for (int fact = 0; !ends_; ++fact) {
      const std::string id = "f-" + std::to_string(number_) + "-" + std::to_string(fact);
      while (!ends_ && !send(id, fact)) std::this_thread::sleep_for(milliseconds(5));
    }
  }
  bool send(const std::string& id, int fact) {
    if (client_ == nullptr || client_port_ != port_) {
      client_port_ = port_;
      client_ = std::make_unique<test::HttpClient>(client_port_, std::chrono::seconds(20));
    }
    const int minute = fact % 60;
    const std::string body =
        R"({"source":"clinic","id":")" + id + R"(","patient":"p-)" + std::to_string(number_) + "-" +
        std::to_string(fact % patients_a_client) +
        R"(","kind":"score","instrument":"phq-9","effective":"2024-02-01T10:)" +
        (minute < 10 ? "0" : "") + std::to_string(minute) + R"(:00Z","value":)" +
        std::to_string(fact % 28) + "}";
    const auto answer = client_->request("POST", "/api/v1/events", body, "application/json");
    if (!answer) {
      client_.reset();
      return false;
    }
    const std::lock_guard lock(mutex_);
    if (answer->status == 200 || answer->status == 201) {
      acknowledged_.insert(id);
      return true;
    }
    if (answer->status != 503) wrong_ = std::to_string(answer->status) + " " + answer->body;
    return false;
  }

  const int number_;
  const std::atomic<std::uint16_t>& port_;
  const std::atomic<bool>& ends_;
  std::unique_ptr<test::HttpClient> client_;
  std::uint16_t client_port_ = 0;
  mutable std::mutex mutex_;
  std::set<std::string> acknowledged_;
  std::string wrong_;
  std::thread thread_;  // last: it uses the others
};

using Clients = std::vector<std::unique_ptr<Client>>;

std::set<std::string> acknowledged(const Clients& all) {
  std::set<std::string> ids;
  for (const auto& client : all) ids.merge(client->acknowledged());
  return ids;
}

// Every acknowledged fact is in the records, and no fact is there twice.
void expect_all_there_once(const std::string& data, const std::set<std::string>& ids) {
  const auto answer = e2e::run({"patient", "--json", "--data", data});
  ASSERT_EQ(answer.exit_code, 0) << answer.error;
  std::map<std::string, int> found;
  for (const auto& line : e2e::lines_of(answer.out)) {
    const auto document = nlohmann::json::parse(line);
    for (const auto& fact : document.at("facts")) ++found[fact.at("id").get<std::string>()];
  }
  std::size_t lost = 0;
  for (const auto& id : ids) {
    if (found.count(id) == 0 && ++lost <= 5) ADD_FAILURE() << "lost: " << id;
  }
  EXPECT_EQ(lost, 0U) << "of " << ids.size() << " that were acknowledged";
  for (const auto& [id, count] : found) EXPECT_EQ(count, 1) << id;
}

TEST(KilledService, promise_1_what_was_answered_201_is_there_once_after_a_kill) {
  const test::TemporaryFolder folder;
  ::setenv("KETAVIGIL_STORAGE__SHARDS", "3", 1);
  test::Service service(folder.path());
  std::atomic<std::uint16_t> port{0};
  std::atomic<bool> ends{false};
  ASSERT_TRUE(service.start()) << service.log();
  port = service.intake_port();
  Clients all;
  for (int number = 0; number < clients; ++number)
    all.push_back(std::make_unique<Client>(number, port, ends));
  auto random = random_numbers();
  std::uniform_int_distribution<int> draw(100, 1500);
  const int kills = times(3, 20);
  for (int kill = 0; kill < kills; ++kill) {
    std::this_thread::sleep_for(milliseconds(draw(random)));
    service.kill();
    expect_all_there_once(service.data().string(), acknowledged(all));
    if (!service.start()) {
      ADD_FAILURE() << "does not start after a kill: " << service.log();
      break;
    }
    port = service.intake_port();
  }
  std::this_thread::sleep_for(milliseconds(300));
  ends = true;
  for (const auto& client : all) EXPECT_EQ(client->wrong(), "");
  const auto ids = acknowledged(all);
  all.clear();
  EXPECT_EQ(service.stop().exit_code, 0) << service.log();
  ::unsetenv("KETAVIGIL_STORAGE__SHARDS");
  EXPECT_GT(ids.size(), static_cast<std::size_t>(clients) * 4) << "hardly anything was pushed";
  expect_all_there_once(service.data().string(), ids);
  const auto verified = e2e::run({"verify", "--data", service.data().string()});
  EXPECT_EQ(verified.exit_code, 0) << verified.error;
  RecordProperty("kills", kills);
  RecordProperty("acknowledged", static_cast<int>(ids.size()));
}

}  // namespace
}  // namespace ketavigil::crash
