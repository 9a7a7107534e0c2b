#include "detectors/patient/dependence.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "detectors/patient/dependence_rules.h"
#include "events/json_text.h"

namespace ketavigil::detectors {
namespace dependence {

Microseconds days_us(double days) {
  return static_cast<Microseconds>(std::llround(days * static_cast<double>(events::day_us)));
}

double in_days(double us) {
  return events::round_to_12_digits(us / static_cast<double>(events::day_us));
}

SessionReference reference_of(const RecordFact& session) {
  return {session.fact->source, session.fact->id, session.at, session.bare_date,
          session.bare_date ? session.day_ends : session.at + 240 * events::minute_us};
}

bool is_esketamine_in(const RecordFact& session) {
  return session.fact->word(events::Field::compound) == "esketamine" &&
         session.fact->word(events::Field::route) == "IN";
}

}  // namespace dependence

namespace {

using namespace dependence;  // NOLINT(google-build-using-namespace)

using events::Field;
using events::Kind;
using events::round_to_12_digits;

// ---- scores that let the protocol treat more
// -------------------------------------------------------

bool is_above(const events::Fact& score, double cgi_s, double madrs) {
  const std::string_view instrument = score.word(Field::instrument);
  const double value = score.number(Field::value).value_or(0);
  return (instrument == "cgi-s" && value > cgi_s) || (instrument == "madrs" && value > madrs);
}

// A score at a session's own instant comes after it in the order of R, but lies in windows that end
// there.
void take_score(DependenceState* state, const RecordFact& fact,
                const DependenceParameters& parameters) {
  if (is_above(*fact.fact, parameters.dep1_protocol_cgi_s, parameters.dep1_protocol_madrs)) {
    state->dep1_score_at = fact.at;
    for (auto& [key, course] : state->courses) {
      for (CountedDose& dose : course.counted) {
        if (dose.at == fact.at) dose.protocol_score_at = fact.at;
      }
    }
  }
  if (is_above(*fact.fact, parameters.dep2_protocol_cgi_s, parameters.dep2_protocol_madrs)) {
    state->dep2_score_at = fact.at;
    for (SessionDated& session : state->since_entry) {
      if (session.at == fact.at) session.dep2_score_at = fact.at;
    }
  }
  if (is_above(*fact.fact, parameters.dep3_protocol_cgi_s, parameters.dep3_protocol_madrs)) {
    state->dep3_score_at = fact.at;
    for (SessionDated& session : state->since_entry) {
      if (session.at == fact.at) session.dep3_score_at = fact.at;
    }
  }
}

// ---- DEP-1, dose-limit
// -----------------------------------------------------------------------------

struct Weight {
  double kg = 0;
  std::string_view origin;  ///< `session` or `vital`
  Microseconds at = 0;
};

std::optional<Weight> own_weight(const RecordFact& session) {
  const auto kg = session.fact->number(Field::weight_kg);
  if (!kg || !(*kg > 0)) return std::nullopt;
  return Weight{*kg, "session", session.at};
}

std::optional<Weight> weight_for(const DependenceState& state, const RecordFact& session,
                                 const DependenceParameters& parameters) {
  if (const auto own = own_weight(session)) return own;
  const auto& vital = state.weight_kg;
  if (!vital || vital->first < session.at - days_us(parameters.dep1_weight_days))
    return std::nullopt;
  return Weight{vital->second, "vital", vital->first};
}

std::optional<Hit> dose_limit(const RecordFact& session, const std::optional<Weight>& weight,
                              const DependenceParameters& parameters) {
  const events::Fact& fact = *session.fact;
  const std::string_view route = fact.word(Field::route);
  const double dose_mg = fact.number(Field::dose_mg).value_or(0);
  double value = round_to_12_digits(dose_mg);
  double limit = parameters.dep1_esketamine_in_mg;
  Inputs inputs{{"dose_mg", dose_mg}};
  if (route == "IV") {
    if (!weight) return std::nullopt;
    value = round_to_12_digits(dose_mg / weight->kg);
    limit = parameters.dep1_iv_mg_per_kg;
    inputs["weight_kg"] = weight->kg;
    inputs["weight_from"] = std::string(weight->origin);
    inputs["weight_at"] = events::print_utc(weight->at);
  } else if (!is_esketamine_in(session)) {
    return std::nullopt;
  }
  const double critical = round_to_12_digits(limit * parameters.dep1_critical_multiple);
  if (!(value > limit)) return std::nullopt;
  const bool far_above = value > critical;
  Hit hit = hit_of("DEP-1", "dose-limit", far_above ? Level::critical : Level::alert,
                   {value, far_above ? critical : limit}, session);
  hit.session = reference_of(session);
  hit.inputs = std::move(inputs);
  return hit;
}

// ---- DEP-1, dose-ratio
// -----------------------------------------------------------------------------

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// Counts the session; whether it is one of those from which a ratio is made.
bool count_dose(Course* course, const RecordFact& session, ProtocolScoreAt score_at,
                const DependenceParameters& parameters) {
  const double number = static_cast<double>(++course->numbered);
  const double dose_mg = session.fact->number(Field::dose_mg).value_or(0);
  if (number <= parameters.dep1_reference_to) {
    const bool room = course->reference_mg.size() < reference_doses_kept;
    if (number >= parameters.dep1_reference_from && room) course->reference_mg.push_back(dose_mg);
    return false;
  }
  course->counted.push_back({session.at, dose_mg, score_at});
  const Microseconds from = session.at - days_us(parameters.dep1_window_days);
  while (course->counted.front().at <= from || course->counted.size() > counted_doses_kept) {
    course->counted.pop_front();
  }
  return !course->reference_mg.empty();
}

// The score in the days before the first counted dose above the reference, if there is one.
ProtocolScoreAt score_before_rise(const Course& course, double reference_mg,
                                  const DependenceParameters& parameters) {
  const auto first = std::find_if(
      course.counted.begin(), course.counted.end(),
      [&](const CountedDose& dose) { return round_to_12_digits(dose.mg) > reference_mg; });
  if (first == course.counted.end() || !first->protocol_score_at) return std::nullopt;
  if (*first->protocol_score_at < first->at - days_us(parameters.dep1_protocol_days))
    return std::nullopt;
  return first->protocol_score_at;
}

void judge_ratio(const Course& course, const RecordFact& session,
                 const DependenceParameters& parameters, Sink* sink) {
  const std::string compound(session.fact->word(Field::compound));
  const std::string route(session.fact->word(Field::route));
  std::string series = compound + "|" + route;
  std::vector<double> counted_mg;
  for (const CountedDose& dose : course.counted) counted_mg.push_back(dose.mg);
  const double reference_mg = mean(course.reference_mg);
  const double ratio = round_to_12_digits(mean(counted_mg) / reference_mg);
  if (ratio < parameters.dep1_clear_ratio) {
    sink->clears("DEP-1", "dose-ratio", session.at, always, std::move(series));
    return;
  }
  if (ratio < parameters.dep1_watch_ratio) return;
  const bool alert = ratio >= parameters.dep1_alert_ratio;
  const bool within_label = is_esketamine_in(session) &&
                            std::all_of(counted_mg.begin(), counted_mg.end(), [&](double mg) {
                              return round_to_12_digits(mg) <= parameters.dep1_esketamine_in_mg;
                            });
  Hit hit =
      hit_of("DEP-1", "dose-ratio", alert && !within_label ? Level::alert : Level::watch,
             {ratio, alert ? parameters.dep1_alert_ratio : parameters.dep1_watch_ratio}, session);
  hit.session = reference_of(session);
  hit.series = std::move(series);
  if (within_label) hit.annotations.emplace_back("within-label");
  const double reference_rounded = round_to_12_digits(reference_mg);
  hit.inputs["mean_mg"] = round_to_12_digits(mean(counted_mg));
  hit.inputs["reference_mg"] = reference_rounded;
  hit.inputs["sessions_counted"] = static_cast<double>(counted_mg.size());
  hit.inputs["session_number"] = static_cast<double>(course.numbered);
  hit.inputs["compound"] = compound;
  hit.inputs["route"] = route;
  if (const auto score_at = score_before_rise(course, reference_rounded, parameters)) {
    hit.annotations.emplace_back("protocol-driven");
    hit.inputs["protocol_score_at"] = events::print_utc(*score_at);
  }
  sink->holds(std::move(hit));
}

void take_session(DependenceState* state, const Background& background, const RecordFact& fact,
                  const DependenceParameters& parameters, Sink* sink) {
  if (auto hit = dose_limit(fact, weight_for(*state, fact, parameters), parameters)) {
    sink->occasion(*std::move(hit));
  }
  Course& course = state->courses[{std::string(fact.fact->word(Field::compound)),
                                   std::string(fact.fact->word(Field::route))}];
  const PlanSeen* plan = plan_of(background, fact);
  judge_schedule(&state->off_schedule, std::exchange(course.last_at, fact.at), plan, fact,
                 parameters, sink);
  const bool titrates = plan != nullptr && plan->titration;
  if (!titrates && count_dose(&course, fact, state->dep1_score_at, parameters))
    judge_ratio(course, fact, parameters, sink);
  note_session(state, background, fact, parameters);
  judge_intervals(*state, background, fact, parameters, sink);
  judge_cumulative(state, background, fact, parameters, sink);
  judge_escalation(state, fact, parameters, sink);
}

}  // namespace

void step(DependenceState* state, const Background& background, const RecordFact& fact,
          const DependenceParameters& parameters, Sink* sink) {
  switch (fact.kind()) {
    case Kind::session:
      return take_session(state, background, fact, parameters, sink);
    case Kind::score:
      note_depression(state, fact);
      return take_score(state, fact, parameters);
    case Kind::vital:
      if (fact.fact->word(Field::name) == "weight") {
        const double kg = fact.fact->number(Field::value).value_or(0);
        if (kg > 0) state->weight_kg = {fact.at, kg};
      }
      return;
    default:
      return;
  }
}

std::optional<Microseconds> next_deadline(const DependenceState&) { return std::nullopt; }

void pass_deadline(DependenceState*, const Background&, Microseconds, const DependenceParameters&,
                   Sink*) {}

void single_fact(const DependenceState&, const Background&, const RecordFact& fact,
                 Certainty certainty, const DependenceParameters& parameters, Sink* sink) {
  if (fact.kind() != Kind::session) return;
  auto hit = dose_limit(fact, own_weight(fact), parameters);
  if (!hit || hit->level != Level::critical) return;
  // Beside the fold the session is the one it stands for, if any (a twin's representative).
  if (fact.session) hit->session = fact.session;
  hit->doubtful = certainty != Certainty::verified;
  sink->occasion(*std::move(hit));
}

}  // namespace ketavigil::detectors
