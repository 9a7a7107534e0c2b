// What rules should find: it follows the parameters, and its intervals are honest.
#include "simulation/expected_rules.h"

#include <gtest/gtest.h>

#include <map>

namespace ketavigil::simulation {
namespace {

constexpr std::int64_t played = 1500;

using Means = std::map<std::pair<std::string_view, int>, double>;
Means means_of(const ProgrammeOptions& options) {
  Means means;
  const auto expected = expected_findings(options, played);
  EXPECT_TRUE(expected.ok()) << expected.error().message;
  for (const auto& one : expected.value()) means[{one.detector, one.level}] = one.mean;
  return means;
}

ProgrammeOptions quiet() {
  ProgrammeOptions options;
  options.months = 24;
  options.corrected_share = options.retracted_share = options.refused_share = 0;
  return options;
}

TEST(ExpectedFindings, a_gap_is_who_leaves_early_or_what_is_withdrawn) {
  // 0.6 % of sessions end early; of each three or four readings 3 % are withdrawn.
  auto options = quiet();
  const double early = means_of(options)[{"BP-6", 0}];
  options.retracted_share = 0.03;
  const double gaps = means_of(options)[{"BP-6", 0}];
  // Nine of ten sites have no monitor that tells a reading again.
  EXPECT_NEAR(gaps / early, 1 + 0.9 * (3 * 0.03) / 0.006, 2.5);
}

TEST(ExpectedFindings, rounding_to_tens_makes_more_of_them_severe) {
  auto options = quiet();
  const double exact = means_of(options)[{"BP-2", 2}];
  options.noise.digit_preference_share = 1;
  EXPECT_GT((means_of(options)[{"BP-2", 2}]), 1.3 * exact);
}

TEST(ExpectedFindings, a_longer_programme_has_more_of_what_sessions_bring) {
  auto options = quiet();
  const auto two_years = means_of(options);
  options.months = 48;
  const auto four_years = means_of(options);
  for (const auto& key : {std::pair<std::string_view, int>("BP-4", 1), {"BP-2", 2}, {"BP-6", 0}})
    EXPECT_GT(four_years.at(key), 1.3 * two_years.at(key)) << key.first;
  EXPECT_EQ(two_years.at({"BP-3", 3}), 0);
}

TEST(ExpectedFindings, the_same_options_give_the_same_and_another_seed_another_play) {
  auto options = quiet();
  const auto once = means_of(options);
  EXPECT_EQ(once, means_of(options));
  options.seed = 2;
  EXPECT_NE(once, means_of(options));
}

TEST(ExpectedFindings, intervals_hold_99_of_100) {
  // Normal: 1000 patients with a mean of 1 and a variance of 4, played a million times.
  const ExpectedFindings many{"BP-4", 1, true, 1, 4, 1e6};
  const auto [low, high] = many.interval(1000);
  EXPECT_NEAR(low, 1000 - 2.5758 * 63.25 * 1.0005, .1);
  EXPECT_NEAR(high, 1000 + 2.5758 * 63.25 * 1.0005, .1);
  // A Poisson count of 4: P(0) = .018, P(≥ 11) = .003, P(≥ 10) = .008.
  const ExpectedFindings few{"AE-1", 3, true, .004, .004, 1e9};
  EXPECT_NEAR(few.interval(1000).first, 0, 1e-4);
  EXPECT_NEAR(few.interval(1000).second, 10, 1e-4);
  // What was never played may still come; what cannot be may not.
  EXPECT_GE((ExpectedFindings{"BP-1", 3, true, 0, 0, 1000}.interval(1000).second), 3);
  EXPECT_EQ((ExpectedFindings{"BP-3", 3, false, 0, 0, 1000}.interval(1000).second), 0);
}

TEST(Options, what_is_written_is_read_again) {
  ProgrammeOptions options;
  options.patients = 321;
  options.months = 36;
  options.seed = 18'446'744'073'709'551'615U;
  options.sites = 4;
  options.start_date = "2021-05-03";
  options.duplicate_share = 0.095;
  options.noise = Noise::all();
  options.plant_nothing = true;
  const auto read = read_options(options_json(options));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(options_json(read.value()), options_json(options));
  EXPECT_EQ(read.value().seed, options.seed);
  EXPECT_EQ(read.value().noise.unit_mistake_share, 0.002);
}

TEST(Options, what_cannot_be_read_is_told_with_what_was_expected) {
  const auto told = [](std::string_view text) {
    const auto read = read_options(text);
    return read.ok() ? std::string() : read.error().message;
  };
  EXPECT_NE(told("no json").find("an object"), std::string::npos);
  EXPECT_NE(told("{}").find("`patients`"), std::string::npos);
  std::string wrong = options_json({});
  wrong.replace(wrong.find("autocorrelation"), 4, "AUTO");
  EXPECT_NE(told(wrong).find("autocorrelation"), std::string::npos) << told(wrong);
  ProgrammeOptions limited;
  limited.facts_per_patient_limit = 40;
  EXPECT_FALSE(expected_findings(limited, 100).ok());
}

}  // namespace
}  // namespace ketavigil::simulation
