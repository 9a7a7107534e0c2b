#include "simulation/harm.h"

namespace ketavigil::simulation {
namespace {

constexpr HarmTraits table[] = {
    {Harm::cognitive_decline, "cognitive-decline",
     "points of moca lost in the end; the other tests lose in proportion to their spread", 0.01, 6,
     1, 15, 56, 230, false, false, false, 60},
    {Harm::bladder_syndrome, "bladder-syndrome", "points of bpic-ss gained in the end", 0.01, 18, 6,
     30, 56, 120, false, false, false, 60},
    {Harm::post_dose_surge, "post-dose-surge",
     "mmHg added to the mean systolic rise at the peak, half of it to the diastolic", 0.01, 35, 15,
     60, 14, 45, true, false, true, 0},
    {Harm::new_hypertension, "new-hypertension",
     "mmHg added to the resting systolic pressure, 0.55 of it to the diastolic", 0.01, 32, 15, 60,
     42, 120, false, false, true, 30},
    {Harm::hypertensive_crisis, "hypertensive-crisis",
     "mmHg, the systolic peak; the diastolic is 0.6 of it", 0.005, 230, 224, 280, 3, 7, true, true,
     true, 0},
    {Harm::dose_escalation, "dose-escalation", "factor on the dose in the end", 0.01, 1.8, 1.3, 3,
     70, 110, false, false, false, 90},
    {Harm::interval_shortening, "interval-shortening", "factor on the interval between sessions",
     0.01, 0.4, 0.2, 0.75, 130, 90, false, false, true, 0},
    {Harm::suicidality, "suicidality", "value of c-ssrs-ideation", 0.005, 4, 4, 5, 3, 7, true, true,
     false, 0},
    {Harm::liver_injury, "liver-injury", "ALT in multiples of its upper limit", 0.005, 6, 3, 20, 3,
     21, true, true, false, 0},
    {Harm::missed_visits, "missed-visits", "days without a visit", 0.01, 60, 30, 180, 28, 15, false,
     false, true, 0},
    {Harm::cognitive_drop, "cognitive-drop",
     "points of moca lost at once; the other tests lose in proportion to their spread", 0, 5, 1, 15,
     56, 180, false, false, false, 0},
    {Harm::bladder_dechallenge, "bladder-dechallenge",
     "points of bpic-ss gained in two months, and lost again in the two after treatment ends in "
     "the third",
     0, 18, 6, 30, 56, 180, false, false, false, 60},
    {Harm::resting_drift, "resting-drift",
     "mmHg added to the resting systolic pressure over a year, 0.55 of it to the diastolic", 0, 12,
     4, 40, 42, 300, false, false, true, 365},
    {Harm::escalation_without_benefit, "escalation-without-benefit",
     "factor on the dose in the end, the intervals at 0.75, in one who does not respond", 0, 1.6,
     1.2, 3, 100, 150, false, false, true, 60},
    {Harm::off_schedule_doses, "off-schedule-doses",
     "share of the intervals halved by an unplanned session", 0, 0.5, 0.2, 1, 70, 60, false, false,
     true, 0},
};

}  // namespace

std::span<const HarmTraits> harms() { return table; }

const HarmTraits& traits_of(Harm harm) { return table[static_cast<int>(harm) - 1]; }

const HarmTraits* harm_named(std::string_view name) {
  for (const HarmTraits& traits : table) {
    if (traits.name == name) return &traits;
  }
  return nullptr;
}

std::string harm_names() {
  std::string names;
  for (const HarmTraits& traits : table) {
    if (!names.empty()) names += ", ";
    names += traits.name;
  }
  return names;
}

double grown_share(Harm harm, Seconds since_onset) {
  const auto of_days = [&](Seconds since, int days) {
    if (since >= days * day_s) return 1.0;
    return static_cast<double>(since) / static_cast<double>(days * day_s);
  };
  const double grown = of_days(since_onset, traits_of(harm).growth_days);
  const Seconds healing = since_onset - dechallenge_days * day_s;
  if (harm != Harm::bladder_dechallenge || healing < 0) return grown;
  constexpr int heals_days = 60;
  return grown * (1 - of_days(healing, heals_days));
}

}  // namespace ketavigil::simulation
