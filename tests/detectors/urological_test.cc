// URO-1 and URO-6. URO-3 and URO-4 have files of their own.
#include "detectors/patient/urological.h"

#include <gtest/gtest.h>

#include "tests/detectors/hand_made_facts.h"

namespace ketavigil::detectors {
namespace {

using namespace by_hand;
using Urology = Folded<UrologicalState, UrologicalParameters>;

constexpr Microseconds later = monday + 60 * day_us;

// ---- URO-1

Urology bladder(std::vector<double> before, std::vector<double> after) {
  Urology urology;
  Microseconds at = monday - 60 * day_us;
  for (const double value : before) urology.take(score(at += day_us, "bpic-ss", value));
  urology.take(session(monday));
  at = later;
  for (const double value : after) urology.take(score(at += 60 * day_us, "bpic-ss", value));
  return urology;
}

TEST(BladderThreshold, is_19_where_the_baseline_was_below) {
  EXPECT_EQ(bladder({4, 6}, {18}).steps(), "");
  EXPECT_EQ(bladder({4, 6}, {19}).steps(), "H");
  EXPECT_EQ(bladder({18, 19}, {19}).steps(), "H");  // 18.5
  EXPECT_EQ(bladder({19, 19}, {30}).steps(), "");
}

TEST(BladderThreshold, clears_at_17_not_at_18) {
  EXPECT_EQ(bladder({4, 6}, {20, 18}).steps(), "H");
  EXPECT_EQ(bladder({4, 6}, {20, 18, 17}).steps(), "HC");
  EXPECT_EQ(bladder({4, 6}, {17}).steps(), "");
}

TEST(BladderThreshold, is_decided_on_12_digits) {
  EXPECT_EQ(bladder({4, 6}, {18.9999999999999}).steps(), "H");
  EXPECT_EQ(bladder({4, 6}, {20, 17.0000000000001}).steps(), "HC");
}

TEST(BladderThreshold, returning_after_more_than_30_d_is_new) {
  EXPECT_EQ(bladder({4, 6}, {20, 17, 21}).findings().size(), 2U);
}

TEST(BladderThreshold, is_an_alert_with_value_and_limit) {
  const Urology urology = bladder({4, 6}, {25});
  const Hit& hit = *urology.sink.conditions.at(0).holds;
  EXPECT_EQ(hit.level, Level::alert);
  EXPECT_EQ(hit.detector, "URO-1");
  EXPECT_EQ(hit.statistic, "threshold");
  EXPECT_EQ(hit.measure.value, 25);
  EXPECT_EQ(hit.measure.threshold, 19);
  EXPECT_TRUE(hit.annotations.empty());
}

TEST(BladderThreshold, annotates_its_baseline) {
  EXPECT_EQ(bladder({}, {19}).sink.conditions.at(0).holds->annotations,
            std::vector<std::string>{"baseline-missing"});
  EXPECT_EQ(bladder({4}, {19}).sink.conditions.at(0).holds->annotations,
            std::vector<std::string>{"single-reading-baseline"});
}

TEST(BladderThreshold, needs_exposure_and_its_own_instrument) {
  EXPECT_EQ(bladder({30}, {}).steps(), "");
  const Urology urology{session(monday), score(monday, "bpic-ss", 30), score(later, "puf", 30)};
  EXPECT_EQ(urology.steps(), "");
}

// ---- URO-6

TEST(Hydronephrosis, is_critical_if_present) {
  EXPECT_TRUE(Urology{symptom(monday, "hydronephrosis", 0)}.sink.occasions.empty());
  for (const auto& severity : {std::optional<double>{}, std::optional<double>{1}}) {
    const Urology urology{symptom(monday, "hydronephrosis", severity)};
    ASSERT_EQ(urology.sink.occasions.size(), 1U);
    EXPECT_EQ(urology.sink.occasions[0].level, Level::critical);
    EXPECT_EQ(urology.sink.occasions[0].detector, "URO-6");
    EXPECT_EQ(urology.sink.occasions[0].statistic, "hydronephrosis");
  }
}

TEST(Hydronephrosis, speaks_beside_the_fold) {
  Urology urology;
  const Made fact = symptom(monday, "hydronephrosis");
  EXPECT_TRUE(urology.beside(fact, Certainty::doubtful).at(0).doubtful);
  EXPECT_TRUE(urology.beside(fact, Certainty::unlowered).at(0).doubtful);
  EXPECT_FALSE(urology.beside(fact, Certainty::verified).at(0).doubtful);
}

struct Creatinine {
  Microseconds at;
  double value;
  std::string unit = "mg/dL";
};
std::vector<Hit> hits_of(const std::vector<Creatinine>& values) {
  Urology urology;
  for (const auto& [at, value, unit] : values) urology.take(lab(at, "2160-0", value, unit));
  return urology.sink.occasions;
}

TEST(Creatinine, a_rise_of_0_3_within_48_h_is_critical) {
  EXPECT_TRUE(hits_of({{0, 1.0}, {48 * hour_us, 1.29}}).empty());
  const auto hits = hits_of({{0, 1.0}, {48 * hour_us, 1.3}});
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].level, Level::critical);
  EXPECT_EQ(hits[0].statistic, "creatinine");
  EXPECT_EQ(hits[0].measure.value, 0.3);
  EXPECT_EQ(hits[0].measure.threshold, 0.3);
  EXPECT_EQ(hits[0].evidence.size(), 1U);
  EXPECT_TRUE(hits_of({{0, 1.0}, {48 * hour_us + 1, 1.3}}).empty());
}

