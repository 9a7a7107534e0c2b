// `patient ID`, for people and with what came when.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/e2e/program.h"

namespace ketavigil::e2e {
namespace {

using nlohmann::json;

const std::string whose = R"({"source":"c","patient":"p-1",)";
const std::string reading =
    whose +
    R"("id":"b","kind":"blood_pressure","effective":"2024-03-02T09:00:00Z","systolic":185,"diastolic":80)";
const std::string facts =
    whose + R"("id":"e","kind":"enrolment","effective":"2024-01-01T09:00:00Z","site":"s"})" + "\n" +
    reading + "}\n" +
    // The same version with another content, and something that nobody understands.
    whose +
    R"("id":"b","kind":"blood_pressure","effective":"2024-03-02T09:00:00Z","systolic":125,"diastolic":80})" +
    "\n" + whose +
    R"("id":"w","kind":"vital","effective":"2024-03-02T09:00:00Z","name":"weight","value":70,"unit":"stone"})" +
    "\n" +
    R"({"source":"c","patient":"p-2","id":"e2","kind":"enrolment","effective":"2024-01-01T09:00:00Z"})" +
    "\n";

class Patient : public testing::Test {
 protected:
  void SetUp() override {
    write_file(folder_.path("facts.ndjson"), facts);
    load();
  }
  void load() {
    const auto loaded = run({"load", folder_.path("facts.ndjson"), "--data", folder_.path("data")});
    ASSERT_EQ(loaded.exit_code, 0) << loaded.error;
  }
  json deliveries(const std::string& data, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"patient",          "p-1",       "--data",
                                      folder_.path(data), "--history", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const auto printed = run(words);
    EXPECT_EQ(printed.exit_code, 0) << printed.error;
    return json::parse(printed.out, nullptr, false);
  }
  static std::vector<std::string> words_of(const json& document) {
    std::vector<std::string> words;
    for (const auto& one : document.at("deliveries")) {
      words.push_back(one.value("entry", "") + " " + one.value("id", "") + " " +
                      one.value("answer", "") + " " + one.value("reason", ""));
    }
    return words;
  }

  Folder folder_;
};

TEST_F(Patient, history_tells_of_each_delivery_and_what_became_of_it) {
  const json told = deliveries("data");
  EXPECT_EQ(told.at("patient"), "p-1");
  EXPECT_EQ(words_of(told),
            (std::vector<std::string>{"event e accepted ", "event b accepted ", "event b conflict ",
                                      "event w quarantined unknown-unit"}));
  const auto& reading_came = told.at("deliveries").at(1);
  EXPECT_EQ(reading_came.at("kind"), "blood_pressure");
  EXPECT_EQ(reading_came.at("version"), 2);  // of what is final
  EXPECT_EQ(reading_came.at("lane"), "bulk");
  EXPECT_EQ(reading_came.at("digest").get<std::string>().size(), 64U);
  EXPECT_EQ(told.at("deliveries").at(3).at("field"), "unit");
  // Before anything came nothing had come, of somebody who is known.
  EXPECT_EQ(words_of(deliveries("data", {"--at", "2020-01-01"})), std::vector<std::string>());
  EXPECT_EQ(run({"patient", "p-3", "--data", folder_.path("data"), "--history"}).exit_code, 1);
}

TEST_F(Patient, history_has_the_decisions_of_a_person_too) {
  const auto listed =
      json::parse(run({"quarantine", "list", "--data", folder_.path("data"), "--json"}).out);
  const std::string entry = listed.at("quarantine").at(0).at("id");
  const auto discarded = run({"quarantine", "discard", entry, "--data", folder_.path("data")});
  ASSERT_EQ(discarded.exit_code, 0) << discarded.error;
  EXPECT_EQ(words_of(deliveries("data")).back(), "discard w discarded ");
}

TEST_F(Patient, law_b_a_log_replayed_tells_of_the_same_deliveries) {
  ASSERT_EQ(
      run({"replay", "--data", folder_.path("data"), "--out", folder_.path("again")}).exit_code, 0);
  EXPECT_EQ(deliveries("data"), deliveries("again"));
}

TEST_F(Patient, is_shown_to_people_as_facts_and_what_they_mean) {
  const auto printed = run({"patient", "p-1", "--data", folder_.path("data")});
  ASSERT_EQ(printed.exit_code, 0) << printed.error;
  for (const char* words :
       {"EFFECTIVE\tKIND\tWHAT\tSTATUS\tSTATE\tFACT\n",
        "2024-03-02T09:00:00Z\tblood_pressure\tsystolic 185  diastolic 80  unit "
        "mm[Hg]\tfinal\tactive\tc b v2\n",
        "\talert\tBP-2\t2024-03-02T09:00:00Z\t", "\tsevere\t185 / 180\t"}) {
    EXPECT_NE(printed.out.find(words), std::string::npos) << words << "\n" << printed.out;
  }
}

}  // namespace
}  // namespace ketavigil::e2e
