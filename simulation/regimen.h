// The courses of treatment that are simulated: the label's, and off-label ones.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace ketavigil::simulation {

/// How the dose of a session is found.
enum class Dosing : std::uint8_t {
  devices,         ///< multiples of 28 mg: 56, then 56 or 84 (28 first from 65 years on)
  per_kilogram,    ///< mg/kg of the last weight
  fixed_for_each,  ///< a patient's own, in steps of 10 mg
};

/// A course. Twice weekly for `twice_weekly` sessions (intervals of 3 and 4 days), then weekly for
/// `weekly`, then every `interval_days` (responders) or `short_interval_days` (the others).
struct Regimen {
  std::string_view name = {};
  std::string_view compound = {};
  std::string_view route = {};
  bool home = false;
  double share = 0;  ///< of the patients; all add up to 1
  int twice_weekly = 0;
  int weekly = 0;
  int interval_days = 0;
  int short_interval_days = 0;
  Dosing dosing = Dosing::per_kilogram;
  double dose = 0;  ///< mg/kg; of fixed doses the mean, mg
  int duration_min = 0;
  /// Mean and standard deviation, over patients and sessions, of the rise at the peak, mmHg.
  double rise_systolic = 0, rise_systolic_sd = 0;
  double rise_diastolic = 0, rise_diastolic_sd = 0;
};

/// All courses. Schedule and doses of esketamine: US label (weeks 1–4 twice weekly, 5–8 weekly,
/// then every 1–2 weeks; 56 or 84 mg). Rises: IN mean maximum +13.3/+8.7 mmHg (Doherty), spread
/// fitted to the label's share of sessions with ≥ 40/25; IV +16.0 (SD 11.2)/+11.0 (SD 8.45) (Yale,
/// 2,342 infusions). The off-label schedules are usual practice, not a source's.
[[nodiscard]] std::span<const Regimen> regimens();

/// The index of the course of a uniform number.
[[nodiscard]] std::uint8_t regimen_of(double uniform);

}  // namespace ketavigil::simulation
