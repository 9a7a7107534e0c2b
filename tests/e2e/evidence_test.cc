// What counts as one piece of evidence, and what stands in a finding: twins, conflicts, quarantine
// (CATALOGUE, section 1), each by the smallest record that shows it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/e2e/program.h"

namespace ketavigil::e2e {
namespace {

using nlohmann::json;

// A line of a record: `rest` are the members behind source, id and patient.
std::string fact(const std::string& source, const std::string& id, const std::string& effective,
                 const std::string& rest) {
  return R"({"source":")" + source + R"(","id":")" + id + R"(","patient":"p","effective":")" +
         effective + R"(",)" + rest + "}\n";
}
std::string gross(const std::string& source, const std::string& id, const std::string& effective,
                  const std::string& more = "") {
  return fact(source, id, effective, R"("kind":"symptom","code":"haematuria-gross")" + more);
}
std::string anticoagulant(const std::string& effective, const std::string& action) {
  return fact("a", "m-" + action, effective,
              R"("kind":"medication","class":"anticoagulant","action":")" + action + "\"");
}

// `DETECTOR statistic level evidence… (unverified)` of each finding, but for what is missing.
std::vector<std::string> findings(const std::string& lines, const std::string& at = "2021-06-01") {
  const Folder folder;
  write_file(folder.path("facts.ndjson"), lines);
  EXPECT_EQ(run({"load", folder.path("facts.ndjson"), "--data", folder.path("data")}).exit_code, 0);
  const auto printed = run({"alerts", "--data", folder.path("data"), "--json", "--at", at});
  std::vector<std::string> out;
  const auto document = json::parse(printed.out);
  for (const auto& finding : document.at("alerts")) {
    const std::string detector = finding.at("detector");
    if (detector == "BP-6" || detector == "DQ-1") continue;
    std::string line = detector + " " + finding.at("statistic").at("name").get<std::string>() +
                       " " + finding.at("level").get<std::string>();
    for (const auto& one : finding.at("evidence"))
      line += " " + one.at("id").get<std::string>() + "/" + one.at("version").dump();
    if (finding.at("unverified").get<bool>()) line += " unverified";
    out.push_back(line);
  }
  return out;
}
using Lines = std::vector<std::string>;

const std::string day = "2021-01-01T";

TEST(Evidence, a_twin_is_judged_in_its_own_place) {
  // Whoever came first had no anticoagulant yet; the other, which counts for both, has.
  EXPECT_EQ(
      findings(gross("a", "s", day + "00:00:00Z") + anticoagulant(day + "00:03:00Z", "start") +
               gross("b", "t", day + "00:05:00Z", R"(,"site":"x")")),
      Lines{"URO-4 gross critical s/2"});
  EXPECT_EQ(findings(anticoagulant("2020-12-01T00:00:00Z", "start") +
                     gross("a", "s", day + "00:00:00Z", R"(,"site":"x")") +
                     anticoagulant(day + "00:03:00Z", "stop") + gross("b", "t", day + "00:05:00Z")),
            Lines{"URO-4 gross critical t/2"});
  // Neither was lowered: the one that counts for both says it.
  EXPECT_EQ(findings(gross("a", "s", day + "00:00:00Z") +
                     gross("b", "t", day + "00:05:00Z", R"(,"site":"x")")),
            Lines{"URO-4 gross critical t/2"});
}

TEST(Evidence, a_retention_raises_a_twin_that_it_is_near_enough_to) {
  EXPECT_EQ(findings(fact("a", "c", day + "00:00:00Z",
                          R"("kind":"lab","code":"urine-culture","result":"positive")") +
                     anticoagulant("2020-12-01T00:00:00Z", "start") +
                     gross("a", "s", "2021-01-02T00:00:00Z", R"(,"site":"x")") +
                     gross("b", "t", "2021-01-02T00:05:00Z") +
                     fact("a", "r", "2021-01-03T00:02:00Z",
                          R"("kind":"symptom","code":"urinary-retention")")),
            (Lines{"URO-4 gross critical t/2", "URO-4 retention alert r/2"}));
}

TEST(Evidence, twin_sessions_on_a_bare_date_are_one_session) {
  const std::string dose =
      R"("kind":"session","compound":"ketamine","route":"IV","dose_mg":100,"weight_kg":)";
  EXPECT_EQ(findings(fact("a", "s1", "2024-01-01", dose + "70") +
                         fact("z", "s1t", "2024-01-01", dose + "40"),
                     "2024-06-01"),
            Lines{"DEP-1 dose-limit critical s1t/2"});
}

