#include "engine/shard/ladder.h"

#include <algorithm>

namespace ketavigil::engine {
namespace {

using detectors::Beside;
using detectors::PartialFold;
using detectors::RecordFact;
using events::Microseconds;

// How far behind the newest fact each rung stands.
constexpr std::array<Microseconds, 3> behind_us = {180 * events::day_us, 30 * events::day_us,
                                                   5 * events::hour_us};

// What a hit, and a state that has seen some sessions, take on the heap; by measurement.
constexpr std::size_t bytes_a_hit = 1200;
constexpr std::size_t bytes_a_state = 24'000;

// Whether a fold from the start would pass through this state.
bool stands(const PartialFold& rung, const std::vector<RecordFact>& facts,
            const std::vector<Beside>& beside, std::size_t unchanged_facts,
            std::size_t unchanged_beside) {
  if (rung.facts > unchanged_facts || rung.beside > unchanged_beside) return false;
  // What stands beside it now must not come before a fact that it has taken.
  return rung.facts == 0 || rung.beside == beside.size() ||
         !beside[rung.beside].place.before(facts[rung.facts - 1]);
}

}  // namespace

detectors::Sink Ladder::fold(const std::vector<RecordFact>& facts,
                             const std::vector<Beside>& beside, std::size_t unchanged_facts,
                             std::size_t unchanged_beside,
                             const detectors::PatientParameters& parameters) {
  const Microseconds newest = facts.empty() ? 0 : facts.back().at;
  const PartialFold* below = nullptr;
  for (std::size_t i = 0; i < rungs_.size(); ++i) {
    PartialFold& rung = rungs_[i];
    if (!stands(rung, facts, beside, unchanged_facts, unchanged_beside))
      rung = below == nullptr ? PartialFold() : *below;
    const auto until = std::partition_point(
        facts.begin(), facts.end(),
        [&](const RecordFact& fact) { return fact.at < newest - behind_us[i]; });
    advance(&rung, facts, beside, static_cast<std::size_t>(until - facts.begin()), parameters);
    below = &rung;
  }
  return finish(rungs_.back(), facts, beside, parameters);
}

std::size_t Ladder::bytes() const {
  std::size_t bytes = 0;
  for (const PartialFold& rung : rungs_) {
    const std::size_t hits = rung.sink.occasions.size() + rung.sink.conditions.size();
    bytes += sizeof(rung) + (rung.facts == 0 ? 0 : bytes_a_state) + hits * bytes_a_hit;
  }
  return bytes;
}

}  // namespace ketavigil::engine
