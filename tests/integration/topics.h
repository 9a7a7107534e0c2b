// A real broker for the tests of topics, started once, with topics of its own for each test.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/service.h"

namespace ketavigil::topics {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Service;
using test::TemporaryFolder;

inline const std::string source_folder = KETAVIGIL_SOURCE_DIR;
inline const std::string far_time = "2031-01-01T00:00:00Z";

inline std::string must_run(const std::vector<std::string>& arguments) {
  std::string output;
  const auto ended = test::run_program(arguments, &output);
  EXPECT_EQ(ended.exit_code, 0) << arguments[1] << ": " << output;
  return output;
}

// The long form (tests/long/run): 500,000 facts, 12 partitions, 4 workers, 30 rounds.
inline const bool in_campaign = std::getenv("KETAVIGIL_CAMPAIGN") != nullptr;
inline const int shards = in_campaign ? 12 : 4;

// Each test has its topics, all made when the broker starts, which is one for all suites.
class Topics : public testing::Test {
 public:
  static void end() {
    if (!folder_) return;
    std::string output;
    test::run_program({source_folder + "/deploy/kafka/down", "--directory", directory()}, &output);
    folder_.reset();
  }

 protected:
  static void SetUpTestSuite() {
    if (folder_) return;
    folder_ = std::make_unique<TemporaryFolder>();
    std::ofstream topics(folder_->path() / "topics.txt");
    for (const char* name :
         {"equal",   "astray",      "backfill",      "killed",  "epoch",        "refused",
          "told",    "decided",     "cut",           "secured", "ends",         "uncut",
          "grouped", "twice",       "posted",        "waits",   "two-contents", "restored",
          "rebuilt", "truncated",   "unwritten",     "asked",   "tried",        "account",
          "cohort",  "told-cohort", "cohort-served", "clients"})
      write_topics(name, topics);
    topics << "unstamped.events 4 1\nunstamped.backfill 4 1\n"
           << "uneven.events 4 1 message.timestamp.type=LogAppendTime\n"
           << "uneven.backfill 3 1 message.timestamp.type=LogAppendTime\n"
           << "few.events 2 1 message.timestamp.type=LogAppendTime\n"
           << "few.backfill 2 1 message.timestamp.type=LogAppendTime\n";
    for (const char* name : {"unstamped", "uneven", "few"})
      topics << name << ".cohort 1 1 message.timestamp.type=LogAppendTime\n";
    topics.close();
    start_brokers({"--secure"});
    make_programme();
  }
  // As `deploy/kafka/up` reads them; as many copies as there are brokers.
  static void write_topics(const std::string& prefix, std::ostream& topics) {
    for (const char* lane : {"events", "backfill"}) {
      topics << prefix << '.' << lane << ' ' << shards
             << " - message.timestamp.type=LogAppendTime\n";
    }
    topics << prefix << ".alerts 2 - cleanup.policy=compact\n"
           << prefix << ".alerts.history 2 -\n"
           << prefix << ".quarantine 1 -\n"
           << prefix << ".cohort 1 - message.timestamp.type=LogAppendTime\n";
  }
  // With the topics of `topics.txt` in the folder. KETAVIGIL_KAFKA_VERSION: another than up's own.
  static void start_brokers(const std::vector<std::string>& options) {
    std::vector<std::string> command = {source_folder + "/deploy/kafka/up",
                                        "--port",
                                        "0",
                                        "--directory",
                                        directory(),
                                        "--topics",
                                        (folder_->path() / "topics.txt").string()};
    command.insert(command.end(), options.begin(), options.end());
    if (const char* version = std::getenv("KETAVIGIL_KAFKA_VERSION"))
      command.insert(command.end(), {"--version", version});
    std::string output;
    const auto ended = test::run_program(command, &output);
    ASSERT_EQ(ended.exit_code, 0) << output;
    std::ifstream environment(directory() + "/environment");
    for (std::string line; std::getline(environment, line);) {
      const auto equals = line.find('=');
      environment_[line.substr(0, equals)] = line.substr(equals + 1);
    }
    brokers_ = environment_["KAFKA_BOOTSTRAP"];
  }
  static void make_programme() {
    must_run({KETAVIGIL_BINARY, "simulate", "--patients", in_campaign ? "2000" : "30", "--months",
              in_campaign ? "24" : "5", "--facts-per-patient", "250", "--seed", "11", "--out",
              folder_->path() / "programme"});
    must_run({KETAVIGIL_BINARY, "load", events(), "--data", loaded(), "--shards", "1"});
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
  // A series by its name with its labels; -1 if there is none.
  static double metric(Service* worker, const std::string& name) {
    const auto answer = worker->get("/metrics");
    const auto at = answer ? answer->body.find("\n" + name + " ") : std::string::npos;
    return at == std::string::npos ? -1 : std::atof(answer->body.c_str() + at + name.size() + 2);
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

class EndOfTopics : public testing::Environment {
  void TearDown() override { Topics::end(); }
};
inline testing::Environment* const end_of_topics =
    testing::AddGlobalTestEnvironment(new EndOfTopics());

}  // namespace ketavigil::topics
