#include "detectors/patient/cognition.h"

#include <gtest/gtest.h>

#include "tests/detectors/hand_made_facts.h"

namespace ketavigil::detectors {
namespace {

using namespace by_hand;
using Cognition = Folded<CognitionState, CognitionParameters>;

constexpr Microseconds later = monday + 90 * day_us;

// A patient with this baseline (none: missing), then exposed scores a month apart.
Cognition patient(std::vector<double> before, std::vector<double> after) {
  Cognition cognition;
  Microseconds at = monday - 60 * day_us;
  for (const double value : before) cognition.take(score(at += day_us, "moca", value));
  cognition.take(session(monday));
  at = later;
  for (const double value : after) cognition.take(score(at += 30 * day_us, "moca", value));
  return cognition;
}
std::optional<Level> level_of(std::vector<double> before, double now) {
  const Cognition cognition = patient(std::move(before), {now});
  if (cognition.sink.conditions.empty()) return std::nullopt;
  return cognition.sink.conditions.front().holds->level;
}
Measure measure_of(std::vector<double> before, double now) {
  return patient(std::move(before), {now}).sink.conditions.at(0).holds->measure;
}
std::string steps_of(std::vector<double> before, std::vector<double> after) {
  return patient(std::move(before), std::move(after)).steps();
}

TEST(AbsoluteCognition, below_26_is_a_watch_where_the_baseline_was_26) {
  EXPECT_EQ(level_of({26, 26}, 26), std::nullopt);
  EXPECT_EQ(level_of({26, 26}, 25), Level::watch);
  EXPECT_EQ(level_of({25, 26}, 25), std::nullopt);  // the baseline is 25.5
}

TEST(AbsoluteCognition, is_decided_on_12_digits) {
  EXPECT_EQ(patient({26, 26}, {25.9999999999999}).steps(), "");
  EXPECT_EQ(patient({18, 18}, {17.9999999999999}).steps(), "");
}

TEST(AbsoluteCognition, a_drop_of_5_is_an_alert_of_less_is_not) {
  EXPECT_EQ(level_of({28, 28}, 23), Level::alert);
  EXPECT_EQ(level_of({28, 28}, 24), Level::watch);
  EXPECT_EQ(level_of({27, 28}, 23), Level::watch);  // 4.5
  EXPECT_EQ(level_of({24, 24}, 19), Level::alert);
  EXPECT_EQ(level_of({24, 24}, 20), std::nullopt);
}

TEST(AbsoluteCognition, below_18_is_an_alert_where_the_baseline_was_18_or_is_missing) {
  EXPECT_EQ(level_of({18, 18}, 17), Level::alert);
  EXPECT_EQ(level_of({18, 18}, 18), std::nullopt);
  EXPECT_EQ(level_of({17, 17}, 16), std::nullopt);
  EXPECT_EQ(level_of({17, 17}, 12), Level::alert);  // by the drop
  EXPECT_EQ(level_of({}, 17), Level::alert);
  EXPECT_EQ(level_of({}, 18), std::nullopt);
  EXPECT_EQ(level_of({}, 25), std::nullopt);  // no baseline of 26 or more
}

TEST(AbsoluteCognition, measures_the_drop_where_that_holds_else_the_value) {
  const Measure drop = measure_of({28, 28}, 17);
  EXPECT_EQ(drop.value, 11);
  EXPECT_EQ(drop.threshold, 5);
  EXPECT_FALSE(drop.worse_is_less);
  const Measure low = measure_of({20, 20}, 17);
  EXPECT_EQ(low.value, 17);
  EXPECT_EQ(low.threshold, 18);
  EXPECT_TRUE(low.worse_is_less);
  const Measure watch = measure_of({27, 27}, 24);
  EXPECT_EQ(watch.value, 24);
  EXPECT_EQ(watch.threshold, 26);
  EXPECT_TRUE(watch.worse_is_less);
}

TEST(AbsoluteCognition, with_a_baseline_of_26_it_clears_at_26) {
  EXPECT_EQ(steps_of({26, 26}, {25, 26}), "HC");
  EXPECT_EQ(steps_of({30, 30}, {25, 26}), "HC");  // a drop of 4
}

TEST(AbsoluteCognition, a_drop_of_4_and_a_half_neither_holds_nor_clears) {
  // B 24.5: 19 drops by 5.5, 20 by 4.5, 21 by 3.5.
  EXPECT_EQ(steps_of({24, 25}, {19, 20}), "H");
  EXPECT_EQ(steps_of({24, 25}, {19, 20, 21}), "HC");
}

TEST(AbsoluteCognition, does_not_clear_below_20) {
  // B 19: 14 is an alert; 18 and 19 have no drop, but are below 20.
  EXPECT_EQ(steps_of({19, 19}, {14, 19}), "H");
  EXPECT_EQ(steps_of({19, 19}, {14, 20}), "HC");
}

TEST(AbsoluteCognition, with_a_baseline_below_26_it_need_not_reach_26) {
  EXPECT_EQ(steps_of({25, 25}, {20, 21}), "HC");
  EXPECT_EQ(steps_of({26, 26}, {20, 25}), "HH");  // 25 is still a watch
}

TEST(AbsoluteCognition, without_a_baseline_it_clears_at_20) {
  EXPECT_EQ(steps_of({}, {17, 19}), "H");
  EXPECT_EQ(steps_of({}, {17, 20}), "HC");
}

TEST(AbsoluteCognition, what_never_held_does_not_clear) {
  EXPECT_EQ(steps_of({28, 28}, {28, 29}), "");
}

TEST(AbsoluteCognition, only_exposed_eligible_moca_counts) {
  Cognition cognition{score(monday - 2 * day_us, "moca", 28),
                      score(monday - day_us, "moca", 28),
                      session(monday),
                      score(monday, "moca", 10),
                      score(later, "moca", 10).not_eligible(),
                      score(later + day_us, "mmse", 10)};
  EXPECT_EQ(cognition.steps(), "");
}

TEST(AbsoluteCognition, a_score_that_is_not_eligible_does_not_clear) {
  Cognition cognition = patient({28, 28}, {20});
  cognition.take(score(later + 300 * day_us, "moca", 29).not_eligible());
  EXPECT_EQ(cognition.steps(), "H");
}

TEST(AbsoluteCognition, annotates_its_baseline) {
  EXPECT_EQ(patient({28}, {23}).sink.conditions.at(0).holds->annotations,
            std::vector<std::string>{"single-reading-baseline"});
  EXPECT_EQ(patient({}, {17}).sink.conditions.at(0).holds->annotations,
            std::vector<std::string>{"baseline-missing"});
  EXPECT_TRUE(patient({28, 28}, {23}).sink.conditions.at(0).holds->annotations.empty());
}

TEST(AbsoluteCognition, one_finding_until_it_clears_at_its_highest_level) {
  Cognition cognition = patient({28, 28}, {25, 22, 25, 27});
  const auto findings = cognition.findings();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].level, Level::alert);
  EXPECT_EQ(findings[0].value, 6);
  EXPECT_EQ(findings[0].evidence.size(), 3U);
  EXPECT_TRUE(findings[0].resolved);
  EXPECT_EQ(findings[0].statistic, "moca");
}

