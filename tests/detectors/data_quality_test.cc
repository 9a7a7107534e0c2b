#include "detectors/patient/data_quality.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/detectors/facts_in_order.h"

namespace ketavigil::detectors {
namespace {

using namespace facts_in_order;  // NOLINT(google-build-using-namespace)

Sink fold_quality(const Facts& facts) {
  return fold_domain<DataQualityState, DataQualityParameters>(facts);
}
std::vector<Hit> missed(const Facts& facts) {
  return occasions(fold_quality(facts), "missed-visit");
}

// A fortnightly plan with one session.
Facts fortnightly(Fields more = {}) {
  Facts facts;
  facts.plan(start - hour, "esketamine", "IN", 14, std::move(more));
  facts.session(start, "esketamine", "IN", 84);
  return facts;
}
constexpr Microseconds due = start + 21 * day;

Fields ends_at(Microseconds at) { return {{Field::end, events::Time{at, 0, false, {}}}}; }

TEST(MissedVisit, is_found_at_one_and_a_half_intervals_and_shown_14_days_later) {
  const Facts facts = fortnightly();
  const auto hits = missed(facts);
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].level, Level::info);
  EXPECT_EQ(hits[0].deadline, due);
  EXPECT_EQ(hits[0].visible_from, due + 14 * day);
  EXPECT_EQ(hits[0].measure.value, 21);
  EXPECT_EQ(hits[0].measure.threshold, 21);
  EXPECT_EQ(hits[0].evidence[0].kind, Kind::session);
  const Sink sink = fold_quality(facts);
  EXPECT_TRUE(assemble("p-1", sink, due + 14 * day - 1).findings.empty());
  const auto findings = assemble("p-1", sink, due + 14 * day).findings;
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].onset, due);
  EXPECT_EQ(findings[0].ended, due);
  EXPECT_FALSE(findings[0].resolved);
  EXPECT_TRUE(assemble("p-1", sink, due + 30 * day).findings[0].resolved);
}

TEST(MissedVisit, a_session_at_the_deadline_takes_it_back_and_a_later_one_resolves_it) {
  Facts in_time = fortnightly();
  in_time.session(due, "esketamine", "IN", 84);
  const auto next = missed(in_time);
  ASSERT_EQ(next.size(), 1u);
  EXPECT_EQ(next[0].deadline, due + 21 * day);

  Facts late = fortnightly();
  late.session(due + 1, "esketamine", "IN", 84);
  const Sink sink = fold_quality(late);
  EXPECT_EQ(occasions(sink, "missed-visit").size(), 2u);
  const auto findings = assemble("p-1", sink, due + 14 * day).findings;
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_TRUE(findings[0].resolved);
}

TEST(MissedVisit, without_a_session_since_the_plan_begins_counts_from_the_plan) {
  Facts facts;
  facts.session(start - 100 * day, "esketamine", "IN", 84);
  const RecordFact& plan = facts.plan(start, "esketamine", "IN", 14);
  const auto hits = missed(facts);
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].deadline, due);
  EXPECT_EQ(hits[0].evidence[0].id, plan.fact->id);
}

TEST(MissedVisit, only_sessions_of_the_plans_compound_and_route_count) {
  Facts facts = fortnightly();
  facts.session(start + 10 * day, "esketamine", "IV", 30);
  facts.session(start + 11 * day, "ketamine", "IN", 30);
  facts.session(due + day, "esketamine", "IV", 30);
  facts.session(due + day, "ketamine", "IN", 30);
  const Sink sink = fold_quality(facts);
  ASSERT_EQ(sink.occasions.size(), 1u);
  EXPECT_EQ(sink.occasions[0].deadline, due);
  EXPECT_TRUE(sink.ends.empty());
}

TEST(MissedVisit, an_exit_or_the_plans_end_that_comes_first_ends_the_wait) {
  Facts left = fortnightly();
  left.exit(due);
  EXPECT_TRUE(missed(left).empty());
  Facts leaves_later = fortnightly();
  leaves_later.exit(due + 1);
  EXPECT_EQ(missed(leaves_later).size(), 1u);
  EXPECT_TRUE(missed(fortnightly(ends_at(due))).empty());
  EXPECT_EQ(missed(fortnightly(ends_at(due + 1))).size(), 1u);
}

TEST(MissedVisit, nobody_is_awaited_after_an_exit_until_a_session_re_enters) {
  Facts facts = fortnightly();
  facts.exit(start + day);
  facts.plan(start + 100 * day, "esketamine", "IN", 14);
  EXPECT_TRUE(missed(facts).empty());
  facts.session(start + 200 * day, "esketamine", "IN", 84);
  const auto hits = missed(facts);
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].deadline, start + 221 * day);
  facts.plan(start + 210 * day, "esketamine", "IN", 28);
  ASSERT_EQ(missed(facts).size(), 1u);
  EXPECT_EQ(missed(facts)[0].deadline, start + 252 * day);
}

