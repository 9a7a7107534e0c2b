#include "detectors/statistics/change_indices.h"

#include "tests/detectors/statistics/published.h"

namespace ketavigil::detectors::statistics {
namespace {

TEST(ChangeIndices, reliable_change_is_the_papers_example) {
  const auto example = published("change_indices.json").at("rci").at("example");
  const ReliableChange change =
      reliable_change(example.at("x1"), example.at("x2"), example.at("sd"), example.at("rel"));
  EXPECT_NEAR(change.standard_error, 3.3541, 5e-5);
  EXPECT_NEAR(change.standard_error_difference, 4.7434, 5e-5);
  EXPECT_NEAR(change.index, example.at("RC"), 1e-13);
}

// MoCA: SD 2.4 and r .5 reproduce the published ± 4 (Kopecek), 90 %.
TEST(ChangeIndices, ninety_per_cent_of_stable_moca_scores_change_by_less_than_4) {
  const ReliableChange change = reliable_change(26, 27, 2.4, .5);
  EXPECT_NEAR(1.645 * change.standard_error_difference, 3.948, 5e-4);
}

TEST(ChangeIndices, regression_to_the_mean_and_practice_make_the_worked_example) {
  const RegressionBasedChange change = regression_based_change(29, 24, {26, 2.4, 26, 2.4, .5, .5});
  EXPECT_NEAR(change.expected, 28.0, 1e-12);
  EXPECT_NEAR(change.standard_error, 2.0785, 5e-5);
  EXPECT_NEAR(change.z, -1.9245, 5e-5);
  EXPECT_NEAR(reliable_change(29, 24, 2.4, .5, .5).index, -2.2917, 5e-5);
}

TEST(ChangeIndices, reference_change_values_are_the_published) {
  const auto rci = published("change_indices.json").at("rci");
  const auto& symmetric = rci.at("RCV_example");
  EXPECT_NEAR(reference_change_value(symmetric.at("CVa"), symmetric.at("CVi")),
              symmetric.at("RCV_percent"), 1e-12);
  const auto& skew = rci.at("lognormal_RCV_example");
  const auto value = log_normal_change_value(symmetric.at("CVa"), symmetric.at("CVi"));
  EXPECT_NEAR(value.up, skew.at("up_percent"), 1e-12);
  EXPECT_NEAR(value.down, skew.at("down_percent"), 1e-12);
}

TEST(ChangeIndices, a_composite_of_independent_tests_grows_with_the_root_of_their_number) {
  EXPECT_DOUBLE_EQ(composite_z(-8, 4, 0), -4);
  EXPECT_DOUBLE_EQ(composite_z(-8, 4, 1), -2);
}

}  // namespace
}  // namespace ketavigil::detectors::statistics
