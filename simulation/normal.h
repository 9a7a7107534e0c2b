// The normal quantile, and what it needs, from + − × / and sqrt alone: IEEE 754 fixes the last bit
// of these five, and of no function of libm.
#pragma once

#include <cstdint>

namespace ketavigil::simulation {

/// Natural logarithm of a positive, normal double. Error below 1e-14 relative, or absolute near 1.
[[nodiscard]] double natural_log(double x);

/// Φ⁻¹(p) for p in (0, 1) with min(p, 1−p) ≥ e⁻²⁵. Wichura, algorithm AS 241 (PPND7), Applied
/// Statistics 37 (1988) 477–484: about 1 part in 10^7.
[[nodiscard]] double normal_quantile(double p);

/// To the nearest whole number, halves upwards; |x| < 2^52.
[[nodiscard]] std::int64_t to_whole(double x);

/// x, or the bound that it passes.
[[nodiscard]] inline double clamped(double x, double least, double greatest) {
  return x < least ? least : (x > greatest ? greatest : x);
}

}  // namespace ketavigil::simulation
