// Laws A and B over a simulated programme, through the program's own commands. Promises 2, 3 and 4.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "simulation/programme.h"
#include "tests/e2e/program.h"

namespace ketavigil::e2e {
namespace {

constexpr const char* moment = "2024-03-01T00:00:00Z";

// A programme small enough for every run of the checks; `./check --long` takes the large one.
std::vector<std::string> programme_lines(std::int64_t patients) {
  simulation::ProgrammeOptions options;
  options.patients = patients;
  options.months = 9;
  options.seed = 11;
  std::ostringstream out;
  EXPECT_TRUE(simulation::Programme(options).write_events(out).ok());
  return lines_of(out.str());
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out += line + "\n";
  return out;
}

// What law A says must be equal: findings, records and tables at one moment.
std::string answers(const std::string& data) {
  std::string all;
  for (const char* command : {"alerts", "patient", "cohort"}) {
    const auto answer = run({command, "--data", data, "--at", moment, "--json"});
    EXPECT_EQ(answer.exit_code, 0) << answer.error;
    all += answer.out;
  }
  return all;
}

void load(const Folder& folder, const std::string& name, const std::vector<std::string>& lines,
          std::vector<std::string> more = {}) {
  write_file(folder.path(name + ".ndjson"), joined(lines));
  std::vector<std::string> words = {"load", folder.path(name + ".ndjson"), "--data",
                                    folder.path(name)};
  words.insert(words.end(), more.begin(), more.end());
  const auto loaded = run(words);
  ASSERT_EQ(loaded.exit_code, 0) << loaded.error;
}

std::string configuration(const Folder& folder, const std::string& text) {
  const std::string path =
      folder.path("configuration-" + std::to_string(std::hash<std::string>{}(text)) + ".yaml");
  write_file(path, text);
  return path;
}

class Laws : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { lines_ = programme_lines(24); }
  static std::vector<std::string> lines_;
  Folder folder_;
};
std::vector<std::string> Laws::lines_;

TEST_F(Laws, law_a_any_order_gives_the_same_findings_records_and_tables) {
  load(folder_, "recorded", lines_, {"--as-recorded"});
  const std::string expected = answers(folder_.path("recorded"));
  ASSERT_GT(expected.size(), 100'000U);
  auto reversed = lines_;
  std::reverse(reversed.begin(), reversed.end());
  load(folder_, "reversed", reversed);
  EXPECT_TRUE(answers(folder_.path("reversed")) == expected);
  for (unsigned seed = 1; seed <= 2; ++seed) {
    auto shuffled = lines_;
    std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937_64(seed));
    const std::string name = "shuffled-" + std::to_string(seed);
    load(folder_, name, shuffled);
    EXPECT_TRUE(answers(folder_.path(name)) == expected) << name;
  }
}

TEST_F(Laws, law_a_shards_workers_and_batches_do_not_show) {
  load(folder_, "one", lines_);
  const std::string expected = answers(folder_.path("one"));
  load(folder_, "twelve", lines_,
       {"--config",
        configuration(folder_, "storage: {shards: 12}\nengine: {workers: 1, batch_entries: 7}\n")});
  EXPECT_TRUE(answers(folder_.path("twelve")) == expected);
}

TEST_F(Laws, law_a_in_two_halves_and_again_changes_nothing_and_says_what_it_saw) {
  load(folder_, "whole", lines_);
  const std::string expected = answers(folder_.path("whole"));
  const auto half = static_cast<std::ptrdiff_t>(lines_.size() / 2);
  write_file(folder_.path("a.ndjson"), joined({lines_.begin() + half, lines_.end()}));
  write_file(folder_.path("b.ndjson"), joined({lines_.begin(), lines_.begin() + half}));
  for (const char* file : {"a.ndjson", "b.ndjson"}) {
    ASSERT_EQ(run({"load", folder_.path(file), "--data", folder_.path("halves")}).exit_code, 0);
  }
  EXPECT_TRUE(answers(folder_.path("halves")) == expected);
  const auto again =
      run({"load", folder_.path("whole.ndjson"), "--data", folder_.path("whole"), "--json"});
  ASSERT_EQ(again.exit_code, 0) << again.error;
  const auto account = nlohmann::json::parse(again.out);
  EXPECT_EQ(account.at("accepted"), 0);
  EXPECT_EQ(account.at("conflict"), 0);
  EXPECT_EQ(account.at("read"), lines_.size());
  EXPECT_GT(account.at("duplicate"), 0);
  EXPECT_TRUE(answers(folder_.path("whole")) == expected);
}

TEST_F(Laws, law_b_a_log_replayed_gives_the_same_history_whatever_the_batch) {
  load(folder_, "source", lines_, {"--as-recorded"});
  const auto history = run({"alerts", "--history", "--json", "--data", folder_.path("source")});
  ASSERT_EQ(history.exit_code, 0) << history.error;
  ASSERT_GT(nlohmann::json::parse(history.out).at("revisions").size(), 20U);
  const auto replayed =
      run({"replay", "--data", folder_.path("source"), "--out", folder_.path("replayed")});
  ASSERT_EQ(replayed.exit_code, 0) << replayed.error;
  EXPECT_TRUE(run({"alerts", "--history", "--json", "--data", folder_.path("replayed")}).out ==
              history.out);
  const auto differs = run({"diff", folder_.path("source"), folder_.path("replayed")});
  EXPECT_EQ(differs.exit_code, 0) << differs.out;
  for (const char* batch : {"1", "7"}) {
    const std::string config =
        configuration(folder_, std::string("engine: {workers: 1, batch_entries: ") + batch + "}\n");
    const std::string out = folder_.path(std::string("replayed-") + batch);
    ASSERT_EQ(run({"replay", "--data", folder_.path("source"), "--out", out, "--config", config})
                  .exit_code,
              0);
    EXPECT_TRUE(run({"alerts", "--history", "--json", "--data", out}).out == history.out) << batch;
  }
}

TEST_F(Laws, a_changed_threshold_is_an_epoch_and_diff_tells_what_it_does) {
  load(folder_, "data", lines_, {"--as-recorded"});
  const std::string config = configuration(
      folder_, "detectors: {BP-4: {rise_systolic_mmhg: 20, rise_diastolic_mmhg: 12}}\n");
  ASSERT_EQ(run({"replay", "--data", folder_.path("data"), "--out", folder_.path("stricter"),
                 "--config", config})
                .exit_code,
            0);
  const auto differs = run({"diff", folder_.path("data"), folder_.path("stricter")});
  EXPECT_EQ(differs.exit_code, 5);
  EXPECT_NE(differs.out.find("BP-4"), std::string::npos);
  write_file(folder_.path("none.ndjson"), lines_.front() + "\n");
  ASSERT_EQ(
      run({"load", folder_.path("none.ndjson"), "--data", folder_.path("data"), "--config", config})
          .exit_code,
      0);
  const auto history =
      run({"alerts", "--history", "--json", "--detector", "BP-4", "--data", folder_.path("data")});
  EXPECT_NE(history.out.find("\"reason\":\"configuration\""), std::string::npos);
  EXPECT_EQ(run({"verify", "--data", folder_.path("data")}).exit_code, 0);
}

TEST_F(Laws, as_of_shows_what_was_known_then) {
  load(folder_, "data", lines_, {"--as-recorded"});
  const auto half = static_cast<std::size_t>(lines_.size() / 2);
  const auto received = nlohmann::json::parse(lines_[half], nullptr, false);
  ASSERT_FALSE(received.is_discarded());
  const std::string until = received.at("recorded");
  std::vector<std::string> known;
  for (const auto& line : lines_) {
    const auto event = nlohmann::json::parse(line, nullptr, false);
    known.push_back(line);
    if (!event.is_discarded() && event.contains("recorded") && event.at("recorded") == until) break;
  }
  load(folder_, "then", known, {"--as-recorded"});
  const auto now = run({"alerts", "--json", "--as-of", until, "--data", folder_.path("data")});
  const auto then = run({"alerts", "--json", "--at", until, "--data", folder_.path("then")});
  ASSERT_EQ(now.exit_code, 0) << now.error;
  EXPECT_EQ(now.out, then.out);
}

}  // namespace
}  // namespace ketavigil::e2e
