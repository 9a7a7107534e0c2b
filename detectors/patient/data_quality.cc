#include "detectors/patient/data_quality.h"

#include <algorithm>
#include <cmath>

#include "events/json_text.h"

namespace ketavigil::detectors {
namespace {

using events::Field;
using events::Kind;

constexpr std::string_view detector = "DQ-1";
constexpr std::string_view statistic = "missed-visit";
// No visit is awaited for longer than a thousand years: keeps deadlines far from overflow.
constexpr double awaited_days_max = 365'250;

Microseconds days(double number) {
  return static_cast<Microseconds>(std::llround(number * static_cast<double>(events::day_us)));
}

double awaited_days(const PlanInForce& plan, const DataQualityParameters& parameters) {
  return events::round_to_12_digits(parameters.dq1_intervals * plan.interval_days);
}

// The visit after `base`; none once the patient has left, or if the plan's end comes first.
void await(PlanInForce* plan, bool has_left, const DataQualityParameters& parameters) {
  plan->deadline.reset();
  const double awaited = awaited_days(*plan, parameters);
  if (has_left || !(awaited > 0) || awaited > awaited_days_max) return;
  const Microseconds deadline = plan->base.at + days(awaited);
  if (plan->ends && *plan->ends <= deadline) return;
  plan->deadline = deadline;
}

// A plan takes the place of any other of its compound, whatever its route.
void take_plan(DataQualityState* state, const RecordFact& fact,
               const DataQualityParameters& parameters) {
  PlanInForce plan;
  plan.plan = fact.evidence();
  plan.route = fact.fact->word(Field::route);
  plan.interval_days = fact.fact->number(Field::interval_days).value_or(0);
  plan.ends = fact.plan_ends;
  plan.base = plan.plan;
  await(&plan, state->has_left, parameters);
  state->plans[std::string(fact.fact->word(Field::compound))] = std::move(plan);
}

// A session resolves the visits missed before it, and begins the wait for the next.
void take_session(DataQualityState* state, const RecordFact& fact,
                  const DataQualityParameters& parameters, Sink* sink) {
  state->has_left = false;
  const std::string_view compound = fact.fact->word(Field::compound);
  const std::string_view route = fact.fact->word(Field::route);
  std::erase_if(state->missed, [&](const MissedVisit& visit) {
    if (visit.compound != compound || visit.route != route) return false;
    sink->ends.push_back(
        {std::string(detector), std::string(statistic), visit.base.source, visit.base.id});
    return true;
  });
  const auto found = state->plans.find(compound);
  if (found == state->plans.end() || found->second.route != route) return;
  PlanInForce& plan = found->second;
  plan.base = fact.evidence();
  plan.base_session =
      SessionReference{fact.fact->source, fact.fact->id, fact.at, fact.bare_date,
                       fact.bare_date ? fact.day_ends : fact.at + 240 * events::minute_us};
  await(&plan, false, parameters);
}

void take_exit(DataQualityState* state) {
  state->has_left = true;
  for (auto& [compound, plan] : state->plans) plan.deadline.reset();
}

void miss(DataQualityState* state, const std::string& compound, const PlanInForce& plan,
          Microseconds when, const DataQualityParameters& parameters, Sink* sink) {
  const double awaited = awaited_days(plan, parameters);
  Hit hit;
  hit.detector = detector;
  hit.statistic = statistic;
  hit.series = compound + "|" + plan.route;
  hit.level = Level::info;
  hit.measure = {awaited, awaited};
  hit.evidence = {plan.base};
  hit.session = plan.base_session;
  hit.completed_at = when;
  hit.deadline = when;
  hit.visible_from = when + days(parameters.dq1_grace_days);
  hit.inputs["interval_days"] = plan.interval_days;
  hit.inputs[plan.base_session ? "last_session_at" : "plan_began_at"] =
      events::print_utc(plan.base.at);
  hit.inputs["plan"] = plan.plan.id;
  hit.inputs["compound"] = compound;
  hit.inputs["route"] = plan.route;
  sink->occasion(std::move(hit));
  state->missed.push_back({compound, plan.route, plan.base});
  if (state->missed.size() > missed_visits_kept) state->missed.pop_front();
}

}  // namespace

void step(DataQualityState* state, const Background&, const RecordFact& fact,
          const DataQualityParameters& parameters, Sink* sink) {
  switch (fact.kind()) {
    case Kind::plan:
      return take_plan(state, fact, parameters);
    case Kind::session:
      return take_session(state, fact, parameters, sink);
    case Kind::exit:
      return take_exit(state);
    default:
      return;
  }
}

std::optional<Microseconds> next_deadline(const DataQualityState& state) {
  std::optional<Microseconds> earliest;
  for (const auto& [compound, plan] : state.plans) {
    if (plan.deadline && (!earliest || *plan.deadline < *earliest)) earliest = plan.deadline;
  }
  return earliest;
}

void pass_deadline(DataQualityState* state, const Background&, Microseconds when,
                   const DataQualityParameters& parameters, Sink* sink) {
  for (auto& [compound, plan] : state->plans) {
    if (!plan.deadline || *plan.deadline > when) continue;
    const Microseconds deadline = *plan.deadline;
    plan.deadline.reset();
    miss(state, compound, plan, deadline, parameters, sink);
  }
}

void single_fact(const DataQualityState&, const Background&, const RecordFact&, Certainty,
                 const DataQualityParameters&, Sink*) {}

}  // namespace ketavigil::detectors
