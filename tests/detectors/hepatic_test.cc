#include "detectors/patient/hepatic.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <set>

#include "tests/detectors/facts_in_order.h"

namespace ketavigil::detectors {
namespace {

using namespace facts_in_order;  // NOLINT(google-build-using-namespace)

constexpr const char* alt = "1742-6";
constexpr const char* ast = "1920-8";
constexpr const char* alp = "6768-6";
constexpr const char* ggt = "2324-2";
constexpr const char* bilirubin = "1975-2";

// A laboratory value with an upper limit of 100, so that `value` is a percentage of it.
RecordFact& percent(Facts* facts, Microseconds at, const char* code, double value,
                    std::string id = {}) {
  const std::string unit = code == bilirubin ? "mg/dL" : "U/L";
  return facts->add(Kind::lab, at,
                    {{Field::code, std::string(code)},
                     {Field::value, value},
                     {Field::unit, unit},
                     {Field::upper_limit, 100.0}},
                    std::move(id));
}
RecordFact& plain(Facts* facts, Microseconds at, const char* code, double value,
                  const std::string& unit) {
  return facts->add(Kind::lab, at,
                    {{Field::code, std::string(code)}, {Field::value, value}, {Field::unit, unit}});
}

Sink fold_hepatic(const Facts& facts) {
  return fold_domain<HepaticState, HepaticParameters>(facts);
}
std::vector<Hit> hys_law(const Facts& facts) { return occasions(fold_hepatic(facts), "hys-law"); }

TEST(Transaminases, hold_from_three_times_the_limit_and_clear_below_2_7) {
  for (const auto& [code, statistic] : {std::pair{alt, "alt"}, std::pair{ast, "ast"}}) {
    Facts facts;
    percent(&facts, start, code, 299.9);
    percent(&facts, start + day, code, 300);
    percent(&facts, start + 2 * day, code, 500);
    percent(&facts, start + 3 * day, code, 270);
    percent(&facts, start + 4 * day, code, 269.9);
    const Sink sink = fold_hepatic(facts);
    const auto hits = holding(sink, "DEP-10", statistic);
    ASSERT_EQ(hits.size(), 2u);
    EXPECT_EQ(hits[0].level, Level::alert);
    EXPECT_EQ(hits[0].measure.value, 3);
    EXPECT_EQ(hits[0].measure.threshold, 3);
    EXPECT_EQ(hits[0].inputs.at("ctcae_grade"), InputValue(2.0));
    EXPECT_EQ(hits[1].inputs.at("ctcae_grade"), InputValue(3.0));
    EXPECT_TRUE(hits[0].annotations.empty());
    EXPECT_EQ(clearing(sink, "DEP-10", statistic), std::vector{start + 4 * day});
  }
}

TEST(UpperLimit, is_the_default_one_where_none_is_stated_and_annotated) {
  const auto first = [](const char* code, double value, const std::string& unit,
                        const char* statistic) {
    Facts facts;
    plain(&facts, start, code, value, unit);
    plain(&facts, start + 14 * day, code, value, unit);
    return holding(fold_hepatic(facts), "DEP-10", statistic);
  };
  ASSERT_EQ(first(alt, 120, "U/L", "alt").size(), 2u);
  EXPECT_EQ(first(alt, 120, "U/L", "alt")[0].annotations,
            std::vector<std::string>{"default-upper-limit"});
  EXPECT_TRUE(first(alt, 119, "U/L", "alt").empty());
  EXPECT_EQ(first(ast, 120, "U/L", "ast").size(), 2u);
  EXPECT_EQ(first(alp, 240, "U/L", "alp").size(), 1u);
  EXPECT_TRUE(first(alp, 239, "U/L", "alp").empty());
  EXPECT_EQ(first(ggt, 120, "U/L", "ggt").size(), 1u);
  EXPECT_TRUE(first(ggt, 119, "U/L", "ggt").empty());
}

TEST(UpperLimit, of_bilirubin_is_1_2_mg_per_dl_or_stated_in_the_values_unit) {
  const auto hits = [](double value, const std::string& unit, std::optional<double> limit) {
    Facts facts;
    percent(&facts, start, alt, 300);
    RecordFact& lab = plain(&facts, start + day, bilirubin, value, unit);
    if (limit) const_cast<events::Fact*>(lab.fact)->fields.push_back({Field::upper_limit, *limit});
    return hys_law(facts);
  };
  ASSERT_EQ(hits(2.4, "mg/dL", {}).size(), 1u);
  EXPECT_EQ(hits(2.4, "mg/dL", {})[0].annotations, std::vector<std::string>{"default-upper-limit"});
  EXPECT_TRUE(hits(2.39, "mg/dL", {}).empty());
  EXPECT_EQ(hits(41.0496, "umol/L", {}).size(), 1u);
  EXPECT_TRUE(hits(41.04, "umol/L", {}).empty());
  EXPECT_EQ(hits(40, "umol/L", 20.0).size(), 1u);
  EXPECT_TRUE(hits(39.9, "umol/L", 20.0).empty());
}

TEST(Cholestasis, needs_two_high_values_14_days_apart_with_none_below_between) {
  for (const auto& [code, statistic] : {std::pair{alp, "alp"}, std::pair{ggt, "ggt"}}) {
    Facts facts;
    percent(&facts, start, code, 200, "first");
    percent(&facts, start + 14 * day - 1, code, 900, "too-near");
    EXPECT_TRUE(holding(fold_hepatic(facts), "DEP-10", statistic).empty());
    percent(&facts, start + 14 * day, code, 250, "second");
    const auto hits = holding(fold_hepatic(facts), "DEP-10", statistic);
    ASSERT_EQ(hits.size(), 1u);
    EXPECT_EQ(hits[0].level, Level::alert);
    EXPECT_EQ(ids(hits[0].evidence), (std::vector<std::string>{"second", "first"}));
    EXPECT_EQ(hits[0].measure.value, 2.5);  // of the two that meet the rule
    percent(&facts, start + 7 * day, code, 199, "below");
    EXPECT_TRUE(holding(fold_hepatic(facts), "DEP-10", statistic).empty());
  }
}

TEST(Cholestasis, every_value_that_is_one_of_two_is_evidence) {
  Facts facts;
  percent(&facts, start, alp, 200, "first");
  percent(&facts, start + 7 * day, alp, 400, "between");
  percent(&facts, start + 14 * day, alp, 210, "second");
  percent(&facts, start + 21 * day, alp, 220, "third");
  const auto hits = holding(fold_hepatic(facts), "DEP-10", "alp");
  ASSERT_EQ(hits.size(), 2u);
  EXPECT_EQ(ids(hits[0].evidence), (std::vector<std::string>{"second", "first"}));
  EXPECT_EQ(ids(hits[1].evidence), (std::vector<std::string>{"third", "first", "between"}));
  EXPECT_EQ(hits[1].measure.value, 4);
}

TEST(Cholestasis, clears_below_1_8_only) {
  Facts facts;
  percent(&facts, start, ggt, 180);
  percent(&facts, start + day, ggt, 179.9);
  EXPECT_EQ(clearing(fold_hepatic(facts), "DEP-10", "ggt"), std::vector{start + day});
}

TEST(HysLaw, stands_at_once_when_both_values_are_there_in_either_order) {
  for (const bool bilirubin_first : {false, true}) {
    for (const char* transaminase : {alt, ast}) {
      Facts facts;
      percent(&facts, bilirubin_first ? start + 14 * day : start, transaminase, 300, "enzyme");
      percent(&facts, bilirubin_first ? start : start + 14 * day, bilirubin, 210, "bilirubin");
      const auto hits = hys_law(facts);
      ASSERT_EQ(hits.size(), 1u);
      EXPECT_EQ(hits[0].level, Level::critical);
      EXPECT_EQ(hits[0].completed_at, start + 14 * day);
      EXPECT_EQ(hits[0].evidence.size(), 2u);
      EXPECT_EQ(hits[0].measure.value, 2.1);  // farther beyond in proportion
      EXPECT_EQ(hits[0].measure.threshold, 2);
    }
  }
}

TEST(HysLaw, of_two_equally_far_beyond_shows_the_first) {
  Facts facts;
  percent(&facts, start, alt, 300);
  percent(&facts, start + day, bilirubin, 200);
  EXPECT_EQ(hys_law(facts).at(0).measure.threshold, 3);
}

TEST(HysLaw, needs_both_limits_and_14_days) {
  const auto count = [](double enzyme, double pigment, Microseconds apart) {
    Facts facts;
    percent(&facts, start, alt, enzyme);
    percent(&facts, start + apart, bilirubin, pigment);
    return hys_law(facts).size();
  };
  EXPECT_EQ(count(300, 200, 14 * day), 1u);
  EXPECT_EQ(count(299.9, 200, day), 0u);
  EXPECT_EQ(count(300, 199.9, day), 0u);
  EXPECT_EQ(count(300, 200, 14 * day + 1), 0u);
}

TEST(HysLaw, belongs_to_the_firsts_session) {
  Facts facts;
  percent(&facts, start, alt, 300).session =
      SessionReference{"clinic", "s-1", start, false, start + 4 * hour};
  percent(&facts, start + day, bilirubin, 200).session =
      SessionReference{"clinic", "s-2", start, false, start + 4 * hour};
  ASSERT_TRUE(hys_law(facts).at(0).session);
  EXPECT_EQ(hys_law(facts).at(0).session->id, "s-1");
}

TEST(HysLaw,
     a_high_alp_in_the_14_days_before_either_or_within_24_hours_after_both_speaks_against_it) {
  const auto stands = [](Microseconds alp_at, double value = 200) {
    Facts facts;
    percent(&facts, start, alt, 300);
    percent(&facts, start + 10 * day, bilirubin, 200);
    percent(&facts, alp_at, alp, value);
    return !hys_law(facts).empty();
  };
  EXPECT_TRUE(stands(start - 14 * day - 1));
  EXPECT_FALSE(stands(start - 14 * day));
  EXPECT_FALSE(stands(start));
  EXPECT_FALSE(stands(start + 5 * day));
  EXPECT_FALSE(stands(start + 10 * day));
  EXPECT_FALSE(stands(start + 11 * day));
  EXPECT_TRUE(stands(start + 11 * day + 1));
  EXPECT_TRUE(stands(start + 5 * day, 199.9));
}

TEST(HysLaw, an_alp_takes_back_only_the_pairs_complete_within_its_24_hours) {
  Facts facts;
  percent(&facts, start, alt, 300, "enzyme");
  percent(&facts, start + day, bilirubin, 200, "early");
  percent(&facts, start + 10 * day, bilirubin, 200, "late");
  EXPECT_EQ(hys_law(facts).size(), 2u);
  percent(&facts, start + 10 * day + hour, alp, 200);
  const auto hits = hys_law(facts);
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(ids(hits[0].evidence), (std::vector<std::string>{"enzyme", "early"}));
}

TEST(HysLaw, an_alp_at_a_values_own_instant_is_in_the_days_before_it) {
  HepaticParameters parameters;
  parameters.dep10_hys_law_alp_before_days = 1;
  const auto stands = [&](Microseconds alp_at) {
    Facts facts;
    percent(&facts, start, alt, 300, "a");
    percent(&facts, alp_at, alp, 200, "b");  // after the enzyme in the order of R
    percent(&facts, start + 10 * day, bilirubin, 200, "c");
    return !occasions(fold_domain<HepaticState>(facts, parameters), "hys-law").empty();
  };
  EXPECT_FALSE(stands(start));
  EXPECT_TRUE(stands(start + 1));
}

TEST(HysLaw, is_not_taken_back_by_a_preliminary_alp) {
  Facts facts;
  percent(&facts, start, alt, 300);
  percent(&facts, start + day, bilirubin, 200);
  Facts::make_preliminary(&percent(&facts, start + day + hour, alp, 200));
  EXPECT_EQ(hys_law(facts).size(), 1u);
}

// The rule read straight from the catalogue, over all facts at once.
std::set<std::set<std::string>> pairs_by_definition(const Facts& facts) {
  const auto all = facts.in_order();
  const auto is = [](const RecordFact& fact, const char* code) {
    return fact.fact->word(Field::code) == code;
  };
  const auto percent_of = [](const RecordFact& fact) { return *fact.fact->number(Field::value); };
  std::set<std::set<std::string>> pairs;
  for (const RecordFact& enzyme : all) {
    if (!(is(enzyme, alt) || is(enzyme, ast)) || percent_of(enzyme) < 300) continue;
    for (const RecordFact& pigment : all) {
      if (!is(pigment, bilirubin) || percent_of(pigment) < 200) continue;
      if (std::abs(enzyme.at - pigment.at) > 14 * day) continue;
      const Microseconds both = std::max(enzyme.at, pigment.at);
      const bool against = std::any_of(all.begin(), all.end(), [&](const RecordFact& other) {
        const auto before = [&](Microseconds at) {
          return other.at >= at - 14 * day && other.at <= at;
        };
        return is(other, alp) && percent_of(other) >= 200 &&
               (before(enzyme.at) || before(pigment.at) ||
                (other.at > both && other.at <= both + 24 * hour));
      });
      if (!against) pairs.insert({enzyme.fact->id, pigment.fact->id});
    }
  }
  return pairs;
}

TEST(HysLaw, found_fact_by_fact_is_what_the_definition_says_of_all) {
  std::mt19937_64 random(20200302);
  const auto below = [&](std::uint64_t n) { return random() % n; };
  std::size_t found = 0;
  for (int round = 0; round < 3000; ++round) {
    Facts facts;
    for (std::size_t i = 0, n = 2 + below(9); i < n; ++i) {
      constexpr const char* codes[] = {alt, ast, bilirubin, bilirubin, alp};
      constexpr double values[] = {100, 200, 300, 300};
      percent(&facts, start + static_cast<Microseconds>(below(120)) * 12 * hour, codes[below(5)],
              values[below(4)]);
    }
    std::set<std::set<std::string>> pairs;
    for (const Hit& hit : hys_law(facts)) pairs.insert({hit.evidence[0].id, hit.evidence[1].id});
    ASSERT_EQ(pairs, pairs_by_definition(facts)) << "round " << round;
    found += pairs.size();
  }
  EXPECT_GT(found, 1000u);
}

TEST(HysLaw, is_not_a_rule_of_one_fact) {
  Facts facts;
  const RecordFact& fact = percent(&facts, start, alt, 5000);
  Sink sink;
  single_fact(HepaticState{}, {}, fact, Certainty::doubtful, HepaticParameters{}, &sink);
  EXPECT_TRUE(sink.occasions.empty());
}

}  // namespace
}  // namespace ketavigil::detectors
