// DEP-4: sessions beside the plan.
#include <gtest/gtest.h>

#include "detectors/patient/dependence.h"
#include "tests/detectors/facts_in_order.h"

namespace ketavigil::detectors {
namespace {

using namespace facts_in_order;  // NOLINT(google-build-using-namespace)

std::vector<Hit> off_schedule(const Facts& facts) {
  return occasions(fold_domain<DependenceState, DependenceParameters>(facts), "off-schedule");
}
std::string levels(const Facts& facts) {
  std::string text;
  for (const Hit& hit : off_schedule(facts)) text += hit.level == Level::alert ? 'a' : 'w';
  return text;
}
const Fields unplanned = {{Field::unplanned, true}};

// Two sessions under a plan of so many days.
Facts apart(Microseconds time, double interval_days) {
  Facts facts;
  facts.plan(start - day, "ketamine", "IM", interval_days);
  facts.session(start, "ketamine", "IM", 40);
  facts.session(start + time, "ketamine", "IM", 40);
  return facts;
}

TEST(OffSchedule, more_than_two_days_early_is_watched) {
  EXPECT_EQ(levels(apart(12 * day, 14)), "");
  const auto hits = off_schedule(apart(12 * day - 1, 14));
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].detector, "DEP-4");
  EXPECT_EQ(hits[0].level, Level::watch);
  EXPECT_EQ(hits[0].evidence.size(), 1U);
  EXPECT_EQ(hits[0].evidence[0].at, start + 12 * day - 1);
  const auto week = off_schedule(apart(7 * day, 14));
  EXPECT_EQ(week[0].measure.value, 7);
  EXPECT_EQ(week[0].measure.threshold, 12);
  EXPECT_TRUE(week[0].measure.worse_is_less);
  ASSERT_TRUE(week[0].session);
  EXPECT_EQ(week[0].session->id, week[0].evidence[0].id);
  EXPECT_EQ(levels(apart(36 * hour, 3.5)), "");
  EXPECT_EQ(levels(apart(36 * hour - 1, 3.5)), "w");
}

TEST(OffSchedule, of_a_plan_of_two_days_and_less_is_nothing_early) {
  EXPECT_EQ(levels(apart(0, 2)), "");
  EXPECT_EQ(levels(apart(0, 1)), "");
  EXPECT_EQ(levels(apart(0, 2.5)), "w");
}

TEST(OffSchedule, an_interval_beyond_all_time_is_no_overflow) {
  EXPECT_EQ(levels(apart(3000 * day, 1e300)), "w");
}

TEST(OffSchedule, unplanned_is_watched_also_without_a_plan) {
  Facts facts;
  facts.session(start, "ketamine", "IM", 40, unplanned);
  const auto hits = off_schedule(facts);
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].level, Level::watch);
  EXPECT_EQ(hits[0].measure.value, 1);
  EXPECT_EQ(hits[0].measure.threshold, 1);
  Facts said_to_be_planned;
  said_to_be_planned.session(start, "ketamine", "IM", 40, {{Field::unplanned, false}});
  EXPECT_EQ(levels(said_to_be_planned), "");
}

TEST(OffSchedule, of_both_the_one_farther_beyond_its_limit_is_shown) {
  Facts facts;
  facts.plan(start - day, "ketamine", "IM", 14);
  facts.session(start, "ketamine", "IM", 40);
  facts.session(start + 6 * day, "ketamine", "IM", 40, unplanned);
  const auto hits = off_schedule(facts);
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].measure.threshold, 12);
}

TEST(OffSchedule, without_a_plan_or_a_session_before_is_nothing_early) {
  Facts facts;
  facts.session(start, "ketamine", "IM", 40);
  facts.session(start + hour, "ketamine", "IM", 40);
  EXPECT_EQ(levels(facts), "");
  Facts other;
  other.plan(start - day, "ketamine", "IM", 14);
  other.session(start, "ketamine", "PO", 40);
  other.session(start + hour, "esketamine", "IM", 40);
  other.session(start + 2 * hour, "ketamine", "IM", 40);
  EXPECT_EQ(levels(other), "");
}