TEST(Creatinine, the_difference_is_rounded_before_it_is_compared) {
  // 1.2 − 0.9 and 1.1 − 0.8 are just below and just above 0.3 as doubles.
  EXPECT_EQ(hits_of({{0, 0.9}, {hour_us, 1.2}}).size(), 1U);
  EXPECT_EQ(hits_of({{0, 0.8}, {hour_us, 1.1}}).size(), 1U);
}

TEST(Creatinine, one_and_a_half_times_within_7_d_is_critical) {
  EXPECT_TRUE(hits_of({{0, 0.4}, {7 * day_us, 0.59}}).empty());
  const auto hits = hits_of({{0, 0.4}, {7 * day_us, 0.6}});
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].measure.value, 1.5);
  EXPECT_EQ(hits[0].measure.threshold, 1.5);
  EXPECT_TRUE(hits_of({{0, 0.4}, {7 * day_us + 1, 0.6}}).empty());
}

TEST(Creatinine, both_in_umol_per_litre_compare_so) {
  // 26.5 umol/L are 0.29971 mg/dL.
  EXPECT_EQ(hits_of({{0, 100, "umol/L"}, {hour_us, 126.5, "umol/L"}}).size(), 1U);
  EXPECT_TRUE(hits_of({{0, 100, "umol/L"}, {hour_us, 126.4, "umol/L"}}).empty());
  const auto hits = hits_of({{0, 100, "umol/L"}, {hour_us, 126.5, "umol/L"}});
  EXPECT_EQ(hits.at(0).measure.value, 26.5);
  EXPECT_EQ(hits.at(0).measure.threshold, 26.5);
  EXPECT_EQ(hits_of({{0, 100, "umol/L"}, {4 * day_us, 150, "umol/L"}}).size(), 1U);
  EXPECT_TRUE(hits_of({{0, 100, "umol/L"}, {4 * day_us, 149.9, "umol/L"}}).empty());
}

TEST(Creatinine, of_two_units_is_compared_in_mg_per_dl) {
  EXPECT_TRUE(hits_of({{0, 88.42, "umol/L"}, {hour_us, 1.2998, "mg/dL"}}).empty());
  EXPECT_EQ(hits_of({{0, 88.42, "umol/L"}, {hour_us, 1.3, "mg/dL"}}).size(), 1U);
  EXPECT_TRUE(hits_of({{0, 1.0, "mg/dL"}, {hour_us, 88.42 + 26.5, "umol/L"}}).empty());
  EXPECT_EQ(hits_of({{0, 1.0, "mg/dL"}, {hour_us, 88.42 * 1.3, "umol/L"}}).size(), 1U);
}

TEST(Creatinine, counts_from_the_lowest_of_each_window) {
  // The lowest of 48 h is 1.0, of 7 d 0.6.
  const auto hits =
      hits_of({{0, 0.6}, {5 * day_us, 1.1}, {5 * day_us + hour_us, 1.0}, {6 * day_us, 1.2}});
  ASSERT_EQ(hits.size(), 3U);
  EXPECT_EQ(hits[2].measure.value, 2);
  EXPECT_EQ(hits[2].measure.threshold, 1.5);
}

TEST(Creatinine, of_both_rules_the_one_farther_beyond_its_limit_is_shown) {
  const auto by_rise = hits_of({{0, 1.0}, {hour_us, 2.0}});
  EXPECT_EQ(by_rise.at(0).measure.threshold, 0.3);
  EXPECT_EQ(by_rise.at(0).measure.value, 1);
  const auto by_ratio = hits_of({{0, 0.2}, {hour_us, 0.5}});
  EXPECT_EQ(by_ratio.at(0).measure.threshold, 1.5);
  EXPECT_EQ(by_ratio.at(0).measure.value, 2.5);
}

TEST(Creatinine, a_value_of_the_same_instant_is_no_earlier_one) {
  EXPECT_TRUE(hits_of({{0, 1.0}, {0, 9.0}}).empty());
  EXPECT_EQ(hits_of({{0, 1.0}, {1, 9.0}}).size(), 1U);
}

TEST(Creatinine, nothing_is_a_multiple_of_zero) {
  EXPECT_TRUE(hits_of({{0, 0}, {hour_us, 0.2}}).empty());
}

TEST(Creatinine, is_not_a_rule_of_one_fact) {
  Urology urology{lab(monday, "2160-0", 1.0, "mg/dL")};
  EXPECT_TRUE(
      urology.beside(lab(monday + hour_us, "2160-0", 9.0, "mg/dL"), Certainty::doubtful).empty());
}

TEST(Creatinine, a_storm_of_values_is_bounded_and_keeps_the_lowest) {
  Urology urology{lab(monday, "2160-0", 0.9, "mg/dL")};
  for (int i = 1; i < 1000; ++i) {
    urology.take(lab(monday + i * minute_us, "2160-0", 1.0 + 0.0001 * i, "mg/dL"));
  }
  EXPECT_EQ(urology.state.creatinines.size(), creatinines_kept);
  EXPECT_TRUE(urology.sink.occasions.empty());
  urology.take(lab(monday + day_us, "2160-0", 1.2, "mg/dL"));
  EXPECT_EQ(urology.sink.occasions.size(), 1U);
}

TEST(Urology, codes_of_no_rule_say_nothing) {
  const Urology urology{symptom(monday, "sedation", 4), lab(monday, "1742-6", 900, "U/L")};
  EXPECT_TRUE(urology.sink.occasions.empty());
  EXPECT_TRUE(urology.sink.conditions.empty());
  EXPECT_EQ(next_deadline(urology.state), std::nullopt);
}

}  // namespace
}  // namespace ketavigil::detectors
