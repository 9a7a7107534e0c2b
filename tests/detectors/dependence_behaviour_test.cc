#include "detectors/patient/dependence_behaviour.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/detectors/hand_made_facts.h"

namespace ketavigil::detectors {
namespace {

using namespace by_hand;
using Behaviour = Folded<BehaviourState, BehaviourParameters>;

// Values of `craving-vas`, each so many days after the first.
using Courses = std::vector<std::pair<double, double>>;
Behaviour craving(const Courses& course) {
  Behaviour behaviour;
  for (const auto& [days, value] : course) {
    const auto after = static_cast<Microseconds>(days * static_cast<double>(day_us));
    behaviour.take(score(monday + after, "craving-vas", value));
  }
  return behaviour;
}
// One letter a step: what holds is `w`atch or `a`lert, `C` clears.
std::string levels(const Behaviour& behaviour) {
  std::string text;
  for (const ConditionStep& one : behaviour.sink.conditions) {
    text += !one.holds ? 'C' : one.holds->level == Level::alert ? 'a' : 'w';
  }
  return text;
}
constexpr double a_tick = 1.0 / static_cast<double>(day_us);

TEST(Craving, is_watched_from_4_points) {
  EXPECT_EQ(levels(craving({{0, 3.9}})), "");
  const Behaviour behaviour = craving({{0, 4}});
  ASSERT_EQ(levels(behaviour), "w");
  const Hit& hit = *behaviour.sink.conditions[0].holds;
  EXPECT_EQ(hit.detector, "DEP-7");
  EXPECT_EQ(hit.statistic, "craving-vas");
  EXPECT_EQ(hit.measure.value, 4);
  EXPECT_EQ(hit.measure.threshold, 4);
  EXPECT_EQ(levels(craving({{0, 3.99999999999999}})), "w");  // 4 to 12 digits
}

TEST(Craving, is_watched_from_3_points_above_the_first_value) {
  EXPECT_EQ(levels(craving({{0, 0.5}, {1, 3.4}})), "");
  const Behaviour behaviour = craving({{0, 0.5}, {1, 3.5}});
  ASSERT_EQ(levels(behaviour), "w");
  EXPECT_EQ(behaviour.sink.conditions[0].holds->measure.threshold, 3.5);
  EXPECT_EQ(levels(craving({{0, 1.1}, {1, 3.9}})), "");
  EXPECT_EQ(levels(craving({{0, 0.131}, {1, 3.131}})), "w");  // in binary the sum is a little more
  EXPECT_EQ(craving({{0, 1.1}, {1, 4.1}}).sink.conditions[0].holds->measure.threshold, 4);
  EXPECT_EQ(levels(craving({{0, 0.1}, {1, 0.2}, {2, 3.1}})), "w");  // the first, not the last
}

TEST(Craving, again_14_d_later_with_none_below_between_is_an_alert) {
  EXPECT_EQ(levels(craving({{0, 5}, {14, 5}})), "wa");
  EXPECT_EQ(levels(craving({{0, 5}, {14 - a_tick, 5}})), "ww");
  EXPECT_EQ(levels(craving({{0, 5}, {7, 4}, {14, 5}})), "wwa");
  EXPECT_EQ(levels(craving({{0, 5}, {7, 3.9}, {14, 5}})), "ww");
  EXPECT_EQ(levels(craving({{0, 5}, {7, 3.9}, {14, 5}, {28, 5}})), "wwa");
  EXPECT_EQ(levels(craving({{0, 5}, {0, 3}, {14, 5}})), "wCw");
}

TEST(Craving, clears_under_3_6) {
  EXPECT_EQ(levels(craving({{0, 5}, {1, 3.6}})), "w");
  EXPECT_EQ(levels(craving({{0, 5}, {1, 3.5}})), "wC");
  EXPECT_EQ(levels(craving({{0, 2}})), "");
  // What holds above a low first value does not clear at once.
  EXPECT_EQ(levels(craving({{0, 0}, {1, 3}, {2, 3.5}, {3, 2.9}})), "wwC");
}

TEST(Craving, the_finding_keeps_its_highest_level_and_the_farthest_value_of_it) {
  Behaviour behaviour = craving({{0, 9}, {14, 4.5}, {15, 5}, {16, 3}});
  const auto findings = behaviour.findings();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].level, Level::alert);
  EXPECT_EQ(findings[0].value, 5);  // the first, 9, was watched
  EXPECT_EQ(findings[0].evidence.size(), 3U);
  EXPECT_TRUE(findings[0].resolved);
  EXPECT_EQ(findings[0].domain, "dependence");
}

