#include "detectors/statistics/control_charts.h"

#include <algorithm>
#include <boost/math/constants/constants.hpp>
#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstddef>
#include <vector>

#include "detectors/statistics/policy.h"
#include "detectors/statistics/tails.h"

namespace ketavigil::detectors::statistics {
namespace {

constexpr unsigned nodes = 60;
using Gauss = boost::math::quadrature::gauss<double, nodes>;

double density(double z) {
  return std::exp(-z * z / 2) / boost::math::constants::root_two_pi<double>();
}

// A square system of equations, row by row, the right side last.
class Equations {
 public:
  explicit Equations(std::size_t unknowns)
      : unknowns_(unknowns), cells_(unknowns * (unknowns + 1), 0) {}
  double& at(std::size_t row, std::size_t column) { return cells_[row * (unknowns_ + 1) + column]; }
  double& right(std::size_t row) { return at(row, unknowns_); }

  // By elimination with partial pivoting; the solution stands on the right side.
  void solve() {
    for (std::size_t i = 0; i < unknowns_; ++i) {
      std::size_t pivot = i;
      for (std::size_t row = i + 1; row < unknowns_; ++row) {
        if (std::fabs(at(row, i)) > std::fabs(at(pivot, i))) pivot = row;
      }
      for (std::size_t column = i; column <= unknowns_; ++column)
        std::swap(at(i, column), at(pivot, column));
      for (std::size_t row = 0; row < unknowns_; ++row) {
        if (row == i) continue;
        const double factor = at(row, i) / at(i, i);
        for (std::size_t column = i; column <= unknowns_; ++column)
          at(row, column) -= factor * at(i, column);
      }
    }
    for (std::size_t i = 0; i < unknowns_; ++i) right(i) /= at(i, i);
  }

 private:
  std::size_t unknowns_;
  std::vector<double> cells_;
};

// Nodes and weights of [low, high], ascending.
struct Rule {
  std::vector<double> x;
  std::vector<double> weight;
  Rule(double low, double high) {
    const double middle = (low + high) / 2;
    const double half = (high - low) / 2;
    const auto& positive = Gauss::abscissa();
    const auto& weights = Gauss::weights();
    for (std::size_t i = positive.size(); i-- > 0;)
      add(middle - half * positive[i], half * weights[i]);
    for (std::size_t i = 0; i < positive.size(); ++i)
      add(middle + half * positive[i], half * weights[i]);
  }
  void add(double node, double of) {
    x.push_back(node);
    weight.push_back(of);
  }
};

// The x in [low, high] at which an increasing function has a value.
template <typename Function>
double where(Function function, double value, double low, double high) {
  const auto excess = [&](double x) { return std::log(function(x) / value); };
  std::uintmax_t rounds = 100;
  constexpr int bits = 44;
  const auto bracket = boost::math::tools::toms748_solve(
      excess, low, high, boost::math::tools::eps_tolerance<double>(bits), rounds, Policy());
  return (bracket.first + bracket.second) / 2;
}

}  // namespace

double cusum_next(double cusum, double z, double k) { return std::max(0.0, cusum + z - k); }
PageHinkley page_hinkley_next(const PageHinkley& chart, double value, double tolerance,
                              double forgetting) {
  PageHinkley next;
  next.count = chart.count + 1;
  next.mean = chart.mean + (value - chart.mean) / static_cast<double>(next.count);
  next.sum = std::max(0.0, forgetting * chart.sum + value - next.mean - tolerance);
  return next;
}

double ewma_next(double ewma, double z, double lambda) { return lambda * z + (1 - lambda) * ewma; }
double ewma_limit(double width, double lambda) { return width * std::sqrt(lambda / (2 - lambda)); }

// L(u) = 1 + Φ(k − u − μ) L(0) + ∫₀ʰ φ(x + k − u − μ) L(x) dx, at 0 and at the nodes.
double cusum_run_length(double k, double h, double mean, double headstart) {
  const Rule rule(0, h);
  const std::size_t n = rule.x.size();
  Equations equations(n + 1);
  const auto start = [&](std::size_t row) { return row == 0 ? 0 : rule.x[row - 1]; };
  for (std::size_t row = 0; row <= n; ++row) {
    equations.at(row, row) += 1;
    equations.at(row, 0) -= normal_probability(k - start(row) - mean);
    for (std::size_t i = 0; i < n; ++i)
      equations.at(row, i + 1) -= rule.weight[i] * density(rule.x[i] + k - start(row) - mean);
    equations.right(row) = 1;
  }
  equations.solve();
  if (headstart == 0) return equations.right(0);
  double length = 1 + equations.right(0) * normal_probability(k - headstart - mean);
  for (std::size_t i = 0; i < n; ++i) {
    length += rule.weight[i] * density(rule.x[i] + k - headstart - mean) * equations.right(i + 1);
  }
  return length;
}

double two_sided_cusum_run_length(double k, double h, double mean, double headstart) {
  const double up = cusum_run_length(k, h, mean);
  const double down = cusum_run_length(k, h, -mean);
  if (headstart == 0) return 1 / (1 / up + 1 / down);
  const double up_ahead = cusum_run_length(k, h, mean, headstart);
  const double down_ahead = cusum_run_length(k, h, -mean, headstart);
  return (up_ahead * down + down_ahead * up - up * down) / (up + down);
}

double cusum_limit(double k, double run_length) {
  double high = 1;
  constexpr double high_max = 1024;
  while (high < high_max && cusum_run_length(k, high, 0) < run_length) high *= 2;
  return where([&](double h) { return cusum_run_length(k, h, 0); }, run_length, 1e-6, high);
}

namespace {

// The run length of an EWMA from any value, as L(u) = 1 + 1/λ ∫ φ((x − (1 − λ) u)/λ − μ) L(x) dx
// over the limits, solved at the nodes.
class EwmaRunLength {
 public:
  EwmaRunLength(double lambda, double width, double mean)
      : lambda_(lambda),
        mean_(mean),
        rule_(-ewma_limit(width, lambda), ewma_limit(width, lambda)),
        equations_(rule_.x.size()) {
    const std::size_t n = rule_.x.size();
    for (std::size_t row = 0; row < n; ++row) {
      equations_.at(row, row) += 1;
      for (std::size_t i = 0; i < n; ++i)
        equations_.at(row, i) -= rule_.weight[i] * ewma_density(rule_.x[row], rule_.x[i]);
      equations_.right(row) = 1;
    }
    equations_.solve();
  }
  // How likely the next value is near `to`.
  [[nodiscard]] double ewma_density(double from, double to) const {
    return density((to - (1 - lambda_) * from) / lambda_ - mean_) / lambda_;
  }
  [[nodiscard]] double from(double start) {
    double length = 1;
    for (std::size_t i = 0; i < rule_.x.size(); ++i)
      length += rule_.weight[i] * ewma_density(start, rule_.x[i]) * equations_.right(i);
    return length;
  }

