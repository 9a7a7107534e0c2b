#include "detectors/patient/dependence.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/detectors/facts_in_order.h"

namespace ketavigil::detectors {
namespace {

using namespace facts_in_order;  // NOLINT(google-build-using-namespace)

Sink fold_dependence(const Facts& facts) {
  return fold_domain<DependenceState, DependenceParameters>(facts);
}

// `count` weekly sessions from `from` on.
void weekly(Facts* facts, int count, const std::string& compound, const std::string& route,
            double dose_mg, Microseconds from = start) {
  for (int i = 0; i < count; ++i) facts->session(from + i * 7 * day, compound, route, dose_mg);
}

std::vector<Hit> ratios_of(double reference_mg, const std::vector<double>& later_mg) {
  Facts facts;
  weekly(&facts, 8, "ketamine", "IM", reference_mg);
  for (std::size_t i = 0; i < later_mg.size(); ++i) {
    facts.session(start + static_cast<Microseconds>(8 + i) * 7 * day, "ketamine", "IM",
                  later_mg[i]);
  }
  return holding(fold_dependence(facts), "DEP-1", "dose-ratio");
}

TEST(DoseRatio, is_watch_from_a_quarter_and_alert_from_a_half_more) {
  EXPECT_TRUE(ratios_of(40, {49.9}).empty());
  const auto watch = ratios_of(40, {50});
  ASSERT_EQ(watch.size(), 1u);
  EXPECT_EQ(watch[0].level, Level::watch);
  EXPECT_EQ(watch[0].measure.value, 1.25);
  EXPECT_EQ(watch[0].measure.threshold, 1.25);
  EXPECT_EQ(watch[0].series, "ketamine|IM");
  EXPECT_EQ(watch[0].evidence.size(), 1u);
  EXPECT_EQ(ratios_of(40, {59.9})[0].level, Level::watch);
  const auto alert = ratios_of(40, {60});
  ASSERT_EQ(alert.size(), 1u);
  EXPECT_EQ(alert[0].level, Level::alert);
  EXPECT_EQ(alert[0].measure.threshold, 1.5);
  EXPECT_TRUE(alert[0].annotations.empty());
}

TEST(DoseRatio, needs_nine_numbered_sessions) {
  Facts facts;
  weekly(&facts, 7, "ketamine", "IM", 40);
  facts.session(start + 49 * day, "ketamine", "IM", 90);
  EXPECT_TRUE(fold_dependence(facts).conditions.empty());
}

TEST(DoseRatio, refers_to_sessions_three_to_eight_only) {
  Facts facts;
  weekly(&facts, 2, "ketamine", "IM", 10);
  weekly(&facts, 1, "ketamine", "IM", 70, start + 14 * day);
  weekly(&facts, 4, "ketamine", "IM", 30, start + 21 * day);
  weekly(&facts, 1, "ketamine", "IM", 50, start + 49 * day);
  facts.session(start + 56 * day, "ketamine", "IM", 50);  // against a mean of 40
  const auto hits = holding(fold_dependence(facts), "DEP-1", "dose-ratio");
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].measure.value, 1.25);
}

TEST(DoseRatio, counts_the_last_28_days_without_their_first_instant) {
  Facts facts;
  weekly(&facts, 8, "ketamine", "IM", 40);
  const Microseconds ninth = start + 56 * day;
  facts.session(ninth, "ketamine", "IM", 40);
  facts.session(ninth + 28 * day, "ketamine", "IM",
                50);  // the ninth is exactly 28 d old: not counted
  const auto hits = holding(fold_dependence(facts), "DEP-1", "dose-ratio");
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].measure.value, 1.25);
  Facts nearer;
  weekly(&nearer, 8, "ketamine", "IM", 40);
  nearer.session(ninth + 1, "ketamine", "IM", 40);
  nearer.session(ninth + 28 * day, "ketamine", "IM", 50);
  EXPECT_TRUE(holding(fold_dependence(nearer), "DEP-1", "dose-ratio").empty());
}

TEST(DoseRatio, clears_below_its_clear_value_only) {
  Facts facts;
  weekly(&facts, 8, "ketamine", "IM", 40);
  facts.session(start + 56 * day, "ketamine", "IM", 50);
  facts.session(start + 90 * day, "ketamine", "IM", 45);  // 1.125 does not clear
  EXPECT_TRUE(clearing(fold_dependence(facts), "DEP-1", "dose-ratio").empty());
  facts.session(start + 130 * day, "ketamine", "IM", 44.9);
  EXPECT_EQ(clearing(fold_dependence(facts), "DEP-1", "dose-ratio"),
            std::vector{start + 130 * day});
}

