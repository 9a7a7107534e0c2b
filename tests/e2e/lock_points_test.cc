// Data lock points through the program's own commands: the table of one is what the log says up to
// there (law A), for any number of shards and again after a replay (law B).
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "simulation/programme.h"
#include "tests/e2e/program.h"

namespace ketavigil::e2e {
namespace {

class LockPoints : public ::testing::Test {
 protected:
  void SetUp() override {
    simulation::ProgrammeOptions options;
    options.patients = 12;
    options.months = 4;
    options.seed = 5;
    std::ostringstream events;
    ASSERT_TRUE(simulation::Programme(options).write_events(events).ok());
    write_file(folder_.path("events.ndjson"), events.str());
  }
  std::string load(const std::string& name, const std::string& shards) {
    const auto loaded = run({"load", folder_.path("events.ndjson"), "--data", folder_.path(name),
                             "--shards", shards, "--as-recorded"});
    EXPECT_EQ(loaded.exit_code, 0) << loaded.error;
    return folder_.path(name);
  }
  static std::string cohort(const std::string& data, std::vector<std::string> more) {
    std::vector<std::string> words = {"cohort", "--data", data, "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const auto answer = run(words);
    EXPECT_EQ(answer.exit_code, 0) << answer.error;
    return answer.out;
  }
  static std::vector<std::string> complete(const std::string& data) {
    std::vector<std::string> moments;
    const auto listed = nlohmann::json::parse(cohort(data, {"--lock-points"}));
    for (const auto& point : listed.at("lock_points"))
      if (point.at("complete")) moments.push_back(point.at("lock_point"));
    return moments;
  }
  Folder folder_;
};

TEST_F(LockPoints, law_a_a_table_is_what_the_log_says_up_to_its_lock_point) {
  const std::string data = load("one", "2");
  const auto moments = complete(data);
  ASSERT_GT(moments.size(), 100U);
  for (const std::size_t at : {moments.size() / 3, moments.size() - 1}) {
    auto shown = nlohmann::ordered_json::parse(cohort(data, {"--lock-point", moments[at]}));
    EXPECT_EQ(shown.at("lock_point"), moments[at]);
    shown.erase("lock_point");
    EXPECT_EQ(shown.dump() + "\n", cohort(data, {"--as-of", moments[at]}));
  }
  const std::string five = load("five", "5");
  ASSERT_EQ(complete(five), moments);
  for (const std::size_t at : {std::size_t{3}, moments.size() / 2, moments.size() - 1})
    EXPECT_EQ(cohort(five, {"--lock-point", moments[at]}),
              cohort(data, {"--lock-point", moments[at]}));
  const auto verified = run({"verify", "--data", five});
  EXPECT_EQ(verified.exit_code, 0) << verified.error;
}

TEST_F(LockPoints, law_b_a_replay_has_the_same_and_a_lost_cohort_is_made_anew) {
  const std::string data = load("one", "2");
  const auto replayed = run({"replay", "--data", data, "--out", folder_.path("again")});
  ASSERT_EQ(replayed.exit_code, 0) << replayed.error;
  const std::string listed = cohort(data, {"--lock-points"});
  EXPECT_EQ(cohort(folder_.path("again"), {"--lock-points"}), listed);
  const auto moments = complete(data);
  const std::string last = cohort(data, {"--lock-point", moments.back()});
  EXPECT_EQ(cohort(folder_.path("again"), {"--lock-point", moments.back()}), last);
  std::filesystem::remove_all(std::filesystem::path(data) / "cohort");
  write_file(folder_.path("none.ndjson"), "");
  EXPECT_EQ(run({"load", folder_.path("none.ndjson"), "--data", data}).exit_code, 0);
  EXPECT_EQ(cohort(data, {"--lock-points"}), listed);
  EXPECT_EQ(cohort(data, {"--lock-point", moments.back()}), last);
}

TEST_F(LockPoints, what_cannot_be_shown_says_why) {
  write_file(folder_.path("empty.ndjson"), "");
  const std::string data = folder_.path("empty");
  ASSERT_EQ(run({"load", folder_.path("empty.ndjson"), "--data", data}).exit_code, 0);
  const auto none = run({"cohort", "--data", data, "--lock-points"});
  EXPECT_EQ(none.exit_code, 4);
  EXPECT_NE(none.error.find("no data lock point has passed yet"), std::string::npos) << none.error;
  const std::string one = load("one", "2");
  const auto unknown = run({"cohort", "--data", one, "--lock-point", "2024-03-05T00:00:01Z"});
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_NE(unknown.error.find("--lock-points"), std::string::npos) << unknown.error;
  EXPECT_EQ(run({"cohort", "--data", one, "--lock-points", "--at", "2024-03-05"}).exit_code, 1);
}

}  // namespace
}  // namespace ketavigil::e2e
