// DEP-3: more sessions of esketamine in the nose than the label's schedule has.
#include <algorithm>

#include "detectors/patient/dependence_rules.h"
#include "events/json_text.h"

namespace ketavigil::detectors::dependence {
namespace {

// What so many days of treatment allow in the window.
struct Allowed {
  double sessions = 0;  ///< from so many on the rule holds
  double clears = 0;    ///< below it does not any more
};

std::optional<Allowed> allowed_after(Microseconds treated, const DependenceParameters& parameters) {
  if (treated >= days_us(parameters.dep3_weekly_from_days)) {
    return Allowed{parameters.dep3_weekly_sessions, parameters.dep3_weekly_clears_sessions};
  }
  if (treated >= days_us(parameters.dep3_twice_weekly_from_days))
    return Allowed{parameters.dep3_twice_weekly_sessions,
                   parameters.dep3_twice_weekly_clears_sessions};
  return std::nullopt;
}

void note_nasal_session(NasalSessions* nasal, Microseconds at,
                        const DependenceParameters& parameters) {
  if (!nasal->first_at) nasal->first_at = at;
  const Microseconds from = at - days_us(parameters.dep3_window_days);
  std::erase_if(nasal->recent, [&](Microseconds earlier) { return earlier <= from; });
  nasal->recent.push_back(at);
  if (nasal->recent.size() > nasal_sessions_kept) nasal->recent.pop_front();
}

}  // namespace

void judge_cumulative(DependenceState* state, const Background& background,
                      const RecordFact& session, const DependenceParameters& parameters,
                      Sink* sink) {
  NasalSessions& nasal = state->nasal;
  if (background.sessions_since_entry <= 1) nasal.first_at.reset();
  if (!is_esketamine_in(session)) return;
  note_nasal_session(&nasal, session.at, parameters);
  const Microseconds treated = session.at - *nasal.first_at;
  const auto allowed = allowed_after(treated, parameters);
  if (!allowed) return;
  const auto sessions = static_cast<double>(nasal.recent.size());
  if (sessions < allowed->sessions) {
    if (!nasal.open || sessions >= allowed->clears) return;
    nasal.open = false;
    return sink->clears("DEP-3", "cumulative", session.at);
  }
  Hit hit = hit_of("DEP-3", "cumulative", Level::alert, {sessions, allowed->sessions}, session);
  hit.session = reference_of(session);
  hit.inputs["sessions"] = sessions;
  hit.inputs["first_session_at"] = events::print_utc(*nasal.first_at);
  hit.inputs["days_since_first"] = in_days(static_cast<double>(treated));
  const auto score_at = protocol_score(state->since_entry, &SessionDated::dep3_score_at,
                                       parameters.dep3_protocol_days);
  if (score_at) lower_by_protocol(*score_at, &hit);
  nasal.open = true;
  sink->holds(std::move(hit));
}

}  // namespace ketavigil::detectors::dependence
