// The log on Kafka, with a real broker: what is sent is what is counted, and what could not be read
// comes in once the mapping is mended.
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "ingest/kafka/producer.h"
#include "tests/integration/topics.h"

namespace ketavigil::topics {
namespace {

namespace kafka = ingest::kafka;

// Of each hundred records one is malformed, two are duplicates, ten late, one contradicts another,
// and four use words that only the mended mapping knows.
struct Feed {
  std::vector<std::string> lines;    // in the order in which they are sent
  std::vector<std::string> wanting;  // those of them that wait for the mapping
  int accepted = 0;
  int duplicate = 0;
  int conflict = 0;
  int malformed = 0;
};

constexpr int facts_per_patient = 50;
const std::string mended_mapping =
    "words:\n"
    "  compounds: [hydroxynorketamine]\n"
    "  covariates: [eeg-gamma]\n"
    "  medication_classes: [psychedelic]\n"
    "  instruments:\n    mood: {least: 0, greatest: 10}\n"
    "sources:\n  clinic-east: {zone: Pacific/Auckland, site: east}\n";

std::string patient_of(int number, int count) {
  return "p-" + std::to_string(number % std::max(1, count / facts_per_patient));
}

std::string minute_of(int number) {
  char text[32];
  std::snprintf(text, sizeof text, "2026-%02d-%02dT%02d:%02d:00Z", 1 + number / 1440 / 28 % 12,
                1 + number / 1440 % 28, number / 60 % 24, number % 60);
  return text;
}

std::string fact(int number, int count, const std::string& content,
                 const std::string& source = "clinic") {
  return R"({"source":")" + source + R"(","id":")" + std::to_string(number) + R"(","patient":")" +
         patient_of(number, count) + R"(","effective":")" + minute_of(number) + "\"," + content +
         "}";
}

std::string ordinary(int number, int count) {
  if (number % 100 == 90) {  // on a bare date, which lies elsewhere when the zone is known
    const std::string date = minute_of(number).substr(0, 10);
    return R"({"source":"clinic-east","id":")" + std::to_string(number) + R"(","patient":")" +
           patient_of(number, count) + R"(","effective":")" + date +
           R"(","kind":"score","instrument":"moca","value":)" + std::to_string(number % 31) + "}";
  }
  if (number % 3 == 0) {
    return fact(number, count,
                R"("kind":"blood_pressure","diastolic":90,"systolic":)" +
                    std::to_string(110 + number * 7 % 90));
  }
  const std::string value = std::to_string(number % 3 == 1 ? number % 28 : 60 + number % 60);
  return fact(number, count,
              number % 3 == 1
                  ? R"("kind":"score","instrument":"phq-9","value":)" + value
                  : R"("kind":"vital","name":"heart-rate","unit":"/min","value":)" + value);
}

std::string with_unknown_word(int number, int count) {
  static const char* const contents[] = {
      R"("kind":"score","instrument":"mood","value":4)",
      R"("kind":"medication","class":"psychedelic","action":"start")",
      R"("kind":"session","compound":"hydroxynorketamine","route":"IV","dose_mg":20)",
      R"("kind":"covariate","name":"eeg-gamma","value":1.5)"};
  return fact(number, count, contents[number % 4]);
}

std::string malformed(int number, int count) {
  const std::string whole = ordinary(number, count);
  const std::string open = whole.substr(0, whole.size() - 1);
  switch (number / 100 % 6) {
    case 0:
      return whole.substr(0, whole.size() - 10);
    case 1:
      return open + R"(,"text":NaN})";
    case 2:
      return open + R"(,"id":"twice"})";
    case 3:
      return open + ",\"text\":\"\xff\"}";
    case 4:
      return open + R"(,"text":"\ud800"})";
    default:
      return "no event " + std::to_string(number);
  }
}

// Equal in content, unequal in bytes.
std::string reordered(const std::string& line) { return nlohmann::json::parse(line).dump(1, ' '); }

