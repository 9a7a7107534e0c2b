#include "detectors/statistics/control_charts.h"

#include <cmath>

#include "detectors/statistics/anchored_drift.h"
#include "tests/detectors/statistics/published.h"

namespace ketavigil::detectors::statistics {
namespace {

double number(const std::map<std::string, std::string>& row, const char* name) {
  return std::stod(row.at(name));
}

// R's spc 0.6.7, whose numbers are the textbooks' 168, 74.2, 26.6 …
TEST(ControlCharts, cusum_run_lengths_are_the_published) {
  for (const auto& row : published_rows("cusum_arl.csv")) {
    const double k = number(row, "k");
    const double h = number(row, "h");
    const double mean = number(row, "mu");
    const double headstart = number(row, "headstart");
    const double length = row.at("sided") == "two"
                              ? two_sided_cusum_run_length(k, h, mean, headstart)
                              : cusum_run_length(k, h, mean, headstart);
    EXPECT_NEAR(length / number(row, "ARL"), 1, 1e-9) << k << ' ' << h << ' ' << mean;
  }
}

// river's documented example: a thousand of {0, 1}, then a thousand of {4, …, 7}.
TEST(ControlCharts, page_hinkley_signals_where_it_is_published_to) {
  const auto vector = published("page_hinkley.json");
  PageHinkley chart;
  std::int64_t index = 0;
  for (const double value : vector.at("stream").get<std::vector<double>>()) {
    chart = page_hinkley_next(chart, value, vector.at("delta"), vector.at("alpha"));
    if (chart.count >= vector.at("min_instances").get<std::int64_t>() &&
        chart.sum > vector.at("threshold").get<double>())
      break;
    ++index;
  }
  EXPECT_EQ(index, vector.at("first_alarm_index").get<std::int64_t>());
  EXPECT_NEAR(chart.sum, vector.at("sum").get<double>(), 1e-9);
  EXPECT_NEAR(chart.mean, vector.at("mean").get<double>(), 1e-12);
}

TEST(ControlCharts, cusum_limits_are_the_published) {
  for (const auto& row : published_rows("cusum_crit.csv")) {
    const double k = number(row, "k");
    EXPECT_NEAR(cusum_limit(k, number(row, "L0")), number(row, "h"), 1e-7) << k;
  }
}

TEST(ControlCharts, ewma_run_lengths_are_the_published) {
  for (const auto& row : published_rows("ewma_arl.csv")) {
    const double lambda = number(row, "lambda");
    const double width = number(row, "L");
    const double mean = number(row, "mu");
    const bool growing = row.at("limits") == "vacl";
    const double length = growing ? ewma_run_length_with_growing_limits(lambda, width, mean)
                                  : ewma_run_length(lambda, width, mean);
    EXPECT_NEAR(length / number(row, "ARL"), 1, growing ? 2e-8 : 1e-9)
        << lambda << ' ' << width << ' ' << mean;
  }
}

// Brook and Evans 1972; Crowder 1987; Lucas and Saccucci 1990: to the digits that they print.
TEST(ControlCharts, give_the_textbooks_numbers) {
  EXPECT_NEAR(cusum_run_length(.5, 3, 0), 117.5957, 5e-5);
  EXPECT_NEAR(cusum_run_length(.5, 3, 1.5), 3.7491, 5e-5);
  const double ahead[][2] = {{0, 149}, {.25, 62.7}, {.5, 20.1}, {1, 5.29}, {2, 2.01}, {5, 1.01}};
  for (const auto& [mean, length] : ahead)
    EXPECT_NEAR(two_sided_cusum_run_length(.5, 4, mean, 2), length, length > 100 ? .5 : .05);
  const double crowder[][2] = {{0, 26.45}, {.25, 20.12}, {.5, 11.89}, {.75, 7.29}, {1, 4.91}};
  for (const auto& [mean, length] : crowder)
    EXPECT_NEAR(ewma_run_length(.5, 2, mean), length, .006);
  EXPECT_NEAR(ewma_run_length(.25, 3, 1), 11.154267016, 5e-10);
  const double wide[][2] = {{0, 500}, {.25, 255}, {.5, 88.8}, {1, 17.5}, {2, 3.63}, {3, 1.93}};
  for (const auto& [mean, length] : wide)
    EXPECT_NEAR(ewma_run_length(.5, 3.071, mean), length, length / 200);
  const double slow[][2] = {{0, 500}, {.25, 76.7}, {.5, 29.3}, {1, 12.6}, {2, 5.99}, {3, 4.03}};
  for (const auto& [mean, length] : slow)
    EXPECT_NEAR(ewma_run_length(.03, 2.437, mean), length, length / 200);
  const double widths[][2] = {{.05, 2.32}, {.1, 2.55}, {.15, 2.65}, {.2, 2.72}, {.25, 2.76}};
  for (const auto& [lambda, width] : widths)
    EXPECT_NEAR(ewma_width(lambda, 250), width, .0055) << lambda;
}

// Lucas 1985: μ₀ = ¼, reference ¼, limit 10, on a grid of quarters.
TEST(ControlCharts, a_poisson_cusum_has_its_published_run_lengths) {
  EXPECT_NEAR(poisson_cusum_run_length({4, 1, 40, 0}, .25), 438.125, 5e-4);
  EXPECT_NEAR(poisson_cusum_run_length({4, 1, 40, 20}, .25), 333.125, 5e-4);
  // k = 5.75, signals above 6.5: at 27 quarters; μ₀ = 4 and its multiples.
  const double ratios[][2] = {{1, 522.719}, {1.25, 46.601}, {1.5, 11.994}, {2, 3.788}, {3, 1.712}};
  for (const auto& [ratio, length] : ratios)
    EXPECT_NEAR(poisson_cusum_run_length({4, 23, 27, 0}, 4 * ratio), length, 6e-4) << ratio;
}

// The residuals of a series that is its own baseline, and a CUSUM of them.
TEST(ControlCharts, a_self_starting_cusum_gives_the_published_series) {
  const double values[] = {88, 92, 85, 90, 95, 101, 99, 97, 110, 93};
  const double residuals[] = {-.867401, .357220, 1.412074, 1.897527,
                              1.053551, .628181, 2.223764, -.267818};
  DriftDesign design;
  design.whitening = 0;
  design.residual_max = 1e9;
  DriftModel model;  // what two values say: their mean, and one degree of freedom
  model.kappa = 2;
  model.mu = 90;
  model.nu = 1;
  model.ss = 8;
  double cusum = 0;
  for (int i = 2; i < 10; ++i) {
    const double residual = take(&model, design, values[i], false).residual;
    EXPECT_NEAR(residual, residuals[i - 2], 5e-7) << i;
    cusum = cusum_next(cusum, residual, .5);
    if (i == 8) EXPECT_NEAR(cusum, 4.715097, 5e-7);
  }
}

TEST(ControlCharts, an_ewma_is_its_recursion) {
  EXPECT_DOUBLE_EQ(ewma_next(1, 3, .25), 1.5);
  EXPECT_DOUBLE_EQ(ewma_limit(3, .2), 1);
  EXPECT_EQ(cusum_next(.2, .1, .5), 0);
}

}  // namespace
}  // namespace ketavigil::detectors::statistics
