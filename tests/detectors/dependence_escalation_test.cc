// DEP-6: more in less time, and no better for it.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "detectors/patient/dependence.h"
#include "tests/detectors/facts_in_order.h"

namespace ketavigil::detectors {
namespace {

using namespace facts_in_order;  // NOLINT(google-build-using-namespace)

Sink fold_dependence(const Facts& facts) {
  return fold_domain<DependenceState, DependenceParameters>(facts);
}
std::vector<Hit> escalation(const Facts& facts) {
  return holding(fold_dependence(facts), "DEP-6", "escalation-without-benefit");
}
std::vector<Microseconds> cleared(const Facts& facts) {
  return clearing(fold_dependence(facts), "DEP-6", "escalation-without-benefit");
}

constexpr Microseconds fifth = start + 56 * day;  // s₋₄ of what `nine` makes
constexpr Microseconds ninth = start + 112 * day;

// Nine sessions by mouth, a fortnight apart; the dose of the last four is so many times that
// before.
Facts nine(double factor) {
  Facts facts;
  for (int i = 0; i < 9; ++i)
    facts.session(start + i * 14 * day, "ketamine", "PO", i < 5 ? 100 : 100 * factor);
  return facts;
}
// With scores that say that nothing changed.
Facts nine_without_benefit(double factor) {
  Facts facts = nine(factor);
  facts.score(fifth - day, "madrs", 20);
  facts.score(ninth - day, "madrs", 20);
  return facts;
}

TEST(Escalation, of_a_quarter_without_benefit_is_an_alert) {
  EXPECT_TRUE(escalation(nine_without_benefit(1.249)).empty());
  const auto hits = escalation(nine_without_benefit(1.25));
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].level, Level::alert);
  EXPECT_EQ(hits[0].measure.value, 1.25);
  EXPECT_EQ(hits[0].measure.threshold, 1.25);
  ASSERT_EQ(hits[0].evidence.size(), 1U);
  EXPECT_EQ(hits[0].evidence[0].at, ninth);
  ASSERT_TRUE(hits[0].session);
  EXPECT_EQ(hits[0].inputs.at("last_mean_mg_iv_equivalent"), InputValue(27.5));
  EXPECT_EQ(hits[0].inputs.at("before_mean_mg_iv_equivalent"), InputValue(22.0));
  EXPECT_EQ(hits[0].inputs.at("benefit"), InputValue(0.0));
}

TEST(Escalation, with_a_benefit_of_two_points_is_watched) {
  const auto level = [](double last) {
    Facts facts = nine(1.5);
    facts.score(fifth, "madrs", 20);
    facts.score(ninth - day, "madrs", last);
    return escalation(facts).at(0).level;
  };
  EXPECT_EQ(level(18), Level::watch);
  EXPECT_EQ(level(18.001), Level::alert);
  EXPECT_EQ(level(30), Level::alert);
}

TEST(Escalation, by_shorter_intervals_is_the_same) {
  const auto found = [](Microseconds last) {
    Facts facts;
    Microseconds at = start;
    for (int i = 0; i < 9; ++i) {
      facts.session(at, "ketamine", "IV", 40);
      facts.score(at + hour, "madrs", 20);
      at += i < 4 ? 20 * day : last;
    }
    return escalation(facts).size();
  };
  EXPECT_EQ(found(16 * day), 1U);
  EXPECT_EQ(found(16 * day + minute), 0U);
}

TEST(Escalation, of_less_dose_in_less_time_is_their_ratio) {
  Facts facts;
  Microseconds at = start;
  for (int i = 0; i < 9; ++i) {
    facts.session(at, "ketamine", "IV", i < 5 ? 50 : 40);
    facts.score(at + hour, "madrs", 20);
    at += i < 4 ? 28 * day : 14 * day;
  }
  EXPECT_EQ(escalation(facts).at(0).measure.value, 1.6);
}

