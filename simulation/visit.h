// One visit of one patient: who, when, where, and the draws that decide what it finds.
#pragma once

#include <algorithm>

#include "simulation/delivery.h"
#include "simulation/patient.h"
#include "simulation/philox.h"
#include "simulation/regimen.h"
#include "simulation/site.h"

namespace ketavigil::simulation {

/// Deviations of what is measured, within a person, in points and mmHg; the catalogue's are a
/// little greater. A resting pressure deviates from day to day, and each systolic reading of it.
inline constexpr double moca_spread = 1.3, bpic_spread = 1.5;
inline constexpr double resting_spread = 5.5, reading_spread = 3;

/// A visit under way. Times: `arrival`, then `start`, the first dose (of a screening visit, nothing
/// begins then). Everything that the parts below send is effective from the arrival on, but for
/// scores of sites with bare dates, which are of the day before.
struct Visit {
  const Blueprint& blueprint;
  const Site& site;
  const Regimen& regimen;
  Patient& patient;
  Delivery& delivery;
  Draws draws;
  Draws noise;  ///< of its own, so that what noise leaves alone stays what it was
  Seconds arrival = 0;
  Seconds start = 0;
  int day = 0;  ///< since the first session; negative at screening

  /// The harm is acute and this is its visit, which begins at its onset.
  [[nodiscard]] bool shows_harm(Harm harm) const {
    const Affliction* one = patient.affliction(harm);
    return one != nullptr && traits_of(harm).acute && arrival == one->onset;
  }
  /// It shows any.
  [[nodiscard]] bool shows() const {
    return std::any_of(patient.harmed().begin(), patient.harmed().end(),
                       [&](const Affliction& one) { return shows_harm(one.harm); });
  }
  void send(const Fact& fact) { delivery.send(patient, fact); }
  /// True if the assessment is due at intervals of `interval_days`, three days early included; it
  /// counts as done then.
  [[nodiscard]] bool due(Assessment assessment, int interval_days) {
    std::int16_t& last = patient.last_done[static_cast<std::size_t>(assessment)];
    if (day - last < interval_days - 3) return false;
    last = static_cast<std::int16_t>(day);
    const double missing = kinds_of_noise().missing_share;
    return missing == 0 || !noise.chance(missing);
  }
  [[nodiscard]] const Noise& kinds_of_noise() const { return blueprint.options.noise; }
  /// A standard normal error that goes on from the one before, as far as there is autocorrelation.
  [[nodiscard]] double lasting_error(Lasting of, double fresh);
  /// How the site and its rater of this year measure a score: deviations within a person.
  [[nodiscard]] double rater_shift() const;
};

/// Enrolment, conditions, medication, covariates: the first visit's.
void send_history(Visit& visit);

/// Depression, suicidality, craving, bladder and cognition, as far as they are due.
void send_scores(Visit& visit);

/// Weight, laboratory, symptoms, dispensing, readings at home, as far as they are due.
void send_checks(Visit& visit);

/// The plan, where the schedule enters another phase.
void send_plan(Visit& visit);

/// The session with its readings, vitals and acute symptoms.
void send_session(Visit& visit);

/// The resting reading of a visit without session.
void send_resting_pressure(Visit& visit);

/// Days to the next session by the regimen's schedule, in tenths, for this many sessions given.
[[nodiscard]] int planned_interval_tenths(const Regimen& regimen, const Patient& patient, int day);

/// The score of depression (madrs) that is expected on a day after the first session.
[[nodiscard]] double expected_madrs(const Patient& patient, int day);

}  // namespace ketavigil::simulation
