// URO-5: recurrent urinary tract infections.
#include <gtest/gtest.h>

#include "detectors/patient/urological.h"
#include "tests/detectors/hand_made_facts.h"

namespace ketavigil::detectors {
namespace {

using namespace by_hand;
using Urology = Folded<UrologicalState, UrologicalParameters>;

constexpr Microseconds first = monday + 10 * day_us;

// Positive cultures so many days after the first one.
Urology infected(const std::vector<double>& days_after, Microseconds from = first) {
  Urology urology{session(monday)};
  for (const double days : days_after) {
    urology.take(
        culture(from + static_cast<Microseconds>(days * static_cast<double>(day_us)), "positive"));
  }
  return urology;
}
Hit last_hit(const Urology& urology) {
  for (auto step = urology.sink.conditions.rbegin(); step != urology.sink.conditions.rend();
       ++step) {
    if (step->holds) return *step->holds;
  }
  ADD_FAILURE() << "nothing holds";
  return {};
}
constexpr double a_tick = 1.0 / static_cast<double>(day_us);

TEST(Infections, two_in_half_a_year_are_an_alert) {
  EXPECT_EQ(infected({0}).steps(), "");
  const Urology urology = infected({0, 183});
  ASSERT_EQ(urology.steps(), "H");
  const Hit hit = last_hit(urology);
  EXPECT_EQ(hit.detector, "URO-5");
  EXPECT_EQ(hit.statistic, "recurrent-uti");
  EXPECT_EQ(hit.level, Level::alert);
  EXPECT_EQ(hit.measure.value, 2);
  EXPECT_EQ(hit.measure.threshold, 2);
  EXPECT_EQ(hit.evidence.size(), 2U);
  EXPECT_EQ(infected({0, 183 + a_tick}).steps(), "");
}

TEST(Infections, three_in_a_year_are_an_alert_and_all_its_evidence) {
  const Urology urology = infected({0, 100, 365});
  EXPECT_EQ(urology.steps(), "HCH");
  const Hit hit = last_hit(urology);
  EXPECT_EQ(hit.measure.value, 3);
  EXPECT_EQ(hit.measure.threshold, 3);
  EXPECT_EQ(hit.evidence.size(), 3U);
  EXPECT_EQ(hit.inputs.at("episodes_year"), InputValue(3.0));
  EXPECT_EQ(hit.inputs.at("episodes_half_year"), InputValue(1.0));
  EXPECT_EQ(infected({0, 100, 365 + a_tick}).steps(), "HC");
}

TEST(Infections, of_half_a_year_are_the_evidence_where_there_are_two) {
  const Hit hit = last_hit(infected({0, 100, 200, 300}));
  EXPECT_EQ(hit.measure.value, 2);
  EXPECT_EQ(hit.measure.threshold, 2);
  ASSERT_EQ(hit.evidence.size(), 2U);
  EXPECT_EQ(hit.evidence[0].at, first + 200 * day_us);
  const Hit three = last_hit(infected({0, 60, 120}));
  EXPECT_EQ(three.measure.value, 3);
  EXPECT_EQ(three.measure.threshold, 2);
  EXPECT_EQ(three.evidence.size(), 3U);
}

// The fortnight counts from the positive culture before, whether or not that began an episode.
TEST(Infections, begin_anew_14_d_after_the_previous_positive_culture) {
  EXPECT_EQ(infected({0, 14}).steps(), "H");
  EXPECT_EQ(infected({0, 14 - a_tick}).steps(), "");
  EXPECT_EQ(infected({0, 10, 20}).steps(), "");
  EXPECT_EQ(infected({0, 10, 24}).steps(), "H");
  EXPECT_EQ(last_hit(infected({0, 10, 24})).evidence.size(), 2U);
  EXPECT_EQ(infected({0, 0}).steps(), "");
}

TEST(Infections, count_after_exposure_only) {
  EXPECT_EQ(infected({0, 30}, monday).steps(), "");  // the first at the session's own instant
  EXPECT_EQ(infected({0, 30}, monday + 1).steps(), "H");
  Urology before;
  before.take(culture(monday - 10 * day_us, "positive"));
  before.take(session(monday));
  before.take(culture(monday + day_us, "positive"));  // the first exposed: an episode
  before.take(culture(monday + 15 * day_us, "positive"));
  EXPECT_EQ(before.steps(), "H");
}

TEST(Infections, are_positive_cultures) {
  Urology urology{session(monday)};
  urology.take(culture(first, "negative"));
  urology.take(culture(first + 20 * day_us, "positive"));
  urology.take(culture(first + 30 * day_us, "negative"));
  EXPECT_EQ(urology.steps(), "");
  urology.take(culture(first + 40 * day_us, "positive"));
  EXPECT_EQ(urology.steps(), "H");
}

TEST(Infections, clear_after_half_a_year_without_one) {
  Urology urology = infected({0, 100});
  const Microseconds deadline = first + 283 * day_us;
  const auto state_at = [&](Microseconds at) { return urology.findings(at).at(0).resolved; };
  EXPECT_FALSE(state_at(deadline - 1));
  EXPECT_TRUE(state_at(deadline));
  EXPECT_EQ(urology.findings().at(0).ended, first + 100 * day_us);
  EXPECT_EQ(urology.steps(), "HC");
}

TEST(Infections, a_new_one_at_the_deadlines_instant_comes_before_it) {
  Urology urology = infected({0, 100, 283});
  EXPECT_EQ(urology.findings().size(), 1U);
  EXPECT_EQ(urology.steps(), "HHC");
  Urology later = infected({0, 100, 283 + a_tick});
  EXPECT_EQ(later.steps(), "HCH");  // three in a year, and more than 30 d after the last: new
  EXPECT_EQ(later.findings().size(), 2U);
}

TEST(Infections, that_are_no_episode_do_not_put_the_end_off) {
  Urology urology = infected({0, 100, 110});
  EXPECT_TRUE(urology.findings(first + 283 * day_us).at(0).resolved);
}

// An episode puts the end off also where it makes neither two nor three.
TEST(Infections, one_episode_puts_the_end_off) {
  Urology urology = infected({0, 20});
  urology.parameters.uro5_clears_days = 250;
  urology.take(culture(first + 30 * day_us, "positive"));
  urology.take(culture(first + 50 * day_us, "positive"));  // clears at 300
  urology.parameters.uro5_half_year_days = 100;
  urology.parameters.uro5_year_days = 100;
  urology.take(culture(first + 200 * day_us, "positive"));
  EXPECT_EQ(urology.steps(), "HH");
  EXPECT_FALSE(urology.findings(first + 449 * day_us).at(0).resolved);
  EXPECT_TRUE(urology.findings(first + 450 * day_us).at(0).resolved);
}

// The findings and whether they are resolved.
std::string states(Urology* urology, Microseconds at) {
  std::string all;
  for (const Finding& finding : urology->findings(at))
    all += finding.detector + (finding.resolved ? " resolved " : " open ");
  return all;
}

// Two things wait at once: each deadline ends its own.
TEST(Infections, wait_beside_a_run_of_symptoms) {
  Urology sooner = infected({0, 100});
  sooner.take(symptom(first + 120 * day_us, "frequency"));
  sooner.take(symptom(first + 140 * day_us, "frequency"));
  EXPECT_EQ(states(&sooner, first + 229 * day_us), "URO-3 open URO-5 open ");
  EXPECT_EQ(states(&sooner, first + 230 * day_us), "URO-3 resolved URO-5 open ");
  EXPECT_EQ(states(&sooner, first + 283 * day_us), "URO-3 resolved URO-5 resolved ");
  Urology later = infected({0, 100});
  later.take(symptom(first + 200 * day_us, "frequency"));
  later.take(symptom(first + 220 * day_us, "frequency"));
  EXPECT_EQ(states(&later, first + 282 * day_us), "URO-3 open URO-5 open ");
  EXPECT_EQ(states(&later, first + 283 * day_us), "URO-3 open URO-5 resolved ");
  EXPECT_EQ(states(&later, first + 310 * day_us), "URO-3 resolved URO-5 resolved ");
}

}  // namespace
}  // namespace ketavigil::detectors
