// Exact tests of counts. One-sided chances include the count itself. By Boost.Math's incomplete
// beta and gamma functions. Pure.
#pragma once

#include <cstdint>

namespace ketavigil::detectors::statistics {

/// P(X ≥ events) of a Poisson count with this mean ≥ 0.
[[nodiscard]] double poisson_upper_tail(std::int64_t events, double mean);
/// P(X ≤ events).
[[nodiscard]] double poisson_lower_tail(std::int64_t events, double mean);
/// P(X ≥ successes) of so many trials with this chance each.
[[nodiscard]] double binomial_upper_tail(std::int64_t successes, std::int64_t trials,
                                         double chance);
[[nodiscard]] double binomial_lower_tail(std::int64_t successes, std::int64_t trials,
                                         double chance);

/// Is the rate of the first count the higher one? Given both counts' sum, the first is binomial
/// with the chance `exposure` / (`exposure` + `exposure_before`): P(at least so many).
[[nodiscard]] double two_counts_upper_tail(std::int64_t count, std::int64_t count_before,
                                           double exposure = 1, double exposure_before = 1);

struct Interval {
  double low = 0;
  double high = 0;
};
/// Clopper and Pearson's interval, and Garwood's of a Poisson mean; `outside` is the chance left on
/// both sides together.
[[nodiscard]] Interval binomial_interval(std::int64_t successes, std::int64_t trials,
                                         double outside = .05);
[[nodiscard]] Interval poisson_interval(std::int64_t events, double outside = .05);

}  // namespace ketavigil::detectors::statistics
