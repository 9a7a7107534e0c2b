// COG-1 reliable change, COG-2 regression-based change, COG-3 several tests of a visit, COG-4
// slope, COG-5 CUSUM. Shown, never a finding: with a baseline of a few values their error rates are
// not what textbooks say (docs/adr/0015-drift.md).
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "detectors/patient/background.h"
#include "detectors/patient/charts.h"
#include "detectors/patient/drift_rules.h"
#include "detectors/patient/score_baseline.h"
#include "detectors/statistics/change_indices.h"
#include "detectors/statistics/control_charts.h"
#include "detectors/statistics/slope.h"
#include "events/kinds.h"

namespace ketavigil::detectors {
namespace {

using events::Field;
using events::Kind;

// SD in the population and retest correlation, where both are known: SD √(1 − r) is the SD within
// a person of the drift priors.
struct Norms {
  std::string_view instrument;
  double sd = 0;
  double correlation = 0;
};
constexpr std::array<Norms, 3> known_norms = {
    {{"hvlt-r-delayed", 1.8, .66}, {"hvlt-r-total", 4.5, .74}, {"moca", 2.4, .5}}};
constexpr double microseconds_a_year = 365.25 * static_cast<double>(events::day_us);
constexpr double prior_values = 1.0 / 3;  // as the drift priors, of the intercept
constexpr double prior_degrees = 10;

// An instrument at a location, while its scores pass.
struct Series {
  std::uint8_t prior = 0;
  bool home = false;
  ScoreBaseline baseline;  // of corrected values
  statistics::SlopeModel line;
  Microseconds first = 0;
  std::int64_t values = 0;
  double cusum = 0;
};

struct Score {
  const RecordFact* fact = nullptr;
  double value = 0;
  double corrected = 0;
  double administration = 0;
};

class CognitionCharts {
 public:
  CognitionCharts(const CognitionChartParameters& parameters, const DriftExpectations& expected)
      : parameters_(parameters), expected_(expected) {}

  std::vector<ChartPoint> of(const std::vector<RecordFact>& facts) {
    for (const RecordFact& fact : facts) {
      step(&background_, fact);
      if (fact.kind() == Kind::score && !fact.fact->is_preliminary()) take_score(fact);
    }
    close_visit();
    return std::move(points_);
  }

 private:
  void take_score(const RecordFact& fact) {
    const std::size_t row = drift_prior_named(fact.fact->word(Field::instrument));
    if (row == drift_priors_count || drift_priors()[row].domain != DriftDomain::cognition) return;
    const DriftPrior& prior = drift_priors()[row];
    Score score{&fact, fact.fact->number(Field::value).value_or(0), 0, 0};
    score.administration =
        drift::count_administration(&administrations_, static_cast<std::uint8_t>(row), fact);
    score.corrected = score.value - drift::practice(expected_[row].practice, score.administration);
    if (!fact.eligible) return;
    Series& series = series_of(row, fact.fact->word(Field::location) == "home");
    learn_line(&series, prior, score);
    if (!background_.exposed(fact.at)) return learn_baseline(&series, score);
    show_changes(&series, prior, score);
  }

  Series& series_of(std::size_t row, bool home) {
    const auto found = std::find_if(series_.begin(), series_.end(), [&](const Series& one) {
      return one.prior == row && one.home == home;
    });
    if (found != series_.end()) return *found;
    Series& series = series_.emplace_back();
    series.prior = static_cast<std::uint8_t>(row);
    series.home = home;
    statistics::SlopePrior line;
    const DriftPrior& prior = drift_priors()[row];
    line.intercept = better(prior, expected_[row].mean) / expected_[row].sd;
    line.intercept_sd = std::sqrt(1 / prior_values);
    line.slope_sd = parameters_.cog4_slope_sd_per_year;
    line.degrees = line.sum_of_squares = prior_degrees;
    series.line = statistics::slope_prior(line);
    return series;
  }

  // So turned that less is worse.
  static double better(const DriftPrior& prior, double value) {
    return prior.worse_is_less ? value : -value;
  }

  void learn_baseline(Series* series, const Score& score) {
    auto& values = series->baseline.values;
    values.push_back({score.fact->at, score.corrected});
    if (values.size() > baseline_values_kept) values.pop_front();
  }

  // COG-4, with the values before exposure too.
  void learn_line(Series* series, const DriftPrior& prior, const Score& score) {
    const Microseconds at = score.fact->at;
    if (++series->values == 1) series->first = at;
    const Microseconds span = at - series->first;
    take(&series->line, static_cast<double>(span) / microseconds_a_year,
         better(prior, score.corrected) / expected_[series->prior].sd);
    const bool enough = static_cast<double>(series->values) >= parameters_.cog4_values &&
                        static_cast<double>(span) >=
                            parameters_.cog4_span_days * static_cast<double>(events::day_us);
    if (!enough || !background_.exposed(at)) return;
    Inputs& say = show("COG-4", *series, score);
    say["values"] = static_cast<double>(series->values);
    say["slope_sd_per_year"] = series->line.slope;
    say["slope_scale"] = statistics::slope_scale(series->line);
    say["chance_of_decline"] =
        statistics::slope_below(series->line, -parameters_.cog4_decline_sd_per_year);
  }

