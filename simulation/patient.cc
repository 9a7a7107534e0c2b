#include "simulation/patient.h"

#include <algorithm>

#include "simulation/normal.h"
#include "simulation/philox.h"
#include "simulation/regimen.h"

namespace ketavigil::simulation {
namespace {

/// Exit reasons, as `exit_reason` counts them: completed, withdrawn, lost, pregnancy, death.
constexpr std::uint8_t exit_completed = 0, exit_withdrawn = 1, exit_lost = 2, exit_pregnancy = 3,
                       exit_death = 4;

int age_of(const Blueprint& blueprint, const Patient& patient) {
  return year_of(blueprint.start_day) - patient.profile.birth_year;
}

void draw_history(Patient& patient, int age, Draws& draws) {
  patient.education_years = static_cast<std::int8_t>(draws.integer(9, 20));
  patient.conditions = depression;
  // Hypertension at baseline: 21.5 % below 65 years, 48.3 % from then on (SUSTAIN-2).
  if (draws.chance(age >= 65 ? 0.483 : 0.215)) patient.conditions |= hypertension;
  if (draws.chance(0.15)) patient.conditions |= trauma;
  if (draws.chance(0.12)) patient.conditions |= pain;
  if (draws.chance(0.25)) patient.conditions |= anxiety;
  if (draws.chance(0.75)) patient.medicines |= antidepressant;
  if (draws.chance(0.25)) patient.medicines |= benzodiazepine;
  if (draws.chance(0.06)) patient.medicines |= stimulant;
  if (draws.chance(0.02)) patient.medicines |= anticoagulant;
  const bool treated = draws.chance(0.8);
  if (treated && (patient.conditions & hypertension) != 0) patient.medicines |= antihypertensive;
  const double therapy = draws.uniform();
  patient.psychotherapy =
      static_cast<std::int8_t>(therapy < 0.7 ? 0 : (therapy < 0.82 ? 1 : (therapy < 0.92 ? 2 : 4)));
  patient.carrier = draws.chance(0.45);
}

void draw_pressures(Patient& patient, int age, Draws& draws) {
  const Regimen& regimen = regimens()[patient.profile.regimen];
  const double age_effect = (age - 45) * 0.25;
  const double raised = (patient.conditions & hypertension) != 0 ? 8 : 0;
  patient.systolic = clamped(121 + age_effect + raised + 8 * draws.normal(), 98, 130);
  patient.diastolic = clamped(75 + raised / 2 + 5 * draws.normal(), 58, 81);
  // 0.36 of the variance of the rise lies between patients (those with one high rise have more),
  // the rest, 0.8 of the deviation, between their sessions.
  constexpr double between = 0.6;
  patient.rise_systolic =
      regimen.rise_systolic + between * regimen.rise_systolic_sd * draws.normal();
  patient.rise_diastolic =
      regimen.rise_diastolic + between * regimen.rise_diastolic_sd * draws.normal();
  patient.weight = clamped(80 + 16 * draws.normal(), 45, 150);
  if (regimen.dosing == Dosing::fixed_for_each) {
    patient.fixed_dose_mg =
        10.0 * static_cast<double>(to_whole(regimen.dose / 10 + 2.5 * draws.normal()));
    patient.fixed_dose_mg = clamped(patient.fixed_dose_mg, 50, 250);
  }
  patient.upper_dose = draws.chance(0.605);  // 84 mg: 60.5 % (SUSTAIN-1)
}

void draw_scores(Patient& patient, Draws& draws) {
  patient.moca = clamped(27 + 1.5 * draws.normal(), 22, 29.5);
  patient.hvlt = clamped(26 + 4 * draws.normal(), 12, 34);
  patient.dsst = clamped(55 + 9 * draws.normal(), 25, 90);
  patient.bpic = clamped(5 + 2.5 * draws.normal(), 0, 12);
  patient.ipss = clamped(5 + 2.5 * draws.normal(), 0, 12);
  patient.madrs = clamped(32 + 4.5 * draws.normal(), 22, 46);
  patient.craving = clamped(0.7 + 0.6 * draws.normal(), 0, 2);
  patient.responder = draws.chance(0.65);
  const bool relapses = draws.chance(0.12);
  const auto relapse_day = static_cast<std::int32_t>(draws.integer(90, 400));
  if (relapses && patient.responder) patient.relapse_day = relapse_day;
  patient.alt = clamped(22 + 6 * draws.normal(), 9, 36);
  patient.ast = clamped(21 + 5 * draws.normal(), 9, 34);
  patient.alp = clamped(75 + 14 * draws.normal(), 40, 108);
  patient.ggt = clamped(26 + 8 * draws.normal(), 9, 48);
  patient.bilirubin = clamped(0.6 + 0.15 * draws.normal(), 0.2, 1.0);
  patient.creatinine = clamped(0.85 + 0.12 * draws.normal(), 0.5, 1.1);
}

/// Who leaves, when, and why: 15 of 100 a year; deaths 0.24 per 100 patient-years (SUSTAIN-3).
void draw_exit(const Blueprint& blueprint, Patient& patient, int age, Draws& draws) {
  const double years = -natural_log(draws.uniform()) / 0.15;
  const double reason = draws.uniform();
  if (blueprint.options.facts_per_patient_limit != 0) return;
  const auto day = patient.first_day + 10 + to_whole(clamped(years, 0, 100) * 365.25);
  if (day >= blueprint.end_day) return;
  patient.leaves = day * day_s + patient.slot;
  const bool may_be_pregnant = patient.profile.sex == 0 && age < 50;
  patient.exit_reason = reason < 0.5     ? exit_withdrawn
                        : reason < 0.72  ? exit_completed
                        : reason < 0.96  ? exit_lost
                        : reason < 0.984 ? (may_be_pregnant ? exit_pregnancy : exit_withdrawn)
                                         : exit_death;
}

/// The day of enrolment: in the first half of the programme; in its first quarter where a planted
/// harm needs the time; with a limit of facts over all of it but the twelve weeks that a course
/// takes.
std::int64_t draw_enrolment_day(const Blueprint& blueprint, const Planting* planting,
                                Draws& draws) {
  const int period = blueprint.period_days();
  const bool limited = blueprint.options.facts_per_patient_limit != 0;
  int latest = limited ? std::max(period / 8, period - 90) : period / 2;
  if (planting != nullptr) {
    const int spare = period - needed_days(*planting);
    latest = std::clamp(spare, 0, limited ? latest : period / 4);
  }
  return blueprint.start_day + draws.integer(0, latest);
}

void plan_onset(const Blueprint& blueprint, Harm harm, double size, Patient& patient) {
  const HarmTraits& traits = traits_of(harm);
  // Steps from 1 on are those of rates.
  const auto step = patient.afflicted_by == 0 ? 0U : 0x10000U + patient.afflicted_by;
  Draws draws(blueprint.options.seed, patient.index, step, Purpose::harm_onset);
  const auto least = patient.first_day + traits.lead_days;
  auto greatest = blueprint.end_day - tail_days(traits, size) - 1;
  if (blueprint.options.facts_per_patient_limit != 0) greatest = std::min(greatest, least + 4);
  const auto day = draws.integer(least, std::max(least, greatest));
  patient.afflictions[patient.afflicted_by++] = {harm, false, size, day * day_s + patient.slot};
}

void plan_onsets(const Blueprint& blueprint, const Planting& planting, Patient& patient) {
  plan_onset(blueprint, planting.harm, planting.effective_size(), patient);
  for (const Companion& one : planting.together)
    plan_onset(blueprint, one.harm, one.effective_size(), patient);
}

/// Lets the background and the strata's rates strike, month by month.
void draw_by_rate(const Blueprint& blueprint, Patient& patient) {
  constexpr int month_days = 30;
  for (std::size_t i = 0; i < blueprint.plantings.size(); ++i) {
    const Planting& planting = blueprint.plantings[i];
    if (!planting.is_rate()) continue;
    const HarmTraits& traits = traits_of(planting.harm);
    if (traits.needs_clinic && regimens()[patient.profile.regimen].home) continue;
    const bool raised = belongs(blueprint, patient.profile, planting.stratum);
    Draws draws(blueprint.options.seed, patient.index, static_cast<std::uint32_t>(i + 1),
                Purpose::harm_onset);
    for (auto day = patient.first_day + 7; day + 1 < blueprint.end_day; day += month_days) {
      const double ratio = raised && day >= blueprint.rates_from_day() ? planting.rate_ratio : 1.0;
      const bool strikes = draws.chance(planting.share * ratio * month_days / 365.25);
      const auto within = draws.integer(0, month_days - 1);
      if (!strikes) continue;
      const Seconds onset = (day + within) * day_s + patient.slot;
      const bool there = day + within + 1 < blueprint.end_day &&
                         (patient.leaves == 0 || onset + day_s < patient.leaves);
      if (there) {
        patient.afflictions[patient.afflicted_by++] = {planting.harm, true,
                                                       planting.effective_size(), onset};
        return;
      }
      break;
    }
  }
}

/// Makes room for a harm: what it changes must start from health, or nothing would be seen.
void fit_to_harm(Patient& patient, Harm harm) {
  switch (harm) {
    case Harm::cognitive_decline:
    case Harm::cognitive_drop:
      patient.moca = clamped(patient.moca, 26.5, 29);
      patient.hvlt = clamped(patient.hvlt, 24, 34);
      patient.dsst = clamped(patient.dsst, 45, 90);
      break;
    case Harm::bladder_syndrome:
    case Harm::bladder_dechallenge:
      patient.bpic = clamped(patient.bpic, 3, 6);
      patient.ipss = clamped(patient.ipss, 2, 6);
      break;
    case Harm::new_hypertension:
    case Harm::resting_drift:
      patient.conditions &= static_cast<std::uint8_t>(~hypertension);
      patient.medicines &= static_cast<std::uint8_t>(~antihypertensive);
      patient.systolic = clamped(patient.systolic, 114, 124);
      patient.diastolic = clamped(patient.diastolic, 68, 78);
      break;
    case Harm::post_dose_surge:
      patient.systolic = clamped(patient.systolic, 98, 128);
      break;
    case Harm::dose_escalation:
    case Harm::interval_shortening:
    case Harm::off_schedule_doses:
      patient.responder = true;  // so that nothing in the protocol asks for more
      break;
    case Harm::escalation_without_benefit:
      patient.responder = false;
      break;
    default:
      break;
  }
}

}  // namespace

bool Patient::is_dechallenged(Seconds instant) const {
  const Affliction* one = affliction(Harm::bladder_dechallenge);
  return one != nullptr && instant >= one->onset + dechallenge_days * day_s;
}

Patient make_patient(const Blueprint& blueprint, std::uint32_t index) {
  Patient patient;
  patient.index = index;
  patient.pseudonym = pseudonym_of(blueprint.options.seed, index);
  patient.profile = profile_of(blueprint, index);
  patient.last_done.fill(-10'000);
  const std::int16_t number = blueprint.planting_of[index];
  const Planting* planting =
      number < 0 ? nullptr : &blueprint.plantings[static_cast<std::size_t>(number)];

  Draws draws(blueprint.options.seed, index, 0, Purpose::traits);
  const int age = age_of(blueprint, patient);
  const Site& site = blueprint.sites[static_cast<std::size_t>(patient.profile.site)];
  // Sessions begin an hour after arrival: from 8:00 to 15:30 local; at home they follow the day's
  // other business by seven hours, from 19:00 to 21:00.
  const bool home = regimens()[patient.profile.regimen].home;
  const Seconds local =
      home ? 12 * hour_s + 60 * draws.integer(0, 120) : 7 * hour_s + 60 * draws.integer(0, 450);
  patient.slot = local - site.offset_minutes * minute_s;
  patient.enrolment_day = draw_enrolment_day(blueprint, planting, draws);
  patient.first_day = patient.enrolment_day + screening_days;
  patient.next = patient.enrolment_day * day_s + patient.slot;
  draw_history(patient, age, draws);
  draw_pressures(patient, age, draws);
  draw_scores(patient, draws);
  draw_exit(blueprint, patient, age, draws);
  if (planting != nullptr) {
    patient.leaves = 0;
    plan_onsets(blueprint, *planting, patient);
  } else {
    draw_by_rate(blueprint, patient);
  }
  if (!patient.is_healthy()) patient.relapse_day = 0;
  for (const Affliction& one : patient.harmed()) fit_to_harm(patient, one.harm);
  return patient;
}

}  // namespace ketavigil::simulation
