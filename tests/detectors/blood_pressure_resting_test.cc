// BP-8: new hypertension by resting pressures, treatment and diagnosis.
#include <gtest/gtest.h>

#include "tests/detectors/blood_pressure_record.h"

namespace ketavigil::detectors::blood_pressure_test {
namespace {

// Adds a session on a day after the first, with one reading before its start.
void resting(Record* record, double day, std::optional<double> systolic,
             std::optional<double> diastolic) {
  const std::string n = std::to_string(static_cast<int>(day));
  const auto& s = record->session("s" + n, monday + days(day));
  record->reading("r" + n, s, -10, systolic, diastolic);
}

// A first session of 124/78, and exposed ones of a diastolic of 78 on these days.
Record exposed(const std::vector<std::pair<double, double>>& days_and_systolics) {
  Record record;
  resting(&record, 0, 124, 78);
  for (const auto& [day, systolic] : days_and_systolics) resting(&record, day, systolic, 78);
  return record;
}

TEST(NewHypertension, is_a_mean_of_140_over_three_values_of_14_days) {
  const Finding finding = exposed({{7, 138}, {14, 140}, {21, 142}}).only("BP-8");
  EXPECT_EQ(finding.level, Level::alert);
  EXPECT_EQ(finding.statistic, "mean");
  EXPECT_EQ(finding.value, 140);
  EXPECT_EQ(finding.threshold, 140);
  EXPECT_EQ(ids(finding), Ids({"r7", "r14", "r21"}));
  EXPECT_EQ(finding.onset, monday + days(7) - minutes(10));
  EXPECT_FALSE(finding.resolved);
  EXPECT_TRUE(exposed({{7, 138}, {14, 139}, {21, 142}}).findings("BP-8").empty());
}

TEST(NewHypertension, is_a_mean_of_90_of_the_diastolic_by_itself) {
  Record record;
  resting(&record, 0, 124, 78);
  resting(&record, 7, 120, 88);
  resting(&record, 14, std::nullopt, 90);
  resting(&record, 21, 120, 92);
  const Finding finding = record.only("BP-8");
  EXPECT_EQ(finding.value, 90);
  EXPECT_EQ(finding.threshold, 90);
  EXPECT_EQ(finding.evidence.size(), 3U);
}

TEST(NewHypertension, a_value_without_the_component_is_passed_over) {
  Record record;
  resting(&record, 0, 124, 78);
  resting(&record, 7, 150, 78);
  resting(&record, 14, 150, 78);
  resting(&record, 16, std::nullopt, 78);
  resting(&record, 21, 150, 78);
  EXPECT_EQ(ids(record.only("BP-8")), Ids({"r7", "r14", "r21"}));
}

TEST(NewHypertension, needs_three_values_and_14_days) {
  EXPECT_TRUE(exposed({{7, 150}, {21, 150}}).findings("BP-8").empty());
  EXPECT_TRUE(exposed({{7, 150}, {10, 150}, {20, 150}}).findings("BP-8").empty());
  EXPECT_EQ(exposed({{7, 150}, {10, 150}, {21, 150}}).findings("BP-8").size(), 1U);
}

TEST(NewHypertension, takes_the_fewest_latest_values_that_reach_14_days) {
  const auto found =
      exposed({{7, 120}, {8, 160}, {15, 160}, {21, 160}, {22, 160}}).findings("BP-8");
  ASSERT_EQ(found.size(), 1U);
  // On day 21 the values from day 7 make 150; on day 22 those from day 8 make 160.
  EXPECT_EQ(found[0].value, 160);
  EXPECT_EQ(ids(found[0]), Ids({"r7", "r8", "r15", "r21", "r22"}));
}

TEST(NewHypertension, counts_no_value_older_than_120_days) {
  EXPECT_EQ(exposed({{7, 150}, {50, 150}, {127, 150}}).findings("BP-8").size(), 1U);
  EXPECT_TRUE(exposed({{7, 150}, {50, 150}, {127.1, 150}}).findings("BP-8").empty());
}

TEST(NewHypertension, the_first_session_belongs_to_the_baseline) {
  Record record;
  resting(&record, 0, 150, 78);
  resting(&record, 7, 150, 78);
  resting(&record, 14, 150, 78);
  EXPECT_TRUE(record.findings("BP-8").empty());
  resting(&record, 21, 150, 78);  // baseline of 150: not new
  EXPECT_TRUE(record.findings("BP-8").empty());
}

TEST(NewHypertension, a_component_that_was_high_before_is_judged_no_more_the_other_still) {
  Record record;
  resting(&record, 0, 150, 78);
  for (const double day : {7.0, 14.0, 21.0}) resting(&record, day, 150, 95);
  const Finding finding = record.only("BP-8");
  EXPECT_EQ(finding.threshold, 90);
}

TEST(NewHypertension, a_missing_baseline_hides_nothing) {
  Record record;
  record.session("s0", monday);
  for (const double day : {7.0, 14.0, 21.0}) resting(&record, day, 150, 78);
  EXPECT_EQ(record.findings("BP-8").size(), 1U);
}

TEST(NewHypertension, the_baseline_is_the_mean_of_days_within_365_days_and_the_first_session) {
  const auto found = [](double days_before, double systolic, double second) {
    Record record;
    record.loose("h1", monday - days(days_before) - 1, systolic, 80);
    record.loose("h2", monday - days(days_before), second, 80);
    resting(&record, 0, 130, 78);
    for (const double day : {7.0, 14.0, 21.0}) resting(&record, day, 150, 78);
    return record.findings("BP-8").size();
  };
  EXPECT_EQ(found(30, 150, 149), 1U);  // (149.5 + 130) / 2 is below 140
  EXPECT_EQ(found(30, 150, 150),
            0U);  // (150 + 130) / 2 is 140: two readings of a day are one value
  EXPECT_EQ(found(365.0 + 1 / 86'400.0, 200, 200), 1U);
  EXPECT_EQ(found(365, 200, 200), 0U);
}

TEST(NewHypertension, readings_of_no_session_after_the_first_are_no_resting_values) {
  Record record;
  resting(&record, 0, 124, 78);
  for (const double day : {7.0, 14.0, 21.0}) {
    record.loose("h" + std::to_string(static_cast<int>(day)), monday + days(day), 160, 80);
  }
  EXPECT_TRUE(record.findings("BP-8").empty());
}

TEST(NewHypertension, a_resting_value_is_the_mean_of_all_readings_before_the_start) {
  Record record;
  resting(&record, 0, 124, 78);
  for (const double day : {7.0, 14.0, 21.0}) {
    const std::string n = std::to_string(static_cast<int>(day));
    const auto& s = record.session("s" + n, monday + days(day));
    record.reading("a" + n, s, -50, 150, 78);
    record.reading("b" + n, s, -10, 130, std::nullopt);
    record.reading("c" + n, s, 40, 190, 90);
  }
  const Finding finding = record.only("BP-8");
  EXPECT_EQ(finding.value, 140);
  EXPECT_EQ(ids(finding), Ids({"a7", "b7", "a14", "b14", "a21", "b21"}));
}

TEST(NewHypertension, a_session_on_a_bare_date_has_the_readings_stated_pre_that_come_after_it) {
  Record record;
  resting(&record, 0, 124, 78);
  resting(&record, 7, 150, 78);
  resting(&record, 14, 150, 78);
  RecordFact& s = record.session("s21", monday + days(22));
  Record::make_bare(s);
  EXPECT_TRUE(record.findings("BP-8").empty());
  record.reading("late", s, 500, 150, 78, Phase::pre);
  EXPECT_EQ(ids(record.only("BP-8")), Ids({"r7", "r14", "late"}));
}

TEST(NewHypertension, what_an_intermediate_mean_of_a_bare_date_said_is_taken_back) {
  const auto found = [](double second_reading) {
    Record record;
    resting(&record, 0, 124, 78);
    resting(&record, 7, 140, 78);
    resting(&record, 14, 140, 78);
    RecordFact& s = record.session("s21", monday + days(22));
    Record::make_bare(s);
    record.reading("first", s, 500, 150, 78, Phase::pre);
    record.reading("second", s, 510, second_reading, 78, Phase::pre);
    return record.findings("BP-8");
  };
  EXPECT_TRUE(found(120).empty());  // 150 alone would make a mean of 143.3; both make 138.3
  ASSERT_EQ(found(140).size(), 1U);
  EXPECT_EQ(found(140)[0].value, 141.666666667);
}

TEST(NewHypertension, clears_when_the_means_are_below_126_and_81) {
  const auto resolved = [](double systolic, double diastolic) {
    Record record;
    resting(&record, 0, 124, 78);
    for (const double day : {7.0, 14.0, 21.0}) resting(&record, day, 150, 78);
    for (const double day : {28.0, 35.0, 42.0}) resting(&record, day, systolic, diastolic);
    return record.only("BP-8").resolved;
  };
  EXPECT_FALSE(resolved(126, 78));
  EXPECT_TRUE(resolved(125.9, 78));
  EXPECT_FALSE(resolved(120, 81));
  EXPECT_TRUE(resolved(120, 80.9));
}

TEST(NewHypertension, does_not_clear_while_a_component_that_had_a_mean_has_none_now) {
  Record record;
  resting(&record, 0, 124, 78);
  for (const double day : {7.0, 14.0, 21.0}) resting(&record, day, 150, 78);
  for (const double day : {150.0, 160.0, 170.0}) resting(&record, day, 120, std::nullopt);
  EXPECT_FALSE(record.only("BP-8").resolved);
  for (const double day : {180.0, 190.0, 200.0}) resting(&record, day, 120, 78);
  EXPECT_TRUE(record.only("BP-8").resolved);
}

TEST(NewHypertension, a_component_never_measured_does_not_hinder_clearing) {
  Record record;
  for (const double day : {0.0, 7.0, 14.0, 21.0}) {
    resting(&record, day, day == 0 ? 124 : 150, std::nullopt);
  }
  for (const double day : {28.0, 35.0, 42.0}) resting(&record, day, 120, std::nullopt);
  EXPECT_TRUE(record.only("BP-8").resolved);
}

TEST(NewHypertension, opened_anew_it_asks_only_for_components_measured_since) {
  Record record;
  resting(&record, 0, 124, 78);
  for (const double day : {7.0, 14.0, 21.0}) resting(&record, day, 150, 78);
  for (const double day : {28.0, 35.0, 42.0}) resting(&record, day, 120, 78);
  for (const double day : {200.0, 207.0, 214.0}) resting(&record, day, 150, std::nullopt);
  for (const double day : {221.0, 228.0, 235.0}) resting(&record, day, 120, std::nullopt);
  const auto found = record.findings("BP-8");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_TRUE(found[0].resolved);
  EXPECT_TRUE(found[1].resolved);
}

TEST(NewHypertension, values_kept_are_those_that_can_still_count) {
  Record record;
  for (int day = 0; day < 400; ++day) resting(&record, day, 150, 78);
  record.fold();
  EXPECT_LE(record.state.resting.values.size(), 16U);
}

TEST(NewTreatment, is_an_exposed_start_of_an_antihypertensive_and_never_clears) {
  const auto treated = [](Microseconds at, const std::string& kind, const std::string& action) {
    Record record;
    resting(&record, 0, 124, 78);
    auto& fact = record.add(Kind::medication, "m", at);
    Record::word(fact, Field::medication_class, kind);
    Record::word(fact, Field::action, action);
    for (const double day : {28.0, 35.0, 42.0}) resting(&record, day, 110, 70);
    return record.findings("BP-8");
  };
  const auto found = treated(monday + 1, "antihypertensive", "start");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].statistic, "treatment");
  EXPECT_EQ(found[0].level, Level::alert);
  EXPECT_FALSE(found[0].resolved);
  EXPECT_TRUE(treated(monday, "antihypertensive", "start").empty());
  EXPECT_TRUE(treated(monday + 1, "antihypertensive", "increase").empty());
  EXPECT_TRUE(treated(monday + 1, "benzodiazepine", "start").empty());
}

TEST(NewDiagnosis, is_an_exposed_hypertension_code_not_listed_at_enrolment) {
  const auto diagnosed = [](Microseconds at, const std::string& code,
                            std::vector<std::string> listed) {
    Record record;
    record.enrolment(monday - days(30), 1980, std::move(listed));
    record.session("s", monday);
    Record::word(record.add(Kind::condition, "c", at), Field::code, code);
    return record.findings("BP-8");
  };
  const auto found = diagnosed(monday + 1, "http://snomed.info/sct|38341003", {});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].statistic, "diagnosis");
  EXPECT_FALSE(found[0].resolved);
  EXPECT_EQ(diagnosed(monday + 1, "icd-10-cm|i10", {"sct|73211009"}).size(), 1U);
  EXPECT_EQ(diagnosed(monday + 1, "sct|59621000", {}).size(), 1U);
  EXPECT_TRUE(diagnosed(monday + 1, "icd-10-cm|I10.9", {}).empty());
  EXPECT_TRUE(diagnosed(monday + 1, "sct|38341003", {"icd-10-cm|I10"}).empty());
  EXPECT_TRUE(diagnosed(monday, "sct|38341003", {}).empty());
}

}  // namespace
}  // namespace ketavigil::detectors::blood_pressure_test
