// The examples of tests/data/examples/findings: what must come out of small programmes, in recorded
// order and shuffled. Their README says what an entry names.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/e2e/program.h"

namespace ketavigil::e2e {
namespace {

using nlohmann::json;

constexpr const char* folder_of_examples = KETAVIGIL_SOURCE_DIR "/tests/data/examples/findings";

std::vector<std::string> sorted_ids(const json& list, bool of_evidence) {
  std::vector<std::string> ids;
  for (const auto& item : list) ids.push_back(of_evidence ? item.at("id") : item);
  std::sort(ids.begin(), ids.end());
  return ids;
}

bool has_word(const json& list, const json& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool fits(const std::string& key, const json& wanted, const json& finding) {
  const auto& statistic = finding.at("statistic");
  if (key == "patient") return finding.at("subject").at("patient") == wanted;
  if (key == "evidence")
    return sorted_ids(finding.at("evidence"), true) == sorted_ids(wanted, false);
  if (key == "evidence_count") return finding.at("evidence").size() == wanted;
  if (key == "statistic") return statistic.at("name") == wanted;
  if (key == "value" || key == "threshold") {
    const double number = wanted.get<double>();
    return std::fabs(statistic.at(key).get<double>() - number) <=
           1e-9 * std::max(1.0, std::fabs(number));
  }
  if (key == "annotations" || key == "without") {
    const bool all = std::all_of(wanted.begin(), wanted.end(), [&](const json& word) {
      return has_word(finding.at("annotations"), word);
    });
    const bool any = std::any_of(wanted.begin(), wanted.end(), [&](const json& word) {
      return has_word(finding.at("annotations"), word);
    });
    return key == "annotations" ? all : !any;
  }
  if (key == "versions") {
    json versions = json::array();
    for (const auto& fact : finding.at("evidence")) versions.push_back(fact.at("version"));
    return versions == wanted;
  }
  return finding.contains(key) && finding.at(key) == wanted;
}

bool fits(const json& entry, const json& finding) {
  return std::all_of(entry.items().begin(), entry.items().end(),
                     [&](const auto& field) { return fits(field.key(), field.value(), finding); });
}

void check(const std::string& events, const json& expected) {
  const Folder folder;
  write_file(folder.path("events.ndjson"), events);
  const auto loaded = run({"load", folder.path("events.ndjson"), "--data", folder.path("data"),
                           "--as-recorded", "--json"});
  ASSERT_EQ(loaded.exit_code, 0) << loaded.error;
  const auto listed =
      run({"alerts", "--data", folder.path("data"), "--at", expected.at("at"), "--json"});
  ASSERT_EQ(listed.exit_code, 0) << listed.error;
  const auto findings = json::parse(listed.out).at("alerts");
  const auto found = [&](const json& entry) {
    return std::any_of(findings.begin(), findings.end(),
                       [&](const json& finding) { return fits(entry, finding); });
  };
  for (const auto& entry : expected.at("must")) {
    EXPECT_TRUE(found(entry)) << "must be there: " << entry << "\n" << findings.dump(1);
  }
  for (const auto& entry : expected.at("must_not"))
    EXPECT_FALSE(found(entry)) << "must not be there: " << entry;
  for (const auto& entry : expected.at("count")) {
    const auto count = std::count_if(findings.begin(), findings.end(), [&](const json& finding) {
      return finding.at("detector") == entry.at("detector") &&
             finding.at("subject").at("patient") == entry.at("patient");
    });
    EXPECT_EQ(count, entry.at("count")) << entry;
  }
}

std::vector<std::string> example_names() {
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(folder_of_examples)) {
    if (file.path().extension() == ".ndjson") names.push_back(file.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Examples : public ::testing::TestWithParam<std::string> {
 protected:
  static std::string text(const std::string& ending) {
    return read_file(std::string(folder_of_examples) + "/" + GetParam() + ending);
  }
};

TEST_P(Examples, hold_in_recorded_order) { check(text(".ndjson"), json::parse(text(".json"))); }

TEST_P(Examples, hold_shuffled) {
  auto lines = lines_of(text(".ndjson"));
  std::shuffle(lines.begin(), lines.end(), std::mt19937_64(7));
  std::string events;
  for (const auto& line : lines) events += line + "\n";
  check(events, json::parse(text(".json")));
}

INSTANTIATE_TEST_SUITE_P(of_findings, Examples, ::testing::ValuesIn(example_names()),
                         [](const auto& name) {
                           std::string out = name.param;
                           std::replace(out.begin(), out.end(), '-', '_');
                           return out;
                         });

}  // namespace
}  // namespace ketavigil::e2e
