#include "simulation/normal.h"

#include <bit>
#include <cmath>

namespace ketavigil::simulation {

double natural_log(double x) {
  // x = m · 2^e with m in [√½, √2); ln m = 2 artanh(s), s = (m−1)/(m+1), |s| ≤ 0.1716, by its
  // series.
  constexpr double ln_2 = 0.693147180559945309417232121458;
  constexpr double sqrt_2 = 1.41421356237309504880168872421;
  const auto bits = std::bit_cast<std::uint64_t>(x);
  int exponent = static_cast<int>(bits >> 52) - 1023;
  double mantissa = std::bit_cast<double>((bits & 0x000FFFFFFFFFFFFFULL) | 0x3FF0000000000000ULL);
  if (mantissa >= sqrt_2) {
    mantissa *= 0.5;
    ++exponent;
  }
  const double s = (mantissa - 1) / (mantissa + 1);
  const double square = s * s;
  double sum = 0;
  for (int k = 21; k >= 1; k -= 2) sum = sum * square + 1.0 / k;
  return exponent * ln_2 + 2 * s * sum;
}

double normal_quantile(double p) {
  const double q = p - 0.5;
  if (q >= -0.425 && q <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179) /
           (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1);
  }
  // The tail from ln; the far tail of AS 241 (beyond e⁻²⁵) is outside the domain.
  const double r = std::sqrt(-natural_log(q < 0 ? p : 1 - p)) - 1.6;
  const double z = (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777) /
                   ((0.12021132975 * r + 0.73700164250) * r + 1);
  return q < 0 ? -z : z;
}

std::int64_t to_whole(double x) {
  // Towards 0, and the same on every machine. NOLINTNEXTLINE(bugprone-incorrect-roundings)
  const auto cut = static_cast<std::int64_t>(x + 0.5);
  return static_cast<double>(cut) > x + 0.5 ? cut - 1 : cut;
}

}  // namespace ketavigil::simulation