TEST(Escalation, weighs_the_routes) {
  const auto rate = [](const std::string& before, double before_mg, const std::string& last,
                       double last_mg) {
    Facts facts;
    for (int i = 0; i < 9; ++i)
      facts.session(start + i * 14 * day, "ketamine", i < 5 ? before : last,
                    i < 5 ? before_mg : last_mg);
    facts.score(fifth, "madrs", 20);
    facts.score(ninth - day, "madrs", 20);
    const auto hits = escalation(facts);
    return hits.empty() ? 0 : hits[0].measure.value;
  };
  EXPECT_EQ(rate("IV", 48, "IN", 200), 2);
  EXPECT_EQ(rate("IV", 93, "IM", 200), 2);
  EXPECT_EQ(rate("IV", 93, "SC", 200), 2);
  EXPECT_EQ(rate("IV", 27, "SL", 200), 2);
  EXPECT_EQ(rate("IV", 22, "PO", 200), 2);
  EXPECT_EQ(rate("IV", 50, "PO", 200), 0);
}

TEST(Escalation, needs_nine_sessions_over_56_days) {
  const auto found = [](int sessions, Microseconds apart) {
    Facts facts;
    for (int i = 0; i < sessions; ++i) {
      facts.session(start + i * apart, "ketamine", "PO", i < 5 ? 100 : 200);
      facts.score(start + i * apart + 1, "madrs", 20);
    }
    return escalation(facts).size();
  };
  EXPECT_EQ(found(9, 7 * day), 1U);
  EXPECT_EQ(found(9, 7 * day - 1), 0U);
  EXPECT_EQ(found(8, 14 * day), 0U);
}

TEST(Escalation, counts_from_re_entry) {
  Facts facts = nine_without_benefit(2);
  facts.exit(start + day);
  EXPECT_TRUE(escalation(facts).empty());
}

TEST(Escalation, a_median_of_nothing_is_not_evaluated) {
  Facts facts;
  for (int i = 0; i < 5; ++i) facts.session(start + i * 20 * day, "ketamine", "PO", 100);
  for (int i = 0; i < 4; ++i) facts.session(start + 80 * day, "ketamine", "PO", 200);
  facts.score(start + day, "madrs", 20);
  EXPECT_TRUE(escalation(facts).empty());
}

TEST(Escalation, needs_a_score_in_each_half) {
  const auto levels = [](const std::vector<std::pair<Microseconds, double>>& madrs) {
    Facts facts = nine(2);
    for (const auto& [at, value] : madrs) facts.score(at, "madrs", value);
    std::string text;
    for (const Hit& hit : escalation(facts)) text += hit.level == Level::alert ? 'a' : 'w';
    return text;
  };
  EXPECT_EQ(levels({}), "");
  EXPECT_EQ(levels({{fifth, 20}}), "");
  EXPECT_EQ(levels({{fifth + 1, 20}}), "");
  EXPECT_EQ(levels({{fifth, 20}, {fifth + 1, 20}}), "a");
  EXPECT_EQ(levels({{start, 20}, {ninth - 1, 20}}), "a");
  EXPECT_EQ(levels({{start - 1, 20}, {ninth - 1, 20}}), "");  // before s₋₈
  EXPECT_EQ(levels({{start, 20}, {ninth, 20}}), "");          // after its session in the order of R
  EXPECT_EQ(levels({{start, 30}, {fifth, 10}, {fifth + 1, 17}, {ninth - 1, 19}}), "w");
}

TEST(Escalation, takes_phq_9_for_both_halves_where_a_madrs_is_missing) {
  Facts facts = nine(2);
  facts.score(fifth, "madrs", 40);
  facts.score(fifth, "phq-9", 20);
  facts.score(ninth - day, "phq-9", 20);
  const auto hits = escalation(facts);
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].level, Level::alert);
  EXPECT_EQ(hits[0].inputs.at("instrument"), InputValue(std::string("phq-9")));
  facts.score(ninth - hour, "madrs", 10);
  EXPECT_EQ(escalation(facts).at(0).level, Level::watch);
  Facts mixed = nine(2);
  mixed.score(fifth, "madrs", 20);
  mixed.score(ninth - day, "phq-9", 20);
  EXPECT_TRUE(escalation(mixed).empty());
}

