// Promise 8: every number can be explained: the facts, the formula's inputs, the parameters with
// their citation, the versions, and how the case came to be.
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/e2e/program.h"

namespace ketavigil::e2e {
namespace {

using nlohmann::json;

TEST(Explain, shows_the_calculation_with_its_numbers_sources_and_history) {
  const Folder folder;
  const std::string examples = KETAVIGIL_SOURCE_DIR "/tests/data/examples/findings/";
  ASSERT_EQ(
      run({"load", examples + "bp4-limits.ndjson", "--data", folder.path("data"), "--as-recorded"})
          .exit_code,
      0);
  const auto listed = json::parse(run({"alerts", "--data", folder.path("data"), "--detector",
                                       "BP-4", "--patient", "p-40", "--json"})
                                      .out);
  ASSERT_EQ(listed.at("alerts").size(), 1U);
  const auto& finding = listed.at("alerts").front();
  const auto explained = run({"explain", finding.at("id"), "--data", folder.path("data")});
  ASSERT_EQ(explained.exit_code, 0) << explained.error;
  for (const char* words :
       {"BP-4  watch", "surge = 40   limit 40", "rise_systolic_mmhg = 40 mm[Hg]", "Evidence",
        "History of case", "new: watch"}) {
    EXPECT_NE(explained.out.find(words), std::string::npos) << words << "\n" << explained.out;
  }
  const std::string evidence = finding.at("evidence").front().at("id");
  EXPECT_NE(explained.out.find(evidence), std::string::npos);
  const auto as_json =
      json::parse(run({"explain", finding.at("id"), "--data", folder.path("data"), "--json"}).out);
  EXPECT_EQ(as_json.at("finding"), finding);
  EXPECT_EQ(as_json.at("facts").size(), 1U);
  EXPECT_EQ(as_json.at("revisions").front().at("reason"), "new");
}

TEST(Explain, an_unknown_id_is_told_with_the_way_to_find_one) {
  const Folder folder;
  write_file(folder.path("none.ndjson"), "");
  ASSERT_EQ(run({"load", folder.path("none.ndjson"), "--data", folder.path("data")}).exit_code, 0);
  const auto explained = run({"explain", "nothing", "--data", folder.path("data")});
  EXPECT_EQ(explained.exit_code, 1);
  EXPECT_NE(explained.error.find("ketavigil alerts"), std::string::npos);
}

TEST(Detectors, the_page_of_parameters_is_what_the_program_says) {
  const auto printed = run({"check-config", "--detectors"});
  ASSERT_EQ(printed.exit_code, 0) << printed.error;
  EXPECT_EQ(read_file(KETAVIGIL_SOURCE_DIR "/docs/detector-parameters.md"), printed.out)
      << "to mend: build/release/ketavigil check-config --detectors >docs/detector-parameters.md";
}

// What raises nothing is shown all the same: textbook charts of cognition, drift value by value.
TEST(Charts, show_a_patients_scores_over_time) {
  const Folder folder;
  const std::string examples = KETAVIGIL_SOURCE_DIR "/tests/data/examples/findings/";
  ASSERT_EQ(
      run({"load", examples + "cog8-check.ndjson", "--data", folder.path("data"), "--as-recorded"})
          .exit_code,
      0);
  const auto shown = run({"patient", "p-1", "--data", folder.path("data"), "--charts", "--json"});
  ASSERT_EQ(shown.exit_code, 0) << shown.error;
  const auto document = json::parse(shown.out);
  EXPECT_EQ(document.at("patient"), "p-1");
  std::vector<std::string> detectors;
  for (const auto& chart : document.at("charts")) {
    EXPECT_EQ(chart.at("stream"), "moca");
    detectors.push_back(chart.at("detector"));
    if (chart.at("detector") != "COG-8") continue;
    ASSERT_EQ(chart.at("points").size(), 2U);  // until it is latched
    EXPECT_EQ(chart.at("points")[1].at("numbers").at("S"), 3.22365565613);
    EXPECT_EQ(chart.at("points")[1].at("at"), "2020-06-24T09:00:00Z");
  }
  EXPECT_EQ(detectors, (std::vector<std::string>{"COG-1", "COG-2", "COG-4", "COG-5", "COG-8"}));
  EXPECT_EQ(run({"patient", "--data", folder.path("data"), "--charts"}).exit_code, 1);
  EXPECT_EQ(run({"patient", "nobody", "--data", folder.path("data"), "--charts"}).exit_code, 1);
}

}  // namespace
}  // namespace ketavigil::e2e
