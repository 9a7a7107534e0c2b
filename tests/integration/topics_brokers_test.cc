// The log on Kafka, with three real brokers, three copies of each record and two that must have it:
// brokers are killed and leaders moved while workers follow. Minutes long: tests/long/run brokers.
#include <atomic>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/integration/topic_records.h"
#include "tests/integration/topics.h"

namespace ketavigil::topics {
namespace {

constexpr int brokers_count = 3;

// How long leaders are moved. KETAVIGIL_BROKERS_SECONDS shortens it, and runs it with few facts
// where KETAVIGIL_CAMPAIGN is not set.
int moving_seconds() {
  const char* wanted = std::getenv("KETAVIGIL_BROKERS_SECONDS");
  if (wanted != nullptr) return std::atoi(wanted);
  return in_campaign ? 60 : 0;
}

class Brokers : public Topics {
 protected:
  static void SetUpTestSuite() {
    if (moving_seconds() == 0) return;
    end();  // of the one broker of the other suites
    folder_ = std::make_unique<TemporaryFolder>();
    std::ofstream topics(folder_->path() / "topics.txt");
    for (const char* name : {"moved", "away"}) write_topics(name, topics);
    topics.close();
    start_brokers({std::to_string(brokers_count)});
    make_programme();
  }
  static void TearDownTestSuite() {
    if (moving_seconds() != 0) end();
  }
  void SetUp() override {
    if (moving_seconds() == 0) GTEST_SKIP() << "three brokers: tests/long/run brokers";
  }

