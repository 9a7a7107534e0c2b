// `score` on a programme of its own: what was planted is found, and the three ways to read the card
// say the same.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/e2e/program.h"

namespace ketavigil::e2e {
namespace {

using nlohmann::json;

TEST(Score, absolute_rules_find_every_crisis_and_the_page_shows_it) {
  const Folder folder;
  ASSERT_EQ(run({"simulate", "--patients", "60", "--months", "6", "--seed", "3", "--out",
                 folder.path("programme"), "--plant", "hypertensive-crisis=0.1", "--plant",
                 "suicidality=0.1"})
                .exit_code,
            0);
  ASSERT_EQ(run({"load", folder.path("programme/events.ndjson"), "--data", folder.path("data")})
                .exit_code,
            0);
  const std::vector<std::string> score = {"score", "--data", folder.path("data"), "--truth",
                                          folder.path("programme/truth.json")};
  auto as_json = score;
  as_json.insert(as_json.end(), {"--json", "--page", folder.path("score.html")});
  const auto finished = run(as_json);
  ASSERT_EQ(finished.exit_code, 0) << finished.error;
  const auto card = json::parse(finished.out);
  EXPECT_EQ(card.at("patients"), 60);
  int critical_rows = 0;
  for (const auto& row : card.at("detections")) {
    if (row.at("detector") != "any" || row.at("level") != "critical") continue;
    ++critical_rows;
    EXPECT_GT(row.at("found").at("of"), 0) << row;
    EXPECT_EQ(row.at("found").at("count"), row.at("found").at("of")) << row;
    EXPECT_LT(row.at("months").at("ninth_tenth"), 0.1) << row;  // the visit that shows it
  }
  EXPECT_EQ(critical_rows, 2);
  const std::string page = read_file(folder.path("score.html"));
  for (const char* words : {"<svg", "hypertensive-crisis", "suicidality", "BP-3", "</html>"})
    EXPECT_NE(page.find(words), std::string::npos) << words;
  EXPECT_EQ(page.find("http"), std::string::npos) << "the page asks a network for something";
  const auto as_text = run(score);
  EXPECT_NE(as_text.out.find("hypertensive-crisis\tany\tcritical"), std::string::npos)
      << as_text.out;
}

TEST(Score, of_two_harms_in_the_same_patients_each_is_found) {
  const Folder folder;
  ASSERT_EQ(run({"simulate", "--patients", "40", "--months", "4", "--seed", "5", "--out",
                 folder.path("programme"), "--plant", "liver-injury+suicidality=0.2"})
                .exit_code,
            0);
  ASSERT_EQ(run({"load", folder.path("programme/events.ndjson"), "--data", folder.path("data")})
                .exit_code,
            0);
  const auto finished = run({"score", "--data", folder.path("data"), "--truth",
                             folder.path("programme/truth.json"), "--json"});
  ASSERT_EQ(finished.exit_code, 0) << finished.error;
  const auto card = json::parse(finished.out);
  EXPECT_EQ(card.at("patients_without_harm"), 32);
  EXPECT_TRUE(card.at("oracles").empty());  // of slow harm only
  std::map<std::string, int> found;
  for (const auto& row : card.at("detections")) {
    if (row.at("detector") == "any" && row.at("level") == "critical")
      found[row.at("harm")] = row.at("found").at("count");
  }
  EXPECT_EQ(found, (std::map<std::string, int>{{"liver-injury", 8}, {"suicidality", 8}}));
}

TEST(Score, a_slow_harm_stands_beside_oracles_in_every_way_to_read_the_card) {
  const Folder folder;
  ASSERT_EQ(run({"simulate", "--patients", "20", "--months", "10", "--seed", "6", "--out",
                 folder.path("programme"), "--plant", "cognitive-drop=0.5,size=9"})
                .exit_code,
            0);
  ASSERT_EQ(run({"load", folder.path("programme/events.ndjson"), "--data", folder.path("data")})
                .exit_code,
            0);
  const std::vector<std::string> score = {"score", "--data", folder.path("data"), "--truth",
                                          folder.path("programme/truth.json")};
  auto as_json = score;
  as_json.insert(as_json.end(), {"--json", "--page", folder.path("score.html")});
  const auto finished = run(as_json);
  ASSERT_EQ(finished.exit_code, 0) << finished.error;
  const auto rows = json::parse(finished.out).at("oracles");
  ASSERT_EQ(rows.size(), 2u);
  for (const auto& row : rows) {
    EXPECT_EQ(row.at("harm"), "cognitive-drop");
    EXPECT_EQ(row.at("detector"), "COG-8");
    EXPECT_EQ(row.at("patients"), 10);
    EXPECT_EQ(row.at("false_alarms"), row.at("level") == "alert" ? 0.05 : 0.25);
    // Seven deviations at once: the first test after it tells them.
    EXPECT_GT(row.at("knows_baseline_too").at("found"), 0.9) << row;
    EXPECT_LE(row.at("knows_size").at("found"), row.at("knows_baseline_too").at("found")) << row;
    EXPECT_LE(row.at("method").at("found"), row.at("knows_size").at("found")) << row;
  }
  const std::string page = read_file(folder.path("score.html"));
  EXPECT_NE(page.find("beside oracles"), std::string::npos);
  EXPECT_NE(run(score).out.find("cognitive-drop\tCOG-8\talert\t10\t5.0\t"), std::string::npos);
  auto with_options = score;
  with_options.insert(with_options.end(), {"--options", folder.path("programme/options.json")});
  const auto refused = run(with_options);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.error.find("--plant-nothing"), std::string::npos) << refused.error;
}

// The short form of the campaign `score`: all the noise, no harm.
TEST(Score, promise_7_statistics_say_little_where_there_is_no_harm) {
  const Folder folder;
  ASSERT_EQ(run({"simulate", "--patients", "150", "--months", "24", "--seed", "4", "--out",
                 folder.path("programme"), "--plant-nothing", "--noise", "all", "--duplicates",
                 "0.095", "--corrected", "0.03", "--retracted", "0.03"})
                .exit_code,
            0);
  ASSERT_EQ(run({"load", folder.path("programme/events.ndjson"), "--data", folder.path("data")})
                .exit_code,
            0);
  std::vector<std::string> score = {"score",
                                    "--data",
                                    folder.path("data"),
                                    "--truth",
                                    folder.path("programme/truth.json"),
                                    "--json",
                                    "--options",
                                    folder.path("programme/options.json")};
  const auto finished = run(score);
  ASSERT_EQ(finished.exit_code, 0) << finished.error;
  const auto card = json::parse(finished.out);
  EXPECT_EQ(card.at("patients_without_harm"), 150);
  EXPECT_GE(card.at("expected_findings").size(), 20u);
  for (const auto& row : card.at("expected_findings")) EXPECT_TRUE(row.at("within")) << row;
  // Of another programme's parameters it would be told.
  auto other = json::parse(read_file(folder.path("programme/options.json")));
  other["noise"] = "digit-preference=1";
  other["retracted_share"] = 0.3;
  write_file(folder.path("other.json"), other.dump());
  score.back() = folder.path("other.json");
  std::set<std::string> outside;
  const auto compared = json::parse(run(score).out);
  for (const auto& row : compared.at("expected_findings")) {
    if (!row.at("within")) outside.insert(row.at("detector"));
  }
  EXPECT_TRUE(outside.count("BP-6")) << "what is withdrawn leaves gaps";
  EXPECT_TRUE(card.at("detections").empty());
  int rows = 0;
  for (const auto& row : card.at("false_findings")) {
    if (row.at("detector") != "statistics") continue;
    ++rows;
    const double rate = row.at("per_100_patient_months");
    if (row.at("level") == "alert") EXPECT_LE(rate, 0.5) << row;
    if (row.at("level") == "watch") EXPECT_LE(rate, 3) << row;
    if (row.at("level") == "critical") EXPECT_EQ(rate, 0) << row;
  }
  EXPECT_EQ(rows, 4);
  const auto& alerts = card.at("lifetime_false_alarms").at("alert");
  EXPECT_EQ(alerts.at("stated"), 0.05);
  EXPECT_LE(alerts.at("interval").at(0), 0.05) << alerts;
}

TEST(Score, the_truth_of_another_programme_is_refused_with_what_to_do) {
  const Folder folder;
  write_file(folder.path("none.ndjson"), "");
  ASSERT_EQ(run({"load", folder.path("none.ndjson"), "--data", folder.path("data")}).exit_code, 0);
  write_file(
      folder.path("truth.json"),
      R"({"harms":[{"scope":"patient","harm":"suicidality","patient":"p-1","onset":"2023-01-01T00:00:00Z"}]})");
  const auto other =
      run({"score", "--data", folder.path("data"), "--truth", folder.path("truth.json")});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_NE(other.error.find("p-1"), std::string::npos) << other.error;
  EXPECT_NE(other.error.find("truth of this programme"), std::string::npos) << other.error;
  const auto missing =
      run({"score", "--data", folder.path("data"), "--truth", folder.path("nothing.json")});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_NE(missing.error.find("truth.json that `ketavigil simulate` wrote"), std::string::npos)
      << missing.error;
}

}  // namespace
}  // namespace ketavigil::e2e
