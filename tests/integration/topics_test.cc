// The log on Kafka, with a real broker: promises 1 to 4 hold for workers that follow topics.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "cli/serve_topics.h"
#include "ingest/kafka/consumer.h"
#include "ingest/kafka/producer.h"
#include "tests/integration/service.h"

namespace ketavigil {
namespace {

namespace fs = std::filesystem;
namespace kafka = ingest::kafka;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Service;
using test::TemporaryFolder;

const std::string source_folder = KETAVIGIL_SOURCE_DIR;
const std::string far_time = "2031-01-01T00:00:00Z";

std::string must_run(const std::vector<std::string>& arguments) {
  std::string output;
  const auto ended = test::run_program(arguments, &output);
  EXPECT_EQ(ended.exit_code, 0) << arguments[1] << ": " << output;
  return output;
}

// The long form (tests/long/run): 500,000 facts, 12 partitions, 4 workers, 30 rounds.
const bool in_campaign = std::getenv("KETAVIGIL_CAMPAIGN") != nullptr;
const int shards = in_campaign ? 12 : 4;

// Each test has its topics, all made when the broker starts.
class Topics : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TemporaryFolder>();
    std::ofstream topics(folder_->path() / "topics.txt");
    for (const char* name : {"equal", "astray", "backfill", "killed", "epoch", "refused", "told",
                             "decided", "cut", "secured", "ends"}) {
      for (const char* lane : {"events", "backfill"}) {
        topics << name << '.' << lane << ' ' << shards
               << " 1 message.timestamp.type=LogAppendTime\n";
      }
      topics << name << ".alerts 2 1 cleanup.policy=compact\n"
             << name << ".alerts.history 2 1\n"
             << name << ".quarantine 1 1\n";
    }
    topics << "unstamped.events 4 1\nunstamped.backfill 4 1\n"
           << "uneven.events 4 1 message.timestamp.type=LogAppendTime\n"
           << "uneven.backfill 3 1 message.timestamp.type=LogAppendTime\n"
           << "few.events 2 1 message.timestamp.type=LogAppendTime\n"
           << "few.backfill 2 1 message.timestamp.type=LogAppendTime\n";
    topics.close();
    std::string output;
    const auto ended = test::run_program(
        {source_folder + "/deploy/kafka/up", "--secure", "--port", "0", "--directory", directory(),
         "--topics", (folder_->path() / "topics.txt").string()},
        &output);
    ASSERT_EQ(ended.exit_code, 0) << output;
    std::ifstream environment(directory() + "/environment");
    for (std::string line; std::getline(environment, line);) {
      const auto equals = line.find('=');
      environment_[line.substr(0, equals)] = line.substr(equals + 1);
    }
    brokers_ = environment_["KAFKA_BOOTSTRAP"];
    must_run({KETAVIGIL_BINARY, "simulate", "--patients", in_campaign ? "2000" : "30", "--months",
              in_campaign ? "24" : "5", "--facts-per-patient", "250", "--seed", "11", "--out",
              folder_->path() / "programme"});
    must_run({KETAVIGIL_BINARY, "load", events(), "--data", loaded(), "--shards", "1"});
  }
  static void TearDownTestSuite() {
    std::string output;
    test::run_program({source_folder + "/deploy/kafka/down", "--directory", directory()}, &output);
    folder_.reset();
  }

  static std::string directory() { return (folder_->path() / "kafka").string(); }
  static std::string events() { return (folder_->path() / "programme/events.ndjson").string(); }
  static std::string loaded() { return (folder_->path() / "loaded").string(); }

