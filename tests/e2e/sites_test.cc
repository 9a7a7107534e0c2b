// Parameters by site, through the program: whose findings they change, what `explain` says of them,
// and what `replay` and `diff` say of a change.
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/e2e/program.h"

namespace ketavigil::e2e {
namespace {

using nlohmann::json;

// Two patients, one at each of two sites, with the same pressure before a dose.
std::string facts() {
  std::string lines;
  for (const std::string site : {"site-03", "site-04"}) {
    const std::string whose = R"("source":"c","patient":"p-)" + site + R"(","id":")" + site;
    lines += "{" + whose + R"(-e","kind":"enrolment","effective":"2024-01-01T09:00:00Z","site":")" +
             site + R"(","birth_year":1980})" + "\n{" + whose +
             R"(-s","kind":"session","effective":"2024-03-02T10:00:00Z","compound":"esketamine",)" +
             R"("route":"IN","dose_mg":84})" + "\n{" + whose +
             R"(-b","kind":"blood_pressure","effective":"2024-03-02T09:50:00Z","systolic":155,)" +
             R"("diastolic":80,"session":")" + site + "-s\"}\n";
  }
  return lines;
}

const std::string before = "detectors: {BP-1: {systolic_mmhg: 145}}\n";
const std::string after =
    before +
    "sites:\n  site-03:\n    detectors:\n      BP-1:\n        systolic_mmhg: "
    "{value: 150, owner: Dr. A. Example, version: 2, citation: protocol 12}\n";
const std::string lenient =
    before + "sites: {site-03: {detectors: {BP-1: {systolic_mmhg: 156}}}}\n";

class Sites : public testing::Test {
 protected:
  void SetUp() override { write_file(folder_.path("facts.ndjson"), facts()); }

  void load(const std::string& data, const std::string& configuration) {
    const std::string file = folder_.path("config.yaml");
    write_file(file, configuration);
    const auto loaded = run({"load", folder_.path("facts.ndjson"), "--data", folder_.path(data),
                             "--config", file, "--as-recorded"});
    ASSERT_EQ(loaded.exit_code, 0) << loaded.error;
  }
  // The findings of BP-1, by patient.
  std::map<std::string, json> found(const std::string& data) {
    const auto listed =
        run({"alerts", "--data", folder_.path(data), "--detector", "BP-1", "--json"});
    EXPECT_EQ(listed.exit_code, 0) << listed.error;
    std::map<std::string, json> by_patient;
    const auto document = json::parse(listed.out);
    for (const auto& finding : document.at("alerts"))
      by_patient[finding.at("subject").at("patient")] = finding;
    return by_patient;
  }
  std::string explained(const std::string& data, const json& finding) {
    return run({"explain", finding.at("id"), "--data", folder_.path(data)}).out;
  }

  Folder folder_;
};

TEST_F(Sites, a_sites_limit_judges_its_own_patients_and_nobody_else) {
  load("data", lenient);
  const auto found = this->found("data");
  EXPECT_EQ(found.size(), 1U);
  ASSERT_EQ(found.count("p-site-04"), 1U);
  EXPECT_EQ(found.at("p-site-04").at("statistic").at("parameters").at("systolic_mmhg"), 145);
}

TEST_F(Sites, explain_says_by_whose_limit_a_patient_is_judged_and_who_answers_for_it) {
  load("data", after);
  const auto found = this->found("data");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_NE(found.at("p-site-03").at("identity"), found.at("p-site-04").at("identity"));
  const std::string site = explained("data", found.at("p-site-03"));
  for (const char* words :
       {"of site-03, the site of the patient's first enrolment, where marked",
        "systolic_mmhg = 150 mm[Hg]   protocol 12 (not confirmed); of the site, owner Dr. A. "
        "Example, version 2; the programme's is 145; default 140"}) {
    EXPECT_NE(site.find(words), std::string::npos) << words << "\n" << site;
  }
  const std::string programme = explained("data", found.at("p-site-04"));
  EXPECT_EQ(programme.find("first enrolment"), std::string::npos) << programme;
  EXPECT_NE(programme.find("systolic_mmhg = 145 mm[Hg]   configuration (not confirmed); of the "
                           "programme, owner configuration, version 1; default 140"),
            std::string::npos)
      << programme;
}

TEST_F(Sites, replay_and_diff_show_what_a_sites_limit_would_have_done) {
  load("data", before);
  write_file(folder_.path("lenient.yaml"), lenient);
  const auto replayed = run({"replay", "--data", folder_.path("data"), "--out",
                             folder_.path("trial"), "--config", folder_.path("lenient.yaml")});
  ASSERT_EQ(replayed.exit_code, 0) << replayed.error;
  const auto diff = run({"diff", folder_.path("data"), folder_.path("trial")});
  EXPECT_EQ(diff.exit_code, 5) << diff.error;
  EXPECT_NE(diff.out.find("p-site-03"), std::string::npos) << diff.out;
  EXPECT_EQ(diff.out.find("p-site-04"), std::string::npos) << diff.out;
  // As an epoch: the same findings, and the case of that site is closed.
  load("data", lenient);
  EXPECT_EQ(found("data").size(), 1U);
  EXPECT_EQ(found("data"), found("trial"));
  const auto history = run({"alerts", "--data", folder_.path("data"), "--history", "--patient",
                            "p-site-03", "--detector", "BP-1", "--json"});
  EXPECT_NE(history.out.find("\"reason\":\"superseded\""), std::string::npos) << history.out;
  // The closed case was made with what is in force no more: its owner is not asserted.
  const auto revision = json::parse(history.out).at("revisions").back();
  const std::string closed = explained("data", revision);
  EXPECT_NE(closed.find("systolic_mmhg = 145 mm[Hg]   no longer in force, which is 156: "
                        "configuration (not confirmed); of the site, owner configuration"),
            std::string::npos)
      << closed;
  EXPECT_EQ(run({"verify", "--data", folder_.path("data")}).exit_code, 0);
}

}  // namespace
}  // namespace ketavigil::e2e
