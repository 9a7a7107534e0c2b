// Tails of the normal and of Student's t distribution, each computed on its own side, so that small
// probabilities keep their digits. By Boost.Math; beyond the least double by the logarithm. Pure.
#pragma once

namespace ketavigil::detectors::statistics {

/// Φ(z): the normal distribution's probability of at most z.
[[nodiscard]] double normal_probability(double z);

/// The z with Φ(−z) = `tail`, a probability in (0, 1).
[[nodiscard]] double normal_quantile_of_upper_tail(double tail);

/// F(t): Student's t probability of at most t.
[[nodiscard]] double student_probability(double t, double degrees);

/// ln of Student's t probability of more than `t` > 0, also where the probability itself is no
/// double.
[[nodiscard]] double log_student_upper_tail(double t, double degrees);

/// The z with ln Φ(−z) = `log_tail`, for tails under 1e-100 (an asymptotic series: 12 digits).
[[nodiscard]] double normal_quantile_of_log_tail(double log_tail);

/// Φ⁻¹(F(t)): the normal value at which as much lies beyond as beyond `t` of Student's t with so
/// many degrees of freedom (> 0). Odd in t; never infinite for a finite t.
[[nodiscard]] double normal_score_of_t(double t, double degrees);

}  // namespace ketavigil::detectors::statistics
