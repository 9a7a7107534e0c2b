// URO-4: blood in the urine, and retention.
#include <algorithm>

#include "detectors/patient/urological_rules.h"

namespace ketavigil::detectors::urological {
namespace {

// What can explain blood in the urine.
struct Flags {
  bool culture_positive = false;
  bool anticoagulant = false;
  [[nodiscard]] bool any() const { return culture_positive || anticoagulant; }
};

Flags flags_at(const Background& background, Microseconds at,
               const UrologicalParameters& parameters) {
  const Microseconds since = at - days_us(parameters.uro4_culture_days);
  return {background.positive_culture_within(since, at), background.is_active("anticoagulant")};
}

void annotate(const Flags& flags, Hit* hit) {
  if (flags.culture_positive) hit->annotations.emplace_back("culture-positive");
  if (flags.anticoagulant) hit->annotations.emplace_back("anticoagulant");
}

void raise_to_critical(Hit* hit, Microseconds retention_at) {
  hit->level = Level::critical;
  hit->inputs["urinary_retention"] = events::print_utc(retention_at);
}

// A retention may come that raises it again.
void keep_lowered(UrologicalState* state, Hit hit, const UrologicalParameters& parameters) {
  const Microseconds oldest = hit.completed_at - hours_us(parameters.uro4_retention_hours);
  std::erase_if(state->lowered_gross,
                [&](const Hit& lowered) { return lowered.completed_at < oldest; });
  state->lowered_gross.push_back(std::move(hit));
  if (state->lowered_gross.size() > lowered_gross_kept) state->lowered_gross.pop_front();
}

// Remembers a microscopic haematuria. One between two that lie nearer to each other than the window
// [t − 365 d, t − 14 d] is long is never the only one in it, and is forgotten.
void remember_micro(UrologicalState* state, Microseconds at,
                    const UrologicalParameters& parameters) {
  auto& seen = state->micro_at;
  const Microseconds oldest = at - days_us(parameters.uro4_again_within_days);
  const Microseconds window =
      days_us(parameters.uro4_again_within_days - parameters.uro4_again_after_days);
  if (window < 0) return;  // so configured that no pair can be
  std::erase_if(seen, [&](Microseconds earlier) { return earlier < oldest; });
  if (seen.size() >= 2 && at - seen[seen.size() - 2] <= window) seen.pop_back();
  seen.push_back(at);
}

}  // namespace

// Gross haematuria: critical, or alert where a flag explains it and no retention has come.
Hit gross_haematuria(const UrologicalState& state, const Background& background,
                     const RecordFact& fact, const UrologicalParameters& parameters) {
  Hit hit = hit_of("URO-4", "gross", Level::critical, presence(fact), fact);
  const Flags flags = flags_at(background, fact.at, parameters);
  if (!flags.any()) return hit;
  annotate(flags, &hit);
  hit.level = one_lower(Level::critical);
  const Microseconds since = fact.at - hours_us(parameters.uro4_retention_hours);
  if (state.retention_at && *state.retention_at >= since)
    raise_to_critical(&hit, *state.retention_at);
  return hit;
}

void take_gross_haematuria(UrologicalState* state, const Background& background,
                           const RecordFact& fact, const UrologicalParameters& parameters,
                           Sink* sink) {
  Hit hit = gross_haematuria(*state, background, fact, parameters);
  if (hit.level < Level::critical) keep_lowered(state, hit, parameters);
  sink->occasion(std::move(hit));
}

void keep_gross_haematuria_beside(UrologicalState* state, const Background& background,
                                  const Beside& beside, const UrologicalParameters& parameters) {
  Hit hit = gross_haematuria(*state, background, beside.fact, parameters);
  if (hit.level >= Level::critical) return;  // is said at once
  hit.doubtful = beside.certainty != Certainty::verified;
  hit.instead_of = beside.instead_of;
  keep_lowered(state, std::move(hit), parameters);
}

void take_retention(UrologicalState* state, const RecordFact& fact,
                    const UrologicalParameters& parameters, Sink* sink) {
  state->retention_at = fact.at;
  const Microseconds since = fact.at - hours_us(parameters.uro4_retention_hours);
  for (Hit& hit : state->lowered_gross) {
    if (hit.completed_at < since) continue;
    raise_to_critical(&hit, fact.at);
    sink->occasion(std::move(hit));
  }
  state->lowered_gross.clear();  // raised, or too old for any retention
  sink->occasion(hit_of("URO-4", "retention", Level::alert, presence(fact), fact));
}

void take_micro_haematuria(UrologicalState* state, const Background& background,
                           const RecordFact& fact, Measure measure,
                           const UrologicalParameters& parameters, Sink* sink) {
  Hit hit = hit_of("URO-4", "micro", Level::watch, measure, fact);
  const Microseconds oldest = fact.at - days_us(parameters.uro4_again_within_days);
  const Microseconds newest = fact.at - days_us(parameters.uro4_again_after_days);
  const auto& seen = state->micro_at;
  const auto earlier = std::find_if(seen.rbegin(), seen.rend(),
                                    [&](Microseconds at) { return at >= oldest && at <= newest; });
  if (earlier != seen.rend()) {
    hit.level = Level::alert;
    hit.inputs["earlier"] = events::print_utc(*earlier);
  }
  const Flags flags = flags_at(background, fact.at, parameters);
  annotate(flags, &hit);
  if (flags.any()) hit.level = one_lower(hit.level);
  remember_micro(state, fact.at, parameters);
  sink->occasion(std::move(hit));
}

}  // namespace ketavigil::detectors::urological
