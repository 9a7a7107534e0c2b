// Real FHIR samples, where they lie beside the checkout: the account adds up, a second load changes
// nothing.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/e2e/program.h"

namespace ketavigil::e2e {
namespace {

using nlohmann::json;

constexpr const char* feeds = KETAVIGIL_SOURCE_DIR "/../shared/data/feeds/";
constexpr const char* moment = "2030-01-01T00:00:00Z";

std::int64_t sum(const json& counts) {
  std::int64_t total = 0;
  for (const auto& count : counts) total += count.get<std::int64_t>();
  return total;
}

class Feeds : public ::testing::TestWithParam<const char*> {};

TEST_P(Feeds, add_up_and_count_once) {
  const std::string path = std::string(feeds) + GetParam();
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "the samples are not here: " << GetParam();
  const Folder folder;
  const auto answers = [&] {
    std::string all;
    for (const char* command : {"alerts", "patient", "cohort"}) {
      all += run({command, "--data", folder.path("data"), "--at", moment, "--json"}).out;
    }
    return all;
  };
  std::string first_answers;
  for (int load = 0; load < 2; ++load) {
    const auto loaded = run({"load", path, "--data", folder.path("data"), "--json"});
    ASSERT_EQ(loaded.exit_code, 0) << loaded.error;
    const auto account = json::parse(loaded.out);
    EXPECT_GT(account.at("read"), 0);
    EXPECT_EQ(account.at("read").get<std::int64_t>(),
              account.at("accepted").get<std::int64_t>() +
                  account.at("duplicate").get<std::int64_t>() +
                  account.at("conflict").get<std::int64_t>() + sum(account.at("not_followed")) +
                  sum(account.at("quarantined")));
    if (load == 0) {
      EXPECT_GT(account.at("accepted"), 0);
      first_answers = answers();
    } else {
      EXPECT_EQ(account.at("accepted"), 0);
    }
  }
  EXPECT_EQ(answers(), first_answers);
}

INSTANTIATE_TEST_SUITE_P(of_fhir, Feeds,
                         ::testing::Values("us-core", "cms-ecqm", "bulk-ndjson", "r4-examples"),
                         [](const auto& name) {
                           std::string out = name.param;
                           std::replace(out.begin(), out.end(), '-', '_');
                           return out;
                         });

TEST(Fhir, a_retracted_reading_leaves_no_finding) {
  const Folder folder;
  const auto observation = [](const std::string& status, int version) {
    return R"({"resourceType":"Observation","id":"a","meta":{"versionId":")" +
           std::to_string(version) + R"("},"status":")" + status +
           R"(","subject":{"reference":"Patient/p"},"effectiveDateTime":"2026-03-04T10:00:00Z","code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":231,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}})"
           "\n";
  };
  write_file(folder.path("a.ndjson"), observation("final", 1));
  ASSERT_EQ(run({"load", folder.path("a.ndjson"), "--data", folder.path("data")}).exit_code, 0);
  const auto found = run({"alerts", "--data", folder.path("data"), "--json"});
  EXPECT_NE(found.out.find("BP-3"), std::string::npos) << found.out;
  write_file(folder.path("b.ndjson"), observation("entered-in-error", 2));
  ASSERT_EQ(run({"load", folder.path("b.ndjson"), "--data", folder.path("data")}).exit_code, 0);
  EXPECT_EQ(
      json::parse(run({"alerts", "--data", folder.path("data"), "--json"}).out).at("alerts").size(),
      0U);
  EXPECT_NE(run({"alerts", "--data", folder.path("data"), "--history", "--json"})
                .out.find("\"reason\":\"retracted\""),
            std::string::npos);
}

}  // namespace
}  // namespace ketavigil::e2e
