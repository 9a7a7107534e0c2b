// DEP-6: more in less time, and no better for it.
#include <algorithm>
#include <array>

#include "detectors/patient/dependence_rules.h"
#include "events/json_text.h"

namespace ketavigil::detectors::dependence {
namespace {

using events::Field;
using events::round_to_12_digits;

constexpr std::string_view detector = "DEP-6";
constexpr std::string_view statistic = "escalation-without-benefit";
constexpr std::size_t sessions_compared = 4;

double mean_mg(const Window<SessionDated>& sessions, std::size_t first) {
  double sum = 0;
  for (std::size_t i = first; i < first + sessions_compared; ++i)
    sum += sessions[i].iv_equivalent_mg;
  return sum / static_cast<double>(sessions_compared);
}

// Doses and intervals of the last four sessions against those of the four before.
struct Escalation {
  double last_mg = 0;
  double before_mg = 0;
  IntervalMedians medians;
  double rate = 0;  ///< of the dose in time
};

std::optional<Escalation> escalation_of(const Window<SessionDated>& sessions,
                                        const DependenceParameters& parameters) {
  const auto medians = interval_medians(sessions);
  if (!medians) return std::nullopt;
  if (sessions.back().at - sessions.front().at < days_us(parameters.dep6_span_days))
    return std::nullopt;
  Escalation result{mean_mg(sessions, sessions.size() - sessions_compared),
                    mean_mg(sessions, sessions.size() - 2 * sessions_compared), *medians, 0};
  if (!(result.before_mg > 0)) return std::nullopt;  // by a configured weight of 0
  result.rate = round_to_12_digits((result.last_mg / result.before_mg) /
                                   (medians->last_us / medians->before_us));
  return result;
}

// Means of one instrument in [s₋₈, s₋₄] and (s₋₄, now].
struct Depression {
  std::string_view instrument;
  double before = 0;
  double last = 0;
};

std::optional<Depression> depression_of(const Window<DepressionScore>& scores,
                                        std::string_view instrument, Microseconds from,
                                        Microseconds middle) {
  double before = 0;
  double last = 0;
  double count_before = 0;
  double count_last = 0;
  for (const DepressionScore& score : scores) {
    if (score.at < from) continue;
    const bool is_before = score.at <= middle;
    (is_before ? before : last) += score.value;
    (is_before ? count_before : count_last) += 1;
  }
  if (count_before == 0 || count_last == 0) return std::nullopt;
  return Depression{instrument, before / count_before, last / count_last};
}

void drop_before(Window<DepressionScore>* scores, Microseconds from) {
  std::erase_if(*scores, [&](const DepressionScore& score) { return score.at < from; });
}

void show(const Escalation& escalation, const Depression& depression, double benefit, Hit* hit) {
  hit->inputs["last_mean_mg_iv_equivalent"] = round_to_12_digits(escalation.last_mg);
  hit->inputs["before_mean_mg_iv_equivalent"] = round_to_12_digits(escalation.before_mg);
  hit->inputs["last_median_days"] = in_days(escalation.medians.last_us);
  hit->inputs["before_median_days"] = in_days(escalation.medians.before_us);
  hit->inputs["instrument"] = std::string(depression.instrument);
  hit->inputs["last_mean_score"] = round_to_12_digits(depression.last);
  hit->inputs["before_mean_score"] = round_to_12_digits(depression.before);
  hit->inputs["benefit"] = benefit;
}

}  // namespace

double iv_equivalent_mg(const events::Fact& session, const DependenceParameters& parameters) {
  const std::array<std::pair<std::string_view, double>, 6> weights = {{
      {"IV", parameters.dep6_iv_equivalent_iv},
      {"IM", parameters.dep6_iv_equivalent_im},
      {"SC", parameters.dep6_iv_equivalent_sc},
      {"IN", parameters.dep6_iv_equivalent_in},
      {"SL", parameters.dep6_iv_equivalent_sl},
      {"PO", parameters.dep6_iv_equivalent_po},
  }};
  const std::string_view route = session.word(Field::route);
  const auto weight = std::find_if(weights.begin(), weights.end(),
                                   [&](const auto& one) { return one.first == route; });
  return weight == weights.end() ? 0 : weight->second * session.number(Field::dose_mg).value_or(0);
}

// A score at a session's own instant comes after it in the order of R, and counts for the sessions
// that follow.
void note_depression(DependenceState* state, const RecordFact& score) {
  const std::string_view instrument = score.fact->word(Field::instrument);
  const auto value = score.fact->number(Field::value);
  const bool is_madrs = instrument == "madrs";
  if (!value || state->since_entry.empty() || (!is_madrs && instrument != "phq-9")) return;
  auto& scores = is_madrs ? state->madrs : state->phq_9;
  scores.push_back({score.at, *value});
  if (scores.size() > depression_scores_kept) scores.pop_front();
}

void judge_escalation(DependenceState* state, const RecordFact& session,
                      const DependenceParameters& parameters, Sink* sink) {
  const auto& sessions = state->since_entry;
  drop_before(&state->madrs, sessions.front().at);
  drop_before(&state->phq_9, sessions.front().at);
  const auto escalation = escalation_of(sessions, parameters);
  if (!escalation) return;
  if (state->escalation_open && escalation->rate < parameters.dep6_clear_rate) {
    state->escalation_open = false;
    return sink->clears(std::string(detector), std::string(statistic), session.at);
  }
  if (escalation->rate < parameters.dep6_limit_rate) return;
  const Microseconds from = sessions.front().at;
  const Microseconds middle = sessions[sessions_compared].at;
  auto depression = depression_of(state->madrs, "madrs", from, middle);
  if (!depression) depression = depression_of(state->phq_9, "phq-9", from, middle);
  if (!depression) return;  // whether it helped is not known
  const double benefit = round_to_12_digits(depression->before - depression->last);
  const Level level = benefit < parameters.dep6_benefit_points ? Level::alert : Level::watch;
  Hit hit =
      hit_of(detector, statistic, level, {escalation->rate, parameters.dep6_limit_rate}, session);
  hit.session = reference_of(session);
  show(*escalation, *depression, benefit, &hit);
  state->escalation_open = true;
  sink->holds(std::move(hit));
}

}  // namespace ketavigil::detectors::dependence
