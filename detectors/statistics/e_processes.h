// Evidence that may be looked at after every observation: e-processes, which under their null reach
// 1/α with a chance of at most α however long they run (Ville), and the confidence sequences that
// they turn into. All by logarithms. Pure.
//
// Sources: Howard, Ramdas, McAuliffe, Sekhon 2021 (mixtures); Ter Schure et al. 2021 (Poisson);
// Wang and Ramdas 2024 (t).
#pragma once

#include <cstdint>
#include <optional>

#include "detectors/statistics/exact_tests.h"

namespace ketavigil::detectors::statistics {

/// ln Γ(s, x), the upper incomplete gamma function, also where it is no double; s > 0, x ≥ 0.
[[nodiscard]] double log_upper_gamma(double s, double x);

/// A gamma prior of a rate ratio, or a beta prior of a chance, cut below the null.
struct MixturePrior {
  double a = 1;
  double b = 1;
};

/// ln E of `events` where `expected` > 0 or = 0 were expected, against a rate ratio of at most 1:
/// V + a ln b − ln Γ(a, b) + ln Γ(a + n, b + V) − (a + n) ln(b + V).
[[nodiscard]] double log_poisson_e_value(std::int64_t events, double expected,
                                         const MixturePrior& prior = {});
/// The greatest expected number at which so many events reach 1/α; none: they never do.
[[nodiscard]] std::optional<double> poisson_alert_boundary(std::int64_t events, double alpha,
                                                           const MixturePrior& prior = {});

/// ln E of `successes` in `trials`, against a chance of at most `null_chance` in (0, 1).
[[nodiscard]] double log_bernoulli_e_value(std::int64_t successes, std::int64_t trials,
                                           double null_chance, const MixturePrior& prior = {});

/// ln E of a sum of normal deviations with this variance so far, against mean 0; `rho` > 0 is the
/// variance at which it is most powerful, roughly.
[[nodiscard]] double log_normal_e_value(double sum, double variance, double rho);
/// Against a mean of at most 0.
[[nodiscard]] double log_normal_e_value_upward(double sum, double variance, double rho);

/// The rho at which the confidence sequence of a normal sum is nearly the narrowest at this
/// variance: v / (2 ln(1/α) + ln(1 + 2 ln(1/α))), as confseq takes it; one-sided that of 2α.
[[nodiscard]] double narrow_rho(double variance, double outside);

/// ln E of n values of unknown variance with this sum and sum of squares, against mean 0; c² the
/// prior's variance in units of the value's.
[[nodiscard]] double log_t_e_value(std::int64_t values, double sum, double sum_of_squares,
                                   double c);

/// The confidence sequence of a Poisson rate: rates against which E < 1/`outside` at all times.
[[nodiscard]] Interval poisson_rate_sequence(std::int64_t events, double expected,
                                             double outside = .05, const MixturePrior& prior = {});
/// The half width of a confidence sequence of a mean of values with SD 1.
[[nodiscard]] double normal_mean_sequence(double values, double rho, double outside = .05);

}  // namespace ketavigil::detectors::statistics