  static std::string section(const std::string& prefix, int worker = 0, int workers = 1) {
    return "engine:\n  tick_seconds: 86400\nkafka:\n  brokers: " + brokers_ +
           "\n  prefix: " + prefix + "\n  worker: " + std::to_string(worker) +
           "\n  workers: " + std::to_string(workers) + "\n";
  }
  // What must be the same, whatever way the facts came (law A).
  static std::string answers(const fs::path& data) {
    std::string all;
    for (const char* question : {"alerts", "patient", "cohort"}) {
      all += must_run(
          {KETAVIGIL_BINARY, question, "--data", data.string(), "--json", "--at", far_time});
    }
    return all;
  }
  static std::string history(const fs::path& data) {
    return must_run({KETAVIGIL_BINARY, "alerts", "--data", data.string(), "--history", "--json",
                     "--at", far_time});
  }
  static void produce(const std::string& topic, const std::string& file = events()) {
    must_run({KETAVIGIL_BINARY, "produce", file, "--brokers", brokers_, "--topic", topic});
  }
  // The events in so many files, in their order.
  static std::vector<std::string> slices_of_events(const fs::path& folder, int count) {
    std::ifstream lines(events());
    std::vector<std::string> all;
    for (std::string line; std::getline(lines, line);) all.push_back(line);
    std::vector<std::string> files;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      files.push_back((folder / ("slice-" + std::to_string(i) + ".ndjson")).string());
      std::ofstream file(files.back());
      const std::size_t slices = static_cast<std::size_t>(count);
      for (std::size_t at = all.size() * i / slices; at < all.size() * (i + 1) / slices; ++at)
        file << all[at] << '\n';
    }
    return files;
  }
  // Until these workers have read everything, what they sent on to each other too.
  static bool wait_until_read(const std::vector<Service*>& workers) {
    const auto until = std::chrono::steady_clock::now() + seconds(in_campaign ? 3600 : 180);
    int quiet = 0;
    while (quiet < 3 && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(milliseconds(1100));
      bool all_read = true;
      for (Service* worker : workers) {
        const auto answer = worker->get("/metrics");
        all_read = all_read && answer &&
                   answer->body.find("ketavigil_topic_lag_records{lane=\"events\"} 0\n") !=
                       std::string::npos &&
                   answer->body.find("ketavigil_topic_lag_records{lane=\"backfill\"} 0\n") !=
                       std::string::npos;
      }
      quiet = all_read ? quiet + 1 : 0;
    }
    return quiet >= 3;
  }

  static inline std::unique_ptr<TemporaryFolder> folder_;
  static inline std::string brokers_;
  static inline std::map<std::string, std::string> environment_;
};

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