Feed feed_of(int count) {
  Feed feed;
  std::vector<std::string> late;
  for (int i = 0; i < count; ++i) {
    const int slot = i % 100;
    if (slot == 7) {
      ++feed.malformed;
      feed.lines.push_back(malformed(i, count));
    } else if (slot == 20 || slot == 60) {
      ++feed.duplicate;
      const std::string before = ordinary(i - 9, count);
      feed.lines.push_back(slot == 20 ? before : reordered(before));
    } else if (slot == 50) {
      ++feed.conflict;
      std::string other = ordinary(i - 9, count);
      other.insert(1, R"("session":"another",)");
      feed.lines.push_back(other);
    } else if (slot >= 80 && slot < 84) {
      feed.wanting.push_back(with_unknown_word(i, count));
      feed.lines.push_back(feed.wanting.back());
    } else {
      ++feed.accepted;
      (slot >= 30 && slot < 40 ? late : feed.lines).push_back(ordinary(i, count));
    }
  }
  feed.lines.insert(feed.lines.end(), late.begin(), late.end());
  return feed;
}

class Sender {
 public:
  explicit Sender(const std::string& brokers) {
    kafka::ConnectionSettings connection;
    connection.brokers = brokers;
    auto opened = kafka::Producer::open(connection);
    EXPECT_TRUE(opened.ok());
    producer_ = std::move(opened).value();
  }
  // To any partition: the account must not depend on where a client lets its records lie.
  void send(const std::string& topic, const std::vector<std::string>& lines) {
    kafka::SentRecords sent;
    for (const std::string& line : lines) {
      kafka::OutgoingRecord record;
      record.to = {topic, static_cast<std::int32_t>(random_() % static_cast<unsigned>(shards))};
      record.value = line;
      ASSERT_TRUE(producer_->send(record, &sent).ok());
    }
    ASSERT_TRUE(producer_->wait_for(&sent, seconds(300)).ok());
  }

 private:
  std::unique_ptr<kafka::Producer> producer_;
  std::mt19937 random_{17};
};

// Of all series of a metric that have this label, over these workers.
int counted(const std::vector<Service*>& workers, const std::string& name,
            const std::string& label) {
  double sum = 0;
  for (Service* worker : workers) {
    const auto answer = worker->get("/metrics");
    EXPECT_TRUE(answer);
    std::istringstream lines(answer ? answer->body : "");
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(name + "{") && line.find(label) != std::string::npos)
        sum += std::atof(line.c_str() + line.rfind(' '));
    }
  }
  return static_cast<int>(sum);
}

std::map<std::string, int> account_of(const std::vector<Service*>& workers) {
  std::map<std::string, int> account;
  for (const char* answer : {"accepted", "duplicate", "conflict", "quarantined", "malformed"})
    account[answer] =
        counted(workers, "ketavigil_facts_total", "answer=\"" + std::string(answer) + "\"");
  return account;
}

std::map<std::string, int> quarantine_by_reason(const fs::path& data) {
  std::map<std::string, int> reasons;
  const auto listed = nlohmann::json::parse(
      must_run({KETAVIGIL_BINARY, "quarantine", "list", "--json", "--data", data.string()}));
  for (const auto& row : listed.at("quarantine")) ++reasons[row.at("reason").get<std::string>()];
  return reasons;
}

class TwoWorkers {
 public:
  TwoWorkers(const fs::path& folder, const std::string& first, const std::string& second)
      : first_(folder / "w0", folder / "data", first),
        second_(folder / "w1", folder / "data", second) {}
  void start() {
    ASSERT_TRUE(first_.start()) << first_.log();
    ASSERT_TRUE(second_.start()) << second_.log();
  }
  void stop() {
    EXPECT_EQ(first_.stop().exit_code, 0) << first_.log();
    EXPECT_EQ(second_.stop().exit_code, 0) << second_.log();
  }
  std::vector<Service*> all() { return {&first_, &second_}; }

