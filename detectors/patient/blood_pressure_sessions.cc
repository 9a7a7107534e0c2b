// BP-1, BP-4, and what is judged when a session closes: BP-5, BP-6.
#include <algorithm>
#include <iterator>
#include <utility>

#include "detectors/patient/blood_pressure_rules.h"
#include "events/json_text.h"

namespace ketavigil::detectors::blood_pressure {
namespace {

using events::round_to_12_digits;

double ratio(const Measure& measure) {
  return round_to_12_digits(measure.value / measure.threshold);
}

// The component farther beyond its limit among those that meet it.
template <typename Meets>
std::optional<Measure> of_two(const Pressures& pressures, Limits limits, Meets meets) {
  const auto component = [&](const std::optional<double>& value,
                             double limit) -> std::optional<Measure> {
    if (!value) return std::nullopt;
    const Measure measure{round_to_12_digits(*value), round_to_12_digits(limit)};
    return meets(measure.value, measure.threshold) ? std::optional<Measure>(measure) : std::nullopt;
  };
  return farther(component(pressures.systolic, limits.systolic),
                 component(pressures.diastolic, limits.diastolic));
}

// Enters a session into a count at its place in the order of R, and says whether that changed the
// count.
bool enter(Window<CountedSession>* counted, std::int64_t number, bool holds) {
  const auto place =
      std::find_if(counted->begin(), counted->end(),
                   [&](const CountedSession& session) { return session.number >= number; });
  if (place != counted->end() && place->number == number) {
    const bool changed = place->holds != holds;
    place->holds = holds;
    return changed;
  }
  counted->insert(place, {number, holds});
  if (counted->size() > counted_sessions_kept) counted->pop_front();
  return true;
}

// Of the last `of` counted sessions up to this one, how many hold.
int count_of_last(const Window<CountedSession>& counted, std::int64_t number, double of) {
  int seen = 0;
  int holding = 0;
  for (auto it = counted.rbegin(); it != counted.rend() && seen < of; ++it) {
    if (it->number > number) continue;
    ++seen;
    if (it->holds) ++holding;
  }
  return holding;
}

void withdraw(std::string_view detector, std::string_view statistic, const SessionReadings& session,
              Sink* sink) {
  for (const ReadingSeen& reading : session.readings) {
    sink->withdraw(detector, statistic, reading.evidence.source, reading.evidence.id);
  }
}

// The componentwise greatest of the readings of the gate.
Pressures greatest(const std::vector<const ReadingSeen*>& readings) {
  Pressures gate;
  for (const ReadingSeen* reading : readings) {
    if (reading->systolic) {
      gate.systolic = std::max(gate.systolic.value_or(*reading->systolic), *reading->systolic);
    }
    if (reading->diastolic) {
      gate.diastolic = std::max(gate.diastolic.value_or(*reading->diastolic), *reading->diastolic);
    }
  }
  return gate;
}

void assess_gate(BloodPressureState* state, SessionTrack* track,
                 const BloodPressureParameters& parameters, Sink* sink) {
  const SessionReadings& session = track->vitals.seen;
  if (std::exchange(track->gate_said, false)) withdraw("BP-1", "gate", session, sink);
  const std::vector<const ReadingSeen*> readings = gate_readings(session);
  if (readings.empty()) return;
  const Pressures gate = greatest(readings);
  const Limits limits =
      track->is_65_or_more.value_or(false)
          ? Limits{parameters.bp1_systolic_from_65_mmhg, parameters.bp1_diastolic_from_65_mmhg}
          : Limits{parameters.bp1_systolic_mmhg, parameters.bp1_diastolic_mmhg};
  std::optional<Measure> measure = above(gate, limits);
  const auto critical = at_least(
      gate, {parameters.bp1_critical_systolic_mmhg, parameters.bp1_critical_diastolic_mmhg});
  const auto alert =
      at_least(gate, {parameters.bp1_alert_systolic_mmhg, parameters.bp1_alert_diastolic_mmhg});
  enter(&state->gates, track->number, measure.has_value());
  if (!measure && !alert && !critical) return;
  const int exceeded = count_of_last(state->gates, track->number, parameters.bp1_of_sessions);
  Level level = Level::info;
  if (critical) {
    level = Level::critical;
    measure = critical;
  } else if (alert) {
    level = Level::alert;
    measure = alert;
  } else if (exceeded >= parameters.bp1_watch_sessions) {
    level = Level::watch;
    measure = Measure{static_cast<double>(exceeded), parameters.bp1_watch_sessions};
  }
  Hit hit = hit_of_reading("BP-1", "gate", level, *measure, *readings.back(), session.session);
  hit.evidence.clear();
  for (const ReadingSeen* reading : readings) hit.evidence.push_back(reading->evidence);
  hit.completed_at = std::max(session.session.start, readings.back()->at);
  say(&hit.inputs, "gate_", gate);
  say(&hit.inputs, "limit_", {limits.systolic, limits.diastolic});
  hit.inputs["exceeded_sessions"] = static_cast<double>(exceeded);
  if (!track->is_65_or_more) hit.annotations.emplace_back("age-unknown");
  sink->occasion(std::move(hit));
  track->gate_said = true;
}

// A reading that can show a surge: 0 < t ≤ 90, or stated `peak`.
bool can_surge(const ReadingSeen& reading, const BloodPressureParameters& parameters) {
  if (reading.phase_stated && reading.phase == Phase::peak) return true;
  return reading.minutes && *reading.minutes > 0 && *reading.minutes <= parameters.bp4_until_min;
}

// A reading's rise above the pre value, where it can be computed.
struct Rise {
  const ReadingSeen* reading = nullptr;
  Pressures pre;
  Pressures rise;
  std::optional<Measure> surge;
};

std::optional<Rise> rise_of(const ReadingSeen& reading, const Pressures& pre,
                            const BloodPressureParameters& parameters) {
  if (!can_surge(reading, parameters)) return std::nullopt;
  Rise out{&reading, pre, difference(pressures_of(reading), pre), std::nullopt};
  if (!out.rise.any()) return std::nullopt;
  out.surge =
      at_least(out.rise, {parameters.bp4_rise_systolic_mmhg, parameters.bp4_rise_diastolic_mmhg});
  return out;
}

void say_surge(BloodPressureState* state, SessionTrack* track, const Rise& rise,
               const BloodPressureParameters& parameters, Sink* sink) {
  const int sessions = count_of_last(state->rises, track->number, parameters.bp4_of_sessions);
  const bool again = sessions >= parameters.bp4_alert_sessions;
  const Measure measure =
      again ? Measure{static_cast<double>(sessions), parameters.bp4_alert_sessions} : *rise.surge;
  const SessionReference& session = track->vitals.seen.session;
  Hit hit = hit_of_reading("BP-4", "surge", again ? Level::alert : Level::watch, measure,
                           *rise.reading, session);
  say(&hit.inputs, *rise.reading, session);
  say(&hit.inputs, "pre_", rise.pre);
  say(&hit.inputs, "rise_", rise.rise);
  hit.inputs["surge_sessions"] = static_cast<double>(sessions);
  sink->occasion(std::move(hit));
  track->surge_said = true;
}

void assess_surges_of(BloodPressureState* state, SessionTrack* track,
                      const BloodPressureParameters& parameters, Sink* sink) {
  const SessionReadings& session = track->vitals.seen;
  if (std::exchange(track->surge_said, false)) withdraw("BP-4", "surge", session, sink);
  const Pressures pre = pre_value(session);
  std::vector<Rise> rises;
  for (const ReadingSeen& reading : session.readings) {
    if (auto rise = rise_of(reading, pre, parameters)) rises.push_back(*rise);
  }
  if (rises.empty()) return;
  const auto surges = [](const Rise& rise) { return rise.surge.has_value(); };
  enter(&state->rises, track->number, std::any_of(rises.begin(), rises.end(), surges));
  for (const Rise& rise : rises) {
    if (rise.surge) say_surge(state, track, rise, parameters, sink);
  }
}

// The reading with which the patient left: the last with phase `discharge`; of one who left early,
// the last stated so or after the start.
const ReadingSeen* leaving_reading(const SessionTrack& track,
                                   const BloodPressureParameters& parameters) {
  const auto minutes = track.monitored_min ? track.monitored_min : track.ready_min;
  const bool early = minutes && *minutes < parameters.bp5_left_early_below_min;
  const auto& readings = track.vitals.seen.readings;
  for (auto it = readings.rbegin(); it != readings.rend(); ++it) {
    const bool stated = it->phase_stated && it->phase == Phase::discharge;
    const bool after_start = it->minutes && *it->minutes > 0;
    if (early ? stated || after_start : it->phase == Phase::discharge) return &*it;
  }
  return nullptr;
}

// BP-5 at its deadline.
void judge_resolution(const SessionTrack& track, const BloodPressureParameters& parameters,
                      Sink* sink) {
  const ReadingSeen* reading = leaving_reading(track, parameters);
  if (reading == nullptr) return;
  const Pressures pressures = pressures_of(*reading);
  const Pressures pre = pre_value(track.vitals.seen);
  Level level = Level::critical;
  auto measure = at_least(
      pressures, {parameters.bp5_critical_systolic_mmhg, parameters.bp5_critical_diastolic_mmhg});
  if (!measure) {
    level = Level::alert;
    const Limits absolute{parameters.bp5_alert_systolic_mmhg, parameters.bp5_alert_diastolic_mmhg};
    const auto systolic = pre.systolic
                              ? above({pressures.systolic, {}},
                                      {*pre.systolic + parameters.bp5_rise_systolic_mmhg, 0})
                              : std::nullopt;
    const auto diastolic = pre.diastolic
                               ? above({{}, pressures.diastolic},
                                       {0, *pre.diastolic + parameters.bp5_rise_diastolic_mmhg})
                               : std::nullopt;
    measure = farther(farther(systolic, at_least({pressures.systolic, {}}, absolute)),
                      farther(diastolic, at_least({{}, pressures.diastolic}, absolute)));
  }
  if (!measure) return;
  const SessionReference& session = track.vitals.seen.session;
  Hit hit = hit_of_reading("BP-5", "non-resolution", level, *measure, *reading, session);
  hit.completed_at = session.closes;
  hit.visible_from = session.closes;
  say(&hit.inputs, *reading, session);
  say(&hit.inputs, "pre_", pre);
  sink->occasion(std::move(hit));
}

// BP-6 at its deadline.
void judge_monitoring(const SessionTrack& track, const BloodPressureParameters& parameters,
                      Sink* sink) {
  if (track.home) return;
  std::vector<std::string> gaps;
  if (!track.vitals.any_pre) gaps.emplace_back("no-pre");
  if (!track.vitals.any_peak) gaps.emplace_back("no-peak");
  if (!track.vitals.any_discharge) gaps.emplace_back("no-discharge");
  if (track.monitored_min && *track.monitored_min < parameters.bp6_monitored_min) {
    gaps.emplace_back("monitored-short");
  }
  if (track.vitals.contradicts_clock) gaps.emplace_back("phase-contradicts-clock");
  if (gaps.empty()) return;
  const SessionReference& session = track.vitals.seen.session;
  Hit hit;
  hit.detector = "BP-6";
  hit.statistic = "monitoring-gap";
  hit.level = Level::info;
  hit.measure = {1, 1};
  hit.evidence = {track.evidence};
  hit.session = session;
  hit.completed_at = session.closes;
  hit.deadline = session.closes;
  hit.visible_from = session.closes + span_us(parameters.bp6_grace_days, events::day_us);
  hit.inputs["session_start"] = events::print_utc(session.start);
  hit.inputs["gaps"] = static_cast<double>(gaps.size());
  if (track.monitored_min) hit.inputs["monitored_min"] = round_to_12_digits(*track.monitored_min);
  hit.annotations = std::move(gaps);
  sink->occasion(std::move(hit));
}

}  // namespace

std::optional<Measure> at_least(const Pressures& pressures, Limits limits) {
  return of_two(pressures, limits, [](double value, double limit) { return value >= limit; });
}

std::optional<Measure> above(const Pressures& pressures, Limits limits) {
  return of_two(pressures, limits, [](double value, double limit) { return value > limit; });
}

std::optional<Measure> farther(const std::optional<Measure>& a, const std::optional<Measure>& b) {
  if (!a || !b) return a ? a : b;
  return ratio(*b) > ratio(*a) ? b : a;
}

Pressures difference(const Pressures& reading, const Pressures& base) {
  Pressures out;
  if (reading.systolic && base.systolic) {
    out.systolic = round_to_12_digits(*reading.systolic - *base.systolic);
  }
  if (reading.diastolic && base.diastolic) {
    out.diastolic = round_to_12_digits(*reading.diastolic - *base.diastolic);
  }
  return out;
}

Hit hit_of_reading(std::string_view detector, std::string_view statistic, Level level,
                   Measure measure, const ReadingSeen& reading, const SessionReference& session) {
  Hit hit;
  hit.detector = detector;
  hit.statistic = statistic;
  hit.level = level;
  hit.measure = measure;
  hit.evidence.push_back(reading.evidence);
  hit.session = session;
  hit.completed_at = reading.at;
  return hit;
}

void say(Inputs* inputs, const std::string& name, const Pressures& pressures) {
  if (pressures.systolic) (*inputs)[name + "systolic"] = round_to_12_digits(*pressures.systolic);
  if (pressures.diastolic) (*inputs)[name + "diastolic"] = round_to_12_digits(*pressures.diastolic);
}

void say(Inputs* inputs, const ReadingSeen& reading, const SessionReference& session) {
  say(inputs, "", pressures_of(reading));
  (*inputs)["phase"] = std::string(name_of(reading.phase));
  (*inputs)["session_start"] = events::print_utc(session.start);
  if (reading.minutes) (*inputs)["minutes"] = round_to_12_digits(*reading.minutes);
}

void assess_gates(BloodPressureState* state, std::size_t from,
                  const BloodPressureParameters& parameters, Sink* sink) {
  for (std::size_t i = from; i < state->sessions.size(); ++i) {
    assess_gate(state, &state->sessions[i], parameters, sink);
  }
}

void assess_surges(BloodPressureState* state, std::size_t from,
                   const BloodPressureParameters& parameters, Sink* sink) {
  for (std::size_t i = from; i < state->sessions.size(); ++i) {
    assess_surges_of(state, &state->sessions[i], parameters, sink);
  }
}

void assess_newest_reading(BloodPressureState* state, std::size_t session,
                           const BloodPressureParameters& parameters, Sink* sink) {
  SessionTrack* track = &state->sessions[session];
  const auto rise =
      rise_of(track->vitals.seen.readings.back(), pre_value(track->vitals.seen), parameters);
  if (!rise) return;
  const auto& counted = state->rises;
  const bool surged_before = std::any_of(
      counted.begin(), counted.end(),
      [&](const CountedSession& other) { return other.number == track->number && other.holds; });
  const bool changed = enter(&state->rises, track->number, surged_before || rise->surge);
  const bool last = session + 1 == state->sessions.size();
  if (changed && !last) return assess_surges(state, session, parameters, sink);
  if (rise->surge) say_surge(state, track, *rise, parameters, sink);
}

void close_session(const SessionTrack& session, const BloodPressureParameters& parameters,
                   Sink* sink) {
  judge_resolution(session, parameters, sink);
  judge_monitoring(session, parameters, sink);
}

}  // namespace ketavigil::detectors::blood_pressure