TEST(Craving, again_within_30_d_is_the_same_finding) {
  EXPECT_EQ(craving({{0, 5}, {1, 3}, {30, 5}}).findings().size(), 1U);
  EXPECT_EQ(craving({{0, 5}, {1, 3}, {30 + a_tick, 5}}).findings().size(), 2U);
}

TEST(Craving, is_of_no_other_instrument) {
  Behaviour behaviour{score(monday, "phq-9", 20), score(monday, "craving-vas", 3)};
  EXPECT_EQ(levels(behaviour), "");
}

TEST(Craving, is_what_the_definition_says) {
  std::mt19937_64 random(20201130);
  int alerts = 0;
  for (int round = 0; round < 2000; ++round) {
    Courses course;
    double at = 0;
    for (int i = 0; i < 12; ++i) {
      at += static_cast<double>(random() % 9);
      course.emplace_back(at, static_cast<double>(random() % 15) / 2);
    }
    std::string expected;
    bool open = false;
    const double limit = std::min(4.0, course[0].second + 3);
    for (std::size_t i = 0; i < course.size(); ++i) {
      if (course[i].second < limit) {
        if (open && course[i].second < 3.6) expected += 'C', open = false;
        continue;
      }
      bool again = false;
      for (std::size_t j = i; j-- > 0 && course[j].second >= limit;)
        again = again || course[i].first - course[j].first >= 14;
      expected += again ? 'a' : 'w';
      alerts += again;
      open = true;
    }
    ASSERT_EQ(levels(craving(course)), expected);
  }
  EXPECT_GT(alerts, 500);
}

TEST(Behaviour, told_or_seen_is_an_occasion) {
  const auto level = [](const std::string& code, std::optional<double> severity = {}) {
    Behaviour behaviour{symptom(monday, code, severity)};
    const auto hits = behaviour.occasions(code);
    return hits.empty() ? std::string("none") : std::string(name_of(hits.at(0).level));
  };
  EXPECT_EQ(level("craving"), "watch");
  EXPECT_EQ(level("craving", 1), "watch");
  EXPECT_EQ(level("craving", 0), "none");
  EXPECT_EQ(level("drug-liking"), "watch");
  EXPECT_EQ(level("drug-liking", 0), "none");
  EXPECT_EQ(level("non-prescribed-use"), "alert");
  EXPECT_EQ(level("non-prescribed-use", 5), "alert");
  EXPECT_EQ(level("non-prescribed-use", 0), "none");
  EXPECT_EQ(level("dissociation"), "none");
}

TEST(Behaviour, is_measured_by_severity) {
  Behaviour behaviour{symptom(monday, "craving", 3), symptom(monday + day_us, "drug-liking")};
  EXPECT_EQ(behaviour.occasions("craving").at(0).measure.value, 3);
  EXPECT_EQ(behaviour.occasions("craving").at(0).measure.threshold, 1);
  EXPECT_EQ(behaviour.occasions("drug-liking").at(0).measure.value, 1);
}

TEST(Behaviour, of_one_session_is_one_finding_a_code) {
  Behaviour behaviour{symptom(monday, "craving").of_session(monday),
                      symptom(monday + hour_us, "craving").of_session(monday),
                      symptom(monday + hour_us, "drug-liking").of_session(monday)};
  EXPECT_EQ(behaviour.findings().size(), 2U);
}

}  // namespace
}  // namespace ketavigil::detectors
