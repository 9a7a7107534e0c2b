// The log on Kafka, with a real broker: what goes wrong is told, and costs nothing else.
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "cli/topic_worker.h"
#include "events/partition.h"
#include "ingest/kafka/producer.h"
#include "tests/integration/topics.h"
#include "tests/integration/truncation.h"

namespace ketavigil::topics {
namespace {

namespace kafka = ingest::kafka;

// A sink in which the process ends: at a certain record, or before the cut of a backfill.
class EndingLog : public cli::ProgrammeLog {
 public:
  EndingLog(engine::Programme& programme, const engine::Settings& wanted,
            dashboards::Metrics& metrics, bool ends_at_cut)
      : ProgrammeLog(programme, wanted, metrics), ends_at_cut_(ends_at_cut) {}
  Result<kafka::Appended> append(int shard, kafka::Lane lane,
                                 std::vector<kafka::LoggedEvent> events) override {
    for (const auto& event : events) {
      const bool decoded = std::holds_alternative<events::Fact>(event.decoded);
      if (decoded && event.bytes.find("THE END") != std::string_view::npos) std::_Exit(66);
    }
    return ProgrammeLog::append(shard, lane, std::move(events));
  }
  Status cut(int shard, events::Microseconds appended, std::uint64_t next_offset) override {
    if (ends_at_cut_) std::_Exit(67);
    return ProgrammeLog::cut(shard, appended, next_offset);
  }

 private:
  bool ends_at_cut_;
};

// Keeps shards of these topics in this process, through the log that `make` gives, until all is
// kept.
template <typename Make>
Status keep_all(const std::string& brokers, const fs::path& data, const std::string& prefix,
                const std::vector<int>& own, Make make) {
  const engine::SystemClock clock;
  engine::ProgrammeOptions options;
  options.directory = data;
  options.create = true;
  options.log = engine::LogOrigin::topics;
  options.shards = shards;
  options.free_space_guard_bytes = 0;
  kafka::ConnectionSettings connection;
  connection.brokers = brokers;
  KETAVIGIL_TRY_ASSIGN(const auto programme, engine::Programme::open(options, clock));
  KETAVIGIL_TRY_ASSIGN(const auto producer, kafka::Producer::open(connection));
  const engine::Settings settings;
  dashboards::Metrics metrics({}, 0);
  auto log = make(*programme, settings, metrics);
  kafka::LogSettings topics;
  topics.events_topic = prefix + ".events";
  topics.backfill_topic = prefix + ".backfill";
  topics.tick_every = seconds(86'400);
  KETAVIGIL_TRY_ASSIGN(const auto reader,
                       kafka::LogReader::open(connection, topics, shards, own, log, *producer));
  while (!reader->is_at_end()) KETAVIGIL_TRY(reader->step());
  return reader->end();
}

// In a process of its own; gives its exit code.
int run_ending_worker(const std::string& brokers, const fs::path& data, const std::string& prefix,
                      bool ends_at_cut = false) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::vector<int> own;
    for (int shard = 0; shard < shards; ++shard) own.push_back(shard);
    const Status kept =
        keep_all(brokers, data, prefix, own, [&](auto& programme, auto& settings, auto& metrics) {
          return EndingLog(programme, settings, metrics, ends_at_cut);
        });
    std::_Exit(kept.ok() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// A log in which a quarter of an hour lies between two records; and, if told, a disk that is full
// after the first two of them were kept, until it is tried again.
class FullOnceLog : public cli::ProgrammeLog {
 public:
  FullOnceLog(engine::Programme& programme, const engine::Settings& wanted,
              dashboards::Metrics& metrics, bool is_full)
      : ProgrammeLog(programme, wanted, metrics), is_full_(is_full) {}
  Result<kafka::Appended> append(int shard, kafka::Lane lane,
                                 std::vector<kafka::LoggedEvent> events) override {
    for (auto& event : events)
      event.appended += static_cast<std::int64_t>(event.offset) * 15 * events::minute_us;
    if (!is_full_ || events.size() < 3) return ProgrammeLog::append(shard, lane, std::move(events));
    is_full_ = false;
    lacks_room_ = true;
    std::vector<kafka::LoggedEvent> first;
    for (std::size_t i = 0; i < 2; ++i) first.push_back(std::move(events[i]));
    KETAVIGIL_TRY(ProgrammeLog::append(shard, lane, std::move(first)).status());
    return Error{ErrorKind::storage, "no room"};
  }
  bool lacks_room(int) const override { return std::exchange(lacks_room_, false); }

 private:
  bool is_full_;
  mutable bool lacks_room_ = false;
};

// What the partition of these records gives with such a disk: its answers and its history.
std::pair<std::string, std::string> keep_with(const std::string& brokers, const fs::path& data,
                                              const std::string& prefix, int shard, bool is_full) {
  const Status kept =
      keep_all(brokers, data, prefix, {shard}, [&](auto& programme, auto& settings, auto& metrics) {
        return FullOnceLog(programme, settings, metrics, is_full);
      });
  EXPECT_TRUE(kept.ok()) << (kept.ok() ? "" : kept.error().message);
  std::string listed =
      must_run({KETAVIGIL_BINARY, "quarantine", "list", "--json", "--data", data.string()});
  return {listed, must_run({KETAVIGIL_BINARY, "patient", "--json", "--at", far_time, "--data",
                            data.string()})};
}

// The second record's sender is ahead of the log by more than ten minutes; the log would have
// overtaken that clock when it is tried again.
TEST_F(Topics, law_b_a_run_that_is_tried_again_after_the_disk_was_full_decides_nothing_anew) {
  const TemporaryFolder own;
  const int shard = events::partition_of("p", shards);
  const auto recorded = std::chrono::system_clock::now() + std::chrono::minutes(20);
  const auto ahead = events::print_utc(
      std::chrono::duration_cast<std::chrono::microseconds>(recorded.time_since_epoch()).count());
  std::ofstream file(own.path() / "tried.ndjson");
  for (int i = 0; i < 4; ++i) {
    file << R"({"source":"c","id":")" << i
         << R"(","patient":"p","kind":"blood_pressure","effective":"2026-03-04T10:00:00Z",)"
         << (i == 0 ? R"("recorded":")" + ahead + R"(",)" : "") << R"("systolic":)" << 120 + i
         << R"(,"diastolic":80})"
         << "\n";
  }
  file.close();
  produce("tried.events", (own.path() / "tried.ndjson").string());
  const auto undisturbed = keep_with(brokers_, own.path() / "a", "tried", shard, false);
  const auto disturbed = keep_with(brokers_, own.path() / "b", "tried", shard, true);
  EXPECT_NE(undisturbed.first.find("clock"), std::string::npos) << undisturbed.first;
  EXPECT_EQ(disturbed.second, undisturbed.second);
  EXPECT_EQ(nlohmann::json::parse(disturbed.first).at("quarantine").size(),
            nlohmann::json::parse(undisturbed.first).at("quarantine").size());
}

// The backfill's entries are kept before its cut: a worker that ends between them must not leave
// them uncut, nor let another entry's cut be taken for theirs.
TEST_F(Topics, law_b_a_worker_that_ends_before_the_cut_of_a_backfill_leaves_nothing_out) {
  const TemporaryFolder own;
  const auto pressure = [](const std::string& patient, int systolic) {
    return R"({"source":"c","id":"bp-)" + patient + R"(","patient":")" + patient +
           R"(","kind":"blood_pressure","effective":"2026-03-04T10:00:00Z","systolic":)" +
           std::to_string(systolic) + R"(,"diastolic":80})" + "\n";
  };
  const auto file = [&](const char* name, const std::string& text) {
    std::ofstream(own.path() / name) << text;
    return (own.path() / name).string();
  };
  std::string crises;
  for (int i = 0; i < 40; ++i) crises += pressure("p-" + std::to_string(i), 230);
  const std::string old = file("old.ndjson", crises);
  const std::string fresh = file("fresh.ndjson", pressure("q-1", 120) + pressure("q-2", 190));
  produce("uncut.backfill", old);
  EXPECT_EQ(run_ending_worker(brokers_, own.path() / "data", "uncut", true), 67);
  produce("uncut.events", fresh);
  EXPECT_EQ(run_ending_worker(brokers_, own.path() / "data", "uncut"), 0);
  EXPECT_EQ(run_ending_worker(brokers_, own.path() / "again", "uncut"), 0);
  must_run({KETAVIGIL_BINARY, "load", old, fresh, "--data", (own.path() / "right").string()});
  EXPECT_EQ(answers(own.path() / "data"), answers(own.path() / "right"));
  EXPECT_EQ(history(own.path() / "data"), history(own.path() / "again"));
  must_run({KETAVIGIL_BINARY, "verify", "--data", (own.path() / "data").string()});
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
    code = run_ending_worker(brokers_, own.path() / "data", "ends");
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
  truncate_topic(brokers_, "cut.events", 2, 10);
  Service worker(own.path() / "w", own.path() / "data", section("cut"));
  EXPECT_FALSE(worker.start());
  EXPECT_NE(worker.log().find("cut.events partition 2 begins at offset 10"), std::string::npos)
      << worker.log();
}

