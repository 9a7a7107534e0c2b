// The cohort's shard on Kafka, with a real broker: lock points are the same whoever reads the log.
#include <nlohmann/json.hpp>

#include "cli/cohort_worker.h"
#include "cli/topic_teller.h"
#include "cli/topic_worker.h"
#include "engine/cohort/cohort_reading.h"
#include "engine/questions/verify.h"
#include "ingest/kafka/consumer.h"
#include "ingest/kafka/producer.h"
#include "routing/kafka/relay.h"
#include "spdlog/sinks/ostream_sink.h"
#include "tests/integration/topics.h"

namespace ketavigil::topics {
namespace {

namespace kafka = ingest::kafka;
using events::Microseconds;

const Microseconds first_hour = events::parse_time("2030-01-01T00:30:00Z")->us;

// Workers add ticks of their own and send heartbeats on: hours, where this is weeks.
constexpr int far_hours = 50 * 24;

// A broker stamps with the machine's clock, which no test moves: here each record comes an hour
// after the one before it, as its offset says. So `received` is a function of the log, as it must
// be.
Microseconds hour_of(std::uint64_t offset) {
  return first_hour + static_cast<Microseconds>(offset) * events::hour_us;
}

class HourlyLog : public cli::ProgrammeLog {
 public:
  using ProgrammeLog::ProgrammeLog;
  Result<kafka::Appended> append(int shard, kafka::Lane lane,
                                 std::vector<kafka::LoggedEvent> events) override {
    for (auto& event : events) event.appended = hour_of(event.offset);
    return ProgrammeLog::append(shard, lane, std::move(events));
  }
  Status tick(int shard, Microseconds, std::uint64_t next_offset) override {
    return ProgrammeLog::tick(shard, hour_of(next_offset - 1), next_offset);
  }
};

kafka::ConnectionSettings connection_to(const std::string& brokers) {
  kafka::ConnectionSettings connection;
  connection.brokers = brokers;
  return connection;
}

class CohortTopics : public Topics {
 protected:
  void SetUp() override {
    auto opened = kafka::Producer::open(connection_to(brokers_));
    ASSERT_TRUE(opened.ok());
    producer_ = std::move(opened).value();
  }