// The session before, whatever plan it was under; the plan of the one judged.
TEST(OffSchedule, is_judged_by_the_latest_plan_that_has_begun_and_not_ended) {
  const auto with_plans = [](auto plans) {
    Facts facts;
    facts.session(start, "ketamine", "IM", 40);
    plans(&facts);
    facts.session(start + 10 * day, "ketamine", "IM", 40);
    return levels(facts);
  };
  EXPECT_EQ(with_plans([](Facts* facts) {
              facts->plan(start - day, "ketamine", "IM", 7);
              facts->plan(start + day, "ketamine", "IM", 14);
            }),
            "w");
  EXPECT_EQ(with_plans([](Facts* facts) {
              facts->plan(start - day, "ketamine", "IM", 14);
              facts->plan(start + 10 * day, "ketamine", "IM", 7);  // at its own instant
            }),
            "");
  EXPECT_EQ(with_plans([](Facts* facts) {
              facts->plan(start - day, "ketamine", "IM", 7);
              facts->plan(start + 10 * day + 1, "ketamine", "IM", 14);  // begins later
            }),
            "");
  EXPECT_EQ(with_plans([](Facts* facts) {
              facts->plan(start - day, "ketamine", "IM", 7);
              facts->plan(start + day, "ketamine", "IM", 14,
                          {{Field::end, events::Time{start + 10 * day, 0, false, {}}}});
            }),
            "");
  EXPECT_EQ(with_plans([](Facts* facts) {
              facts->plan(start + day, "ketamine", "IM", 14,
                          {{Field::end, events::Time{start + 10 * day + 1, 0, false, {}}}});
            }),
            "w");
}

TEST(OffSchedule, is_judged_by_the_plan_it_names) {
  Facts facts;
  const std::string weekly = facts
                                 .plan(start - 2 * day, "ketamine", "IM", 7,
                                       {{Field::end, events::Time{start - day, 0, false, {}}}})
                                 .fact->id;
  facts.plan(start - day, "ketamine", "IM", 14);
  facts.session(start, "ketamine", "IM", 40);
  facts.session(start + 7 * day, "ketamine", "IM", 40, {{Field::plan, weekly}});
  EXPECT_EQ(levels(facts), "");
  facts.session(start + 14 * day, "ketamine", "IM", 40, {{Field::plan, std::string("unknown")}});
  EXPECT_EQ(levels(facts), "w");
}

TEST(OffSchedule, twice_in_28_days_is_an_alert_at_the_second) {
  Facts facts;
  facts.session(start, "ketamine", "IM", 40, unplanned);
  facts.session(start + 28 * day - 1, "esketamine", "IN", 84, unplanned);
  const auto hits = off_schedule(facts);
  ASSERT_EQ(levels(facts), "wa");
  EXPECT_EQ(hits[1].measure.value, 2);
  EXPECT_EQ(hits[1].measure.threshold, 2);
  EXPECT_FALSE(hits[1].measure.worse_is_less);
  EXPECT_EQ(hits[1].evidence.size(), 1U);
  Facts later;
  later.session(start, "ketamine", "IM", 40, unplanned);
  later.session(start + 28 * day, "esketamine", "IN", 84, unplanned);
  EXPECT_EQ(levels(later), "ww");
}

TEST(OffSchedule, counts_sessions_under_titration_too) {
  Facts facts;
  facts.plan(start - day, "ketamine", "IM", 14, {{Field::titration, true}});
  facts.session(start, "ketamine", "IM", 40);
  facts.session(start + day, "ketamine", "IM", 60);
  facts.session(start + 2 * day, "ketamine", "IM", 80);
  EXPECT_EQ(levels(facts), "wa");
}

TEST(OffSchedule, each_session_is_an_occasion_of_its_own) {
  Facts facts;
  facts.session(start, "ketamine", "IM", 40, unplanned);
  facts.session(start, "ketamine", "PO", 40, unplanned);
  const Sink sink = fold_domain<DependenceState, DependenceParameters>(facts);
  EXPECT_EQ(assemble("p", sink, start + day).findings.size(), 2U);
}

}  // namespace
}  // namespace ketavigil::detectors
