#include "detectors/patient/suicidality.h"

#include <gtest/gtest.h>

#include "tests/detectors/facts_in_order.h"

namespace ketavigil::detectors {
namespace {

using namespace facts_in_order;  // NOLINT(google-build-using-namespace)

Sink fold_suicidality(const Facts& facts) {
  return fold_domain<SuicidalityState, SuicidalityParameters>(facts);
}

std::vector<Hit> ideation(const std::vector<double>& values) {
  Facts facts;
  for (std::size_t i = 0; i < values.size(); ++i) {
    facts.score(start + static_cast<Microseconds>(i) * 7 * day, "c-ssrs-ideation", values[i]);
  }
  return occasions(fold_suicidality(facts), "ideation");
}

TEST(Suicidality, ideation_of_four_is_critical_also_before_exposure) {
  for (const double value : {4.0, 5.0}) {
    const auto hits = ideation({value});
    ASSERT_EQ(hits.size(), 1u);
    EXPECT_EQ(hits[0].level, Level::critical);
    EXPECT_EQ(hits[0].measure.value, value);
    EXPECT_EQ(hits[0].measure.threshold, 4);
  }
}

TEST(Suicidality, ideation_of_three_is_an_alert_only_above_the_previous) {
  const auto first = ideation({3});
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].level, Level::alert);
  EXPECT_EQ(first[0].inputs.at("previous"), InputValue(0.0));
  EXPECT_EQ(ideation({3, 3}).size(), 1u);
  EXPECT_EQ(ideation({2, 3}).size(), 1u);
  EXPECT_EQ(ideation({3, 1, 3}).size(), 2u);
  const auto after_critical = ideation({5, 3});
  ASSERT_EQ(after_critical.size(), 1u);
  EXPECT_EQ(after_critical[0].level, Level::critical);
  EXPECT_TRUE(ideation({2, 2, 0}).empty());
}

TEST(Suicidality, is_decided_on_12_digits) {
  EXPECT_EQ(ideation({3.9999999999999}).at(0).level, Level::critical);
  EXPECT_EQ(ideation({3.0000000000001}).size(), 1u);
}

TEST(Suicidality, behaviour_and_attempt_are_critical_where_present) {
  for (const char* code : {"suicidal-behaviour", "suicide-attempt"}) {
    Facts facts;
    facts.symptom(start, code);
    facts.symptom(start + day, code, {{Field::severity, 0.0}});
    facts.symptom(start + 2 * day, code, {{Field::severity, 3.0}});
    const auto hits = occasions(fold_suicidality(facts), code);
    ASSERT_EQ(hits.size(), 2u);
    EXPECT_EQ(hits[0].level, Level::critical);
    EXPECT_EQ(hits[0].measure.value, 1);
    EXPECT_EQ(hits[1].measure.value, 3);
    EXPECT_EQ(hits[1].measure.threshold, 1);
  }
  Facts other;
  other.symptom(start, "craving");
  EXPECT_TRUE(fold_suicidality(other).occasions.empty());
}

TEST(Suicidality, item_9_of_two_is_watched) {
  Facts facts;
  facts.score(start, "phq-9-item-9", 1);
  facts.score(start + day, "phq-9-item-9", 2);
  const auto hits = occasions(fold_suicidality(facts), "item-9");
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].level, Level::watch);
  EXPECT_EQ(hits[0].completed_at, start + day);
}

TEST(Suicidality, the_ninth_of_nine_items_of_a_phq_9_is_item_9) {
  const auto hits = [](std::vector<std::int64_t> items) {
    Facts facts;
    facts.add(Kind::score, start,
              {{Field::instrument, std::string("phq-9")},
               {Field::value, 12.0},
               {Field::items, std::move(items)}});
    return occasions(fold_suicidality(facts), "item-9");
  };
  ASSERT_EQ(hits({0, 0, 0, 0, 0, 0, 0, 0, 3}).size(), 1u);
  EXPECT_EQ(hits({0, 0, 0, 0, 0, 0, 0, 0, 3})[0].measure.value, 3);
  EXPECT_TRUE(hits({3, 3, 3, 3, 3, 3, 3, 3, 1}).empty());
  EXPECT_TRUE(hits({3, 3, 3, 3, 3, 3, 3, 3}).empty());
  Facts total_only;
  total_only.score(start, "phq-9", 27);
  EXPECT_TRUE(fold_suicidality(total_only).occasions.empty());
}

TEST(Suicidality, beside_the_fold_only_what_is_critical_counts_and_is_doubtful) {
  Facts facts;
  const RecordFact& three = facts.score(start, "c-ssrs-ideation", 3);
  const RecordFact& four = facts.score(start, "c-ssrs-ideation", 4);
  const RecordFact& item = facts.score(start, "phq-9-item-9", 3);
  const RecordFact& attempt = facts.symptom(start, "suicide-attempt");
  const auto run = [](const RecordFact& fact, Certainty certainty) {
    Sink sink;
    single_fact(SuicidalityState{}, {}, fact, certainty, SuicidalityParameters{}, &sink);
    return sink.occasions;
  };
  EXPECT_TRUE(run(three, Certainty::doubtful).empty());
  EXPECT_TRUE(run(item, Certainty::doubtful).empty());
  ASSERT_EQ(run(four, Certainty::doubtful).size(), 1u);
  EXPECT_TRUE(run(four, Certainty::doubtful)[0].doubtful);
  EXPECT_FALSE(run(four, Certainty::verified)[0].doubtful);
  ASSERT_EQ(run(attempt, Certainty::unlowered).size(), 1u);
  EXPECT_TRUE(run(attempt, Certainty::unlowered)[0].doubtful);
}

}  // namespace
}  // namespace ketavigil::detectors
