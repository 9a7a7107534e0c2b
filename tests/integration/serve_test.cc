// The service from outside: answers at the door, metrics, stop, kill.
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "tests/integration/service.h"

namespace ketavigil {
namespace {

using nlohmann::json;
using test::HttpAnswer;
using test::HttpClient;
using test::Service;
using test::TemporaryFolder;

std::string pressure(const std::string& patient, const std::string& id, int systolic,
                     const std::string& more = {}) {
  return R"({"source":"clinic","id":")" + id + R"(","patient":")" + patient +
         R"(","kind":"blood_pressure","effective":"2026-03-04T15:22:00+01:00",)" + more +
         R"("systolic":)" + std::to_string(systolic) + R"(,"diastolic":90})";
}

json body_of(const std::optional<HttpAnswer>& answer) {
  return answer ? json::parse(answer->body, nullptr, false) : json();
}

std::vector<json> lines_of(const std::optional<HttpAnswer>& answer) {
  std::vector<json> lines;
  std::istringstream stream(answer ? answer->body : "");
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(json::parse(line, nullptr, false));
  }
  return lines;
}

// Source-given ids of all facts in a data directory, by the program's own reading.
std::set<std::string> stored_ids(const std::filesystem::path& data) {
  std::string output;
  const auto ended =
      test::run_program({KETAVIGIL_BINARY, "patient", "--data", data.string(), "--json"}, &output);
  EXPECT_EQ(ended.exit_code, 0) << output;
  std::set<std::string> ids;
  std::istringstream stream(output);
  for (std::string line; std::getline(stream, line);) {
    const json document = json::parse(line);
    for (const auto& fact : document.at("facts")) ids.insert(fact.at("id"));
  }
  return ids;
}

class Serve : public testing::Test {
 protected:
  void start(const std::string& more = {}, std::int64_t guard_bytes = 0) {
    service_ = std::make_unique<Service>(folder_.path(), more, guard_bytes);
    ASSERT_TRUE(service_->start()) << service_->log();
  }
  TemporaryFolder folder_;
  std::unique_ptr<Service> service_;
};

TEST_F(Serve, answers_at_the_door_are_those_of_the_format) {
  start();
  auto answer = service_->post(pressure("p", "a", 140));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(body_of(answer)["outcome"], "accepted");

  answer = service_->post(pressure("p", "a", 140), "application/x-www-form-urlencoded");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(body_of(answer)["outcome"], "duplicate");

  answer = service_->post(pressure("p", "a", 150));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(body_of(answer)["outcome"], "conflict");

  answer = service_->post(pressure("p", "b", 140, R"("unit":"bar",)"));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 202);
  EXPECT_EQ(body_of(answer)["reason"], "unknown-unit");
  EXPECT_EQ(body_of(answer)["field"], "unit");

  answer = service_->post(pressure("p", "c", 140, R"("recorded":"2999-01-01T00:00:00Z",)"));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 202);
  EXPECT_EQ(body_of(answer)["reason"], "clock");

  const std::string whole = pressure("p", "d", 140);
  answer = service_->post(whole.substr(0, whole.size() / 2));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 400);
  EXPECT_EQ(body_of(answer)["outcome"], "malformed");

  answer = service_->post(pressure("p", "e", 140) + "\n\n{\"broken\n" + pressure("p", "f", 600) +
                              "\n" + pressure("p", "a", 140) + "\n",
                          "application/x-ndjson");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  const auto lines = lines_of(answer);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0]["line"], 1);
  EXPECT_EQ(lines[0]["status"], 201);
  EXPECT_EQ(lines[1]["line"], 3);
  EXPECT_EQ(lines[1]["status"], 400);
  EXPECT_EQ(lines[2]["line"], 4);
  EXPECT_EQ(lines[2]["status"], 202);
  EXPECT_EQ(lines[2]["reason"], "implausible");
  EXPECT_EQ(lines[3]["line"], 5);
  EXPECT_EQ(lines[3]["status"], 200);
  EXPECT_EQ(lines[3]["outcome"], "duplicate");

  // What is told is what is kept, also beside the running service.
  EXPECT_EQ(stored_ids(service_->data()), (std::set<std::string>{"a", "e"}));
}

