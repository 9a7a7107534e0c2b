// URO-5: urinary tract infections that come again.
#include <algorithm>

#include "detectors/patient/urological_rules.h"
#include "events/json_text.h"

namespace ketavigil::detectors::urological {
namespace {

using events::Field;

// The episodes in [from, …], oldest first.
std::vector<Evidence> episodes_since(const Infections& infections, Microseconds from) {
  std::vector<Evidence> episodes;
  for (const Evidence& episode : infections.episodes) {
    if (episode.at >= from) episodes.push_back(episode);
  }
  return episodes;
}

void judge_infections(UrologicalState* state, const RecordFact& culture,
                      const UrologicalParameters& parameters, Sink* sink) {
  const auto half_year =
      episodes_since(state->infections, culture.at - days_us(parameters.uro5_half_year_days));
  const auto year =
      episodes_since(state->infections, culture.at - days_us(parameters.uro5_year_days));
  const auto count_of = [](const std::vector<Evidence>& episodes) {
    return static_cast<double>(episodes.size());
  };
  const bool by_half_year = count_of(half_year) >= parameters.uro5_half_year_episodes;
  if (!by_half_year && count_of(year) < parameters.uro5_year_episodes) return;
  const Measure measure = by_half_year
                              ? Measure{count_of(half_year), parameters.uro5_half_year_episodes}
                              : Measure{count_of(year), parameters.uro5_year_episodes};
  Hit hit = hit_of("URO-5", "recurrent-uti", Level::alert, measure, culture);
  hit.evidence = by_half_year ? half_year : year;
  hit.inputs["episodes_half_year"] = count_of(half_year);
  hit.inputs["episodes_year"] = count_of(year);
  state->infections.clears_at = culture.at + days_us(parameters.uro5_clears_days);
  sink->holds(std::move(hit));
}

}  // namespace

void take_infection(UrologicalState* state, const Background& background, const RecordFact& culture,
                    const UrologicalParameters& parameters, Sink* sink) {
  if (culture.fact->word(Field::result) != "positive" || !background.exposed(culture.at)) return;
  Infections& infections = state->infections;
  const auto previous = std::exchange(infections.last_positive_at, culture.at);
  if (previous && culture.at - *previous < days_us(parameters.uro5_apart_days)) return;
  const Microseconds oldest =
      culture.at - days_us(std::max(parameters.uro5_half_year_days, parameters.uro5_year_days));
  auto& episodes = infections.episodes;
  std::erase_if(episodes, [&](const Evidence& episode) { return episode.at < oldest; });
  episodes.push_back(culture.evidence());
  if (episodes.size() > episodes_kept) episodes.pop_front();
  // What is open waits anew from each episode, whether or not two still lie near enough.
  if (infections.clears_at)
    infections.clears_at = culture.at + days_us(parameters.uro5_clears_days);
  judge_infections(state, culture, parameters, sink);
}

void end_infections(UrologicalState* state, Microseconds at, Sink* sink) {
  state->infections.clears_at.reset();
  sink->clears("URO-5", "recurrent-uti", at, at);
}

}  // namespace ketavigil::detectors::urological