TEST(Escalation, clears_under_1_125) {
  const auto steps = [](double factor) {
    Facts facts = nine_without_benefit(1.5);
    facts.score(ninth + hour, "madrs", 20);
    // The next four sessions: the dose of the last four against the four before.
    for (int i = 0; i < 4; ++i)
      facts.session(ninth + (i + 1) * 14 * day, "ketamine", "PO", 150 * factor);
    return cleared(facts);
  };
  EXPECT_TRUE(steps(1.125).empty());
  EXPECT_EQ(steps(1.1), std::vector{ninth + 56 * day});
  EXPECT_TRUE(cleared(nine_without_benefit(1)).empty());  // nothing was open
}

TEST(Escalation, clears_also_where_no_score_tells_of_benefit) {
  Facts facts = nine_without_benefit(1.5);
  for (int i = 0; i < 8; ++i) facts.session(ninth + (i + 1) * 14 * day, "ketamine", "PO", 150);
  EXPECT_FALSE(cleared(facts).empty());
}

TEST(Escalation, found_session_by_session_is_what_the_definition_says) {
  std::mt19937_64 random(20201130);
  int found = 0;
  for (int round = 0; round < 500; ++round) {
    Facts facts;
    std::vector<std::pair<Microseconds, double>> sessions;
    std::vector<std::pair<Microseconds, double>> scores;
    Microseconds at = start;
    for (int i = 0; i < 25; ++i) {
      at += static_cast<Microseconds>(1 + random() % 4) * 7 * day;
      sessions.emplace_back(at, 20.0 + static_cast<double>(random() % 4) * 10);
      facts.session(at, "ketamine", "IV", sessions.back().second);
      for (auto n = random() % 3; n > 0; --n) {
        scores.emplace_back(at + static_cast<Microseconds>(random() % 3) * 7 * day,
                            static_cast<double>(random() % 10));
        facts.score(scores.back().first, "madrs", scores.back().second);
      }
    }
    std::vector<std::pair<Microseconds, Level>> expected;
    for (std::size_t now = 8; now < sessions.size(); ++now) {
      const auto mg = [&](std::size_t from) {
        double sum = 0;
        for (std::size_t i = from; i < from + 4; ++i) sum += sessions[i].second;
        return sum / 4;
      };
      const auto median = [&](std::size_t from) {
        std::vector<double> intervals;
        for (std::size_t i = from; i < from + 4; ++i)
          intervals.push_back(static_cast<double>(sessions[i + 1].first - sessions[i].first));
        std::sort(intervals.begin(), intervals.end());
        return (intervals[1] + intervals[2]) / 2;
      };
      const double last = median(now - 4);
      const double before = median(now - 8);
      if (last == 0 || before == 0 || sessions[now].first - sessions[now - 8].first < 56 * day)
        continue;
      const double rate = mg(now - 3) / mg(now - 7) / (last / before);
      if (rate < 1.25 - 1e-9) continue;
      double sums[2] = {0, 0};
      double counts[2] = {0, 0};
      for (const auto& [when, value] : scores) {
        // A score at the session's own instant follows it.
        if (when < sessions[now - 8].first || when >= sessions[now].first) continue;
        const int half = when <= sessions[now - 4].first ? 0 : 1;
        sums[half] += value;
        counts[half] += 1;
      }
      if (counts[0] == 0 || counts[1] == 0) continue;
      const bool better = sums[0] / counts[0] - sums[1] / counts[1] >= 2 - 1e-9;
      expected.emplace_back(sessions[now].first, better ? Level::watch : Level::alert);
    }
    std::vector<std::pair<Microseconds, Level>> said;
    for (const Hit& hit : escalation(facts)) said.emplace_back(hit.completed_at, hit.level);
    ASSERT_EQ(said, expected);
    found += static_cast<int>(said.size());
  }
  EXPECT_GT(found, 500);
}

}  // namespace
}  // namespace ketavigil::detectors