TEST(Delirium, is_critical_by_its_names_whatever_their_case) {
  for (const char* name : {"Delirium", "confusional state", "Acute Confusional State"}) {
    const Cognition cognition{adverse_event(monday, name)};
    ASSERT_EQ(cognition.sink.occasions.size(), 1U) << name;
    EXPECT_EQ(cognition.sink.occasions[0].level, Level::critical);
    EXPECT_EQ(cognition.sink.occasions[0].statistic, "term");
    EXPECT_EQ(cognition.sink.occasions[0].detector, "COG-6");
  }
}

TEST(Delirium, other_names_are_not) {
  for (const char* name : {"delirium tremens", "confusion", "memory impairment"}) {
    EXPECT_TRUE(Cognition{adverse_event(monday, name)}.sink.occasions.empty()) << name;
  }
}

TEST(Delirium, speaks_beside_the_fold_too) {
  Cognition cognition;
  const Made event = adverse_event(monday, "Delirium");
  EXPECT_TRUE(cognition.beside(event, Certainty::unlowered).at(0).doubtful);
  EXPECT_FALSE(cognition.beside(event, Certainty::verified).at(0).doubtful);
  EXPECT_TRUE(cognition.beside(score(later, "moca", 2), Certainty::doubtful).empty());
}

}  // namespace
}  // namespace ketavigil::detectors