TEST_F(Serve, paths_and_methods_that_are_not_there_are_404_and_405) {
  start();
  HttpClient intake(service_->intake_port());
  EXPECT_EQ(intake.request("GET", "/api/v1/events").value_or(HttpAnswer{}).status, 405);
  EXPECT_EQ(intake.request("GET", "/metrics").value_or(HttpAnswer{}).status, 404);
  EXPECT_EQ(intake.request("POST", "/api/v1/event", "{}").value_or(HttpAnswer{}).status, 404);
  HttpClient operations(service_->operations_port());
  EXPECT_EQ(operations.request("POST", "/api/v1/events", "{}").value_or(HttpAnswer{}).status, 404);
  EXPECT_EQ(operations.request("POST", "/metrics", "x").value_or(HttpAnswer{}).status, 405);
  EXPECT_EQ(operations.request("GET", "/").value_or(HttpAnswer{}).status, 200);
  EXPECT_EQ(operations.request("GET", "/-/healthy").value_or(HttpAnswer{}).status, 200);
  EXPECT_EQ(operations.request("GET", "/-/ready").value_or(HttpAnswer{}).status, 200);
}

TEST_F(Serve, body_above_the_limit_is_413_and_one_event_above_1_mib_is_malformed) {
  start();
  auto answer = service_->post(std::string(std::size_t{17} << 20, ' '));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 413);
  answer = service_->post(
      pressure("p", "a", 140, "\"text\":\"" + std::string(std::size_t{1} << 20, 'x') + "\","));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 400);
  EXPECT_EQ(body_of(answer)["outcome"], "malformed");
}