TEST(DoseRatio, within_the_label_is_at_most_watch) {
  Facts facts;
  weekly(&facts, 8, "esketamine", "IN", 56);
  facts.session(start + 56 * day, "esketamine", "IN", 84);
  const auto within = holding(fold_dependence(facts), "DEP-1", "dose-ratio");
  ASSERT_EQ(within.size(), 1u);
  EXPECT_EQ(within[0].level, Level::watch);
  EXPECT_EQ(within[0].measure.threshold, 1.5);  // before lowering
  EXPECT_EQ(within[0].annotations, std::vector<std::string>{"within-label"});
  facts.session(start + 63 * day, "esketamine", "IN", 85);
  const auto beyond = holding(fold_dependence(facts), "DEP-1", "dose-ratio");
  ASSERT_EQ(beyond.size(), 2u);
  EXPECT_EQ(beyond[1].level, Level::alert);
  EXPECT_TRUE(beyond[1].annotations.empty());
}

TEST(DoseRatio, within_the_label_is_decided_on_12_digits) {
  Facts facts;
  weekly(&facts, 8, "esketamine", "IN", 56);
  facts.session(start + 56 * day, "esketamine", "IN", 84.00000000000003);
  EXPECT_EQ(holding(fold_dependence(facts), "DEP-1", "dose-ratio").at(0).level, Level::watch);
}

TEST(DoseRatio, keeps_compounds_and_routes_apart) {
  Facts facts;
  weekly(&facts, 8, "ketamine", "IM", 40);
  weekly(&facts, 8, "ketamine", "SL", 100, start + hour);
  facts.session(start + 56 * day, "ketamine", "IM", 60);
  facts.session(start + 56 * day + hour, "ketamine", "SL", 100);
  const Sink sink = fold_dependence(facts);
  ASSERT_EQ(holding(sink, "DEP-1", "dose-ratio").size(), 1u);
  const auto findings = assemble("p-1", sink, start + 60 * day).findings;
  const auto found = std::find_if(findings.begin(), findings.end(),
                                  [](const Finding& f) { return f.detector == "DEP-1"; });
  ASSERT_NE(found, findings.end());
  EXPECT_FALSE(found->resolved);  // the other route's value clears only itself
}

TEST(DoseRatio, does_not_number_sessions_under_titration) {
  Facts facts;
  facts.plan(start - day, "ketamine", "IM", 7, {{Field::titration, true}});
  weekly(&facts, 3, "ketamine", "IM", 10);
  facts.plan(start + 20 * day, "ketamine", "IM", 7);
  weekly(&facts, 8, "ketamine", "IM", 40, start + 21 * day);
  facts.session(start + 77 * day, "ketamine", "IM", 60);
  const auto hits = holding(fold_dependence(facts), "DEP-1", "dose-ratio");
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].measure.value, 1.5);
  EXPECT_EQ(hits[0].evidence[0].at, start + 77 * day);
}

TEST(DoseRatio, asks_the_plan_a_session_names_before_the_latest) {
  Facts facts;
  const std::string titrating =
      facts.plan(start - 2 * day, "ketamine", "IM", 7, {{Field::titration, true}}).fact->id;
  facts.plan(start - day, "ketamine", "IM", 7);
  facts.session(start, "ketamine", "IM", 10, {{Field::plan, titrating}});
  weekly(&facts, 8, "ketamine", "IM", 40, start + 7 * day);
  facts.session(start + 63 * day, "ketamine", "IM", 60);
  const auto hits = holding(fold_dependence(facts), "DEP-1", "dose-ratio");
  ASSERT_EQ(hits.size(), 1u);  // the ninth numbered
  EXPECT_EQ(hits[0].inputs.at("session_number"), InputValue(9.0));
}

TEST(DoseRatio, an_ended_titration_numbers_again) {
  Facts facts;
  facts.plan(start - day, "ketamine", "IM", 7,
             {{Field::titration, true}, {Field::end, events::Time{start + 1, 0, false, {}}}});
  facts.session(start, "ketamine", "IM", 10);                // under titration
  weekly(&facts, 8, "ketamine", "IM", 40, start + 7 * day);  // no plan runs
  facts.session(start + 63 * day, "ketamine", "IM", 60);
  EXPECT_EQ(holding(fold_dependence(facts), "DEP-1", "dose-ratio").size(), 1u);
}

