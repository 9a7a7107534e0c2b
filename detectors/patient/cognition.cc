#include "detectors/patient/cognition.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "events/json_text.h"

namespace ketavigil::detectors {
namespace {

using events::Field;
using events::Kind;

constexpr std::array<std::string_view, 3> delirium_names = {"delirium", "confusional state",
                                                            "acute confusional state"};

std::optional<Hit> delirium(const RecordFact& fact) {
  if (fact.kind() != Kind::adverse_event) return std::nullopt;
  const std::string name = lower_case(fact.fact->word(Field::name));
  if (std::find(delirium_names.begin(), delirium_names.end(), name) == delirium_names.end()) {
    return std::nullopt;
  }
  Hit hit = hit_of("COG-6", "term", Level::critical, {1, 1}, fact);
  hit.inputs["name"] = name;
  return hit;
}

// The level and the limit that the value passes, or nothing.
struct Fall {
  Level level = Level::alert;
  Measure measure;
};

std::optional<Fall> fall_of(double value, const Baseline& baseline, std::optional<double> drop,
                            const CognitionParameters& parameters) {
  const double moderate = parameters.cog6_moderate_points;
  const double normal = parameters.cog6_normal_points;
  if (drop && *drop >= parameters.cog6_drop_points) {
    return Fall{Level::alert, {*drop, parameters.cog6_drop_points}};
  }
  if (value < moderate && (!baseline.mean || *baseline.mean >= moderate)) {
    return Fall{Level::alert, {value, moderate, true}};
  }
  if (value < normal && baseline.mean && *baseline.mean >= normal) {
    return Fall{Level::watch, {value, normal, true}};
  }
  return std::nullopt;
}

bool clears(double value, const Baseline& baseline, std::optional<double> drop,
            const CognitionParameters& parameters) {
  if (value < parameters.cog6_clears_points) return false;
  if (!baseline.mean) return true;
  return *drop < parameters.cog6_clears_drop_points &&
         (value >= parameters.cog6_normal_points || *baseline.mean < parameters.cog6_normal_points);
}

void take_moca(CognitionState* state, const Background& background, const RecordFact& fact,
               const CognitionParameters& parameters, Sink* sink) {
  step(&state->moca, background, fact);
  const auto stated = fact.fact->number(Field::value);
  if (!stated || !fact.eligible || !background.exposed(fact.at)) return;
  const double value = events::round_to_12_digits(*stated);
  const Baseline baseline = baseline_of(state->moca, background);
  std::optional<double> drop;
  if (baseline.mean) drop = events::round_to_12_digits(*baseline.mean - *stated);

  if (const auto fall = fall_of(value, baseline, drop, parameters)) {
    Hit hit = hit_of("COG-6", "moca", fall->level, fall->measure, fact);
    hit.inputs["moca"] = value;
    if (drop) hit.inputs["drop"] = *drop;
    add_to_hit(baseline, &hit);
    state->cog6_open = true;
    sink->holds(std::move(hit));
  } else if (state->cog6_open && clears(value, baseline, drop, parameters)) {
    state->cog6_open = false;
    sink->clears("COG-6", "moca", fact.at);
  }
}

}  // namespace

void step(CognitionState* state, const Background& background, const RecordFact& fact,
          const CognitionParameters& parameters, Sink* sink) {
  if (fact.kind() == Kind::score && fact.fact->word(Field::instrument) == "moca") {
    take_moca(state, background, fact, parameters, sink);
  }
  if (auto hit = delirium(fact)) sink->occasion(std::move(*hit));
}

std::optional<Microseconds> next_deadline(const CognitionState&) { return std::nullopt; }

void pass_deadline(CognitionState*, const Background&, Microseconds, const CognitionParameters&,
                   Sink*) {}

void single_fact(const CognitionState&, const Background&, const RecordFact& fact,
                 Certainty certainty, const CognitionParameters&, Sink* sink) {
  auto hit = delirium(fact);
  if (!hit) return;
  hit->doubtful = certainty != Certainty::verified;
  sink->occasion(std::move(*hit));
}

}  // namespace ketavigil::detectors
