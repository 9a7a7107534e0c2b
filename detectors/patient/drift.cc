// What becomes a value of which stream, and in which order: scores, sessions' readings, treatment.
#include "detectors/patient/drift.h"

#include <algorithm>
#include <utility>

#include "detectors/patient/drift_rules.h"

namespace ketavigil::detectors {
namespace {

using events::Field;
using events::Kind;

// The least and greatest that the method's formulas bear; configuration is not trusted with them.
constexpr double least_weight = 1e-6;
constexpr double greatest_autocorrelation = .99;

// Takes what waits, up to the first that may still change at `now`.
void take_waiting(DriftState* state, const Background& background, Microseconds now,
                  const DriftParameters& parameters, Sink* sink) {
  while (!state->waiting.empty()) {
    const auto& resting = state->waiting.front().resting;
    if (resting && resting->session.bare_date && resting->session.closes > now) return;
    const WaitingValue value = std::move(state->waiting.front());
    state->waiting.pop_front();
    if (value.resting) drift::take_resting(state, background, *value.resting, parameters, sink);
    if (value.score) drift::take_value(state, background, *value.score, parameters, sink);
  }
}

void take_score(DriftState* state, const Background& background, const RecordFact& score,
                const DriftParameters& parameters, Sink* sink) {
  const std::size_t row = drift_prior_named(score.fact->word(Field::instrument));
  if (row == drift_priors_count) return;
  const DriftPrior& prior = drift_priors()[row];
  DriftValue value;
  value.prior = static_cast<std::uint8_t>(row);
  if (prior.domain == DriftDomain::cognition) {
    value.administration = drift::count_administration(&state->administrations, value.prior, score);
    value.correction = drift::practice(parameters.expected[row].practice, value.administration);
  }
  const auto number = score.fact->number(Field::value);
  if (!number || !score.eligible) return;
  value.value = *number;
  value.home = score.fact->word(Field::location) == "home";
  value.at = score.at;
  value.site = score.site;
  value.form = score.fact->word(Field::form);
  value.facts = std::make_shared<const std::vector<Evidence>>(1, score.evidence());
  if (state->waiting.empty()) {
    return drift::take_value(state, background, value, parameters, sink);
  }
  state->waiting.push_back({std::nullopt, std::move(value)});
}

void take_session(DriftState* state, const Background& background,
                  const DriftParameters& parameters, Sink* sink) {
  if (background.sessions == 1) drift::close_days(state, background, parameters, sink);
  const SessionReference& session = background.newest_session->reference;
  RestingReadings resting = drift::readings_before(*state, background, session);
  if (state->waiting.empty() && !session.bare_date) {
    return drift::take_resting(state, background, resting, parameters, sink);
  }
  state->waiting.push_back({std::move(resting), std::nullopt});
}

void take_reading(DriftState* state, const Background& background, const RecordFact& reading,
                  const DriftParameters& parameters, Sink* sink) {
  if (!reading.session) {
    if (background.sessions == 0) {
      drift::take_day_reading(state, background, reading, parameters, sink);
    }
    return;
  }
  for (WaitingValue& waiting : state->waiting) {
    auto& resting = waiting.resting;
    if (!resting || !resting->session.same(*reading.session)) continue;
    const ReadingSeen seen{reading.evidence(), reading.at,           reading.bare_date,
                           reading.phase,      reading.phase_stated, reading.minutes,
                           reading.systolic,   reading.diastolic};
    const bool counts = is_before_start(seen, resting->session);
    if (counts && resting->readings.size() < resting_readings_kept) {
      resting->readings.push_back(seen);
    }
  }
}

}  // namespace

namespace drift {

double practice(double gain, double administration) {
  if (administration < 2) return 0;
  return administration < 3 ? gain : 4 * gain / 3;
}

double count_administration(std::vector<Administrations>* counted, std::uint8_t prior,
                            const RecordFact& score) {
  auto found =
      std::find_if(counted->begin(), counted->end(),
                   [&](const Administrations& instrument) { return instrument.prior == prior; });
  if (found == counted->end()) found = counted->insert(counted->end(), {prior, 0});
  found->last = score.fact->number(Field::administration).value_or(found->last + 1);
  return found->last;
}

}  // namespace drift

statistics::DriftDesign DriftMethod::design() const {
  return {std::max(prior_values, least_weight),
          std::max(prior_degrees, 1.0),
          std::min(autocorrelation, greatest_autocorrelation),
          residual_max_sd,
          std::min(late_onset, 1.0),
          {late_small_sd, late_middle_sd, late_large_sd}};
}

std::string DriftStream::name() const {
  return std::string(expects().stream) + (home ? ":home" : "");
}

void step(DriftState* state, const Background& background, const RecordFact& fact,
          const DriftParameters& parameters, Sink* sink) {
  if (fact.fact->is_preliminary()) return;  // only critical rules read them, and here is none
  switch (fact.kind()) {
    case Kind::medication:
      if (lower_case(fact.fact->word(Field::medication_class)) == "antihypertensive")
        ++state->treatment_changes;
      return;
    case Kind::blood_pressure:
      return take_reading(state, background, fact, parameters, sink);
    case Kind::session:
      return take_session(state, background, parameters, sink);
    case Kind::score:
      return take_score(state, background, fact, parameters, sink);
    default:
      return;
  }
}

std::optional<Microseconds> next_deadline(const DriftState& state) {
  if (state.waiting.empty()) return std::nullopt;
  return state.waiting.front().resting->session.closes;
}

void pass_deadline(DriftState* state, const Background& background, Microseconds when,
                   const DriftParameters& parameters, Sink* sink) {
  take_waiting(state, background, when, parameters, sink);
}

void single_fact(const DriftState& /*state*/, const Background& /*background*/,
                 const RecordFact& /*fact*/, Certainty /*certainty*/,
                 const DriftParameters& /*parameters*/, Sink* /*sink*/) {}

void drift::fold_alone(
    const std::vector<RecordFact>& facts, const DriftParameters& parameters,
    const std::function<void(const Background&, const DriftState&, const RecordFact*)>& look) {
  Background background;
  DriftState state;
  Sink sink;
  const auto pass_before = [&](std::optional<Microseconds> at) {
    while (const auto deadline = next_deadline(state)) {
      if (at && *deadline >= *at) return;
      pass_deadline(&state, background, *deadline, parameters, &sink);
      look(background, state, nullptr);
    }
  };
  for (const RecordFact& fact : facts) {
    pass_before(fact.at);
    step(&background, fact);
    step(&state, background, fact, parameters, &sink);
    look(background, state, &fact);
  }
  pass_before(std::nullopt);
}

}  // namespace ketavigil::detectors
