// A simulated patient: what is fixed about him, and how far his course has come.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "simulation/blueprint.h"
#include "simulation/calendar.h"
#include "simulation/harm.h"

namespace ketavigil::simulation {

/// A harm of a patient.
struct Affliction {
  Harm harm = Harm::none;
  bool by_rate = false;  ///< from the background or a stratum's rate, not planted in him
  double size = 0;
  Seconds onset = 0;  ///< a moment at which a visit of his would begin
};

/// What is asked or measured from time to time, each at its own interval.
enum class Assessment : std::uint8_t {
  madrs,
  phq_9,
  cgi,
  c_ssrs,
  craving,
  bladder,
  ipss,
  cognition,
  labs,
  weight,
  interview,
  dispense,
  home_pressure,
};
inline constexpr std::size_t assessment_count = 13;

/// Errors that go on from one visit to the next where there is autocorrelation.
enum class Lasting : std::uint8_t { moca, hvlt, dsst, bpic, ipss, madrs, resting };
inline constexpr std::size_t lasting_count = 7;

/// Conditions at enrolment and medication classes, as bits of the patient's masks.
enum Condition : std::uint8_t {
  depression = 1,
  hypertension = 2,
  trauma = 4,
  pain = 8,
  anxiety = 16
};
enum Medicine : std::uint8_t {
  antidepressant = 1,
  benzodiazepine = 2,
  antihypertensive = 4,
  stimulant = 8,
  anticoagulant = 16
};

/// Plain values; some 450 bytes.
struct Patient {
  std::uint32_t index = 0;
  std::uint32_t pseudonym = 0;
  Profile profile;
  std::array<Affliction, harms_together_max> afflictions{};  ///< the first so many
  std::uint8_t afflicted_by = 0;
  // Fixed traits. Pressures in mmHg, weight in kg.
  std::uint8_t conditions = 0, medicines = 0;
  bool responder = false, upper_dose = false, carrier = false;
  std::int8_t education_years = 0;
  std::int8_t psychotherapy = 0;
  double weight = 0, fixed_dose_mg = 0;
  double systolic = 0, diastolic = 0;            ///< resting
  double rise_systolic = 0, rise_diastolic = 0;  ///< his mean rise at the peak
  double moca = 0, hvlt = 0, dsst = 0, bpic = 0, ipss = 0, madrs = 0, craving = 0;
  double alt = 0, ast = 0, alp = 0, ggt = 0, bilirubin = 0, creatinine = 0;
  std::int32_t relapse_day = 0;  ///< days after the first session; 0: never
  Seconds slot = 0;              ///< his hour of arrival, after midnight UTC
  std::int64_t enrolment_day = 0, first_day = 0;
  Seconds leaves = 0;  ///< 0: stays to the end
  std::uint8_t exit_reason = 0;
  // The course.
  Seconds next = 0;  ///< when his next visit begins
  bool ended = false, full = false, treated = false, off_schedule = false;
  std::uint8_t open_symptom = 0;  ///< 1 + the one that the last interview found
  std::uint32_t visits = 0, sessions = 0, facts = 0, lines = 0, plans = 0, administrations = 0;
  int planned_interval_tenths = 0;
  std::array<double, lasting_count> last_error{};          ///< in deviations
  std::array<std::int16_t, assessment_count> last_done{};  ///< day after the first session

  /// Days since the first session; negative before.
  [[nodiscard]] int day_number(Seconds instant) const {
    return static_cast<int>(day_of(instant) - first_day);
  }
  [[nodiscard]] std::span<const Affliction> harmed() const {
    return std::span(afflictions).first(afflicted_by);
  }
  [[nodiscard]] bool is_healthy() const { return afflicted_by == 0; }
  /// Null if he does not have it.
  [[nodiscard]] const Affliction* affliction(Harm harm) const {
    for (const Affliction& one : harmed()) {
      if (one.harm == harm) return &one;
    }
    return nullptr;
  }
  [[nodiscard]] bool has(Harm harm) const { return affliction(harm) != nullptr; }
  /// The harm has begun.
  [[nodiscard]] bool afflicted(Harm harm, Seconds instant) const {
    const Affliction* one = affliction(harm);
    return one != nullptr && instant >= one->onset;
  }
  /// How far this harm of his has grown, 0 to 1.
  [[nodiscard]] double grown(Harm harm, Seconds instant) const {
    return afflicted(harm, instant) ? grown_share(harm, instant - affliction(harm)->onset) : 0;
  }
  /// 0 if he does not have it.
  [[nodiscard]] double size_of(Harm harm) const {
    const Affliction* one = affliction(harm);
    return one == nullptr ? 0 : one->size;
  }
  /// What it has done so far: its size, as far as it has grown.
  [[nodiscard]] double gained(Harm harm, Seconds instant) const {
    return size_of(harm) * grown(harm, instant);
  }
  /// Treatment has ended for the bladder's sake.
  [[nodiscard]] bool is_dechallenged(Seconds instant) const;
};

/// The patient of this index as he enters the programme.
[[nodiscard]] Patient make_patient(const Blueprint& blueprint, std::uint32_t index);

}  // namespace ketavigil::simulation
