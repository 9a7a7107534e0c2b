// How often and how soon the drift method finds a step, against oracles; the tables of
// docs/detectors.md.
//
//   bench_drift_power [--patients N]
//
// Markdown. A patient's values are independent and normal, a mean of his own, a step from the first
// exposed value on. Steps are counted in SD of the population of a MoCA (2.4 points, of which 1.7
// within a person); "within 12" is a share of patients, delays are medians over all of them.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/detectors/statistics/simulated_drift.h"

namespace {

using namespace ketavigil::detectors::statistics;
using ketavigil::simulation::Knows;

constexpr double population = 2.4 / 1.7;  // SD, in those within a person
constexpr int years_5 = 260;

std::string share(double value) {
  char text[16];
  std::snprintf(text, sizeof text, "%.3f", value);
  return text;
}

std::string delay(const std::vector<int>& at) {
  const int median = median_delay(at);
  return median == 0 ? "never" : std::to_string(median);
}

void row(const std::string& name, const std::vector<int>& at) {
  std::printf("| %s | %s | %s | %s | %s |\n", name.c_str(), share(share_within(at, 12)).c_str(),
              share(share_within(at, 52)).c_str(), share(share_within(at, years_5)).c_str(),
              delay(at).c_str());
}

void stable(std::uint32_t patients) {
  std::printf("| a MoCA alone, α .045 | within 12 | 52 | 260 | median |\n|---|---|---|---|---|\n");
  for (const int baseline : {1, 3, 5, 10}) {
    for (const double correlation : {0., .4, .6})
      row("stable, baseline of " + std::to_string(baseline) + ", autocorrelation " +
              share(correlation),
          all_alerts({.baseline = baseline, .correlation = correlation}, patients));
  }
  for (const int step : {1, 2, 3}) {
    for (const int baseline : {1, 3, 5, 10})
      row("step of " + std::to_string(step) + " SD, baseline of " + std::to_string(baseline),
          all_alerts({.baseline = baseline, .shift = step * population}, patients));
  }
}

void five_tests(std::uint32_t patients) {
  std::printf(
      "\n| five Cogstate tests, α .045 | within 12 | 52 | 260 | median |\n|---|---|---|---|---|\n");
  for (const int baseline : {1, 3, 5, 10}) {
    // Of a baseline of two and more the first value is dropped.
    DriftCourse course{.baseline = baseline > 1 ? baseline - 1 : 1, .streams = 5, .shared = .4};
    row("stable, baseline of " + std::to_string(baseline), all_alerts(course, patients));
    for (const int step : {1, 2, 3}) {
      course.shift = step * population;
      for (const int shifted : {1, 5}) {
        course.shifted = shifted;
        row("step of " + std::to_string(step) + " SD in " + std::to_string(shifted) +
                ", baseline of " + std::to_string(baseline),
            all_alerts(course, patients));
      }
    }
  }
}

void oracles(std::uint32_t patients) {
  std::printf(
      "\n| step, baseline of | false alarms | this method | knows SD and size | times | knows the "
      "baseline too |\n|---|---|---|---|---|---|\n");
  for (const int step : {1, 2, 3}) {
    for (const int baseline : {1, 3, 5, 10}) {
      const DriftCourse course{.baseline = baseline, .shift = step * population};
      const auto method = all_alerts(course, patients);
      const double observed = share_within(all_alerts({.baseline = baseline}, patients), years_5);
      for (const double alarms : {course.alpha, observed}) {
        if (alarms <= 0) continue;
        const auto size = oracle_alerts(course, Knows::size, alarms, static_cast<int>(patients));
        const auto both =
            oracle_alerts(course, Knows::baseline_and_size, alarms, static_cast<int>(patients));
        const int slow = median_delay(method), fast = median_delay(size);
        std::printf("| %d SD, %d | %s | %s | %s | %s | %s |\n", step, baseline,
                    share(alarms).c_str(), delay(method).c_str(), delay(size).c_str(),
                    slow > 0 && fast > 0 ? share(static_cast<double>(slow) / fast).c_str() : "",
                    delay(both).c_str());
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  long patients = 20'000;
  if (argc == 3 && std::strcmp(argv[1], "--patients") == 0) patients = std::atol(argv[2]);
  if ((argc != 1 && argc != 3) || patients < 100 || patients > 1'000'000) {
    std::fprintf(stderr, "bench_drift_power [--patients N], N from 100 to 1000000\n");
    return 2;
  }
  const auto count = static_cast<std::uint32_t>(patients);
  stable(count);
  five_tests(count);
  oracles(count);
  return 0;
}