// Everything that is on a topic, by header value and value; the topic has ended.
std::vector<std::pair<std::map<std::string, std::string>, std::string>> whole_topic(
    const std::string& brokers, const std::string& topic, int partitions) {
  kafka::ConnectionSettings connection;
  connection.brokers = brokers;
  auto consumer = kafka::Consumer::open(connection, "reader");
  EXPECT_TRUE(consumer.ok());
  std::vector<kafka::Place> places;
  for (int p = 0; p < partitions; ++p) places.push_back({{topic, p}, 0});
  EXPECT_TRUE(consumer.value()->assign(places).ok());
  std::vector<kafka::Record> records;
  const auto at_end = [&] {
    return std::all_of(places.begin(), places.end(), [&](const kafka::Place& place) {
      return consumer.value()->is_at_end(place.of);
    });
  };
  const auto until = std::chrono::steady_clock::now() + seconds(60);
  while (!at_end() && std::chrono::steady_clock::now() < until)
    EXPECT_TRUE(consumer.value()->poll({}, &records).ok());
  std::vector<std::pair<std::map<std::string, std::string>, std::string>> all;
  for (const auto& record : records) {
    std::map<std::string, std::string> headers{{"key", std::string(record.key())}};
    for (const auto& header : record.headers()) headers[header.name] = header.value;
    all.emplace_back(std::move(headers), record.value());
  }
  return all;
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
  EXPECT_EQ(told.size(), kept.size());
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

// A sink that a certain record ends the process in.
class EndingLog : public cli::ProgrammeLog {
 public:
  using ProgrammeLog::ProgrammeLog;
  Result<kafka::Appended> append(int shard, kafka::Lane lane,
                                 std::vector<kafka::LoggedEvent> events) override {
    for (const auto& event : events) {
      const bool decoded = std::holds_alternative<events::Fact>(event.decoded);
      if (decoded && event.bytes.find("THE END") != std::string_view::npos) std::_Exit(66);
    }
    return ProgrammeLog::append(shard, lane, std::move(events));
  }
};

// Reads the topics of `ends` in a process of its own, until all is kept.
int run_ending_worker(const std::string& brokers, const fs::path& data) {
  const pid_t child = ::fork();
  if (child == 0) {
    const engine::SystemClock clock;
    engine::ProgrammeOptions options;
    options.directory = data;
    options.create = true;
    options.log = engine::LogOrigin::topics;
    options.shards = shards;
    options.free_space_guard_bytes = 0;
    auto programme = engine::Programme::open(options, clock);
    kafka::ConnectionSettings connection;
    connection.brokers = brokers;
    auto producer = kafka::Producer::open(connection);
    if (!programme.ok() || !producer.ok()) std::_Exit(1);
    const engine::Settings settings;
    dashboards::Metrics metrics({}, 0);
    EndingLog log(*programme.value(), settings, metrics);
    std::vector<int> own;
    for (int shard = 0; shard < shards; ++shard) {
      own.push_back(shard);
      if (!programme.value()->acquire(shard).ok()) std::_Exit(2);
    }
    kafka::LogSettings topics;
    topics.events_topic = "ends.events";
    topics.backfill_topic = "ends.backfill";
    topics.tick_every = seconds(86'400);
    auto reader = kafka::LogReader::open(connection, topics, shards, own, log, *producer.value());
    if (!reader.ok()) std::_Exit(3);
    while (!reader.value()->is_at_end())
      if (!reader.value()->step().ok()) std::_Exit(4);
    std::_Exit(reader.value()->end().ok() ? 0 : 5);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(Topics, a_record_that_ends_the_worker_three_times_is_quarantined_and_the_rest_goes_on) {
  const TemporaryFolder own;
  std::ofstream file(own.path() / "ends.ndjson");
  for (int i = 0; i < 40; ++i) {
    file << R"({"source":"c","id":")" << i
         << R"(","patient":"p","kind":"condition","effective":"2026-03-04T10:00:00Z","code":"s|)"
         << (i == 25 ? "THE END" : "1") << R"("})"
         << "\n";
  }
  file.close();
  produce("ends.events", (own.path() / "ends.ndjson").string());
  int ended = 0;
  int code = 66;
  while (code == 66 && ended < 10) {
    code = run_ending_worker(brokers_, own.path() / "data");
    ended += code == 66 ? 1 : 0;
  }
  EXPECT_EQ(code, 0);
  EXPECT_EQ(ended, 4);  // once unaware, then three times by itself
  const auto listed =
      nlohmann::json::parse(must_run({KETAVIGIL_BINARY, "quarantine", "list", "--json", "--data",
                                      (own.path() / "data").string()}));
  ASSERT_EQ(listed.at("quarantine").size(), 1U);
  EXPECT_NE(listed.at("quarantine")[0].at("expected").get<std::string>().find("ended the worker"),
            std::string::npos);
  const auto kept = nlohmann::json::parse(must_run(
      {KETAVIGIL_BINARY, "patient", "p", "--json", "--data", (own.path() / "data").string()}));
  EXPECT_EQ(kept.at("facts").size(), 39U);
}

TEST_F(Topics, another_configuration_is_an_epoch_in_the_log) {
  const TemporaryFolder own;
  produce("epoch.events");
  {
    Service before(own.path() / "w", own.path() / "data", section("epoch"));
    ASSERT_TRUE(before.start()) << before.log();
    ASSERT_TRUE(wait_until_read({&before}));
    before.stop();
  }
  const std::string changed = section("epoch") + "detectors:\n  BP-2:\n    systolic_mmhg: 150\n";
  {
    Service after(own.path() / "w", own.path() / "data", changed);
    ASSERT_TRUE(after.start()) << after.log();
    ASSERT_TRUE(wait_until_read({&after}));
    after.stop();
  }
  EXPECT_NE(history(own.path() / "data").find("\"reason\":\"configuration\""), std::string::npos);
  EXPECT_NE(answers(own.path() / "data"), answers(loaded()));
}

// Law A: a mapping that was mended later gives what it would have given from the start.
TEST_F(Topics,
       a_quarantined_event_retried_after_a_mended_mapping_comes_in_as_if_it_had_come_right) {
  const TemporaryFolder own;
  const std::string words = "words:\n  instruments:\n    mood: {least: 0, greatest: 10}\n";
  {
    std::ofstream file(own.path() / "mood.ndjson");
    file << R"({"source":"c","id":"1","patient":"p","kind":"score","instrument":"mood","value":4,)"
         << R"("effective":"2026-03-04T10:00:00Z"})"
         << "\n";
  }
  produce("decided.events", (own.path() / "mood.ndjson").string());
  produce("decided.events");
  {
    Service before(own.path() / "w", own.path() / "data", section("decided"));
    ASSERT_TRUE(before.start()) << before.log();
    ASSERT_TRUE(wait_until_read({&before}));
    before.stop();
  }
  Service after(own.path() / "w", own.path() / "data", section("decided") + words);
  ASSERT_TRUE(after.start()) << after.log();
  ASSERT_TRUE(wait_until_read({&after}));
  const std::string data = (own.path() / "data").string();
  const std::string config = (own.path() / "w/serve.yaml").string();
  std::string output;
  EXPECT_EQ(
      test::run_program({KETAVIGIL_BINARY, "quarantine", "retry", "--all", "--data", data}, &output)
          .exit_code,
      1);
  EXPECT_NE(output.find("--config"), std::string::npos) << output;
  must_run({KETAVIGIL_BINARY, "quarantine", "retry", "--all", "--data", data, "--config", config});
  ASSERT_TRUE(wait_until_read({&after}));
  EXPECT_EQ(after.stop().exit_code, 0) << after.log();
  const std::string right = (own.path() / "right").string();
  std::ofstream(own.path() / "words.yaml") << words;
  must_run({KETAVIGIL_BINARY, "load", (own.path() / "mood.ndjson").string(), events(), "--data",
            right, "--config", (own.path() / "words.yaml").string()});
  EXPECT_EQ(answers(data), answers(right));
  EXPECT_NE(answers(data).find("\"mood\""), std::string::npos);
}

// A log that no longer reaches back is an error, never a gap.
TEST_F(Topics, a_log_cut_before_where_a_shard_stopped_is_refused) {
  const TemporaryFolder own;
  produce("cut.events");
  kafka::ConnectionSettings connection;
  connection.brokers = brokers_;
  auto conf = kafka::base_conf(connection);
  ASSERT_TRUE(conf.ok());
  char message[256];
  rd_kafka_t* client =
      rd_kafka_new(RD_KAFKA_PRODUCER, std::move(conf).value().release(), message, sizeof message);
  ASSERT_NE(client, nullptr) << message;
  rd_kafka_topic_partition_list_t* until = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(until, "cut.events", 2)->offset = 10;
  rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(until);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client);
  rd_kafka_DeleteRecords(client, &request, 1, nullptr, queue);
  rd_kafka_event_t* answer = rd_kafka_queue_poll(queue, 30'000);
  ASSERT_NE(answer, nullptr);
  EXPECT_EQ(rd_kafka_event_error(answer), RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_event_destroy(answer);
  rd_kafka_queue_destroy(queue);
  rd_kafka_DeleteRecords_destroy(request);
  rd_kafka_topic_partition_list_destroy(until);
  rd_kafka_destroy(client);
  Service worker(own.path() / "w", own.path() / "data", section("cut"));
  EXPECT_FALSE(worker.start());
  EXPECT_NE(worker.log().find("cut.events partition 2 begins at offset 10"), std::string::npos)
      << worker.log();
}

// TLS, and SASL over it, from configuration; the secret from a file.
TEST_F(Topics, the_link_is_secured_and_a_wrong_password_is_told) {
  const TemporaryFolder own;
  const auto secured = [&](const std::string& mechanism, const std::string& password_file) {
    std::string text = section("secured");
    const auto at = text.find(brokers_);
    text.replace(at, brokers_.size(), environment_["KAFKA_SASL_BOOTSTRAP"]);
    return text + "  security: sasl_ssl\n  ca_file: " + environment_["KAFKA_CA_FILE"] +
           "\n  sasl_mechanism: " + mechanism +
           "\n  sasl_username: " + environment_["KAFKA_SASL_USER"] +
           "\n  sasl_password_file: " + password_file + "\n";
  };
  const std::string password_file = environment_["KAFKA_SASL_PASSWORD_FILE"];
  produce("secured.events");
  for (const char* mechanism : {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}) {
    Service worker(own.path() / mechanism, own.path() / mechanism / "data",
                   secured(mechanism, password_file));
    ASSERT_TRUE(worker.start()) << mechanism << worker.log();
    if (std::string(mechanism) != "PLAIN") continue;
    ASSERT_TRUE(wait_until_read({&worker}));
    EXPECT_EQ(worker.stop().exit_code, 0);
    EXPECT_EQ(answers(worker.data()), answers(loaded()));
  }
  std::ofstream(own.path() / "wrong") << "not the password\n";
  Service refused(own.path() / "refused", secured("PLAIN", (own.path() / "wrong").string()));
  EXPECT_FALSE(refused.start());
  EXPECT_NE(refused.log().find("uthentication"), std::string::npos) << refused.log();
  EXPECT_EQ(refused.log().find("not the password"), std::string::npos);
}

TEST_F(Topics, what_can_be_no_log_is_refused_with_the_way_out) {
  const auto refused = [](const std::string& name, const std::string& more, int code,
                          const std::string& says) {
    const TemporaryFolder own;
    Service worker(own.path(), more);
    EXPECT_FALSE(worker.start()) << name;
    std::string output;
    const auto ended = test::run_program(
        {KETAVIGIL_BINARY, "serve", "--config", (own.path() / "serve.yaml").string()}, &output);
    EXPECT_EQ(ended.exit_code, code) << name << output;
    EXPECT_NE(output.find(says), std::string::npos) << name << output;
  };
  refused("CreateTime", section("unstamped"), 2, "LogAppendTime");
  refused("partitions", section("uneven"), 2, "ketavigil produce");
  refused("absent", section("absent"), 3, "there is no topic absent.events");
}

TEST_F(Topics, a_programme_of_other_partitions_or_another_log_is_refused) {
  const TemporaryFolder own;
  {
    Service worker(own.path() / "w", own.path() / "data", section("refused"));
    ASSERT_TRUE(worker.start()) << worker.log();
    worker.stop();
  }
  Service changed(own.path() / "w", own.path() / "data", section("few"));
  EXPECT_FALSE(changed.start());
  EXPECT_NE(changed.log().find("ketavigil produce"), std::string::npos) << changed.log();
  std::string output;
  EXPECT_EQ(
      test::run_program(
          {KETAVIGIL_BINARY, "load", events(), "--data", (own.path() / "data").string()}, &output)
          .exit_code,
      2);
  EXPECT_NE(output.find("ketavigil produce"), std::string::npos) << output;
}

}  // namespace
}  // namespace ketavigil