 private:
  Service first_;
  Service second_;
};

// A programme that had the mended mapping from its first fact, and the facts in another order.
fs::path load_as_right(const fs::path& folder, std::vector<std::string> lines) {
  std::shuffle(lines.begin(), lines.end(), std::mt19937(29));
  std::ofstream file(folder / "right.ndjson");
  for (std::string& line : lines) {
    std::erase(line, '\n');
    file << line << '\n';
  }
  file.close();
  std::ofstream(folder / "right.yaml") << mended_mapping;
  must_run({KETAVIGIL_BINARY, "load", folder / "right.ndjson", "--data", folder / "right",
            "--config", folder / "right.yaml"});
  return folder / "right";
}

TEST_F(Topics, everything_sent_is_counted_once_and_what_waited_for_a_mapping_comes_in_as_right) {
  const TemporaryFolder own;
  const Feed feed = feed_of(in_campaign ? 500'000 : 4'000);
  const int wanting = static_cast<int>(feed.wanting.size());
  Sender sender(brokers_);
  sender.send("account.events", feed.lines);
  const fs::path data = own.path() / "data";
  {
    TwoWorkers workers(own.path(), section("account", 0, 2), section("account", 1, 2));
    ASSERT_NO_FATAL_FAILURE(workers.start());
    ASSERT_TRUE(wait_until_read(workers.all()));
    EXPECT_EQ(account_of(workers.all()),
              (std::map<std::string, int>{{"accepted", feed.accepted},
                                          {"duplicate", feed.duplicate},
                                          {"conflict", feed.conflict},
                                          {"quarantined", feed.malformed + wanting},
                                          {"malformed", 0}}));
    EXPECT_EQ(counted(workers.all(), "ketavigil_quarantined_total", "reason=\"malformed\""),
              feed.malformed);
    workers.stop();
  }
  EXPECT_EQ(quarantine_by_reason(data),
            (std::map<std::string, int>{{"malformed", feed.malformed},
                                        {"unknown-class", wanting / 4},
                                        {"unknown-compound", wanting / 4},
                                        {"unknown-instrument", wanting / 4},
                                        {"unknown-name", wanting / 4}}));
  const std::string right = answers(load_as_right(own.path(), feed.lines));
  EXPECT_NE(answers(data), right);
  TwoWorkers mended(own.path(), section("account", 0, 2) + mended_mapping,
                    section("account", 1, 2) + mended_mapping);
  ASSERT_NO_FATAL_FAILURE(mended.start());
  must_run({KETAVIGIL_BINARY, "quarantine", "retry", "--all", "--data", data, "--config",
            own.path() / "w0/serve.yaml"});
  sender.send("account.events", feed.wanting);  // to be known by now, each of them
  ASSERT_TRUE(wait_until_read(mended.all()));
  EXPECT_EQ(account_of(mended.all()), (std::map<std::string, int>{{"accepted", 0},
                                                                  {"duplicate", wanting},
                                                                  {"conflict", 0},
                                                                  {"quarantined", 0},
                                                                  {"malformed", 0}}));
  mended.stop();
  EXPECT_EQ(quarantine_by_reason(data),
            (std::map<std::string, int>{{"malformed", feed.malformed}}));
  EXPECT_EQ(answers(data), right);
  // Law B: a reader that begins as the programme did finds the mend and the retries in the log.
  Service alone(own.path() / "alone", section("account"));
  ASSERT_TRUE(alone.start()) << alone.log();
  ASSERT_TRUE(wait_until_read({&alone}));
  EXPECT_EQ(alone.stop().exit_code, 0) << alone.log();
  EXPECT_EQ(answers(alone.data()), right);
  EXPECT_EQ(history(alone.data()), history(data));
}

}  // namespace
}  // namespace ketavigil::topics
