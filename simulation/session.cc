// The plan, the session, and the readings around it.
#include <algorithm>

#include "simulation/normal.h"
#include "simulation/visit.h"

namespace ketavigil::simulation {
namespace {

constexpr std::string_view pressure_symptoms[] = {
    "chest-pain",    "dyspnoea", "severe-headache",      "visual-disturbance",
    "focal-deficit", "seizure",  "reduced-consciousness"};
constexpr std::int64_t severe_headache = 4;

/// A pressure in mmHg, before a site's habit.
struct Pressure {
  std::int64_t systolic = 0;
  std::int64_t diastolic = 0;
};

/// No reading by chance crosses the limits of a crisis: 220/130, or 180/120 with symptoms.
Pressure within_life(double systolic, double diastolic) {
  Pressure pressure{to_whole(clamped(systolic, 84, 208)), to_whole(clamped(diastolic, 44, 117))};
  pressure.diastolic = std::min(pressure.diastolic, pressure.systolic - 20);
  return pressure;
}

struct Reading {
  Pressure pressure;
  Seconds at = 0;
  std::string_view phase;
  std::uint32_t session = 0;
  std::int64_t symptoms = 0;
  bool planted = false;
};

void send_reading(Visit& visit, const Reading& reading) {
  Fact fact("blood_pressure", "bp", reading.at);
  const auto to_tens = [](std::int64_t value) { return (value + 5) / 10 * 10; };
  const bool rounds = visit.draws.chance(0.6);
  Pressure pressure = reading.pressure;
  const Noise& noise = visit.kinds_of_noise();
  const bool prefers =
      noise.digit_preference_share > 0 && visit.noise.chance(noise.digit_preference_share);
  if ((visit.site.prefers_tens && rounds) || prefers) {
    pressure = {to_tens(pressure.systolic), to_tens(pressure.diastolic)};
  }
  const bool mistakes_unit = !reading.planted && noise.unit_mistake_share > 0 &&
                             visit.noise.chance(noise.unit_mistake_share);
  if (visit.site.sends_kpa || mistakes_unit) {
    const auto to_kpa = [](std::int64_t mmhg) {
      return to_whole(static_cast<double>(mmhg) * 10 / 7.50062);
    };
    fact.number("systolic", to_kpa(pressure.systolic), 1)
        .is_value(1)
        .may_be_mistaken(to_kpa(pressure.diastolic) + 26, 270, 40)
        .number("diastolic", to_kpa(pressure.diastolic), 1);
    if (!mistakes_unit) fact.text("unit", "kPa");
  } else {
    fact.number("systolic", pressure.systolic)
        .is_value(12)
        .may_be_mistaken(pressure.diastolic + 20, 205, 30)
        .number("diastolic", pressure.diastolic);
  }
  if (!visit.site.omits_phases && !reading.phase.empty()) fact.text("phase", reading.phase);
  if (reading.symptoms != 0) fact.words("symptoms", pressure_symptoms, reading.symptoms);
  fact.session = reading.session;
  fact.planted = reading.planted;
  visit.send(fact);
  if (!visit.site.has_monitor || visit.regimen.home) return;
  const Seconds after = visit.draws.integer(5, 100);
  Fact twin("blood_pressure", "m", reading.at + after);
  twin.number("systolic", reading.pressure.systolic)
      .is_value(12)
      .number("diastolic", reading.pressure.diastolic);
  twin.from_monitor = true;
  twin.planted = reading.planted;
  twin.withdrawable = false;
  visit.send(twin);
}

void send_vital(Visit& visit, std::string_view name, std::int64_t value, std::string_view unit,
                Seconds at) {
  const bool rate = name == "heart-rate";
  Fact fact("vital", "v", at);
  fact.text("name", name)
      .number("value", value)
      .is_value(rate ? 720 : 198)
      .may_be_mistaken(rate ? 48 : 93, rate ? 125 : 100, rate ? 20 : 3)
      .text("unit", unit);
  fact.session = visit.patient.sessions;
  visit.send(fact);
}

void send_vitals(Visit& visit, Seconds at, double rise) {
  const auto rate = to_whole(clamped(72 + rise + 8 * visit.draws.normal(), 48, 125));
  const auto oxygen = to_whole(clamped(97.5 - rise / 8 + visit.draws.normal(), 93, 100));
  send_vital(visit, "heart-rate", rate, "/min", at);
  send_vital(visit, "spo2", oxygen, "%", at);
}

/// The pressure that a patient has at rest on the day of a visit.
struct Resting {
  double systolic;
  double diastolic;
};
Resting resting(Visit& visit) {
  const Patient& patient = visit.patient;
  double gain = patient.gained(Harm::new_hypertension, visit.arrival);
  if (patient.treated) gain *= 0.4;
  gain += patient.gained(Harm::resting_drift, visit.arrival);
  const double common = visit.lasting_error(Lasting::resting, visit.draws.normal());
  const double own = visit.draws.normal();
  return {patient.systolic + gain + resting_spread * common,
          patient.diastolic + 0.55 * gain + 3.5 * (0.6 * common + 0.8 * own)};
}

Pressure measured(Visit& visit, double systolic, double diastolic) {
  const double first = visit.draws.normal();
  const double second = visit.draws.normal();
  return within_life(systolic + reading_spread * first, diastolic + 2.5 * second);
}

/// The rise at the peak of a session.
Resting rise(Visit& visit) {
  const Patient& patient = visit.patient;
  const Regimen& regimen = visit.regimen;
  // 0.8² + 0.6² = 1; what measuring adds to the spread is small beside it.
  const double first = visit.draws.normal();
  const double second = visit.draws.normal();
  const bool again = visit.draws.chance(0.85);
  Resting rise{
      patient.rise_systolic + 0.8 * regimen.rise_systolic_sd * first,
      patient.rise_diastolic + 0.8 * regimen.rise_diastolic_sd * (0.5 * first + 0.85 * second)};
  const bool surges = patient.afflicted(Harm::post_dose_surge, visit.arrival) &&
                      (again || visit.shows_harm(Harm::post_dose_surge));
  if (surges) {
    const double size = patient.size_of(Harm::post_dose_surge);
    rise.systolic = std::max(regimen.rise_systolic + size + 3 * first, size * 0.9 + 12);
    rise.diastolic = regimen.rise_diastolic + size / 2 + 2 * second;
  }
  return {clamped(rise.systolic, -6, 90), clamped(rise.diastolic, -6, 50)};
}

/// Readings before, at the peak and at discharge; a second one before where the first is too high.
void send_readings(Visit& visit, Seconds discharge) {
  Patient& patient = visit.patient;
  const std::uint32_t session = patient.sessions;
  const bool crisis = visit.shows_harm(Harm::hypertensive_crisis);
  const bool planted = crisis || patient.afflicted(Harm::post_dose_surge, visit.arrival) ||
                       patient.afflicted(Harm::new_hypertension, visit.arrival) ||
                       patient.afflicted(Harm::resting_drift, visit.arrival);
  const Resting rest = resting(visit);
  const Resting up = rise(visit);
  const Seconds before = visit.draws.integer(12, 22) * minute_s;
  const Seconds peak = visit.draws.integer(34, 48) * minute_s;
  const double left = visit.draws.normal();
  const bool headache = visit.draws.chance(0.5);

  // Nobody is treated at 180/110; a session is put off until the pressure is below that.
  Pressure pre = measured(visit, clamped(rest.systolic, 90, 170), clamped(rest.diastolic, 48, 102));
  send_reading(visit, {pre, visit.start - before, "pre", session, 0, planted});
  if (pre.systolic > 140 || pre.diastolic > 90) {
    pre =
        measured(visit, clamped(rest.systolic - 4, 90, 168), clamped(rest.diastolic - 2, 48, 100));
    send_reading(visit, {pre, visit.start - before + 7 * minute_s, "pre", session, 0, planted});
  }
  const auto systolic = static_cast<double>(pre.systolic);
  const auto diastolic = static_cast<double>(pre.diastolic);
  Pressure top = within_life(systolic + up.systolic, diastolic + up.diastolic);
  if (crisis) {
    const double size = patient.size_of(Harm::hypertensive_crisis);
    // In a cuff's range for the largest size: 200 mmHg is the greatest plausible diastolic value.
    top = {to_whole(size), to_whole(clamped(0.6 * size, 134, 190))};
  }
  send_reading(visit, {top, visit.start + (crisis ? 40 * minute_s : peak), "peak", session,
                       crisis && headache ? severe_headache : 0, planted});
  // Back to the value before within 1.5 h (Doherty), a quarter of the rise left.
  const double rest_of_rise = crisis ? 30 : 0.2 * std::max(0.0, up.systolic) + 2 * left;
  const Pressure end = measured(visit, systolic + rest_of_rise, diastolic + rest_of_rise / 2);
  send_reading(visit, {end, discharge, "discharge", session, 0, planted});
  send_vitals(visit, visit.start - before, 0);
  send_vitals(visit, visit.start + peak, 5);
}

/// Sedation in 34.7 % of the sessions (REMS 2019–2024), dissociation, and common complaints.
void send_acute_symptoms(Visit& visit) {
  const bool sedated = visit.draws.chance(0.347);
  const bool dissociated = visit.draws.chance(0.25);
  const bool complains = visit.draws.chance(0.06);
  const auto which = static_cast<std::size_t>(visit.draws.integer(0, 3));
  const auto grade = visit.draws.integer(1, 2);
  const bool serious = visit.draws.chance(0.0008);
  const auto symptom = [&](std::string_view code, int minutes) {
    Fact fact("symptom", "sy", visit.start + minutes * minute_s);
    fact.text("code", code).number("severity", grade);
    fact.session = visit.patient.sessions;
    visit.send(fact);
  };
  if (sedated) symptom("sedation", 35);
  if (dissociated) symptom("dissociation", 30);
  constexpr std::string_view complaints[] = {"headache", "dizziness", "nausea", "somnolence"};
  constexpr std::string_view seriousness[] = {"hospitalisation"};
  const bool crisis = visit.shows_harm(Harm::hypertensive_crisis);
  if (!complains && !serious && !crisis) return;
  Fact event("adverse_event", "ae", visit.start + 70 * minute_s);
  event.text("name", crisis ? "hypertensive crisis" : serious ? "fall" : complaints[which]);
  event.number("ctcae", crisis || serious ? 3 : grade);
  if (crisis || serious) event.words("seriousness", seriousness, 1);
  event.text("text", "told before leaving");
  event.session = visit.patient.sessions;
  event.planted = crisis;
  visit.send(event);
}

std::int64_t dose_mg(const Visit& visit) {
  const Patient& patient = visit.patient;
  double factor = 1;
  for (const Harm harm : {Harm::dose_escalation, Harm::escalation_without_benefit})  // one at most
    factor += (patient.size_of(harm) - 1) * patient.grown(harm, visit.arrival);
  switch (visit.regimen.dosing) {
    case Dosing::devices: {
      const bool old = year_of(day_of(visit.arrival)) - patient.profile.birth_year > 65;
      const int devices = patient.sessions <= 1   ? (old ? 1 : 2)
                          : patient.sessions == 2 ? 2
                                                  : (patient.upper_dose ? 3 : 2);
      return 28 * to_whole(devices * factor);
    }
    case Dosing::per_kilogram:
      return to_whole(visit.regimen.dose * patient.weight * factor);
    case Dosing::fixed_for_each:
      return 10 * to_whole(patient.fixed_dose_mg / 10 * factor);
  }
  return 0;
}

void send_session_fact(Visit& visit, int monitored, int ready) {
  Patient& patient = visit.patient;
  const std::int64_t dose = dose_mg(visit);
  constexpr std::string_view therapies[] = {"none", "kap", "cbt", "exposure",
                                            "motivational-interviewing"};
  constexpr std::string_view sedatives[] = {"lorazepam"};
  Fact fact("session", "s", visit.start);
  fact.id_number = patient.sessions;
  fact.text("compound", visit.regimen.compound)
      .text("route", visit.regimen.route)
      .number("dose_mg", dose)
      .is_value(-dose)
      .may_be_mistaken(dose / 2, dose + dose / 5, std::max<std::int64_t>(2, dose / 5));
  if (visit.regimen.dosing == Dosing::per_kilogram) {
    fact.number("weight_kg", to_whole(10 * patient.weight), 1);
  }
  if (visit.regimen.duration_min > 0) fact.number("duration_min", visit.regimen.duration_min);
  fact.text("setting", visit.regimen.home ? "home" : "clinic");
  fact.text("psychotherapy", therapies[patient.psychotherapy]);
  if (monitored > 0) fact.number("monitored_min", monitored).number("ready_min", ready);
  if ((patient.medicines & benzodiazepine) != 0) fact.words("comedication", sedatives, 1);
  fact.reference("plan", "pl", patient.plans);
  const bool unplanned = visit.draws.chance(0.7);
  const bool shortened = patient.afflicted(Harm::interval_shortening, visit.arrival);
  if ((shortened && unplanned) || patient.off_schedule) fact.flag("unplanned");
  fact.known = visit.start + (monitored > 0 ? monitored : 60) * minute_s;
  fact.withdrawable = false;
  fact.planted = visit.shows() || shortened || patient.off_schedule ||
                 patient.afflicted(Harm::dose_escalation, visit.arrival) ||
                 patient.afflicted(Harm::escalation_without_benefit, visit.arrival);
  visit.send(fact);
}

}  // namespace

int planned_interval_tenths(const Regimen& regimen, const Patient& patient, int day) {
  const int given = static_cast<int>(patient.sessions);
  if (given < regimen.twice_weekly) return 35;
  if (given < regimen.twice_weekly + regimen.weekly) return 70;
  // Worse again: back to weekly, as the label's algorithm has it.
  const bool relapsed =
      patient.relapse_day != 0 && day >= patient.relapse_day + 14 && day < patient.relapse_day + 84;
  if (relapsed && regimen.interval_days > 7) return 70;
  // Who comes more often one day came at least every other week before: else it would not show.
  const int days = patient.has(Harm::interval_shortening) ? std::min(14, regimen.interval_days)
                                                          : regimen.interval_days;
  // Escalation shows against the eight weeks and more in which the sessions before were given.
  const bool as_planned = patient.responder || patient.has(Harm::escalation_without_benefit);
  return 10 * (as_planned ? days : regimen.short_interval_days);
}

void send_plan(Visit& visit) {
  Patient& patient = visit.patient;
  const int interval = planned_interval_tenths(visit.regimen, patient, visit.day);
  if (interval == patient.planned_interval_tenths) return;
  patient.planned_interval_tenths = interval;
  ++patient.plans;
  const std::int64_t dose = dose_mg(visit);
  Fact plan("plan", "pl", visit.arrival + 2 * minute_s);
  plan.id_number = patient.plans;
  plan.text("compound", visit.regimen.compound)
      .text("route", visit.regimen.route)
      .number("dose_mg", dose)
      .is_value(-dose)
      .number("interval_days", interval, 1);
  plan.withdrawable = false;
  visit.send(plan);
}

void send_session(Visit& visit) {
  ++visit.patient.sessions;
  if (visit.regimen.home) return send_session_fact(visit, 0, 0);
  const bool leaves_early = visit.draws.chance(0.006);
  const auto stay = leaves_early ? visit.draws.integer(98, 117) : visit.draws.integer(120, 140);
  const auto ready = stay - visit.draws.integer(3, 15);
  send_session_fact(visit, static_cast<int>(stay), static_cast<int>(ready));
  send_readings(visit, visit.start + (stay - 5) * minute_s);
  send_acute_symptoms(visit);
}

void send_resting_pressure(Visit& visit) {
  const Resting rest = resting(visit);
  const Pressure pressure = measured(visit, rest.systolic, rest.diastolic);
  const bool home = visit.regimen.home && visit.day >= 0;
  send_reading(visit, {pressure, visit.arrival + 4 * minute_s, home ? "home" : "", 0, 0, false});
}

}  // namespace ketavigil::simulation
