#include "detectors/patient/score_baseline.h"

#include <gtest/gtest.h>

#include "tests/detectors/hand_made_facts.h"

namespace ketavigil::detectors {
namespace {

using namespace by_hand;

// The unit as a domain of its own, so that the driver can fold it.
struct Unit {
  ScoreBaseline scores;
};
struct NoParameters {};
void step(Unit* unit, const Background& background, const RecordFact& fact, const NoParameters&,
          Sink*) {
  if (fact.kind() == Kind::score) step(&unit->scores, background, fact);
}
std::optional<Microseconds> next_deadline(const Unit&) { return std::nullopt; }
void pass_deadline(Unit*, const Background&, Microseconds, const NoParameters&, Sink*) {}

using Scores = Folded<Unit, NoParameters>;

Baseline baseline_of(const Scores& scores) {
  return baseline_of(scores.state.scores, scores.background);
}
std::vector<std::string> annotations(const Baseline& baseline) {
  Hit hit;
  add_to_hit(baseline, &hit);
  return hit.annotations;
}

TEST(ScoreBaseline, is_the_mean_of_what_came_before_the_first_session) {
  const Scores scores{score(monday - 30 * day_us, "moca", 27),
                      score(monday - 10 * day_us, "moca", 28), session(monday),
                      score(monday + 30 * day_us, "moca", 10)};
  const Baseline baseline = baseline_of(scores);
  EXPECT_EQ(baseline.mean, 27.5);
  EXPECT_EQ(baseline.values, 2U);
  EXPECT_TRUE(annotations(baseline).empty());
}

TEST(ScoreBaseline, holds_what_is_365_d_old_and_no_older) {
  const Scores exactly{score(monday - 365 * day_us, "moca", 20), score(monday - day_us, "moca", 28),
                       session(monday)};
  EXPECT_EQ(baseline_of(exactly).mean, 24);
  const Scores older{score(monday - 365 * day_us - 1, "moca", 20),
                     score(monday - day_us, "moca", 28), session(monday)};
  EXPECT_EQ(baseline_of(older).mean, 28);
  EXPECT_EQ(annotations(baseline_of(older)), std::vector<std::string>{"single-reading-baseline"});
}

TEST(ScoreBaseline, counts_from_the_first_session_not_from_the_newest_score) {
  // Within 365 d of its neighbour, not of the session.
  const Scores scores{score(monday - 400 * day_us, "moca", 20), session(monday)};
  EXPECT_EQ(baseline_of(scores).mean, std::nullopt);
  EXPECT_EQ(annotations(baseline_of(scores)), std::vector<std::string>{"baseline-missing"});
}

TEST(ScoreBaseline, a_score_at_the_first_sessions_instant_belongs_to_it) {
  const Scores scores{score(monday - day_us, "moca", 26), session(monday),
                      score(monday, "moca", 28), score(monday + 1, "moca", 5)};
  EXPECT_EQ(baseline_of(scores).mean, 27);
}

TEST(ScoreBaseline, a_second_session_changes_nothing) {
  const Scores scores{session(monday), score(monday + day_us, "moca", 28),
                      session(monday + 2 * day_us)};
  EXPECT_EQ(baseline_of(scores).values, 0U);
}

TEST(ScoreBaseline, what_is_not_eligible_does_not_count) {
  const Scores scores{score(monday - 2 * day_us, "moca", 10).not_eligible(),
                      score(monday - day_us, "moca", 26), session(monday)};
  EXPECT_EQ(baseline_of(scores).mean, 26);
}

TEST(ScoreBaseline, without_a_session_it_is_missing) {
  const Scores scores{score(monday, "moca", 26)};
  EXPECT_EQ(baseline_of(scores).mean, std::nullopt);
}

TEST(ScoreBaseline, is_rounded_to_12_digits) {
  const Scores scores{score(monday - 3 * day_us, "moca", 27),
                      score(monday - 2 * day_us, "moca", 27), score(monday - day_us, "moca", 26),
                      session(monday)};
  EXPECT_EQ(baseline_of(scores).mean, 26.6666666667);
}

TEST(ScoreBaseline, is_below_a_limit_only_strictly) {
  EXPECT_TRUE((Baseline{18.5, 1}).is_below_or_missing(19));
  EXPECT_FALSE((Baseline{19.0, 1}).is_below_or_missing(19));
  EXPECT_TRUE((Baseline{}).is_below_or_missing(19));
}

TEST(ScoreBaseline, keeps_no_more_than_its_bound) {
  Scores scores;
  for (int i = 0; i < 3000; ++i) scores.take(score(monday + i * minute_us, "ipss", i));
  EXPECT_EQ(scores.state.scores.values.size(), baseline_values_kept);
  EXPECT_EQ(scores.state.scores.values.back().value, 2999);
}

}  // namespace
}  // namespace ketavigil::detectors