TEST(Evidence, promise_5_an_overdose_in_quarantine_is_seen_beside_another_session) {
  const std::string iv = R"("kind":"session","compound":"ketamine","route":"IV","weight_kg":80,)";
  const std::string in = R"("kind":"session","compound":"esketamine","route":"IN",)";
  // What is wrong with it is not its dose.
  const std::string doubtful =
      fact("a", "s2", "2024-01-01T12:00:00Z", in + R"("dose_mg":200,"monitored_min":-5)");
  EXPECT_EQ(findings(fact("a", "s1", "2024-01-01T10:00:00Z", iv + R"("dose_mg":84)") + doubtful,
                     "2024-06-01"),
            (Lines{"DEP-1 dose-limit alert s1/2", "DEP-1 dose-limit critical s2/2 unverified"}));
  EXPECT_EQ(findings(fact("a", "s1", "2024-01-01T10:00:00Z", iv + R"("dose_mg":200)") + doubtful,
                     "2024-06-01"),
            (Lines{"DEP-1 dose-limit critical s1/2", "DEP-1 dose-limit critical s2/2 unverified"}));
}

TEST(Evidence, each_version_stands_once_however_many_contents_it_has) {
  const auto low = [](const std::string& id, const std::string& time, int value) {
    return fact("a", id, "2024-03-04T" + time + ":00Z",
                R"("kind":"vital","name":"spo2","unit":"%","value":)" + std::to_string(value));
  };
  // The first content counts, the second lost and is critical.
  const auto found =
      findings(low("x", "10:20", 91) + low("k", "10:00", 91) + low("k", "10:40", 88), "2024-06-01");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0], "BP-9 spo2 critical k/2 x/2 unverified");
}

TEST(Evidence, two_versions_of_a_fact_are_of_one_occasion) {
  const std::string fall = R"("kind":"adverse_event","name":"Fall",)";
  const Folder folder;
  write_file(folder.path("facts.ndjson"),
             fact("a", "x", "2024-01-01T10:00:00Z", fall + R"("ctcae":4,"status":"preliminary")") +
                 fact("a", "x", "2023-12-30T10:00:00Z", fall + R"("ctcae":6)"));
  EXPECT_EQ(run({"load", folder.path("facts.ndjson"), "--data", folder.path("data")}).exit_code, 0);
  const auto printed =
      run({"alerts", "--data", folder.path("data"), "--json", "--at", "2024-06-01"});
  std::set<std::string> ids;
  const auto document = json::parse(printed.out);
  for (const auto& finding : document.at("alerts")) ids.insert(finding.at("id"));
  EXPECT_EQ(ids.size(), document.at("alerts").size()) << printed.out;
  EXPECT_EQ(ids.size(), 1U);
}

TEST(Evidence, what_a_deadline_finds_does_not_stand_for_a_critical_before_it) {
  const std::string dose = R"("kind":"session","compound":"ketamine","route":"IV","dose_mg":30)";
  const std::string lines =
      fact("a", "p", "2024-03-04T10:45:00Z", dose + R"(,"status":"preliminary")") +
      fact("a", "s", "2024-03-04T11:30:00Z", dose) +
      fact("a", "x", "2024-03-04T13:00:00Z",
           R"("kind":"blood_pressure","systolic":185,"session":"p")");
  const auto of_bp_5 = [&](const std::string& at) {
    Lines out;
    for (const auto& line : findings(lines, at))
      if (line.starts_with("BP-5")) out.push_back(line);
    return out;
  };
  EXPECT_EQ(of_bp_5("2024-03-04T14:00:00Z"), Lines{"BP-5 non-resolution critical x/2 unverified"});
  EXPECT_EQ(of_bp_5("2024-03-04T15:30:00Z"), Lines{"BP-5 non-resolution critical x/2"});
}

TEST(Evidence, of_a_final_fact_in_doubt_session_and_site_come_from_final_facts) {
  const Folder folder;
  const std::string enrolment = R"("kind":"enrolment","site":)";
  write_file(
      folder.path("facts.ndjson"),
      fact("a", "e1", "2024-01-01T10:00:00Z", enrolment + "\"north\"") +
          fact("a", "e2", "2024-01-02T10:00:00Z", enrolment + R"("west","status":"preliminary")") +
          fact("a", "i", "2024-01-03T10:00:00Z",
               R"("kind":"score","instrument":"c-ssrs-ideation","value":9)"));
  EXPECT_EQ(run({"load", folder.path("facts.ndjson"), "--data", folder.path("data")}).exit_code, 0);
  const auto printed = run({"alerts", "--data", folder.path("data"), "--json"});
  const auto document = json::parse(printed.out);
  ASSERT_EQ(document.at("alerts").size(), 1U) << printed.out;
  EXPECT_EQ(document.at("alerts").at(0).at("site"), "north");
}

}  // namespace
}  // namespace ketavigil::e2e
