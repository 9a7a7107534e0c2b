#include "detectors/patient/suicidality.h"

#include <string>

#include "events/json_text.h"

namespace ketavigil::detectors {
namespace {

using events::Field;
using events::Kind;

constexpr std::string_view ideation_instrument = "c-ssrs-ideation";
constexpr std::size_t items_of_phq_9 = 9;

// Behaviour or attempt, present: severity missing or at least 1.
std::optional<Hit> behaviour(const RecordFact& fact) {
  if (fact.kind() != Kind::symptom) return std::nullopt;
  const std::string_view code = fact.fact->word(Field::code);
  if (code != "suicidal-behaviour" && code != "suicide-attempt") return std::nullopt;
  const double severity = fact.fact->number(Field::severity).value_or(1);
  if (severity < 1) return std::nullopt;
  return hit_of("DEP-9", code, Level::critical, {severity, 1}, fact);
}

std::optional<double> rounded(std::optional<double> value) {
  return value ? std::optional<double>(events::round_to_12_digits(*value)) : std::nullopt;
}

std::optional<double> ideation_of(const RecordFact& fact) {
  if (fact.kind() != Kind::score || fact.fact->word(Field::instrument) != ideation_instrument)
    return std::nullopt;
  return rounded(fact.fact->number(Field::value));
}

// The single-fact rules, which need no state.
std::optional<Hit> critical_hit(const RecordFact& fact, const SuicidalityParameters& parameters) {
  if (auto hit = behaviour(fact)) return hit;
  const auto ideation = ideation_of(fact);
  if (!ideation || *ideation < parameters.dep9_ideation_critical) return std::nullopt;
  return hit_of("DEP-9", "ideation", Level::critical,
                {*ideation, parameters.dep9_ideation_critical}, fact);
}

// `phq-9-item-9`, or the ninth of a `phq-9`'s nine items.
std::optional<double> item_9_of(const RecordFact& fact) {
  if (fact.kind() != Kind::score) return std::nullopt;
  const std::string_view instrument = fact.fact->word(Field::instrument);
  if (instrument == "phq-9-item-9") return rounded(fact.fact->number(Field::value));
  if (instrument != "phq-9") return std::nullopt;
  const auto* items = fact.fact->integers(Field::items);
  if (items == nullptr || items->size() != items_of_phq_9) return std::nullopt;
  return static_cast<double>(items->back());
}

// Ideation of exactly the alert's type, and above the previous one.
std::optional<Hit> ideation_rise(const SuicidalityState& state, const RecordFact& fact,
                                 double ideation, const SuicidalityParameters& parameters) {
  const double previous = state.ideation ? state.ideation->second : 0;
  if (ideation != parameters.dep9_ideation_alert || !(ideation > previous)) return std::nullopt;
  Hit hit =
      hit_of("DEP-9", "ideation", Level::alert, {ideation, parameters.dep9_ideation_alert}, fact);
  hit.inputs["previous"] = previous;
  if (state.ideation) hit.inputs["previous_at"] = events::print_utc(state.ideation->first);
  return hit;
}

}  // namespace

void step(SuicidalityState* state, const Background&, const RecordFact& fact,
          const SuicidalityParameters& parameters, Sink* sink) {
  const auto ideation = ideation_of(fact);
  if (auto critical = critical_hit(fact, parameters)) {
    sink->occasion(*std::move(critical));
  } else if (ideation) {
    if (auto rise = ideation_rise(*state, fact, *ideation, parameters))
      sink->occasion(*std::move(rise));
  }
  if (ideation) state->ideation = {fact.at, *ideation};
  const auto item_9 = item_9_of(fact);
  if (item_9 && *item_9 >= parameters.dep9_item_9_watch) {
    sink->occasion(
        hit_of("DEP-9", "item-9", Level::watch, {*item_9, parameters.dep9_item_9_watch}, fact));
  }
}

std::optional<Microseconds> next_deadline(const SuicidalityState&) { return std::nullopt; }

void pass_deadline(SuicidalityState*, const Background&, Microseconds, const SuicidalityParameters&,
                   Sink*) {}

void single_fact(const SuicidalityState&, const Background&, const RecordFact& fact,
                 Certainty certainty, const SuicidalityParameters& parameters, Sink* sink) {
  auto hit = critical_hit(fact, parameters);
  if (!hit) return;
  hit->doubtful = certainty != Certainty::verified;
  sink->occasion(*std::move(hit));
}

}  // namespace ketavigil::detectors
