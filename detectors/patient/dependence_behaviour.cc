#include "detectors/patient/dependence_behaviour.h"

#include <cmath>
#include <string>

#include "events/json_text.h"

namespace ketavigil::detectors {
namespace {

using events::Field;
using events::Kind;
using events::round_to_12_digits;

constexpr std::string_view detector = "DEP-7";
constexpr std::string_view craving_instrument = "craving-vas";

Microseconds days(double number) {
  return static_cast<Microseconds>(std::llround(number * static_cast<double>(events::day_us)));
}

// The value against the limit that it passes farther: the lesser of the absolute one and that above
// the patient's first value. Both are the same for all of the patient's values.
Measure craving_measure(double value, double first, const BehaviourParameters& parameters) {
  const Measure absolute{value, parameters.dep7_craving_points};
  const Measure rise{value, round_to_12_digits(first + parameters.dep7_craving_rise_points)};
  return rise.threshold < absolute.threshold ? rise : absolute;
}

void take_craving(BehaviourState* state, const RecordFact& fact,
                  const BehaviourParameters& parameters, Sink* sink) {
  const auto stated = fact.fact->number(Field::value);
  if (!stated) return;
  const double value = round_to_12_digits(*stated);
  if (!state->first_craving) state->first_craving = value;
  const Measure measure = craving_measure(value, *state->first_craving, parameters);
  if (measure.value < measure.threshold) {
    state->craves_since.reset();
    if (!state->craving_open || value >= parameters.dep7_craving_clears_points) return;
    state->craving_open = false;
    return sink->clears(std::string(detector), std::string(craving_instrument), fact.at);
  }
  const bool again = state->craves_since &&
                     fact.at - *state->craves_since >= days(parameters.dep7_craving_again_days);
  if (!state->craves_since) state->craves_since = fact.at;
  Hit hit =
      hit_of(detector, craving_instrument, again ? Level::alert : Level::watch, measure, fact);
  hit.inputs["craving"] = value;
  hit.inputs["first_craving"] = *state->first_craving;
  hit.inputs["craves_since"] = events::print_utc(*state->craves_since);
  state->craving_open = true;
  sink->holds(std::move(hit));
}

void take_symptom(const RecordFact& fact, Sink* sink) {
  const std::string code = lower_case(fact.fact->word(Field::code));
  const bool is_use = code == "non-prescribed-use";
  if (!is_use && code != "craving" && code != "drug-liking") return;
  const double severity = fact.fact->number(Field::severity).value_or(1);
  if (severity < 1) return;  // asked and absent
  sink->occasion(hit_of(detector, code, is_use ? Level::alert : Level::watch, {severity, 1}, fact));
}

}  // namespace

void step(BehaviourState* state, const Background&, const RecordFact& fact,
          const BehaviourParameters& parameters, Sink* sink) {
  if (fact.kind() == Kind::symptom) return take_symptom(fact, sink);
  if (fact.kind() == Kind::score && fact.fact->word(Field::instrument) == craving_instrument)
    take_craving(state, fact, parameters, sink);
}

std::optional<Microseconds> next_deadline(const BehaviourState&) { return std::nullopt; }

void pass_deadline(BehaviourState*, const Background&, Microseconds, const BehaviourParameters&,
                   Sink*) {}

void single_fact(const BehaviourState&, const Background&, const RecordFact&, Certainty,
                 const BehaviourParameters&, Sink*) {}

}  // namespace ketavigil::detectors