TEST_F(Serve, metrics_count_what_was_answered_name_nobody_and_pass_promtool) {
  start();
  service_->post(pressure("p-secret", "id-secret", 215));
  service_->post(pressure("p-secret", "id-secret", 215));
  service_->post(pressure("p-secret", "id-other", 600));
  service_->post("{");
  const auto answer = service_->get("/metrics");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  for (const std::string line :
       {"ketavigil_facts_total{answer=\"accepted\",kind=\"blood_pressure\"} 1",
        "ketavigil_facts_total{answer=\"duplicate\",kind=\"blood_pressure\"} 1",
        "ketavigil_facts_total{answer=\"quarantined\",kind=\"blood_pressure\"} 1",
        "ketavigil_facts_total{answer=\"malformed\",kind=\"unreadable\"} 1",
        "ketavigil_quarantined_total{reason=\"implausible\"} 1", "ketavigil_ready 1",
        "ketavigil_http_requests_total{code=\"400\",listener=\"intake\",route=\"/api/v1/events\"} "
        "1"}) {
    EXPECT_NE(answer->body.find(line + "\n"), std::string::npos) << line << "\n" << answer->body;
  }
  EXPECT_EQ(answer->body.find("secret"), std::string::npos);
  EXPECT_EQ(service_->log().find("secret"), std::string::npos);
  if (std::system("command -v promtool >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "promtool is not installed: deploy/dependencies monitoring";
  }
  std::ofstream(folder_.path() / "metrics") << answer->body;
  EXPECT_EQ(std::system(("promtool check metrics < " + (folder_.path() / "metrics").string() +
                         " >/dev/null 2>&1")
                            .c_str()),
            0);
}

TEST_F(Serve, stop_answers_what_was_begun_and_ends_with_0) {
  start();
  std::atomic<bool> stopping{false};
  std::vector<std::string> acknowledged;
  std::thread posting([&] {
    HttpClient client(service_->intake_port());
    for (int i = 0; !stopping || i < 20; ++i) {
      const std::string id = "s-" + std::to_string(i);
      const auto answer = client.request("POST", "/api/v1/events", pressure("p", id, 140));
      if (!answer) return;
      if (answer->status == 201) acknowledged.push_back(id);
    }
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const auto ended = service_->stop();
  stopping = true;
  posting.join();
  EXPECT_EQ(ended.exit_code, 0) << service_->log();
  EXPECT_FALSE(acknowledged.empty());
  const auto stored = stored_ids(service_->data());
  for (const auto& id : acknowledged) EXPECT_EQ(stored.count(id), 1U) << id;
}

TEST_F(Serve, what_was_acknowledged_survives_kill_9_during_posts_from_8_clients) {
  start();
  std::mutex mutex;
  std::set<std::string> acknowledged;
  std::set<std::string> sent;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::thread> clients;
    std::atomic<int> answered{0};
    for (int c = 0; c < 8; ++c) {
      clients.emplace_back([&, c] {
        HttpClient client(service_->intake_port());
        for (int i = 0; i < 1'000'000; ++i) {
          const std::string name =
              std::to_string(round) + "-" + std::to_string(c) + "-" + std::to_string(i);
          {
            const std::lock_guard lock(mutex);
            sent.insert(name);
          }
          const auto answer =
              client.request("POST", "/api/v1/events", pressure("p-" + name, name, 140));
          if (!answer) return;
          ASSERT_EQ(answer->status, 201) << answer->body;
          ++answered;
          const std::lock_guard lock(mutex);
          acknowledged.insert(name);
        }
      });
    }
    while (answered < 100 * (round + 1)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    service_->kill();
    for (auto& client : clients) client.join();
    ASSERT_TRUE(service_->start()) << service_->log();
    const auto stored = stored_ids(service_->data());
    for (const auto& name : acknowledged) ASSERT_EQ(stored.count(name), 1U) << name;
    for (const auto& name : stored) ASSERT_EQ(sent.count(name), 1U) << name;
  }
}

TEST_F(Serve, duplicates_at_the_same_moment_are_one_fact) {
  start();
  std::atomic<int> created{0};
  std::atomic<int> known{0};
  std::vector<std::thread> clients;
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&] {
      HttpClient client(service_->intake_port());
      for (int i = 0; i < 30; ++i) {
        const auto answer =
            client.request("POST", "/api/v1/events", pressure("p", "d-" + std::to_string(i), 140));
        const int status = answer ? answer->status : 0;
        created += status == 201 ? 1 : 0;
        known += status == 200 ? 1 : 0;
      }
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(created, 30);
  EXPECT_EQ(known, 210);
}

TEST_F(Serve, without_room_it_answers_503_and_is_not_ready_but_healthy) {
  // A guard that no disk satisfies; but the store is made first, which needs room too.
  start();
  ASSERT_EQ(service_->stop().exit_code, 0);
  service_ = std::make_unique<Service>(folder_.path(), "", std::int64_t{1} << 50);
  if (!service_->start()) {
    // Then it said why, and nothing was taken.
    EXPECT_NE(service_->log().find("room"), std::string::npos) << service_->log();
    return;
  }
  const auto answer = service_->post(pressure("p", "a", 140));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 503);
  EXPECT_FALSE(answer->header("retry-after").empty());
  EXPECT_EQ(service_->get("/-/ready").value_or(HttpAnswer{}).status, 503);
  EXPECT_EQ(service_->get("/-/healthy").value_or(HttpAnswer{}).status, 200);
  EXPECT_NE(service_->log().find("no facts are taken"), std::string::npos) << service_->log();
  EXPECT_EQ(service_->stop().exit_code, 0);
}

TEST_F(Serve, goes_on_by_itself_when_there_is_room_again) {
  struct statfs file_system {};
  ASSERT_EQ(::statfs(folder_.path().c_str(), &file_system), 0);
  const auto free = static_cast<std::int64_t>(file_system.f_bavail) *
                    static_cast<std::int64_t>(file_system.f_bsize);
  constexpr std::int64_t margin = std::int64_t{2} << 30;  // others use the disk meanwhile
  if (file_system.f_type == TMPFS_MAGIC || free < 4 * margin) {
    GTEST_SKIP() << "needs 8 GiB free on a disk that is no memory";
  }
  start("", free - margin);
  EXPECT_EQ(service_->post(pressure("p", "a", 140)).value_or(HttpAnswer{}).status, 201);
  const std::string ballast = (folder_.path() / "ballast").string();
  const int file = ::open(ballast.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (::fallocate(file, 0, 0, 2 * margin) != 0) {
    ::close(file);
    GTEST_SKIP() << "this file system cannot reserve space";
  }
  ::close(file);
  EXPECT_EQ(service_->post(pressure("p", "b", 140)).value_or(HttpAnswer{}).status, 503);
  EXPECT_EQ(service_->get("/-/ready").value_or(HttpAnswer{}).status, 503);
  std::filesystem::remove(ballast);
  EXPECT_EQ(service_->get("/-/ready").value_or(HttpAnswer{}).status, 200);
  EXPECT_EQ(service_->post(pressure("p", "b", 140)).value_or(HttpAnswer{}).status, 201);
  EXPECT_NE(service_->log().find("there is room again"), std::string::npos) << service_->log();
}

TEST_F(Serve, store_that_cannot_be_written_ends_it_with_4_and_loses_nothing) {
  service_ = std::make_unique<Service>(folder_.path());
  service_->limit_file_bytes(std::uint64_t{1} << 20);
  ASSERT_TRUE(service_->start()) << service_->log();
  HttpClient client(service_->intake_port());
  std::vector<std::string> acknowledged;
  std::optional<HttpAnswer> answer;
  for (int i = 0; i < 10'000; ++i) {
    const std::string id = "w-" + std::to_string(i);
    answer = client.request(
        "POST", "/api/v1/events",
        pressure("p-" + id, id, 140, "\"text\":\"" + std::string(1'000, 'x') + "\","));
    if (!answer || answer->status != 201) break;
    acknowledged.push_back(id);
  }
  EXPECT_FALSE(acknowledged.empty());
  const auto ended = service_->wait_for_end(30);
  ASSERT_TRUE(ended.has_value()) << service_->log();
  // Debian's RocksDB may abort by itself when a write fails; both are seen and restarted.
  EXPECT_TRUE(ended->exit_code == 4 || ended->signal == SIGABRT)
      << ended->exit_code << " " << ended->signal << service_->log();
  if (ended->exit_code == 4) {
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 503);
    EXPECT_FALSE(answer->header("retry-after").empty());
    EXPECT_NE(service_->log().find("critical"), std::string::npos) << service_->log();
  }
  service_->limit_file_bytes(0);
  ASSERT_TRUE(service_->start()) << service_->log();
  const auto stored = stored_ids(service_->data());
  for (const auto& id : acknowledged) EXPECT_EQ(stored.count(id), 1U) << id;
}

TEST_F(Serve, ticks_pass_time_while_nobody_posts) {
  start("engine:\n  tick_seconds: 1\n");
  const auto ticks = [&] {
    const auto answer = service_->get("/metrics");
    const std::string body = answer ? answer->body : "";
    const auto at = body.find("\nketavigil_ticks_total ");
    return at == std::string::npos ? -1 : std::atoi(body.c_str() + at + 23);
  };
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (ticks() < 3 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_GE(ticks(), 3);
}

TEST_F(Serve, second_service_on_the_same_data_ends_with_4_and_the_first_goes_on) {
  start();
  std::string output;
  const auto ended = test::run_program(
      {KETAVIGIL_BINARY, "serve", "--config", (folder_.path() / "serve.yaml").string()}, &output);
  EXPECT_EQ(ended.exit_code, 4) << output;
  EXPECT_EQ(output.find("listening"), std::string::npos);
  EXPECT_EQ(service_->post(pressure("p", "a", 140)).value_or(HttpAnswer{}).status, 201);
}

TEST_F(Serve, address_that_is_no_loopback_ends_with_2_and_the_way_out) {
  std::ofstream(folder_.path() / "open.yaml")
      << "storage:\n  path: " << (folder_.path() / "data").string()
      << "\nintake:\n  address: 0.0.0.0\n  port: 0\noperations:\n  port: 0\n";
  std::string output;
  const auto ended = test::run_program(
      {KETAVIGIL_BINARY, "serve", "--config", (folder_.path() / "open.yaml").string()}, &output);
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_NE(output.find("intake.address"), std::string::npos) << output;
  EXPECT_NE(output.find("127.0.0.1"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "data"));
}

TEST_F(Serve, port_in_use_ends_with_2_and_names_it) {
  start();
  std::ofstream(folder_.path() / "taken.yaml")
      << "storage:\n  path: " << (folder_.path() / "other").string()
      << "\nintake:\n  port: " << service_->intake_port() << "\noperations:\n  port: 0\n";
  std::string output;
  const auto ended = test::run_program(
      {KETAVIGIL_BINARY, "serve", "--config", (folder_.path() / "taken.yaml").string()}, &output);
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_NE(output.find(std::to_string(service_->intake_port())), std::string::npos) << output;
}

TEST_F(Serve, wrong_use_ends_with_1) {
  std::string output;
  EXPECT_EQ(test::run_program({KETAVIGIL_BINARY, "serve"}, &output).exit_code, 1);
  EXPECT_NE(output.find("--config"), std::string::npos) << output;
}

}  // namespace
}  // namespace ketavigil
