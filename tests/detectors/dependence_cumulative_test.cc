// DEP-3: sessions of esketamine IN in the last 28 days.
#include <gtest/gtest.h>

#include "detectors/patient/dependence.h"
#include "tests/detectors/facts_in_order.h"

namespace ketavigil::detectors {
namespace {

using namespace facts_in_order;  // NOLINT(google-build-using-namespace)

Sink fold_dependence(const Facts& facts) {
  return fold_domain<DependenceState, DependenceParameters>(facts);
}
std::vector<Hit> cumulative(const Facts& facts) {
  return holding(fold_dependence(facts), "DEP-3", "cumulative");
}

// The first session at `start`, then `count` of which the last is so long after it, a day apart.
Facts daily(int count, Microseconds last, const std::string& compound = "esketamine",
            const std::string& route = "IN") {
  Facts facts;
  facts.session(start, "esketamine", "IN", 84);
  for (int i = 0; i < count; ++i)
    facts.session(start + last - (count - 1 - i) * day, compound, route, 56);
  return facts;
}

TEST(Cumulative, ten_sessions_in_28_days_from_day_56_are_an_alert) {
  EXPECT_TRUE(cumulative(daily(9, 56 * day)).empty());
  const auto hits = cumulative(daily(10, 56 * day));
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].level, Level::alert);
  EXPECT_EQ(hits[0].measure.value, 10);
  EXPECT_EQ(hits[0].measure.threshold, 10);
  EXPECT_EQ(hits[0].evidence.size(), 1U);
  EXPECT_EQ(hits[0].evidence[0].at, start + 56 * day);
  EXPECT_TRUE(hits[0].annotations.empty());
  EXPECT_EQ(hits[0].inputs.at("days_since_first"), InputValue(56.0));
  EXPECT_TRUE(cumulative(daily(10, 56 * day - 1)).empty());
  EXPECT_TRUE(cumulative(daily(9, 84 * day - 1)).empty());
}

TEST(Cumulative, six_from_day_84) {
  EXPECT_TRUE(cumulative(daily(5, 84 * day)).empty());
  const auto hits = cumulative(daily(6, 84 * day));
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].measure.threshold, 6);
  EXPECT_TRUE(cumulative(daily(6, 84 * day - 1)).empty());
}

TEST(Cumulative, the_label_s_own_schedule_is_nothing) {
  Facts facts;
  for (int week = 0; week < 4; ++week) {
    facts.session(start + week * 7 * day, "esketamine", "IN", 84);
    facts.session(start + week * 7 * day + 3 * day, "esketamine", "IN", 84);
  }
  for (int week = 4; week < 40; ++week)
    facts.session(start + week * 7 * day, "esketamine", "IN", 84);
  EXPECT_TRUE(cumulative(facts).empty());
}

TEST(Cumulative, a_session_28_days_before_has_left_the_window) {
  Facts within = daily(5, 100 * day);
  within.session(start + 72 * day + 1, "esketamine", "IN", 84);
  EXPECT_EQ(cumulative(within).size(), 1U);
  Facts without = daily(5, 100 * day);
  without.session(start + 72 * day, "esketamine", "IN", 84);
  EXPECT_TRUE(cumulative(without).empty());
}

TEST(Cumulative, counts_esketamine_in_the_nose_only) {
  EXPECT_TRUE(cumulative(daily(12, 100 * day, "esketamine", "IV")).empty());
  EXPECT_TRUE(cumulative(daily(12, 100 * day, "ketamine", "IN")).empty());
  // Another compound begins earlier: the label's weeks count from the first of this one.
  Facts facts;
  facts.session(start - 60 * day, "ketamine", "IV", 40);
  for (int i = 0; i < 8; ++i) facts.session(start + i * 3 * day, "esketamine", "IN", 84);
  EXPECT_TRUE(cumulative(facts).empty());
}

TEST(Cumulative, counts_from_re_entry) {
  const auto found = [](Microseconds again) {
    Facts facts = daily(6, 100 * day);
    facts.exit(start + 10 * day);
    facts.session(start + again, "ketamine", "IV", 40);
    facts.session(start + again, "esketamine", "IN", 84);
    return cumulative(facts).size();
  };
  EXPECT_EQ(found(16 * day), 1U);
  EXPECT_EQ(found(16 * day + 1), 0U);
}

TEST(Cumulative, clears_below_nine_and_below_five) {
  const auto clears = [](const Facts& facts) {
    return clearing(fold_dependence(facts), "DEP-3", "cumulative");
  };
  Facts facts = daily(10, 56 * day);
  facts.session(start + 76 * day, "esketamine", "IN", 84);  // 49 … 56 and this: nine
  EXPECT_TRUE(clears(facts).empty());
  facts.session(start + 78 * day, "esketamine", "IN", 84);  // 51 … 56, 76 and this: eight
  EXPECT_EQ(clears(facts), std::vector{start + 78 * day});
  Facts late = daily(6, 84 * day);
  late.session(start + 108 * day, "esketamine", "IN", 84);  // 81 … 84 and this: five
  EXPECT_TRUE(clears(late).empty());
  late.session(start + 110 * day, "esketamine", "IN", 84);  // 83, 84, 108, this: four
  EXPECT_EQ(clears(late), std::vector{start + 110 * day});
  EXPECT_TRUE(clears(daily(2, 100 * day)).empty());  // nothing was open
}

TEST(Cumulative, driven_by_the_protocol_is_one_level_lower) {
  const Microseconds last = 84 * day;
  const auto level = [&](Microseconds score_at, const std::string& instrument, double value) {
    Facts facts = daily(6, last);
    facts.score(score_at, instrument, value);
    const Hit hit = cumulative(facts).at(0);
    EXPECT_EQ(hit.annotations.empty(), hit.level == Level::alert);
    EXPECT_EQ(hit.measure.threshold, 6);
    return hit.level;
  };
  const Microseconds begins_last_four = start + last - 4 * day;
  const Microseconds next = start + last - 3 * day;
  EXPECT_EQ(level(begins_last_four - 14 * day, "cgi-s", 4), Level::watch);
  EXPECT_EQ(level(begins_last_four - 14 * day - 1, "cgi-s", 4), Level::alert);
  EXPECT_EQ(level(next, "madrs", 13), Level::watch);
  EXPECT_EQ(level(next + 1, "madrs", 13), Level::alert);
  EXPECT_EQ(level(next, "madrs", 12), Level::alert);
  EXPECT_EQ(level(next, "cgi-s", 3), Level::alert);
}

TEST(Cumulative, has_a_protocol_of_its_own_in_the_configuration) {
  Facts facts = daily(6, 84 * day);
  facts.score(start + 80 * day, "madrs", 20);
  DependenceParameters parameters;
  parameters.dep2_protocol_madrs = 60;
  const auto sink = fold_domain<DependenceState, DependenceParameters>(facts, parameters);
  EXPECT_EQ(holding(sink, "DEP-3", "cumulative").at(0).level, Level::watch);
  parameters.dep3_protocol_madrs = 60;
  const auto other = fold_domain<DependenceState, DependenceParameters>(facts, parameters);
  EXPECT_EQ(holding(other, "DEP-3", "cumulative").at(0).level, Level::alert);
}

}  // namespace
}  // namespace ketavigil::detectors
