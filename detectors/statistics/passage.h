// When does a Brownian motion without drift pass a rising line? The law behind the drift method's
// limit: the chance of ever passing x + V/2 while its variance V grows to v is
//
//   p(x, v) = Φ(−(x + v/2)/√v) + e⁻ˣ Φ((v/2 − x)/√v).
//
// Source: the reflection principle with Girsanov's change of measure (Siegmund, Sequential
// Analysis, 1985, formula 3.15); CATALOGUE, section 3. Pure.
#pragma once

namespace ketavigil::detectors::statistics {

/// p(x, v), for x ≥ 0 and v ≥ 0. With no variance to come (v = 0) only x = 0 is passed.
[[nodiscard]] double passage_probability(double x, double v);

/// The x ≥ 0 with p(x, v) = `probability`, by bracketing (TOMS 748) in [0, −ln probability]: p is
/// at most e⁻ˣ. 0 if the probability is 1 or more; v > 0.
[[nodiscard]] double passage_level(double probability, double v);

}  // namespace ketavigil::detectors::statistics