// TLS, and SASL over it, from configuration; the secret from a file.
// As a worker with another program would tell it: the same revision, another content.
TEST_F(Topics, law_b_a_revision_that_is_told_with_two_contents_is_an_alert_of_the_pipeline) {
  const TemporaryFolder own;
  Service worker(own.path() / "w", section("two-contents"));
  ASSERT_TRUE(worker.start()) << worker.log();
  produce("two-contents.events");
  ASSERT_TRUE(wait_until_read({&worker}));
  const std::string series = "ketavigil_history_compared_total{result=";
  const auto wait_for = [&](const std::string& result, double least) {
    for (int i = 0; i < 100 && metric(&worker, series + result) < least; ++i)
      std::this_thread::sleep_for(milliseconds(100));
    return metric(&worker, series + result);
  };
  EXPECT_GE(wait_for("\"equal\"}", 1), 1);
  EXPECT_EQ(metric(&worker, series + "\"different\"}"), 0);
  const auto revisions = nlohmann::json::parse(history(worker.data())).at("revisions");
  ASSERT_FALSE(revisions.empty());
  kafka::ConnectionSettings connection;
  connection.brokers = brokers_;
  const auto producer = kafka::Producer::open(connection);
  ASSERT_TRUE(producer.ok());
  kafka::SentRecords sent;
  const std::string key = revisions[0].at("case").get<std::string>();
  const std::string value = revisions[0].dump();
  ASSERT_TRUE(producer.value()
                  ->send({{"two-contents.alerts.history", 0},
                          key,
                          value,
                          {{"ketavigil-revision", "1"}, {"ketavigil-digest", "another"}}},
                         &sent)
                  .ok());
  ASSERT_TRUE(producer.value()->wait_for(&sent, seconds(10)).ok());
  EXPECT_EQ(wait_for("\"different\"}", 1), 1);
  EXPECT_NE(worker.log().find("was told with two contents"), std::string::npos);
  EXPECT_EQ(worker.stop().exit_code, 0) << worker.log();
}

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
}  // namespace ketavigil::topics