Sink rise_with_score(Microseconds score_at, const std::string& instrument, double value) {
  Facts facts;
  weekly(&facts, 8, "ketamine", "IM", 40);
  facts.session(start + 56 * day, "ketamine", "IM", 40);
  facts.session(start + 63 * day, "ketamine", "IM", 80);
  facts.score(score_at, instrument, value);
  return fold_dependence(facts);
}

TEST(DoseRatio,
     a_high_score_in_the_14_days_before_the_first_higher_dose_is_annotated_and_keeps_the_level) {
  const Microseconds rise = start + 63 * day;
  const auto annotated = [&](Microseconds at, const std::string& instrument, double value) {
    const auto hits = holding(rise_with_score(at, instrument, value), "DEP-1", "dose-ratio");
    EXPECT_EQ(hits.size(), 1u);
    EXPECT_EQ(hits[0].level, Level::alert);
    return !hits[0].annotations.empty();
  };
  EXPECT_TRUE(annotated(rise - 14 * day, "cgi-s", 4));
  EXPECT_FALSE(annotated(rise - 14 * day - 1, "cgi-s", 4));
  EXPECT_FALSE(annotated(rise - day, "cgi-s", 3));
  EXPECT_TRUE(annotated(rise - day, "madrs", 13));
  EXPECT_FALSE(annotated(rise - day, "madrs", 12));
  EXPECT_FALSE(annotated(rise + day, "madrs", 30));
}

TEST(DoseRatio, a_score_at_the_higher_doses_own_instant_shows_at_the_next_session) {
  Facts facts;
  weekly(&facts, 8, "ketamine", "IM", 40);
  facts.session(start + 56 * day, "ketamine", "IM", 80);
  facts.score(start + 56 * day, "cgi-s", 5);  // after its session in the order of R
  facts.session(start + 63 * day, "ketamine", "IM", 80);
  const auto hits = holding(fold_dependence(facts), "DEP-1", "dose-ratio");
  ASSERT_EQ(hits.size(), 2u);
  EXPECT_TRUE(hits[0].annotations.empty());
  EXPECT_EQ(hits[1].annotations, std::vector<std::string>{"protocol-driven"});
}

TEST(DoseRatio, found_session_by_session_is_what_the_definition_says) {
  std::mt19937_64 random(20200302);
  const auto below = [&](std::uint64_t n) { return random() % n; };
  std::size_t found = 0;
  for (int round = 0; round < 500; ++round) {
    Facts facts;
    std::vector<std::pair<Microseconds, double>> doses;
    for (std::size_t i = 0; i < 30; ++i) {
      const Microseconds last = doses.empty() ? start : doses.back().first;
      doses.emplace_back(last + static_cast<Microseconds>(below(4)) * 7 * day,
                         30.0 + static_cast<double>(below(40)));
      facts.session(doses.back().first, "ketamine", "SL", doses.back().second);
    }
    std::map<Microseconds, double> expected;  // by when; of one instant any
    const auto order = facts.in_order();
    for (std::size_t n = 8; n < order.size(); ++n) {
      double reference = 0;
      for (std::size_t i = 2; i < 8; ++i) reference += *order[i].fact->number(Field::dose_mg) / 6;
      double sum = 0;
      double count = 0;
      for (std::size_t i = 8; i <= n; ++i) {
        if (order[i].at <= order[n].at - 28 * day) continue;
        sum += *order[i].fact->number(Field::dose_mg);
        count += 1;
      }
      if (sum / count / reference >= 1.25 + 1e-9) expected[order[n].at] = sum / count / reference;
    }
    std::map<Microseconds, double> said;
    for (const Hit& hit : holding(fold_dependence(facts), "DEP-1", "dose-ratio")) {
      if (hit.measure.value >= 1.25 + 1e-9) said[hit.completed_at] = hit.measure.value;
    }
    ASSERT_EQ(said.size(), expected.size());
    for (const auto& [at, ratio] : expected) ASSERT_NEAR(said.at(at), ratio, 1e-9);
    found += said.size();
  }
  EXPECT_GT(found, 500u);
}

std::vector<Hit> limit_hits(const std::string& compound, const std::string& route, double dose_mg,
                            Fields more = {}) {
  Facts facts;
  facts.session(start, compound, route, dose_mg, std::move(more));
  return occasions(fold_dependence(facts), "dose-limit");
}

