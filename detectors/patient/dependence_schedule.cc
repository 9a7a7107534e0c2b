// DEP-4: sessions beside the plan.
#include <algorithm>

#include "detectors/patient/dependence_rules.h"
#include "events/json_text.h"

namespace ketavigil::detectors::dependence {
namespace {

using events::Field;

// No plan asks for longer intervals than a thousand years: keeps instants far from overflow.
constexpr double interval_days_max = 365'250;

// How much too early the session is: the days since the one before, against the least that the plan
// asks for.
std::optional<Measure> earliness(std::optional<Microseconds> previous_at, const PlanSeen& plan,
                                 Microseconds at, const DependenceParameters& parameters) {
  const double least_days =
      std::min(plan.interval_days, interval_days_max) - parameters.dep4_early_days;
  if (!previous_at || at - *previous_at >= days_us(least_days)) return std::nullopt;
  return Measure{in_days(static_cast<double>(at - *previous_at)),
                 events::round_to_12_digits(least_days), true};
}

// Notes the session among those off schedule; how many of them are in the window.
double count_off_schedule(Window<Microseconds>* off_schedule, Microseconds at,
                          const DependenceParameters& parameters) {
  const Microseconds from = at - days_us(parameters.dep4_window_days);
  std::erase_if(*off_schedule, [&](Microseconds earlier) { return earlier <= from; });
  off_schedule->push_back(at);
  if (off_schedule->size() > off_schedule_kept) off_schedule->pop_front();
  return static_cast<double>(off_schedule->size());
}

}  // namespace

// The plan a session names, else the latest begun and not ended of its compound and route.
const PlanSeen* plan_of(const Background& background, const RecordFact& session) {
  const events::Fact& fact = *session.fact;
  const PlanSeen* latest = nullptr;
  for (const PlanSeen& plan : background.plans) {
    if (session.plan && plan.evidence.source == session.plan->first &&
        plan.evidence.id == session.plan->second) {
      return &plan;
    }
    const bool runs = plan.begins <= session.at && (!plan.ends || *plan.ends > session.at);
    if (runs && plan.compound == fact.word(Field::compound) &&
        plan.route == fact.word(Field::route)) {
      latest = &plan;
    }
  }
  return latest;
}

void judge_schedule(Window<Microseconds>* off_schedule, std::optional<Microseconds> previous_at,
                    const PlanSeen* plan, const RecordFact& session,
                    const DependenceParameters& parameters, Sink* sink) {
  std::optional<Measure> measure;
  const bool unplanned = session.fact->flag(Field::unplanned);
  if (unplanned) measure = Measure{1, 1};
  const auto early =
      plan == nullptr ? std::nullopt : earliness(previous_at, *plan, session.at, parameters);
  if (early && (!measure || early->excess() > measure->excess())) measure = early;
  if (!measure) return;
  const double sessions = count_off_schedule(off_schedule, session.at, parameters);
  const bool again = sessions >= parameters.dep4_alert_sessions;
  if (again) measure = Measure{sessions, parameters.dep4_alert_sessions};
  Hit hit = hit_of("DEP-4", "off-schedule", again ? Level::alert : Level::watch, *measure, session);
  hit.session = reference_of(session);
  hit.inputs["off_schedule_sessions"] = sessions;
  if (unplanned) hit.inputs["unplanned"] = 1.0;
  if (early) {
    hit.inputs["days_since_previous"] = early->value;
    hit.inputs["interval_days"] = plan->interval_days;
    hit.inputs["previous_session_at"] = events::print_utc(*previous_at);
  }
  if (plan != nullptr) hit.inputs["plan"] = plan->evidence.id;
  sink->occasion(std::move(hit));
}

}  // namespace ketavigil::detectors::dependence
