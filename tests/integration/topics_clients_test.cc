// The log on Kafka, with a real broker: any client feeds a programme, with its default settings.
// The clients are those of tests/integration/clients; its `install` says where to.
#include <nlohmann/json.hpp>

#include "tests/integration/topics.h"

namespace ketavigil::topics {
namespace {

constexpr char between_key_and_value = '\t';  // which no event has: JSON writes it as \t

// kcat takes the key from the line. An event in which no pseudonym can be read has none.
void write_with_keys(const std::string& events, const std::string& file) {
  std::ifstream lines(events);
  std::ofstream keyed(file);
  for (std::string line; std::getline(lines, line);) {
    const auto event = nlohmann::json::parse(line, nullptr, false);
    if (event.is_object() && event.contains("patient") && event["patient"].is_string())
      keyed << event["patient"].get<std::string>() << between_key_and_value;
    keyed << line << '\n';
  }
}

std::size_t lines_of(const std::string& file) {
  std::ifstream lines(file);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) ++count;
  return count;
}

TEST_F(Topics, law_a_kcat_a_python_and_a_node_client_feed_one_programme) {
  const char* clients = std::getenv("KETAVIGIL_CLIENTS");
  if (clients == nullptr) GTEST_SKIP() << "needs the clients: tests/long/run clients";
  const TemporaryFolder own;
  const std::string scripts = source_folder + "/tests/integration/clients/";
  const std::string installed = clients;
  const auto parts = slices_of_events(own.path(), 3);
  const std::string keyed = (own.path() / "keyed").string();
  write_with_keys(parts[0], keyed);
  Service first(own.path() / "w0", own.path() / "data", section("clients", 0, 2));
  Service second(own.path() / "w1", own.path() / "data", section("clients", 1, 2));
  ASSERT_TRUE(first.start()) << first.log();
  ASSERT_TRUE(second.start()) << second.log();
  std::vector<std::thread> sending;  // all three at once, beside the workers
  const auto send = [&](const std::vector<std::string>& command) {
    sending.emplace_back([command] { must_run(command); });
  };
  send({"/usr/bin/env", "kcat", "-q", "-P", "-b", brokers_, "-t", "clients.events", "-K",
        std::string(1, between_key_and_value), "-l", keyed});
  send({installed + "/python/bin/python3", scripts + "feed.py", brokers_, "clients.events",
        parts[1]});
  send(
      {"/usr/bin/env", "node", installed + "/node/feed.mjs", brokers_, "clients.events", parts[2]});
  for (std::thread& one : sending) one.join();
  ASSERT_TRUE(wait_until_read({&first, &second}));
  const std::string forwarded = "ketavigil_topic_forwarded_records_total";
  const double astray = metric(&first, forwarded) + metric(&second, forwarded);
  const double records = static_cast<double>(lines_of(events()));
  RecordProperty("records", static_cast<int>(records));
  RecordProperty("sent_on_to_their_partition", static_cast<int>(astray));
  // Two of the three hash by CRC32.
  EXPECT_GT(astray, records / 3) << "these clients were meant to partition otherwise";
  EXPECT_EQ(first.stop().exit_code, 0) << first.log();
  EXPECT_EQ(second.stop().exit_code, 0) << second.log();
  EXPECT_EQ(answers(own.path() / "data"), answers(loaded()));
  must_run({KETAVIGIL_BINARY, "verify", "--data", (own.path() / "data").string()});
}

}  // namespace
}  // namespace ketavigil::topics
