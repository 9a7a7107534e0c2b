#include "detectors/statistics/anchored_drift.h"

#include <cmath>
#include <vector>

#include "detectors/statistics/passage.h"
#include "events/json_text.h"
#include "tests/detectors/statistics/published.h"

namespace ketavigil::detectors::statistics {
namespace {

using events::round_to_12_digits;

TEST(AnchoredDrift, gives_the_published_check_to_all_its_digits) {
  const auto check = published("drift_check.json");
  const DriftDesign design;
  const double practice = check.at("practice");
  const double alpha = check.at("alpha");
  const double gains[] = {0, practice, 4 * practice / 3, 4 * practice / 3, 4 * practice / 3};
  DriftModel model =
      drift_prior(design, -check.at("prior_mean").get<double>(), check.at("prior_sd"));
  const std::size_t exposed_from = check.at("exposed_from");
  for (std::size_t i = 0; i < check.at("values").size(); ++i) {
    const bool exposed = i >= exposed_from;
    take(&model, design, -(check.at("values")[i].get<double>() - gains[i]), exposed);
    if (!exposed) continue;
    const auto& row = check.at("rows").at(i - exposed_from);
    const DriftLimits limits = drift_limits(.85 * alpha, .15 * alpha, model.v_infinity);
    const DriftLimits watch = drift_limits(.85 * 5 * alpha, .15 * 5 * alpha, model.v_infinity);
    EXPECT_EQ(round_to_12_digits(model.v_infinity), check.at("V_infinity"));
    EXPECT_EQ(round_to_12_digits(model.s), row.at("S"));
    EXPECT_EQ(round_to_12_digits(limits.a + model.v / 2), row.at("limit"));
    EXPECT_EQ(round_to_12_digits(anchored_e_value(model, limits, .85 * alpha)), row.at("E"));
    if (row.contains("M")) EXPECT_EQ(round_to_12_digits(late_ratio(model)), row.at("M"));
    EXPECT_EQ(model.s >= limits.a + model.v / 2, row.at("level") == "alert");
    EXPECT_TRUE(model.s >= watch.a + model.v / 2);
  }
}

// V∞ is what V grows to: however many values come, V stays below it.
TEST(AnchoredDrift, the_variance_approaches_its_bound_and_never_reaches_it) {
  for (const int before : {1, 2, 3, 10}) {
    const DriftDesign design;
    DriftModel model = drift_prior(design, 0, 1);
    for (int i = 0; i < before; ++i) take(&model, design, i % 2, false);
    double last = 0;
    for (int i = 0; i < 20'000; ++i) {
      take(&model, design, i % 2, true);
      ASSERT_GE(model.v, last);
      ASSERT_LT(model.v, model.v_infinity);
      last = model.v;
    }
    EXPECT_GT(model.v, .999 * model.v_infinity) << before;
  }
}

// A shift that the mean has learnt entirely adds nothing: without widening V stops growing, with it
// what was learnt counts for less, and V goes on.
TEST(AnchoredDrift, widening_makes_the_model_learn_again) {
  const DriftDesign design;
  DriftModel model = drift_prior(design, 0, 1);
  for (int i = 0; i < 3; ++i) take(&model, design, 0, false);
  const DriftModel before = model;
  widen(&model, 0);
  EXPECT_EQ(model.kappa, before.kappa);
  widen(&model, 1);
  EXPECT_DOUBLE_EQ(1 / model.kappa, 1 / before.kappa + 1);
  EXPECT_EQ(model.mu, before.mu);
  DriftModel twice = before;
  widen(&twice, .25);
  widen(&twice, .75);
  EXPECT_NEAR(twice.kappa, model.kappa, 1e-15);
}

TEST(AnchoredDrift, widening_scales_what_the_mean_has_learnt) {
  const DriftDesign design;
  DriftModel model = drift_prior(design, 0, 1);
  for (int i = 0; i < 6; ++i) take(&model, design, 0, i >= 3);
  const double ratio = model.absorbed / model.kappa;
  ASSERT_GT(ratio, 0);
  widen(&model, .25);
  EXPECT_NEAR(model.absorbed / model.kappa, ratio, 1e-15);
}

TEST(AnchoredDrift, one_value_alone_however_great_adds_at_most_the_residual_limit) {
  const DriftDesign design;
  DriftModel model = drift_prior(design, 0, 1);
  take(&model, design, 0, false);
  EXPECT_EQ(take(&model, design, 1e6, true).residual, 2.5);
  EXPECT_LT(take(&model, design, -1e9, true).residual, -3);  // what is better is not cut
}

// R_j and L by their definition: the mean of likelihood ratios over all onsets.
TEST(AnchoredDrift, the_late_chart_is_the_mean_over_onsets_and_sizes) {
  const DriftDesign design;
  DriftModel model = drift_prior(design, 0, 1);
  take(&model, design, .3, false);
  std::vector<DriftStep> steps;
  for (const double y : {.5, -1.0, 2.0, 1.5}) steps.push_back(take(&model, design, y, true));
  double sum = 0;
  for (const double size : design.late_sizes) {
    for (std::size_t onset = 0; onset < steps.size(); ++onset) {
      double ratio = .02 * std::pow(.98, static_cast<double>(onset));
      for (std::size_t i = onset; i < steps.size(); ++i) {
        const double h = size * steps[i].a / steps[i].u;
        ratio *= std::exp(h * steps[i].residual - h * h / 2);
      }
      sum += ratio / 3;
    }
  }
  EXPECT_NEAR(late_ratio(model), sum + std::pow(.98, 4), 1e-12);
}

TEST(Passage, at_the_line_it_is_certain_and_with_nothing_to_come_impossible) {
  EXPECT_NEAR(passage_probability(0, 2), 1, 1e-15);
  EXPECT_EQ(passage_probability(0, 0), 1);
  EXPECT_EQ(passage_probability(.1, 0), 0);
  EXPECT_NEAR(passage_probability(3, 1e9), std::exp(-3), 1e-12);  // Ville's bound, for ever
}

TEST(Passage, the_level_is_the_one_with_that_probability) {
  for (const double probability : {.9, .2, .03825, 1e-4, 1e-12, 1e-200}) {
    for (const double v : {.01, 1.0, 2.4583, 50.0}) {
      const double x = passage_level(probability, v);
      EXPECT_GE(x, 0);
      EXPECT_NEAR(passage_probability(x, v) / probability, 1, 1e-11) << probability << ' ' << v;
    }
  }
  EXPECT_EQ(passage_level(1, 2), 0);
  EXPECT_EQ(passage_level(1.5, 2), 0);
}

}  // namespace
}  // namespace ketavigil::detectors::statistics