  static void broker(const std::string& action, int number) {
    must_run({source_folder + "/deploy/kafka/broker", action, std::to_string(number), "--directory",
              directory()});
  }
  static void bring_back_all() {
    must_run({source_folder + "/deploy/kafka/up", "--directory", directory(), "--topics",
              (folder_->path() / "topics.txt").string()});
  }
  static std::string move_leaders(const std::string& prefix, int seconds) {
    return must_run(
        {"/usr/bin/env", "java", "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
         "-Dorg.slf4j.simpleLogger.defaultLogLevel=off", "-cp", environment_["KAFKA_JARS"] + "/*",
         source_folder + "/deploy/kafka/Leaders.java", brokers_, prefix, std::to_string(seconds)});
  }
  static void add_lines(const std::string& file, int add, std::map<std::string, int>* counts) {
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
      if (!line.empty()) (*counts)[line] += add;
    }
  }
  // What came in must be what was sent: each record as often as it is in the file. What was
  // `posted` may be there more often: an inbox whose record was not acknowledged in time sends it
  // again, and the fact counts once.
  static void expect_each_record_once(const std::string& topic, const std::string& posted = {}) {
    std::map<std::string, int> surplus_of;
    std::map<std::string, int> may_come_again;
    add_lines(events(), -1, &surplus_of);
    add_lines(posted, -1, &surplus_of);
    add_lines(posted, 1, &may_come_again);
    int records = 0;
    for (const auto& [headers, value] : whole_topic(brokers_, topic, shards)) {
      if (headers.count("ketavigil-entry") > 0 || headers.count("ketavigil-forwarded") > 0)
        continue;
      ++surplus_of[value];
      ++records;
    }
    int lost = 0;
    int doubled = 0;
    for (const auto& [value, surplus] : surplus_of) {
      lost += std::max(0, -surplus);
      if (may_come_again.count(value) == 0) doubled += std::max(0, surplus);
    }
    EXPECT_EQ(lost, 0) << topic;
    EXPECT_EQ(doubled, 0) << topic;
    RecordProperty("records", records);
  }
  // Law B: a worker that begins now, with nothing to disturb it, writes the same history.
  static void expect_history_of_an_undisturbed_worker(const fs::path& data, const fs::path& folder,
                                                      const std::string& prefix) {
    Service alone(folder, section(prefix));
    ASSERT_TRUE(alone.start()) << alone.log();
    ASSERT_TRUE(wait_until_read({&alone}));
    EXPECT_EQ(alone.stop().exit_code, 0) << alone.log();
    EXPECT_EQ(history(data), history(alone.data()));
    must_run({KETAVIGIL_BINARY, "verify", "--data", data.string()});
  }
};

bool says(Service& worker, int status, const std::string& words, const std::string& metric) {
  const auto ready = worker.get("/-/ready");
  const auto metrics = worker.get("/metrics");
  return ready && metrics && ready->status == status &&
         ready->body.find(words) != std::string::npos &&
         metrics->body.find("\n" + metric + "\n") != std::string::npos;
}
bool says_that_no_broker_answers(Service& worker) {
  return says(worker, 503, "no Kafka broker answers", "ketavigil_topic_connected 0");
}
bool says_that_it_follows(Service& worker) {
  return says(worker, 200, "", "ketavigil_topic_connected 1");
}

// Seconds until each of them says so; -1: not in time.
int seconds_until(const std::vector<Service*>& workers, bool (*says_so)(Service&)) {
  const auto started = std::chrono::steady_clock::now();
  for (Service* worker : workers) {
    while (!says_so(*worker)) {
      if (std::chrono::steady_clock::now() - started > seconds(180)) return -1;
      std::this_thread::sleep_for(milliseconds(100));
    }
  }
  return static_cast<int>(
      std::chrono::duration_cast<seconds>(std::chrono::steady_clock::now() - started).count());
}

TEST_F(Brokers, law_b_brokers_killed_and_leaders_moved_each_second_lose_and_double_nothing) {
  const TemporaryFolder own;
  Service first(own.path() / "w0", own.path() / "data", section("moved", 0, 2));
  Service second(own.path() / "w1", own.path() / "data", section("moved", 1, 2));
  ASSERT_TRUE(first.start()) << first.log();
  ASSERT_TRUE(second.start()) << second.log();
  const auto slices = slices_of_events(own.path(), moving_seconds());
  std::atomic<int> under_way{2};
  std::string moved;
  std::thread moving([&] {
    moved = move_leaders("moved.", moving_seconds());
    --under_way;
  });
  std::thread producing([&] {
    for (const std::string& slice : slices) {
      produce("moved.events", slice);
      std::this_thread::sleep_for(milliseconds(500));
    }
    --under_way;
  });
  int killed = 0;
  while (under_way > 0 || killed < brokers_count) {
    std::this_thread::sleep_for(seconds(2));
    const int victim = 1 + killed % brokers_count;
    broker("kill", victim);
    ++killed;
    std::this_thread::sleep_for(seconds(4));  // longer than the others need to miss it
    broker("start", victim);
  }
  moving.join();
  producing.join();
  RecordProperty("brokers_killed", killed);
  std::cout << moved;
  ASSERT_TRUE(wait_until_read({&first, &second}));
  EXPECT_EQ(first.stop().exit_code, 0) << first.log();
  EXPECT_EQ(second.stop().exit_code, 0) << second.log();
  expect_each_record_once("moved.events");
  EXPECT_EQ(answers(own.path() / "data"), answers(loaded()));
  expect_history_of_an_undisturbed_worker(own.path() / "data", own.path() / "alone", "moved");
}

TEST_F(Brokers, with_two_of_three_down_the_workers_wait_say_so_and_go_on) {
  const TemporaryFolder own;
  Service first(own.path() / "w0", own.path() / "data", section("away", 0, 2));
  Service second(own.path() / "w1", own.path() / "data", section("away", 1, 2));
  const std::vector<Service*> both = {&first, &second};
  ASSERT_TRUE(first.start()) << first.log();
  ASSERT_TRUE(second.start()) << second.log();
  const auto slices = slices_of_events(own.path(), brokers_count + 1);
  const std::string posted = (own.path() / "posted.ndjson").string();
  produce("away.events", slices[0]);
  for (int stays = 1; stays <= brokers_count; ++stays) {
    ASSERT_GE(seconds_until(both, says_that_it_follows), 0) << first.log() << second.log();
    for (int number = 1; number <= brokers_count; ++number)
      if (number != stays) broker("kill", number);
    const int told_after = seconds_until(both, says_that_no_broker_answers);
    EXPECT_GE(told_after, 0) << first.log() << second.log();
    // What comes over HTTP is taken all the same.
    const std::string fact = R"({"source":"posted","id":")" + std::to_string(stays) +
                             R"(","patient":"q-1","kind":"blood_pressure","effective":)" +
                             R"("2026-03-04T10:00:00Z","systolic":190,"diastolic":90})";
    std::ofstream(posted, std::ios::app) << fact << '\n';
    const auto answer = first.post(fact);
    EXPECT_TRUE(answer && answer->status == 201) << (answer ? answer->body : "no answer");
    std::thread producing([&] { produce("away.events", slices[stays]); });
    std::this_thread::sleep_for(seconds(15));
    EXPECT_TRUE(says_that_no_broker_answers(first)) << first.log();
    EXPECT_TRUE(says_that_no_broker_answers(second)) << second.log();
    bring_back_all();
    const int back_after = seconds_until(both, says_that_it_follows);
    EXPECT_GE(back_after, 0) << first.log() << second.log();
    producing.join();
    RecordProperty("seconds_until_told_" + std::to_string(stays), told_after);
    RecordProperty("seconds_until_back_" + std::to_string(stays), back_after);
  }
  ASSERT_TRUE(wait_until_read(both));
  EXPECT_EQ(first.stop().exit_code, 0) << first.log();
  EXPECT_EQ(second.stop().exit_code, 0) << second.log();
  const fs::path right = own.path() / "right";
  must_run({KETAVIGIL_BINARY, "load", events(), posted, "--data", right.string()});
  expect_each_record_once("away.events", posted);
  EXPECT_EQ(answers(own.path() / "data"), answers(right));
  expect_history_of_an_undisturbed_worker(own.path() / "data", own.path() / "alone", "away");
}

}  // namespace
}  // namespace ketavigil::topics
