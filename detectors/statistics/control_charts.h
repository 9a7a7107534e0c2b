// CUSUM and EWMA of standardised values, one value at a time, and what they promise: their average
// run lengths (ARL) and the limits with a given one. Run lengths say nothing of a patient with a
// short baseline (docs/adr/0015-drift.md): these charts are shown, and decide nothing.
//
// Sources: Page 1954; Hinkley 1971; Brook and Evans 1972; Lucas and Crosier 1982 (headstart);
// Crowder 1987; Lucas and Saccucci 1990. The integral equations are solved at Gauss-Legendre nodes.
// Pure.
#pragma once

#include <cstdint>

namespace ketavigil::detectors::statistics {

/// S = max(0, S + z − k).
[[nodiscard]] double cusum_next(double cusum, double z, double k);
/// Z = λ z + (1 − λ) Z.
[[nodiscard]] double ewma_next(double ewma, double z, double lambda);
/// L √(λ/(2 − λ)), the limit of an EWMA that has run for long; SD 1.
[[nodiscard]] double ewma_limit(double width, double lambda);

/// The test of Page and Hinkley for a mean that rises, as stream libraries have it (river, MOA): no
/// baseline is needed, and no false-alarm rate is known. Here to be compared with.
struct PageHinkley {
  std::int64_t count = 0;
  double mean = 0;  ///< of all values so far
  double sum = 0;   ///< signals above a threshold, from some 30 values on
};
/// S = max(0, α S + x − mean − δ), with the mean that holds x already.
[[nodiscard]] PageHinkley page_hinkley_next(const PageHinkley& chart, double value,
                                            double tolerance, double forgetting);

/// ARL of a CUSUM that signals above h > 0, of normal values with this mean and SD 1, started at
/// `headstart` in [0, h).
[[nodiscard]] double cusum_run_length(double k, double h, double mean, double headstart = 0);
/// Of an upper and a lower one together, each with its headstart.
[[nodiscard]] double two_sided_cusum_run_length(double k, double h, double mean,
                                                double headstart = 0);
/// The h at which a one-sided CUSUM has this ARL (> 1) while the mean is 0.
[[nodiscard]] double cusum_limit(double k, double run_length);

/// ARL of a two-sided EWMA with limits ± L √(λ/(2 − λ)) from the first value on.
[[nodiscard]] double ewma_run_length(double lambda, double width, double mean);
/// With limits that grow as the chart's variance does: ± L √(λ/(2 − λ) (1 − (1 − λ)²ⁿ)) at the
/// n-th.
[[nodiscard]] double ewma_run_length_with_growing_limits(double lambda, double width, double mean);
/// The L at which the first has this ARL while the mean is 0.
[[nodiscard]] double ewma_width(double lambda, double run_length);

/// ARL of a Poisson CUSUM on an integer grid (Lucas 1985): S = max(0, S + step · X − reference),
/// X Poisson with this mean, signals at S ≥ limit (at most `poisson_cusum_limit_max`).
struct PoissonCusum {
  std::int64_t step = 1;
  std::int64_t reference = 1;
  std::int64_t limit = 1;
  std::int64_t headstart = 0;
};
inline constexpr std::int64_t poisson_cusum_limit_max = 2000;
[[nodiscard]] double poisson_cusum_run_length(const PoissonCusum& chart, double mean);

}  // namespace ketavigil::detectors::statistics
