// DEP-2: intervals between sessions that shorten.
#include <gtest/gtest.h>

#include "detectors/patient/dependence.h"
#include "tests/detectors/facts_in_order.h"

namespace ketavigil::detectors {
namespace {

using namespace facts_in_order;  // NOLINT(google-build-using-namespace)

Sink fold_dependence(const Facts& facts) {
  return fold_domain<DependenceState, DependenceParameters>(facts);
}

// Nine sessions: four intervals of `before`, four of `last`.
Facts nine_sessions(Microseconds before, Microseconds last) {
  Facts facts;
  Microseconds at = start;
  facts.session(at, "esketamine", "IN", 84);
  for (int i = 0; i < 4; ++i) facts.session(at += before, "esketamine", "IN", 84);
  for (int i = 0; i < 4; ++i) facts.session(at += last, "ketamine", "PO", 50);
  return facts;
}

std::vector<Hit> interval_hits(const Facts& facts) {
  return holding(fold_dependence(facts), "DEP-2", "interval");
}

TEST(Interval, is_watch_at_three_quarters_and_alert_at_half) {
  EXPECT_TRUE(interval_hits(nine_sessions(28 * day, 21 * day + 2 * hour)).empty());
  const auto watch = interval_hits(nine_sessions(28 * day, 21 * day));
  ASSERT_EQ(watch.size(), 1u);
  EXPECT_EQ(watch[0].level, Level::watch);
  EXPECT_EQ(watch[0].measure.value, 0.75);
  EXPECT_TRUE(watch[0].measure.worse_is_less);
  EXPECT_EQ(interval_hits(nine_sessions(28 * day, 14 * day + hour))[0].level, Level::watch);
  const auto alert = interval_hits(nine_sessions(28 * day, 14 * day));
  EXPECT_EQ(alert[0].level, Level::alert);
  EXPECT_EQ(alert[0].measure.threshold, 0.5);
  EXPECT_EQ(alert[0].evidence.size(), 1u);
  EXPECT_EQ(alert[0].inputs.at("last_median_days"), InputValue(14.0));
}

TEST(Interval, takes_the_median_of_four) {
  Facts facts;
  Microseconds at = start;
  facts.session(at, "ketamine", "PO", 50);
  for (const int days : {1, 20, 30, 300, 2, 10, 15, 400})
    facts.session(at += days * day, "ketamine", "PO", 50);
  const auto hits = interval_hits(facts);
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].measure.value, 0.5);  // 12.5 against 25 days
}

TEST(Interval, of_nothing_is_not_evaluated) {
  EXPECT_TRUE(fold_dependence(nine_sessions(28 * day, 0)).conditions.empty());
  EXPECT_TRUE(fold_dependence(nine_sessions(0, 28 * day)).conditions.empty());
}

TEST(Interval, clears_above_its_clear_value_only) {
  EXPECT_TRUE(
      clearing(fold_dependence(nine_sessions(40 * day, 33 * day)), "DEP-2", "interval").empty());
  EXPECT_EQ(clearing(fold_dependence(nine_sessions(40 * day, 33 * day + 1000)), "DEP-2", "interval")
                .size(),
            1u);
}

TEST(Interval, counts_from_re_entry) {
  Facts facts = nine_sessions(28 * day, 14 * day);
  Facts left = nine_sessions(28 * day, 14 * day);
  left.exit(start + 28 * day + hour);
  EXPECT_EQ(interval_hits(facts).size(), 1u);
  EXPECT_TRUE(interval_hits(left).empty());
}

TEST(Interval, driven_by_the_protocol_is_one_level_lower_before_lowering_measured) {
  const Microseconds fifth = start + 4 * 28 * day;  // begins the last four intervals
  const Microseconds sixth = fifth + 14 * day;
  const auto at = [&](Microseconds score_at, const std::string& instrument, double value,
                      Microseconds last) {
    Facts facts = nine_sessions(28 * day, last);
    facts.score(score_at, instrument, value);
    return interval_hits(facts).at(0);
  };
  const Hit lowered = at(fifth - 14 * day, "cgi-s", 4, 14 * day);
  EXPECT_EQ(lowered.level, Level::watch);
  EXPECT_EQ(lowered.measure.threshold, 0.5);
  EXPECT_EQ(lowered.annotations, std::vector<std::string>{"protocol-driven"});
  EXPECT_EQ(at(fifth - 14 * day - 1, "cgi-s", 4, 14 * day).level, Level::alert);
  EXPECT_EQ(at(sixth, "madrs", 12.5, 14 * day).level, Level::watch);
  EXPECT_EQ(at(sixth + 1, "madrs", 40, 14 * day).level, Level::alert);
  EXPECT_EQ(at(fifth, "madrs", 12, 14 * day).level, Level::alert);
  EXPECT_EQ(at(fifth, "cgi-s", 3, 14 * day).level, Level::alert);
  EXPECT_EQ(at(fifth, "cgi-s", 7, 21 * day).level, Level::info);
}

TEST(Interval, shows_the_binomial_test) {
  const Hit hit = interval_hits(nine_sessions(28 * day, 14 * day)).at(0);
  EXPECT_EQ(hit.inputs.at("sessions_last_28_days"), InputValue(2.0));
  EXPECT_EQ(hit.inputs.at("sessions_28_days_before"), InputValue(2.0));
}

}  // namespace
}  // namespace ketavigil::detectors
