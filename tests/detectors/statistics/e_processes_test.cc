#include "detectors/statistics/e_processes.h"

#include <cmath>

#include "tests/detectors/statistics/published.h"

namespace ketavigil::detectors::statistics {
namespace {

TEST(EProcesses, of_poisson_counts_are_the_published) {
  const auto vectors = published("eprocess_vectors.json");
  for (const auto& row : vectors.at("poisson")) {
    const double log_e = log_poisson_e_value(row.at("n"), row.at("V"), {row.at("a"), row.at("b")});
    expect_relative(log_e, row.at("logE"), 1e-10);
  }
  // Of the text's list what the file does not hold.
  const double more[][3] = {{0, 1, -.693147181},
                            {1, .1, .551316985},
                            {3, .2, 2.228120932},
                            {8, 2, 3.713282063},
                            {20, 10, 2.975133712}};
  for (const auto& [n, expected, log_e] : more)
    EXPECT_NEAR(log_poisson_e_value(static_cast<std::int64_t>(n), expected), log_e, 5e-10);
}

TEST(EProcesses, a_poisson_count_alerts_up_to_the_published_boundaries) {
  const auto vectors = published("eprocess_vectors.json");
  for (const auto& table : vectors.at("poisson_boundaries")) {
    for (const auto& row : table.at("mu")) {
      const auto boundary =
          poisson_alert_boundary(row.at("n"), table.at("alpha"), {table.at("a"), table.at("b")});
      ASSERT_EQ(boundary.has_value(), !row.at("V_max").is_null()) << table.at("alpha") << row;
      if (boundary) expect_relative(*boundary, row.at("V_max"), 1e-9);
    }
  }
  const double small[][3] = {{.001, 6, .119625}, {.001, 10, 1.690514}, {.001, 50, 26.554514}};
  for (const auto& [alpha, n, boundary] : small)
    EXPECT_NEAR(*poisson_alert_boundary(static_cast<std::int64_t>(n), alpha), boundary, 5e-7);
}

TEST(EProcesses, of_successes_are_the_published) {
  const auto vectors = published("eprocess_vectors.json");
  for (const auto& row : vectors.at("bernoulli")) {
    const double log_e =
        log_bernoulli_e_value(row.at("k"), row.at("n"), row.at("p0"), {row.at("a"), row.at("b")});
    expect_relative(log_e, row.at("logE"), 1e-11);
  }
}

TEST(EProcesses, of_normal_sums_are_the_published) {
  const auto vectors = published("eprocess_vectors.json");
  const auto& two = vectors.at("gauss_two_sided");
  EXPECT_NEAR(log_normal_e_value(two.at("S"), two.at("V"), two.at("rho")), two.at("logE"), 1e-12);
  EXPECT_NEAR(log_normal_e_value(two.at("S"), two.at("V"), two.at("rho")),
              two.at("confseq_expected"), 5e-8);
  const auto& one = vectors.at("gauss_one_sided");
  EXPECT_NEAR(log_normal_e_value_upward(one.at("S"), one.at("V"), one.at("rho")), one.at("logE"),
              1e-12);
  EXPECT_NEAR(log_normal_e_value_upward(one.at("S"), one.at("V"), one.at("rho")),
              one.at("confseq_expected"), 5e-9);
}

TEST(EProcesses, of_values_of_unknown_variance_are_the_published) {
  const auto vectors = published("cs_and_t_eprocess.json").at("t_eprocess");
  for (const auto& row : vectors.at("rows")) {
    double sum = 0;
    double squares = 0;
    const std::int64_t n = row.at("n");
    for (std::int64_t i = 0; i < n; ++i) {
      const double x = vectors.at("x").at(static_cast<std::size_t>(i));
      sum += x;
      squares += x * x;
    }
    EXPECT_NEAR(log_t_e_value(n, sum, squares, row.at("c")), row.at("logE"), 1e-12);
  }
}

TEST(ConfidenceSequences, of_a_poisson_rate_are_the_published) {
  const auto vectors = published("cs_and_t_eprocess.json");
  for (const auto& row : vectors.at("poisson_cs_95")) {
    const Interval rates =
        poisson_rate_sequence(row.at("n"), row.at("V"), .05, {row.at("a"), row.at("b")});
    expect_relative(rates.low, row.at("lo"), 1e-11);
    expect_relative(rates.high, row.at("hi"), 1e-11);
  }
  EXPECT_EQ(poisson_rate_sequence(0, 3).low, 0);
  EXPECT_TRUE(std::isinf(poisson_rate_sequence(0, 0).high));
}

// The sequence and the test are one: at its end the mean is just refused.
TEST(ConfidenceSequences, of_a_normal_mean_end_where_e_reaches_its_limit) {
  for (const double n : {1.0, 10.0, 1000.0}) {
    const double half = normal_mean_sequence(n, 12.6, .05);
    EXPECT_NEAR(log_normal_e_value(n * half, n, 12.6), std::log(20), 1e-12);
  }
}

// Howard's constants, as confseq prints them and as they were computed independently.
TEST(ConfidenceSequences, are_narrow_where_the_published_constants_say) {
  const auto notes = published("eprocess_vectors.json").at("rho_note");
  expect_relative(narrow_rho(100, .05), notes.at("two_sided_v100_a05"), 1e-12);
  EXPECT_NEAR(narrow_rho(100, .05), 12.60056, 5e-6);
  expect_relative(narrow_rho(100, .1), notes.at("one_sided_v100_a05(=two-sided at 2a)"), 1e-12);
  EXPECT_NEAR(100 * normal_mean_sequence(100, 12.60056, .05), 30.35209, 5e-6);
}

// Γ(1, x) = e⁻ˣ, Γ(3, x) = e⁻ˣ (x² + 2x + 2), Γ(½, x) by the complementary error function.
TEST(EProcesses, the_upper_gamma_function_goes_on_where_it_is_no_double) {
  for (const double x : {.5, 20.0, 600.0, 680.0, 800.0, 5000.0}) {
    EXPECT_NEAR(log_upper_gamma(1, x), -x, 1e-13 * x);
    EXPECT_NEAR(log_upper_gamma(3, x), -x + std::log(x * x + 2 * x + 2), 1e-13 * std::max(x, 5.0));
  }
  EXPECT_NEAR(log_upper_gamma(.5, 600),
              std::log(std::sqrt(std::acos(-1)) * std::erfc(std::sqrt(600))), 1e-10);
}

}  // namespace
}  // namespace ketavigil::detectors::statistics