 private:
  double lambda_;
  double mean_;
  Rule rule_;
  Equations equations_;
};

}  // namespace

double ewma_run_length(double lambda, double width, double mean) {
  return EwmaRunLength(lambda, width, mean).from(0);
}

// The density of the chart is followed while its limits grow; then the run length from where it is.
double ewma_run_length_with_growing_limits(double lambda, double width, double mean) {
  EwmaRunLength after(lambda, width, mean);
  constexpr double grown = 1e-14;
  constexpr int steps_max = 10'000;
  std::vector<double> places = {0};
  std::vector<double> masses = {1};  // weight × density
  double length = 0;
  double lacking = 1;  // (1 − λ)²ⁿ
  for (int step = 1; step <= steps_max && lacking > grown; ++step) {
    for (const double mass : masses) length += mass;  // the chance of having come so far
    lacking *= (1 - lambda) * (1 - lambda);
    const double limit = ewma_limit(width, lambda) * std::sqrt(1 - lacking);
    const Rule rule(-limit, limit);
    std::vector<double> next(rule.x.size(), 0);
    for (std::size_t i = 0; i < next.size(); ++i) {
      for (std::size_t j = 0; j < places.size(); ++j)
        next[i] += rule.weight[i] * masses[j] * after.ewma_density(places[j], rule.x[i]);
    }
    places = rule.x;
    masses = std::move(next);
  }
  for (std::size_t j = 0; j < places.size(); ++j) length += masses[j] * after.from(places[j]);
  return length;
}

// Far beyond the wanted length the equations are singular: the bracket grows in small steps.
double ewma_width(double lambda, double run_length) {
  constexpr double step = .25;
  constexpr double widest = 8;
  double high = step;
  while (high < widest && ewma_run_length(lambda, high, 0) < run_length) high += step;
  return where([&](double width) { return ewma_run_length(lambda, width, 0); }, run_length,
               std::max(high - step, .01), high);
}

double poisson_cusum_run_length(const PoissonCusum& chart, double mean) {
  const auto n =
      static_cast<std::size_t>(std::clamp<std::int64_t>(chart.limit, 1, poisson_cusum_limit_max));
  const auto probability = [&](std::int64_t events) {
    return std::exp(static_cast<double>(events) * std::log(mean) - mean -
                    log_gamma(static_cast<double>(events) + 1));
  };
  Equations equations(n);
  for (std::size_t from = 0; from < n; ++from) {
    equations.at(from, from) += 1;
    for (std::int64_t events = 0;; ++events) {
      const std::int64_t to = std::max<std::int64_t>(
          0, static_cast<std::int64_t>(from) + chart.step * events - chart.reference);
      if (to >= static_cast<std::int64_t>(n)) break;
      equations.at(from, static_cast<std::size_t>(to)) -= probability(events);
    }
    equations.right(from) = 1;
  }
  equations.solve();
  return equations.right(static_cast<std::size_t>(
      std::clamp<std::int64_t>(chart.headstart, 0, static_cast<std::int64_t>(n) - 1)));
}

}  // namespace ketavigil::detectors::statistics