TEST(MissedVisit, the_next_plan_of_the_compound_takes_the_place_of_any_route) {
  Facts facts = fortnightly();
  const RecordFact& next = facts.plan(start + 20 * day, "esketamine", "IV", 28);
  facts.plan(start + 20 * day, "ketamine", "IM", 2);
  const auto hits = missed(facts);
  ASSERT_EQ(hits.size(), 2u);
  EXPECT_EQ(hits[0].series, "ketamine|IM");
  EXPECT_EQ(hits[0].deadline, start + 23 * day);
  EXPECT_EQ(hits[1].series, "esketamine|IV");
  EXPECT_EQ(hits[1].evidence[0].id, next.fact->id);
  EXPECT_EQ(hits[1].deadline, start + 62 * day);
}

TEST(MissedVisit, a_plan_that_ended_is_not_followed_by_the_one_before) {
  Facts facts = fortnightly();
  facts.plan(start + day, "esketamine", "IN", 14, ends_at(start + 2 * day));
  EXPECT_TRUE(missed(facts).empty());
}

// The rule read straight from the catalogue: which sessions and plans nobody came after, and when
// that was so.
std::set<std::pair<std::string, Microseconds>> missed_by_definition(const Facts& facts) {
  const auto all = facts.in_order();
  const auto same = [](const RecordFact& a, const RecordFact& b, Field field) {
    return a.fact->word(field) == b.fact->word(field);
  };
  std::set<std::pair<std::string, Microseconds>> out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const RecordFact& base = all[i];
    const RecordFact* plan = nullptr;
    bool left = false;
    for (std::size_t j = 0; j <= i; ++j) {
      if (all[j].kind() == Kind::plan && same(all[j], base, Field::compound)) plan = &all[j];
      if (all[j].kind() == Kind::exit) left = true;
      if (all[j].kind() == Kind::session) left = false;
    }
    if (base.kind() == Kind::exit || plan == nullptr || left || !same(*plan, base, Field::route))
      continue;
    const auto interval =
        static_cast<Microseconds>(*plan->fact->number(Field::interval_days)) * day;
    const Microseconds missed_at = base.at + interval * 3 / 2;
    const events::Time* end = plan->fact->time(Field::end);
    if (end != nullptr && end->us <= missed_at) continue;
    bool other_came_first = false;
    for (std::size_t j = i + 1; j < all.size() && all[j].at <= missed_at; ++j) {
      const bool same_compound = all[j].kind() != Kind::exit && same(all[j], base, Field::compound);
      other_came_first |=
          all[j].kind() == Kind::exit || (all[j].kind() == Kind::plan && same_compound) ||
          (all[j].kind() == Kind::session && same_compound && same(all[j], base, Field::route));
    }
    if (!other_came_first) out.emplace(base.fact->id, missed_at);
  }
  return out;
}

TEST(MissedVisit, found_fact_by_fact_is_what_the_definition_says_of_all) {
  std::mt19937_64 random(20200302);
  const auto below = [&](std::uint64_t n) { return random() % n; };
  std::size_t found = 0;
  for (int round = 0; round < 3000; ++round) {
    Facts facts;
    for (std::size_t i = 0, n = 2 + below(12); i < n; ++i) {
      const Microseconds at = start + static_cast<Microseconds>(below(60)) * 12 * hour;
      const std::string compound = below(2) == 0 ? "esketamine" : "ketamine";
      const std::string route = below(3) == 0 ? "IV" : "IN";
      const auto what = below(9);
      if (what == 0) {
        facts.exit(at);
      } else if (what < 4) {
        Fields more;
        if (below(4) == 0) more = ends_at(at + static_cast<Microseconds>(below(20)) * day);
        facts.plan(at, compound, route, static_cast<double>(1 + below(8)), std::move(more));
      } else {
        facts.session(at, compound, route, 50);
      }
    }
    std::set<std::pair<std::string, Microseconds>> said;
    for (const Hit& hit : missed(facts)) said.emplace(hit.evidence[0].id, *hit.deadline);
    ASSERT_EQ(said, missed_by_definition(facts)) << "round " << round;
    found += said.size();
  }
  EXPECT_GT(found, 1000u);
}

TEST(MissedVisit, of_absurd_intervals_is_not_awaited) {
  Facts facts;
  facts.plan(start, "ketamine", "PO", 1e300);
  facts.plan(start, "esketamine", "IN", 1e9);
  EXPECT_TRUE(missed(facts).empty());
}

}  // namespace
}  // namespace ketavigil::detectors