TEST(DoseLimit, of_esketamine_in_the_nose_is_84_mg_and_critical_above_twice_that) {
  EXPECT_TRUE(limit_hits("esketamine", "IN", 84).empty());
  const auto alert = limit_hits("esketamine", "IN", 84.5);
  ASSERT_EQ(alert.size(), 1u);
  EXPECT_EQ(alert[0].level, Level::alert);
  EXPECT_EQ(alert[0].measure.threshold, 84);
  ASSERT_TRUE(alert[0].session);
  EXPECT_EQ(alert[0].session->id, alert[0].evidence[0].id);
  EXPECT_EQ(limit_hits("esketamine", "IN", 168)[0].level, Level::alert);
  const auto critical = limit_hits("esketamine", "IN", 168.1);
  EXPECT_EQ(critical[0].level, Level::critical);
  EXPECT_EQ(critical[0].measure.threshold, 168);
  EXPECT_TRUE(limit_hits("ketamine", "IN", 500).empty());
  EXPECT_TRUE(limit_hits("esketamine", "PO", 500).empty());
}

TEST(DoseLimit, of_any_intravenous_compound_is_a_milligram_per_kilogram_of_known_weight) {
  EXPECT_TRUE(limit_hits("ketamine", "IV", 900).empty());
  EXPECT_TRUE(limit_hits("arketamine", "IV", 70, {{Field::weight_kg, 70.0}}).empty());
  EXPECT_EQ(limit_hits("arketamine", "IV", 70.1, {{Field::weight_kg, 70.0}})[0].level,
            Level::alert);
  EXPECT_EQ(limit_hits("ketamine", "IV", 140, {{Field::weight_kg, 70.0}})[0].level, Level::alert);
  const auto critical = limit_hits("ketamine", "IV", 140.1, {{Field::weight_kg, 70.0}});
  EXPECT_EQ(critical[0].level, Level::critical);
  EXPECT_EQ(critical[0].measure.threshold, 2);
}

TEST(DoseLimit, is_decided_on_12_digits) {
  EXPECT_TRUE(limit_hits("esketamine", "IN", 84.00000000000003).empty());
  EXPECT_EQ(limit_hits("esketamine", "IN", 168.0000000000001).at(0).level, Level::alert);
}

TEST(DoseLimit, takes_a_vital_weight_of_the_90_days_before) {
  const auto levels = [](Microseconds weighed_at) {
    Facts facts;
    facts.add(Kind::vital, weighed_at,
              {{Field::name, std::string("weight")},
               {Field::value, 50.0},
               {Field::unit, std::string("kg")}});
    facts.session(start, "ketamine", "IV", 101);
    return occasions(fold_dependence(facts), "dose-limit");
  };
  ASSERT_EQ(levels(start - 90 * day).size(), 1u);
  EXPECT_EQ(levels(start - 90 * day)[0].level, Level::critical);
  EXPECT_EQ(levels(start).size(), 1u);
  EXPECT_TRUE(levels(start - 90 * day - 1).empty());
  EXPECT_TRUE(levels(start + minute).empty());
}

TEST(DoseLimit, the_sessions_own_weight_goes_before_a_vital_one) {
  Facts facts;
  facts.add(Kind::vital, start - day,
            {{Field::name, std::string("weight")},
             {Field::value, 50.0},
             {Field::unit, std::string("kg")}});
  facts.session(start, "ketamine", "IV", 60, {{Field::weight_kg, 80.0}});
  EXPECT_TRUE(fold_dependence(facts).occasions.empty());
}

TEST(DoseLimit, beside_the_fold_is_critical_by_the_sessions_own_numbers_only) {
  Facts facts;
  const RecordFact& nasal = facts.session(start, "esketamine", "IN", 170);
  const RecordFact& merely_above = facts.session(start, "esketamine", "IN", 100);
  const RecordFact& unweighed = facts.session(start, "ketamine", "IV", 500);
  const RecordFact& weighed =
      facts.session(start, "ketamine", "IV", 500, {{Field::weight_kg, 70.0}});
  DependenceState state;
  state.weight_kg = {start - day, 70.0};
  const auto run = [&](const RecordFact& fact, Certainty certainty) {
    Sink sink;
    single_fact(state, {}, fact, certainty, DependenceParameters{}, &sink);
    return sink.occasions;
  };
  ASSERT_EQ(run(nasal, Certainty::doubtful).size(), 1u);
  EXPECT_TRUE(run(nasal, Certainty::doubtful)[0].doubtful);
  EXPECT_TRUE(run(nasal, Certainty::unlowered)[0].doubtful);
  EXPECT_FALSE(run(nasal, Certainty::verified)[0].doubtful);
  EXPECT_TRUE(run(merely_above, Certainty::doubtful).empty());
  EXPECT_TRUE(run(unweighed, Certainty::doubtful).empty());
  EXPECT_EQ(run(weighed, Certainty::doubtful).size(), 1u);
}

}  // namespace
}  // namespace ketavigil::detectors