  // COG-1, COG-2, COG-5; and what COG-3 will ask of the visit.
  void show_changes(Series* series, const DriftPrior& prior, const Score& score) {
    const Baseline baseline = baseline_of(series->baseline, background_);
    if (!baseline.mean) return;
    const auto found =
        std::find_if(known_norms.begin(), known_norms.end(),
                     [&](const Norms& known) { return known.instrument == prior.stream; });
    const Norms* norms = found == known_norms.end() ? nullptr : &*found;
    // Of the SD within a person the formula's reliability is 0.
    const double reliable =
        statistics::reliable_change(better(prior, *baseline.mean), better(prior, score.corrected),
                                    norms == nullptr ? expected_[series->prior].sd : norms->sd,
                                    norms == nullptr ? 0 : norms->correlation)
            .index;
    Inputs& say = show("COG-1", *series, score);
    say["baseline_mean"] = *baseline.mean;
    say["baseline_values"] = static_cast<double>(baseline.values);
    say["reliable_change"] = reliable;
    say["low"] = -parameters_.cog1_low_z;
    const double z =
        norms == nullptr ? reliable : show_regression(*series, *norms, *baseline.mean, score);
    series->cusum = statistics::cusum_next(series->cusum, -z, parameters_.cog5_reference_sd);
    Inputs& sum = show("COG-5", *series, score);
    sum["z"] = z;
    sum["cusum"] = series->cusum;
    sum["limit"] = parameters_.cog5_limit_sd;
    add_to_visit(score, z);
  }

  // COG-2, of scores that are worse where they are less.
  double show_regression(const Series& series, const Norms& norms, double baseline,
                         const Score& score) {
    const double mean = expected_[series.prior].mean;
    const auto change = statistics::regression_based_change(
        baseline, score.value,
        {mean, norms.sd, mean, norms.sd, norms.correlation, score.value - score.corrected});
    Inputs& say = show("COG-2", series, score);
    say["expected"] = change.expected;
    say["standard_error"] = change.standard_error;
    say["z"] = change.z;
    return change.z;
  }

  // COG-3: the tests of one UTC day.
  void add_to_visit(const Score& score, double z) {
    if (!visit_.facts.empty() && visit_.day != score.fact->day) close_visit();
    visit_.day = score.fact->day;
    visit_.facts.push_back(score.fact->evidence());
    visit_.sum += z;
    if (z <= -parameters_.cog1_low_z) ++visit_.low;
  }
  void close_visit() {
    const auto tests = static_cast<double>(visit_.facts.size());
    if (tests >= parameters_.cog3_tests) {
      ChartPoint& point = points_.emplace_back();
      point.detector = "COG-3";
      point.stream = "visit";
      point.at = visit_.facts.front().at;
      point.facts = visit_.facts;
      point.numbers["tests"] = tests;
      point.numbers["low_tests"] = static_cast<double>(visit_.low);
      point.numbers["composite_z"] =
          statistics::composite_z(visit_.sum, tests, parameters_.cog3_correlation);
    }
    visit_ = {};
  }

  // A point of a chart, with what all say of a score; good until the next.
  Inputs& show(std::string_view detector, const Series& series, const Score& score) {
    ChartPoint& point = points_.emplace_back();
    point.detector = detector;
    point.stream = std::string(drift_priors()[series.prior].stream) + (series.home ? ":home" : "");
    point.at = score.fact->at;
    point.facts = {score.fact->evidence()};
    point.numbers["value"] = score.value;
    point.numbers["corrected"] = score.corrected;
    point.numbers["administration"] = score.administration;
    return point.numbers;
  }

  struct Visit {
    Microseconds day = 0;
    std::vector<Evidence> facts;
    double sum = 0;
    int low = 0;
  };

  const CognitionChartParameters& parameters_;
  const DriftExpectations& expected_;
  Background background_;
  std::vector<Administrations> administrations_;
  std::vector<Series> series_;
  Visit visit_;
  std::vector<ChartPoint> points_;
};

}  // namespace

std::vector<ChartPoint> cognition_charts(const std::vector<RecordFact>& facts,
                                         const CognitionChartParameters& parameters,
                                         const DriftExpectations& expected) {
  return CognitionCharts(parameters, expected).of(facts);
}

}  // namespace ketavigil::detectors
