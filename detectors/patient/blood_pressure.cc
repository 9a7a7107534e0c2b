#include "detectors/patient/blood_pressure.h"

#include <algorithm>
#include <utility>

#include "detectors/patient/blood_pressure_rules.h"

namespace ketavigil::detectors {
namespace {

using blood_pressure::assess_gates;
using blood_pressure::assess_newest_reading;
using blood_pressure::assess_surges;
using events::Field;
using events::Kind;

ReadingSeen seen_of(const RecordFact& fact) {
  return {fact.evidence(),   fact.at,      fact.bare_date, fact.phase,
          fact.phase_stated, fact.minutes, fact.systolic,  fact.diastolic};
}

// A phase that is stated against the clock (BP-6).
bool contradicts_clock(const ReadingSeen& reading, const BloodPressureParameters& parameters) {
  if (!reading.phase_stated || !reading.minutes) return false;
  const double t = *reading.minutes;
  switch (reading.phase) {
    case Phase::pre:
      return t < parameters.bp6_pre_from_min || t > parameters.bp6_pre_to_min;
    case Phase::peak:
      return t < parameters.bp6_peak_from_min || t > parameters.bp6_peak_to_min;
    case Phase::discharge:
      return t < parameters.bp6_discharge_from_min;
    default:
      return false;
  }
}

void take(SessionVitals* vitals, ReadingSeen reading, const BloodPressureParameters& parameters) {
  vitals->any_pre = vitals->any_pre || reading.phase == Phase::pre;
  vitals->any_peak = vitals->any_peak || reading.phase == Phase::peak;
  vitals->any_discharge = vitals->any_discharge || reading.phase == Phase::discharge;
  vitals->contradicts_clock = vitals->contradicts_clock || contradicts_clock(reading, parameters);
  auto& readings = vitals->seen.readings;
  readings.push_back(std::move(reading));
  if (readings.size() <= readings_of_session_kept) return;
  const auto other = std::find_if(readings.begin(), readings.end(), [&](const ReadingSeen& kept) {
    return !is_before_start(kept, vitals->seen.session);
  });
  readings.erase(other == readings.end() ? readings.begin() : other);
}

// The readings of a session whose fact is still to come.
SessionVitals* awaited(BloodPressureState* state, const SessionReference& session) {
  for (SessionVitals& vitals : state->awaited) {
    if (vitals.seen.session.same(session)) return &vitals;
  }
  if (state->awaited.size() >= awaited_sessions_kept) state->awaited.erase(state->awaited.begin());
  state->awaited.push_back({{session, {}}, false, false, false, false});
  return &state->awaited.back();
}

void step_reading(BloodPressureState* state, const Background& background, const RecordFact& fact,
                  const BloodPressureParameters& parameters, Sink* sink) {
  if (!fact.session) {
    if (background.sessions == 0) {
      blood_pressure::take_sessionless_reading(&state->resting, fact, parameters);
    }
    return;
  }
  const auto track = std::find_if(
      state->sessions.begin(), state->sessions.end(),
      [&](const SessionTrack& other) { return other.vitals.seen.session.same(*fact.session); });
  if (track == state->sessions.end()) {
    // A session that began before and is no longer kept; nothing that looks back to it is asked.
    if (fact.session->start < fact.at) return;
    return take(awaited(state, *fact.session), seen_of(fact), parameters);
  }
  take(&track->vitals, seen_of(fact), parameters);
  const auto index = static_cast<std::size_t>(track - state->sessions.begin());
  if (!is_before_start(track->vitals.seen.readings.back(), *fact.session)) {
    return assess_newest_reading(state, index, parameters, sink);
  }
  // Only on bare dates does a reading count as before the start and yet come after the session.
  assess_gates(state, index, parameters, sink);
  assess_surges(state, index, parameters, sink);
  blood_pressure::take_resting_value(&state->resting, background, *track, fact.at, parameters,
                                     sink);
}

// Closed sessions are kept only as far as late readings may belong to them.
void drop_old_tracks(BloodPressureState* state) {
  auto& sessions = state->sessions;
  auto closed = static_cast<std::size_t>(std::count_if(
      sessions.begin(), sessions.end(), [](const SessionTrack& track) { return track.closed; }));
  while (!sessions.empty() && (sessions.size() > tracks_kept ||
                               (closed > closed_tracks_kept && sessions.front().closed))) {
    if (sessions.front().closed) --closed;
    sessions.pop_front();
  }
}

void step_session(BloodPressureState* state, const Background& background, const RecordFact& fact,
                  const BloodPressureParameters& parameters, Sink* sink) {
  const SessionSeen& session = *background.newest_session;
  SessionTrack track;
  const auto came_before = std::find_if(
      state->awaited.begin(), state->awaited.end(),
      [&](const SessionVitals& vitals) { return vitals.seen.session.same(session.reference); });
  if (came_before != state->awaited.end()) {
    track.vitals = std::move(*came_before);
    state->awaited.erase(came_before);
  }
  track.vitals.seen.session = session.reference;
  track.evidence = session.evidence;
  track.number = session.number;
  track.home = session.setting == "home";
  track.monitored_min = fact.fact->number(Field::monitored_min);
  track.ready_min = fact.fact->number(Field::ready_min);
  track.is_65_or_more = background.is_65_or_more(fact.at);
  state->sessions.push_back(std::move(track));
  drop_old_tracks(state);
  const std::size_t newest = state->sessions.size() - 1;
  assess_gates(state, newest, parameters, sink);
  assess_surges(state, newest, parameters, sink);
  blood_pressure::take_resting_value(&state->resting, background, state->sessions.back(), fact.at,
                                     parameters, sink);
}

}  // namespace

void step(BloodPressureState* state, const Background& background, const RecordFact& fact,
          const BloodPressureParameters& parameters, Sink* sink) {
  blood_pressure::step_dangers(state, fact, parameters, sink);
  switch (fact.kind()) {
    case Kind::blood_pressure:
      return step_reading(state, background, fact, parameters, sink);
    case Kind::session:
      return step_session(state, background, fact, parameters, sink);
    case Kind::medication:
      return blood_pressure::step_treatment(background, fact, sink);
    case Kind::condition:
      return blood_pressure::step_diagnosis(background, fact, sink);
    default:
      return;
  }
}

std::optional<Microseconds> next_deadline(const BloodPressureState& state) {
  std::optional<Microseconds> earliest;
  for (const SessionTrack& track : state.sessions) {
    if (track.closed) continue;
    const Microseconds closes = track.vitals.seen.session.closes;
    if (!earliest || closes < *earliest) earliest = closes;
  }
  return earliest;
}

void pass_deadline(BloodPressureState* state, const Background& /*background*/, Microseconds when,
                   const BloodPressureParameters& parameters, Sink* sink) {
  for (SessionTrack& track : state->sessions) {
    if (track.closed || track.vitals.seen.session.closes > when) continue;
    blood_pressure::close_session(track, parameters, sink);
    track.closed = true;
  }
  drop_old_tracks(state);
}

void single_fact(const BloodPressureState& /*state*/, const Background& /*background*/,
                 const RecordFact& fact, Certainty certainty,
                 const BloodPressureParameters& parameters, Sink* sink) {
  Sink found;
  blood_pressure::critical_of_one_fact(fact, parameters, &found);
  for (Hit& hit : found.occasions) {
    hit.doubtful = certainty != Certainty::verified;
    sink->occasion(std::move(hit));
  }
}

}  // namespace ketavigil::detectors
