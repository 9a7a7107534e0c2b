// What the drift detectors expect of an instrument before they know the patient: a table of data,
// not of thresholds. Means and SDs are in the instrument's units; the SD is within a person.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ketavigil::detectors {

enum class DriftDomain : std::uint8_t { cognition, bladder, resting };
inline constexpr std::size_t drift_domains = 3;

struct DriftPrior {
  std::string_view stream;  ///< the instrument, or the resting pressure
  DriftDomain domain = DriftDomain::cognition;
  bool worse_is_less = false;
  double mean = 0;
  double sd = 0;        ///< within a person, between visits
  double practice = 0;  ///< p: gain of the second administration; later ones 4p/3
  /// Of a test with a strong first practice effect: the first value is not used where two or more
  /// precede exposure.
  bool drops_first = false;
  std::string_view citation;
  bool confirmed = false;
};

/// The numbers of a row that a reference table can put in place of ours.
struct DriftExpectation {
  double mean = 0;
  double sd = 0;
  double practice = 0;
  friend bool operator==(const DriftExpectation&, const DriftExpectation&) = default;
};

/// In the order of their names' bytes. `resting-…` are the last two.
[[nodiscard]] std::span<const DriftPrior> drift_priors();
inline constexpr std::size_t drift_priors_count = 17;
/// By the rows of the table.
using DriftExpectations = std::array<DriftExpectation, drift_priors_count>;
[[nodiscard]] DriftExpectations default_drift_expectations();
/// Its place in the table, or the table's size.
[[nodiscard]] std::size_t drift_prior_named(std::string_view stream);

}  // namespace ketavigil::detectors
