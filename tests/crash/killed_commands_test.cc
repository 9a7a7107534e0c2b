// `replay` and `load`, killed at random moments and started again until they end. Promises 3 and
// 10, law B.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "tests/crash/campaign.h"

namespace ketavigil::crash {
namespace {

using std::chrono::microseconds;
using Steady = std::chrono::steady_clock;

// Runs a command again and again, killing it at a random moment of the first `length`, `kills`
// times; then lets it end. Returns how many kills found a programme made, or -1 if the command
// ended by itself with another code than 0.
int run_killed(const std::vector<std::string>& arguments, const std::string& out, int kills,
               microseconds length, std::mt19937_64* random) {
  int landed = 0;
  std::uniform_int_distribution<std::int64_t> draw(0, length.count());
  for (int i = 0; i < kills; ++i) {
    Child child(arguments);
    if (child.ends_within(microseconds(draw(*random)))) {
      if (child.exit_code() != 0) break;  // the last run tells why
      continue;
    }
    child.kill();
    if (std::filesystem::exists(out + "/programme.json")) ++landed;
  }
  const auto last = e2e::run(arguments);
  EXPECT_EQ(last.exit_code, 0) << last.error;
  return last.exit_code == 0 ? landed : -1;
}

std::string history(const std::string& data) {
  const auto answer = e2e::run({"alerts", "--history", "--json", "--data", data});
  EXPECT_EQ(answer.exit_code, 0) << answer.error;
  return answer.out;
}

void expect_verified(const std::string& data) {
  const auto verified = e2e::run({"verify", "--data", data});
  EXPECT_EQ(verified.exit_code, 0) << verified.error;
}

microseconds time_of(const std::vector<std::string>& arguments) {
  const auto began = Steady::now();
  const auto done = e2e::run(arguments);
  EXPECT_EQ(done.exit_code, 0) << done.error;
  return std::chrono::duration_cast<microseconds>(Steady::now() - began);
}

std::string configuration(const e2e::Folder& folder, const std::string& batch_entries) {
  const std::string path = folder.path("batch-" + batch_entries + ".yaml");
  e2e::write_file(path, "engine: {workers: 2, batch_entries: " + batch_entries + "}\n");
  return path;
}

TEST(KilledCommands, law_b_a_replay_killed_at_random_moments_gives_the_same_history) {
  const e2e::Folder folder;
  const std::string events = simulated_events(folder, times(6, 24), times(6, 9));
  const std::string source = folder.path("source");
  ASSERT_EQ(e2e::run({"load", events, "--data", source, "--as-recorded"}).exit_code, 0);
  const std::string expected = history(source);
  ASSERT_NE(expected.find("\"revision\":2"), std::string::npos) << "too small a programme";
  const microseconds length = time_of({"replay", "--data", source, "--out", folder.path("whole")});
  EXPECT_TRUE(history(folder.path("whole")) == expected);
  auto random = random_numbers();
  int landed = 0;
  const int kills = times(5, 50);
  constexpr int kills_a_replay = 5;
  for (int done = 0; done < kills; done += kills_a_replay) {
    const std::string out = folder.path("killed-" + std::to_string(done));
    const int hits = run_killed({"replay", "--data", source, "--out", out}, out, kills_a_replay,
                                length, &random);
    ASSERT_GE(hits, 0) << "the replay did not end well";
    landed += hits;
    EXPECT_TRUE(history(out) == expected) << out;
    expect_verified(out);
    std::filesystem::remove_all(out);
  }
  EXPECT_GT(landed, 0) << "no kill found anything";
  RecordProperty("kills", kills);
  RecordProperty("kills_that_found_a_programme", landed);
}

TEST(KilledCommands, promise_3_a_load_killed_at_random_moments_and_started_again_gives_the_same) {
  const e2e::Folder folder;
  const std::string events = simulated_events(folder, times(12, 24), times(6, 9));
  const std::string whole = folder.path("whole");
  const microseconds length = time_of({"load", events, "--data", whole});
  const std::string expected = answers(whole);
  ASSERT_NE(expected.find("\"alerts\":[{"), std::string::npos) << "too small a programme";
  auto random = random_numbers();
  int landed = 0;
  const int rounds = times(4, 24);
  constexpr int kills_a_load = 3;
  for (int round = 0; round < rounds; ++round) {
    const std::string data = folder.path("killed-" + std::to_string(round));
    // Small batches make many places to be killed at.
    std::vector<std::string> words = {
        "load",     events,
        "--data",   data,
        "--config", configuration(folder, round % 2 == 0 ? "50" : "5000"),
        "--shards", round % 3 == 0 ? "3" : "1"};
    if (round % 4 == 1) words.emplace_back("--as-recorded");
    const int hits = run_killed(words, data, kills_a_load, length, &random);
    ASSERT_GE(hits, 0) << "the load did not end well";
    landed += hits;
    EXPECT_TRUE(answers(data) == expected) << data;
    expect_verified(data);
    std::filesystem::remove_all(data);
  }
  EXPECT_GT(landed, 0) << "no kill found anything";
  RecordProperty("kills", rounds * kills_a_load);
  RecordProperty("kills_that_found_a_programme", landed);
}

}  // namespace
}  // namespace ketavigil::crash
