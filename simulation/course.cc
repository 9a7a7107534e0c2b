#include "simulation/course.h"

#include <algorithm>

#include "simulation/normal.h"
#include "simulation/visit.h"

namespace ketavigil::simulation {
namespace {

constexpr std::string_view exit_reasons[] = {"completed", "withdrawn", "lost", "pregnancy",
                                             "death"};

void leave(Patient& patient, Delivery& delivery, Seconds when) {
  Fact fact("exit", "ex", when);
  fact.text("reason", exit_reasons[patient.exit_reason]);
  patient.ended = true;
  delivery.send_last(patient, fact);
}

/// Days to the next visit. Few come a day early or late; few miss one.
std::int64_t days_to_next(const Visit& visit, Draws& draws) {
  const Patient& patient = visit.patient;
  const int tenths = planned_interval_tenths(visit.regimen, patient, visit.day);
  const bool misses = draws.chance(0.015);
  const double shift = draws.uniform();
  std::int64_t days = tenths == 35 ? (patient.sessions % 2 == 1 ? 3 : 4) : tenths / 10;
  if (patient.afflicted(Harm::interval_shortening, visit.arrival)) {
    return std::max<std::int64_t>(
        2, to_whole(static_cast<double>(days) * patient.size_of(Harm::interval_shortening)));
  }
  if (patient.afflicted(Harm::escalation_without_benefit, visit.arrival))
    return std::max<std::int64_t>(2, to_whole(static_cast<double>(days) * 0.75));
  if (tenths >= 70) days += shift < 0.12 ? -1 : (shift < 0.24 ? 1 : 0);
  if (misses && patient.is_healthy()) days += tenths == 35 ? 4 : tenths / 10;
  return days;
}

/// Sets the next visit: by the schedule, bent to the onset of a harm that a visit must show, or
/// after the weeks that a patient stays away.
void schedule(Visit& visit) {
  Patient& patient = visit.patient;
  std::int64_t days = days_to_next(visit, visit.draws);
  // Of a session that was not planned the next one that was is not far.
  const bool extra = patient.afflicted(Harm::off_schedule_doses, visit.arrival) && days >= 6 &&
                     visit.noise.chance(patient.size_of(Harm::off_schedule_doses));
  patient.off_schedule = extra;
  if (extra) days /= 2;
  const Seconds next = visit.arrival + days * day_s;
  patient.next = next;
  for (const Affliction& one : patient.harmed()) {
    const bool crosses = visit.arrival < one.onset && one.onset <= next;
    if (!crosses) continue;
    // Of several the first; the next visit after it comes to the others.
    if (traits_of(one.harm).acute) patient.next = std::min(patient.next, one.onset);
    if (one.harm == Harm::missed_visits) {
      const auto away = static_cast<Seconds>(one.size);
      patient.next = std::max(next, one.onset + away * day_s);
    }
  }
}

/// A harm still to come, or to be shown: a course with a limit of facts does not end before.
bool awaits_harm(const Patient& patient, Seconds now) {
  return std::any_of(patient.harmed().begin(), patient.harmed().end(),
                     [&](const Affliction& one) { return now < one.onset; });
}

/// Who is not well leaves more often: what is missing then says something.
bool drops_out(Visit& visit) {
  const double share = visit.kinds_of_noise().dropout_share;
  constexpr double remission = 12;  // of madrs
  if (share == 0 || !visit.patient.is_healthy()) return false;
  if (expected_madrs(visit.patient, visit.day) <= remission || !visit.noise.chance(share))
    return false;
  visit.patient.exit_reason = 1;  // withdrawn
  return true;
}

void live_visit(const Blueprint& blueprint, Delivery& delivery, Patient& patient) {
  const Regimen& regimen = regimens()[patient.profile.regimen];
  Visit visit{
      .blueprint = blueprint,
      .site = blueprint.sites[static_cast<std::size_t>(patient.profile.site)],
      .regimen = regimen,
      .patient = patient,
      .delivery = delivery,
      .draws = Draws(blueprint.options.seed, patient.index, patient.visits, Purpose::visit),
      .noise = Draws(blueprint.options.seed, patient.index, patient.visits, Purpose::noise)};
  const bool screening = patient.visits == 0;
  ++patient.visits;
  visit.arrival = patient.next;
  visit.start = visit.arrival + (regimen.home ? 7 * hour_s : hour_s);
  visit.day = patient.day_number(visit.arrival);
  if (screening) {
    send_history(visit);
    send_resting_pressure(visit);
    send_scores(visit);
    send_checks(visit);
    patient.next = patient.first_day * day_s + patient.slot;
    return;
  }
  const bool treated = !patient.is_dechallenged(visit.arrival);
  if (treated) send_plan(visit);
  send_scores(visit);
  send_checks(visit);
  if (treated) send_session(visit);
  schedule(visit);
  if (drops_out(visit)) return leave(patient, delivery, visit.arrival + day_s);
  const auto limit = blueprint.options.facts_per_patient_limit;
  const bool full = patient.full || (limit != 0 && patient.lines + 1 >= limit);
  if (full && !awaits_harm(patient, visit.arrival)) {
    leave(patient, delivery, visit.arrival + day_s);
  }
}

}  // namespace

void advance(const Blueprint& blueprint, Delivery& delivery, Patient& patient, Seconds until) {
  while (!patient.ended) {
    if (patient.leaves != 0 && patient.next >= patient.leaves) {
      if (patient.leaves >= until) return;
      return leave(patient, delivery, patient.leaves);
    }
    if (patient.next >= until) return;
    live_visit(blueprint, delivery, patient);
  }
}

}  // namespace ketavigil::simulation
