// The harms that can be planted in a programme: names, sizes, and the time that each needs to show.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "simulation/calendar.h"

namespace ketavigil::simulation {

enum class Harm : std::uint8_t {
  none,
  cognitive_decline,
  bladder_syndrome,
  post_dose_surge,
  new_hypertension,
  hypertensive_crisis,
  dose_escalation,
  interval_shortening,
  suicidality,
  liver_injury,
  missed_visits,
  cognitive_drop,
  bladder_dechallenge,
  resting_drift,
  escalation_without_benefit,
  off_schedule_doses,
};

/// What is fixed about a harm.
struct HarmTraits {
  Harm harm;
  std::string_view name;          ///< as in `truth.json` and on the command line
  std::string_view size_meaning;  ///< with its unit
  double share;                   ///< of the default set: the share of the patients; 0: not of it
  double size, least_size, greatest_size;
  int lead_days;  ///< between the first session and the earliest onset
  int tail_days;  ///< between the latest onset and the programme's end; missed visits: and the size
  bool acute;     ///< a visit is put at the onset, and shows it
  bool brief;     ///< shown by that visit alone: a course of few facts has room for it
  bool needs_clinic;  ///< shown by readings that home treatment does not have
  int growth_days;    ///< from its onset until it has its size; 0: at once
};

/// How many harms one patient can be given together.
inline constexpr int harms_together_max = 4;

/// Every harm but `none`, in the order of the enumeration. The sizes are such that the detectors of
/// the catalogue can see them; none is a source's.
[[nodiscard]] std::span<const HarmTraits> harms();

/// Of a harm other than `none`.
[[nodiscard]] const HarmTraits& traits_of(Harm harm);

/// Null if there is no such harm.
[[nodiscard]] const HarmTraits* harm_named(std::string_view name);

/// All names, separated by a comma and a blank: for messages.
[[nodiscard]] std::string harm_names();

/// Days between screening and first session.
inline constexpr int screening_days = 14;

/// Days between the latest onset of a harm of this size and the programme's end.
[[nodiscard]] inline int tail_days(const HarmTraits& traits, double size) {
  return traits.tail_days + (traits.harm == Harm::missed_visits ? static_cast<int>(size) : 0);
}

/// How far a harm has grown so many seconds (≥ 0) after its onset, 0 to 1. What treatment does to a
/// bladder ends after `dechallenge_days` in bladder dechallenge, and heals.
[[nodiscard]] double grown_share(Harm harm, Seconds since_onset);
inline constexpr int dechallenge_days = 90;

/// Days that a programme needs from its start to plant a harm of this size in somebody.
[[nodiscard]] inline int needed_days(const HarmTraits& traits, double size) {
  return screening_days + 2 + traits.lead_days + tail_days(traits, size);
}

}  // namespace ketavigil::simulation
