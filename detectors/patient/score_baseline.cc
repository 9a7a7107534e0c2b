#include "detectors/patient/score_baseline.h"

#include "events/json_text.h"

namespace ketavigil::detectors {

void step(ScoreBaseline* baseline, const Background& background, const RecordFact& score) {
  if (!score.eligible || background.exposed(score.at)) return;
  const auto value = score.fact->number(events::Field::value);
  if (!value) return;
  auto& values = baseline->values;
  values.push_back({score.at, *value});
  // The first session, if it is still to come, comes no earlier than this score.
  const Microseconds session_at_least = background.first_session_at.value_or(score.at);
  while (values.front().at < session_at_least - baseline_window_us) values.pop_front();
  while (values.size() > baseline_values_kept) values.pop_front();
}

Baseline baseline_of(const ScoreBaseline& baseline, const Background& background) {
  Baseline result;
  if (!background.first_session_at) return result;
  double sum = 0;
  for (const ScoreBaseline::Value& value : baseline.values) {
    if (value.at < *background.first_session_at - baseline_window_us) continue;
    sum += value.value;
    ++result.values;
  }
  if (result.values > 0) {
    result.mean = events::round_to_12_digits(sum / static_cast<double>(result.values));
  }
  return result;
}

void add_to_hit(const Baseline& baseline, Hit* hit) {
  hit->inputs["baseline_values"] = static_cast<double>(baseline.values);
  if (baseline.mean) hit->inputs["baseline_mean"] = *baseline.mean;
  if (baseline.values == 0) hit->annotations.emplace_back("baseline-missing");
  if (baseline.values == 1) hit->annotations.emplace_back("single-reading-baseline");
}

}  // namespace ketavigil::detectors
