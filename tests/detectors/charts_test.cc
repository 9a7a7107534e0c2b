// COG-1 to COG-5, and the drift charts value by value: shown, and nothing more.
#include "detectors/patient/charts.h"

#include <gtest/gtest.h>

#include <cmath>

#include "detectors/patient/patient.h"
#include "tests/detectors/drift_record.h"

namespace ketavigil::detectors {
namespace {

using namespace drift_test;

std::vector<ChartPoint> points_of(const Patient& patient, const std::string& detector,
                                  const std::string& stream) {
  std::vector<ChartPoint> out;
  for (ChartPoint& point : charts(patient.facts.in_order(), PatientParameters())) {
    if (point.detector == detector && point.stream == stream) out.push_back(std::move(point));
  }
  return out;
}

// MoCA 29, then 24 at the second administration: the worked example of the literature.
TEST(Charts, change_is_the_worked_example) {
  Patient patient;
  patient.score(on_day(-10), "moca", 29);
  patient.session();
  patient.score(on_day(30), "moca", 24);
  const auto reliable = points_of(patient, "COG-1", "moca");
  ASSERT_EQ(reliable.size(), 1U);
  EXPECT_NEAR(input(reliable[0].numbers, "reliable_change"), -2.2917, 5e-5);
  EXPECT_EQ(ids(reliable[0].facts), ids({patient.facts.in_order().back().evidence()}));
  const auto regression = points_of(patient, "COG-2", "moca");
  ASSERT_EQ(regression.size(), 1U);
  EXPECT_NEAR(input(regression[0].numbers, "expected"), 28, 1e-12);
  EXPECT_NEAR(input(regression[0].numbers, "standard_error"), 2.0785, 5e-5);
  EXPECT_NEAR(input(regression[0].numbers, "z"), -1.9245, 5e-5);
  const auto cusum = points_of(patient, "COG-5", "moca");
  ASSERT_EQ(cusum.size(), 1U);
  EXPECT_NEAR(input(cusum[0].numbers, "cusum"), 1.9245 - .5, 5e-5);
}

TEST(Charts, are_of_eligible_exposed_scores_with_a_baseline) {
  Patient patient;
  patient.score(on_day(-400), "mmse", 29);  // older than a year before the first session
  patient.score(on_day(-10), "moca", 29);
  patient.session();
  patient.score(on_day(1), "moca", 20).eligible = false;
  patient.score(on_day(30), "mmse", 20);
  patient.score(on_day(30), "madrs", 20);
  EXPECT_TRUE(charts(patient.facts.in_order(), PatientParameters()).size() == 1);  // drift of mmse
  patient.score(on_day(31), "moca", 20);
  EXPECT_EQ(points_of(patient, "COG-1", "moca").size(), 1U);
}

// Reaction times are worse where they are longer; they have no norms of retesting.
TEST(Charts, change_is_negative_where_worse) {
  Patient patient;
  patient.score(on_day(-10), "cogstate-det", 2.5);
  patient.session();
  patient.score(on_day(30), "cogstate-det", 2.62);
  const auto points = points_of(patient, "COG-1", "cogstate-det");
  ASSERT_EQ(points.size(), 1U);
  EXPECT_NEAR(input(points[0].numbers, "reliable_change"), -2 / std::sqrt(2.0), 1e-9);
  EXPECT_TRUE(points_of(patient, "COG-2", "cogstate-det").empty());
}

TEST(Charts, cusum_sums_what_exceeds_half_a_deviation_and_never_falls_below_0) {
  Patient patient;
  patient.score(on_day(-10), "moca", 26, {{Field::administration, 3.0}});
  patient.session();
  const double values[] = {30, 22, 22, 30};
  for (int i = 0; i < 4; ++i)
    patient.score(on_day(30 * (i + 1)), "moca", values[i], {{Field::administration, 4.0}});
  double sum = 0;
  const auto points = points_of(patient, "COG-5", "moca");
  ASSERT_EQ(points.size(), 4U);
  for (const ChartPoint& point : points) {
    sum = std::max(0.0, sum - input(point.numbers, "z") - .5);
    EXPECT_EQ(input(point.numbers, "cusum"), sum);
  }
  EXPECT_EQ(input(points[0].numbers, "cusum"), 0);
  EXPECT_GT(input(points[2].numbers, "cusum"), input(points[1].numbers, "cusum"));
}

TEST(Charts, a_visit_is_judged_with_four_tests_of_a_day) {
  Patient patient;
  const char* tests[] = {"cogstate-det", "cogstate-idn", "cogstate-gmlt", "moca"};
  const double before[] = {2.5, 2.7, 50, 28};
  const double after[] = {2.8, 2.95, 51, 27};
  for (int i = 0; i < 4; ++i) patient.score(on_day(-10) + i, tests[i], before[i]);
  patient.session();
  for (int i = 0; i < 3; ++i) patient.score(on_day(30) + i, tests[i], after[i]);
  EXPECT_TRUE(points_of(patient, "COG-3", "visit").empty());
  patient.score(on_day(30) + 3, tests[3], after[3]);
  const auto points = points_of(patient, "COG-3", "visit");
  ASSERT_EQ(points.size(), 1U);
  EXPECT_EQ(input(points[0].numbers, "tests"), 4);
  EXPECT_EQ(input(points[0].numbers, "low_tests"), 2);
  double sum = 0;
  for (const char* test : tests) sum += input(points_of(patient, "COG-5", test)[0].numbers, "z");
  EXPECT_NEAR(input(points[0].numbers, "composite_z"), sum / std::sqrt(4 + 12 * .4), 1e-12);
  EXPECT_EQ(points[0].facts.size(), 4U);
}

TEST(Charts, a_slope_needs_four_values_of_24_weeks) {
  Patient patient;
  patient.score(on_day(-20), "moca", 28, {{Field::administration, 5.0}});
  patient.session();
  for (int i = 0; i < 6; ++i)
    patient.score(on_day(30 * (i + 1)), "moca", 28 - i, {{Field::administration, 6.0}});
  const auto points = points_of(patient, "COG-4", "moca");
  ASSERT_EQ(points.size(), 2U);  // day 150 is 170 days after the first; day 120 is 140
  EXPECT_EQ(points[0].at, on_day(150));
  EXPECT_EQ(input(points[0].numbers, "values"), 6);
  EXPECT_LT(input(points[1].numbers, "slope_sd_per_year"), 0);
  EXPECT_GT(input(points[1].numbers, "chance_of_decline"),
            input(points[0].numbers, "chance_of_decline"));
}

TEST(Charts, a_slope_before_exposure_is_learnt_and_not_shown) {
  Patient patient;
  for (int i = 0; i < 6; ++i) patient.score(on_day(-300 + 50 * i), "moca", 27);
  patient.session();
  EXPECT_TRUE(points_of(patient, "COG-4", "moca").empty());
  patient.score(on_day(30), "moca", 27);
  ASSERT_EQ(points_of(patient, "COG-4", "moca").size(), 1U);
  EXPECT_EQ(input(points_of(patient, "COG-4", "moca")[0].numbers, "values"), 7);
}

TEST(Charts, drift_is_shown_at_every_exposed_value) {
  const Patient patient = moca_patient({21, 20});
  const auto points = points_of(patient, "COG-8", "moca");
  ASSERT_EQ(points.size(), 2U);
  EXPECT_NEAR(input(points[0].numbers, "S"), 2.4063335547, 1e-10);
  EXPECT_NEAR(input(points[0].numbers, "S_limit"), 2.74422886062, 1e-10);
  EXPECT_NEAR(input(points[1].numbers, "S"), 3.22365565613, 1e-10);
  EXPECT_EQ(points[1].at, on_day(56));
}

TEST(Charts, raise_nothing) {
  Patient patient;
  patient.score(on_day(-10), "hvlt-r-total", 30);
  patient.session();
  patient.score(on_day(30), "hvlt-r-total", 20);
  ASSERT_FALSE(points_of(patient, "COG-1", "hvlt-r-total").empty());
  EXPECT_LT(input(points_of(patient, "COG-1", "hvlt-r-total")[0].numbers, "reliable_change"),
            -2.58);
  for (const ConditionStep& one :
       fold(patient.facts.in_order(), {}, PatientParameters()).conditions)
    EXPECT_EQ(one.detector, "COG-8");
}

}  // namespace
}  // namespace ketavigil::detectors
