// The log on Kafka, with a real broker: promises 1 to 4 hold for workers that follow topics.
#include "tests/integration/topics.h"

#include <signal.h>

#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "ingest/kafka/producer.h"
#include "tests/integration/topic_records.h"

namespace ketavigil::topics {
namespace {

namespace kafka = ingest::kafka;

TEST_F(Topics, law_a_two_workers_one_worker_and_the_inbox_give_the_same) {
  const TemporaryFolder own;
  produce("equal.events");
  const std::string expected = answers(loaded());
  {
    Service first(own.path() / "w0", own.path() / "data", section("equal", 0, 2));
    Service second(own.path() / "w1", own.path() / "data", section("equal", 1, 2));
    ASSERT_TRUE(first.start()) << first.log();
    ASSERT_TRUE(second.start()) << second.log();
    ASSERT_TRUE(wait_until_read({&first, &second}));
    EXPECT_EQ(answers(own.path() / "data"), expected);  // beside the running workers
    EXPECT_EQ(first.stop().exit_code, 0) << first.log();
    EXPECT_EQ(second.stop().exit_code, 0) << second.log();
  }
  Service alone(own.path() / "w", own.path() / "alone", section("equal"));
  ASSERT_TRUE(alone.start()) << alone.log();
  ASSERT_TRUE(wait_until_read({&alone}));
  EXPECT_EQ(alone.stop().exit_code, 0);
  EXPECT_EQ(answers(own.path() / "alone"), expected);
  // Law B: one log, one history.
  EXPECT_EQ(history(own.path() / "alone"), history(own.path() / "data"));
  EXPECT_NE(must_run({KETAVIGIL_BINARY, "verify", "--data", (own.path() / "data").string()}), "");
}

TEST_F(Topics, what_the_topics_tell_is_the_history_and_its_last_revisions) {
  const TemporaryFolder own;
  Service worker(own.path() / "w", own.path() / "data", section("told"));
  ASSERT_TRUE(worker.start()) << worker.log();
  produce("told.events");
  std::this_thread::sleep_for(milliseconds(300));
  worker.kill();  // in the middle: what was told may come again, and nothing is left out
  ASSERT_TRUE(worker.start()) << worker.log();
  ASSERT_TRUE(wait_until_read({&worker}));
  EXPECT_EQ(worker.stop().exit_code, 0) << worker.log();
  std::map<std::pair<std::string, int>, std::string> told;  // (case, revision) -> bytes
  for (const auto& [headers, value] : whole_topic(brokers_, "told.alerts.history", 2)) {
    const auto key = std::pair(headers.at("key"), std::stoi(headers.at("ketavigil-revision")));
    const auto [at, fresh] = told.try_emplace(key, value);
    EXPECT_EQ(at->second, value) << "one revision with two contents";
  }
  std::map<std::pair<std::string, int>, std::string> kept;
  std::map<std::string, std::string> last;
  const auto shown = nlohmann::json::parse(history(own.path() / "data"));
  for (const auto& revision : shown.at("revisions"))
    kept[{revision.at("case"), revision.at("revision")}] = revision.at("updated");
  ASSERT_GT(kept.size(), 50U);
  EXPECT_EQ(told.size(), kept.size()) << worker.log();
  for (const auto& [key, updated] : kept) {
    ASSERT_TRUE(told.count(key)) << key.first << " " << key.second;
    EXPECT_EQ(nlohmann::json::parse(told[key]).at("updated"), updated);
    last[key.first] = told[key];
  }
  std::map<std::string, std::string> newest;
  for (const auto& [headers, value] : whole_topic(brokers_, "told.alerts", 2))
    newest[headers.at("key")] = value;
  EXPECT_EQ(newest, last);
  const auto quarantined = whole_topic(brokers_, "told.quarantine", 1);
  const auto listed =
      nlohmann::json::parse(must_run({KETAVIGIL_BINARY, "quarantine", "list", "--json", "--data",
                                      (own.path() / "data").string()}));
  std::set<std::string> distinct;  // the last may have been told twice
  for (const auto& [headers, value] : quarantined) {
    EXPECT_NE(headers.at("__connect.errors.exception.message"), "");
    EXPECT_NE(headers.count("__connect.errors.offset"), 0U);
    distinct.insert(value);
  }
  EXPECT_GT(distinct.size(), 0U);
  EXPECT_EQ(distinct.size(), listed.at("quarantine").size());
}

// A client that partitions otherwise: most records lie on the wrong partition.
TEST_F(Topics, records_astray_are_sent_on_and_change_nothing) {
  const TemporaryFolder own;
  {
    kafka::ConnectionSettings connection;
    connection.brokers = brokers_;
    auto producer = kafka::Producer::open(connection);
    ASSERT_TRUE(producer.ok());
    kafka::SentRecords sent;
    std::ifstream lines(events());
    std::mt19937 random(5);
    for (std::string line; std::getline(lines, line);) {
      if (line.empty()) continue;
      kafka::OutgoingRecord record;
      record.to = {"astray.events", static_cast<std::int32_t>(random() % shards)};
      record.value = line;
      record.headers = {{kafka::headers::source, "file"}};
      ASSERT_TRUE(producer.value()->send(record, &sent).ok());
    }
    ASSERT_TRUE(producer.value()->wait_for(&sent, seconds(60)).ok());
  }
  Service first(own.path() / "w0", own.path() / "data", section("astray", 0, 2));
  Service second(own.path() / "w1", own.path() / "data", section("astray", 1, 2));
  ASSERT_TRUE(first.start()) << first.log();
  ASSERT_TRUE(second.start()) << second.log();
  ASSERT_TRUE(wait_until_read({&first, &second}));
  first.stop();
  second.stop();
  EXPECT_EQ(answers(own.path() / "data"), answers(loaded()));
}

TEST_F(Topics, the_backfill_comes_in_by_marks_in_the_log_and_every_reader_sees_the_same) {
  const TemporaryFolder own;
  produce("backfill.backfill");
  {
    Service worker(own.path() / "w", own.path() / "data", section("backfill"));
    ASSERT_TRUE(worker.start()) << worker.log();
    ASSERT_TRUE(wait_until_read({&worker}));
    EXPECT_EQ(worker.stop().exit_code, 0) << worker.log();
  }
  EXPECT_EQ(answers(own.path() / "data"), answers(loaded()));
  Service again(own.path() / "w2", own.path() / "again", section("backfill"));
  ASSERT_TRUE(again.start()) << again.log();
  ASSERT_TRUE(wait_until_read({&again}));
  again.stop();
  EXPECT_EQ(answers(own.path() / "again"), answers(loaded()));
  EXPECT_EQ(history(own.path() / "again"), history(own.path() / "data"));
}

// Killed, frozen, stopped and started again while the topic is written.
TEST_F(Topics, law_b_workers_killed_at_any_moment_write_the_history_of_one_that_was_not) {
  const TemporaryFolder own;
  const int count = in_campaign ? 4 : 2;
  const int rounds = in_campaign ? 30 : 6;
  std::vector<std::unique_ptr<Service>> workers;
  for (int worker = 0; worker < count; ++worker) {
    workers.push_back(std::make_unique<Service>(own.path() / ("w" + std::to_string(worker)),
                                                own.path() / "data",
                                                section("killed", worker, count)));
    ASSERT_TRUE(workers.back()->start()) << workers.back()->log();
  }
  const auto slices = slices_of_events(own.path(), rounds);
  std::mt19937 random(3);
  for (int round = 0; round < rounds; ++round) {
    std::thread producing([&] { produce("killed.events", slices[round]); });
    std::this_thread::sleep_for(milliseconds(50 + random() % (in_campaign ? 3000 : 300)));
    Service& victim = *workers[random() % workers.size()];
    if (round % 3 == 2) {
      EXPECT_EQ(victim.stop().exit_code, 0) << victim.log();
    } else if (round % 3 == 1) {
      ::kill(victim.child(), SIGSTOP);
      std::this_thread::sleep_for(milliseconds(in_campaign ? 12'000 : 700));
      victim.kill();
    } else {
      victim.kill();
    }
    ASSERT_TRUE(victim.start()) << victim.log();
    producing.join();
  }
  std::vector<Service*> all;
  for (const auto& worker : workers) all.push_back(worker.get());
  ASSERT_TRUE(wait_until_read(all));
  for (const auto& worker : workers) EXPECT_EQ(worker->stop().exit_code, 0) << worker->log();
  Service alone(own.path() / "w", own.path() / "alone", section("killed"));
  ASSERT_TRUE(alone.start()) << alone.log();
  ASSERT_TRUE(wait_until_read({&alone}));
  alone.stop();
  EXPECT_EQ(answers(own.path() / "data"), answers(loaded()));
  EXPECT_EQ(history(own.path() / "data"), history(own.path() / "alone"));
}

}  // namespace
}  // namespace ketavigil::topics