  // A worker that reads its shards to the end, tells what is new, and ends.
  void work(const std::string& prefix, const fs::path& data, const std::vector<int>& own) {
    const engine::SystemClock clock;
    engine::ProgrammeOptions options;
    options.directory = data;
    options.create = true;
    options.log = engine::LogOrigin::topics;
    options.ways_out = true;
    options.shards = shards;
    options.free_space_guard_bytes = 0;
    auto programme = engine::Programme::open(options, clock);
    ASSERT_TRUE(programme.ok()) << programme.error().message;
    const engine::Settings settings;
    dashboards::Metrics metrics({}, 0);
    HourlyLog log(*programme.value(), settings, metrics);
    kafka::LogSettings topics;
    topics.events_topic = prefix + ".events";
    topics.backfill_topic = prefix + ".backfill";
    topics.tick_every = seconds(86'400);
    auto reader =
        kafka::LogReader::open(connection_to(brokers_), topics, shards, own, log, *producer_);
    ASSERT_TRUE(reader.ok()) << reader.error().message;
    while (!reader.value()->is_at_end()) ASSERT_TRUE(reader.value()->step().ok());
    ASSERT_TRUE(reader.value()->end().ok());
    cli::ProducerWriter writer(*producer_);
    routing::kafka::Relay relay(*programme.value(), writer, {prefix, 1000});
    for (std::size_t told = 1; told > 0;) {
      const auto step = relay.step();
      ASSERT_TRUE(step.ok()) << step.error().message;
      told = step.value();
    }
  }

  // Time passes for a shard that gets nothing else.
  void tick(const std::string& prefix, int shard, int times) {
    kafka::SentRecords sent;
    for (int i = 0; i < times; ++i) {
      kafka::OutgoingRecord record;
      record.to = {prefix + ".events", shard};
      record.value = "{}";
      record.headers = {{kafka::headers::entry, "tick"}};
      ASSERT_TRUE(producer_->send(record, &sent).ok());
    }
    ASSERT_TRUE(producer_->wait_for(&sent, seconds(30)).ok());
  }

  kafka::Watermarks marks_of(const kafka::TopicPartition& of) {
    auto consumer = kafka::Consumer::open(connection_to(brokers_), "marks");
    EXPECT_TRUE(consumer.ok());
    const auto marks = consumer.value()->watermarks(of, seconds(10));
    EXPECT_TRUE(marks.ok());
    return marks.value();
  }

  // The cohort's log from an offset to its end, kept in `data`; what was logged.
  std::string follow_cohort(const std::string& prefix, const fs::path& data, std::uint64_t from) {
    std::ostringstream said;
    spdlog::logger logger("test", std::make_shared<spdlog::sinks::ostream_sink_st>(said));
    storage::Resources resources;
    auto cohort = engine::CohortShard::open(data, shards, 0, resources);
    EXPECT_TRUE(cohort.ok());
    if (cohort.value()->next_offset() < from) {
      EXPECT_TRUE(cohort.value()->take({}, from).ok());
    }
    cli::CohortLog log(*cohort.value(), shards, logger);
    auto reader = kafka::CohortReader::open(connection_to(brokers_), prefix + ".cohort",
                                            "reader-cohort", log);
    EXPECT_TRUE(reader.ok()) << reader.error().message;
    const auto end = static_cast<std::uint64_t>(marks_of({prefix + ".cohort", 0}).high);
    while (log.place() < end) {
      const Status status = reader.value()->step();
      EXPECT_TRUE(status.ok());
      if (!status.ok()) break;
    }
    return said.str();
  }

  static std::string command(const std::vector<std::string>& more, const fs::path& data) {
    std::vector<std::string> words = {KETAVIGIL_BINARY, "cohort", "--json", "--data",
                                      data.string()};
    words.insert(words.end(), more.begin(), more.end());
    return must_run(words);
  }
  static nlohmann::json points(const fs::path& data) {
    return nlohmann::json::parse(command({"--lock-points"}, data)).at("lock_points");
  }
  // A worker writes a tick when it begins, so a log that is read later is longer: what is compared
  // are the lock points that were complete first.
  static std::vector<Microseconds> complete(const fs::path& data) {
    std::vector<Microseconds> moments;
    const auto cohort = engine::CohortReading::open(data);
    EXPECT_TRUE(cohort.ok());
    const auto states = cohort.value()->lock_points();
    EXPECT_TRUE(states.ok());
    for (const auto& state : states.value())
      if (state.is_complete()) moments.push_back(state.lock_point);
    return moments;
  }
  static std::string tables(const fs::path& data, const std::vector<Microseconds>& moments) {
    std::string all;
    const auto cohort = engine::CohortReading::open(data);
    EXPECT_TRUE(cohort.ok());
    for (const Microseconds moment : moments) {
      const auto shown = cohort.value()->tables_at(moment);
      EXPECT_TRUE(shown.ok()) << shown.status().error().message;
      if (shown.ok()) all += engine::lock_point_json(shown.value(), moment) + "\n";
    }
    return all;
  }

  std::unique_ptr<kafka::Producer> producer_;
};

TEST_F(CohortTopics, law_a_lock_points_are_the_same_for_one_two_and_four_workers) {
  const TemporaryFolder own;
  produce("cohort.events");
  std::int64_t longest = 0;
  std::vector<std::int64_t> ends;
  for (int shard = 0; shard < shards; ++shard) {
    ends.push_back(marks_of({"cohort.events", shard}).high);
    longest = std::max(longest, ends.back());
  }
  // All are carried past the last day of the one that got most, but the last shard.
  for (int shard = 0; shard + 1 < shards; ++shard)
    tick("cohort", shard,
         static_cast<int>(longest - ends[static_cast<std::size_t>(shard)]) + far_hours);
  std::vector<fs::path> data;
  for (const int workers : {1, 2, 4}) {
    data.push_back(own.path() / std::to_string(workers));
    const auto from = static_cast<std::uint64_t>(marks_of({"cohort.cohort", 0}).high);
    for (int worker = 0; worker < workers; ++worker)
      work("cohort", data.back(), cli::fixed_assignment(shards, worker, workers));
    EXPECT_EQ(follow_cohort("cohort", data.back(), from), "");
    const auto moments = complete(data.front());
    EXPECT_GT(moments.size(), 10U);
    EXPECT_EQ(tables(data.back(), moments), tables(data.front(), moments)) << workers << " workers";
  }
  // The shard that is behind holds the last days.
  const auto held = points(data.front());
  EXPECT_TRUE(held.front().at("complete").get<bool>());
  const auto first_held = std::find_if(held.begin(), held.end(), [](const auto& point) {
    return !point.at("complete").template get<bool>();
  });
  ASSERT_NE(first_held, held.end());
  EXPECT_EQ(first_held->at("awaited"), nlohmann::json::array({shards - 1}));
  // Ticks carry it past them.
  const std::size_t complete_before = complete(data.front()).size();
  const auto from = static_cast<std::uint64_t>(marks_of({"cohort.cohort", 0}).high);
  tick("cohort", shards - 1, static_cast<int>(longest - ends.back()) + far_hours);
  work("cohort", data.front(), {shards - 1});
  EXPECT_EQ(follow_cohort("cohort", data.front(), from), "");
  const auto moments = complete(data.front());
  EXPECT_GE(moments.size(), complete_before + 2);
  // The embedded inbox says the same of the same facts.
  const auto moment = events::print_utc(moments.back());
  const auto shown = nlohmann::json::parse(command({"--lock-point", moment}, data.front()));
  const auto loaded_tables = nlohmann::json::parse(command({"--at", moment}, loaded()));
  EXPECT_EQ(shown.at("tables"), loaded_tables.at("tables"));
  EXPECT_GT(shown.at("tables")[0].at("rows").size(), 0U);
  // Two owners of one log: what all three have told counts once.
  const fs::path all = own.path() / "all";
  work("cohort", all, {0});
  EXPECT_EQ(follow_cohort("cohort", all, 0), "");
  EXPECT_EQ(tables(all, moments), tables(data.front(), moments));
  must_run({KETAVIGIL_BINARY, "verify", "--data", all.string()});
}

TEST_F(CohortTopics, another_account_of_one_lock_point_is_told_and_what_is_none_passed_over) {
  const TemporaryFolder own;
  work("told-cohort", own.path() / "data", {0});
  engine::Account account;
  account.lock_point = events::parse_time("2026-03-02T00:00:00Z")->us;
  account.previous = account.lock_point - events::day_us;
  account.cells.exposure[{"esketamine", "IN"}] = {1, 1, 56'000, 5};
  const std::string first = engine::account_text(1, shards, account);
  account.cells.exposure[{"esketamine", "IN"}].sessions = 2;
  const std::string second = engine::account_text(1, shards, account);
  kafka::SentRecords sent;
  for (const std::string& text : {first, second, std::string("{}")}) {
    kafka::OutgoingRecord record;
    record.to = {"told-cohort.cohort", 0};
    record.value = text;
    ASSERT_TRUE(producer_->send(record, &sent).ok());
  }
  ASSERT_TRUE(producer_->wait_for(&sent, seconds(30)).ok());
  const std::string said = follow_cohort("told-cohort", own.path() / "data", 0);
  EXPECT_NE(said.find("shard 1 gives another account of the lock point 2026-03-02T00:00:00Z"),
            std::string::npos)
      << said;
  EXPECT_NE(said.find("passed over"), std::string::npos) << said;
  EXPECT_EQ(points(own.path() / "data").back().at("conflicts"), nlohmann::json::array({1}));
}

TEST_F(CohortTopics, the_worker_with_the_ordinal_0_has_the_cohort_and_another_says_so) {
  const TemporaryFolder own;
  Service first(own.path() / "w0", own.path() / "d0", section("cohort-served", 0, 2));
  Service second(own.path() / "w1", own.path() / "d1", section("cohort-served", 1, 2));
  ASSERT_TRUE(first.start()) << first.log();
  ASSERT_TRUE(second.start()) << second.log();
  produce("cohort-served.events");
  ASSERT_TRUE(wait_until_read({&first, &second}));
  // Each shard has said where its log begins.
  std::string metrics;
  const std::string wanted =
      "ketavigil_cohort_accounts_total{answer=\"accepted\"} " + std::to_string(shards) + "\n";
  for (int i = 0; i < 100 && metrics.find(wanted) == std::string::npos; ++i) {
    std::this_thread::sleep_for(milliseconds(100));
    metrics = first.get("/metrics")->body;
  }
  EXPECT_NE(metrics.find(wanted), std::string::npos) << metrics;
  EXPECT_EQ(second.get("/metrics")->body.find("ketavigil_cohort_"), std::string::npos);
  EXPECT_TRUE(points(own.path() / "d0").empty());  // no midnight has passed
  std::string output;
  const auto asked = test::run_program(
      {KETAVIGIL_BINARY, "cohort", "--data", (own.path() / "d1").string(), "--lock-points"},
      &output);
  EXPECT_EQ(asked.exit_code, 4);
  EXPECT_NE(output.find("ordinal 0"), std::string::npos) << output;
  EXPECT_EQ(first.stop().exit_code, 0) << first.log();
  EXPECT_EQ(second.stop().exit_code, 0) << second.log();
}

}  // namespace
}  // namespace ketavigil::topics
