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

// A far rung that spares fewer facts than this is not kept: a state takes some 20 KiB, and as many
// facts are folded in the time in which it is copied some times.
constexpr std::size_t spared_facts_min = 64;

// What a hit, and a state that has seen some sessions, take on the heap; by measurement.
constexpr std::size_t bytes_a_hit = 1200;
constexpr std::size_t bytes_a_state = 20'500;
// A value that drift would show; rungs share them.
constexpr std::size_t bytes_a_shown_value = 320;

// Whether a fold from the start would pass through this state.
bool stands(const PartialFold& rung, const std::vector<RecordFact>& facts,
            const std::vector<Beside>& beside, std::size_t unchanged_facts,
            std::size_t unchanged_beside) {
  if (rung.facts > unchanged_facts || rung.beside > unchanged_beside) return false;
  // What stands beside it now must not come before a fact that it has taken.
  return rung.facts == 0 || rung.beside == beside.size() ||
         !beside[rung.beside].fact.before(facts[rung.facts - 1]);
}

}  // namespace

detectors::Sink Ladder::fold(const std::vector<RecordFact>& facts,
                             const std::vector<Beside>& beside, std::size_t unchanged_facts,
                             std::size_t unchanged_beside,
                             const detectors::PatientParameters& parameters) {
  const Microseconds newest = facts.empty() ? 0 : facts.back().at;
  const PartialFold* below = nullptr;
  for (std::size_t i = 0; i < rungs_.size(); ++i) {
    std::unique_ptr<PartialFold>& rung = rungs_[i];
    const auto end = std::partition_point(facts.begin(), facts.end(), [&](const RecordFact& fact) {
      return fact.at < newest - behind_us[i];
    });
    const auto until = static_cast<std::size_t>(end - facts.begin());
    const std::size_t begun = below == nullptr ? 0 : below->facts;
    if (until < begun + (i + 1 < rungs_.size() ? spared_facts_min : 1)) {
      rung.reset();
      continue;
    }
    if (rung == nullptr || !stands(*rung, facts, beside, unchanged_facts, unchanged_beside))
      rung = below == nullptr ? std::make_unique<PartialFold>()
                              : std::make_unique<PartialFold>(*below);
    advance(rung.get(), facts, beside, until, parameters);
    below = rung.get();
  }
  return finish(below == nullptr ? PartialFold() : *below, facts, beside, parameters);
}

std::size_t Ladder::bytes() const {
  std::size_t bytes = 0;
  std::size_t shown_most = 0;
  for (const auto& rung : rungs_) {
    if (rung == nullptr) continue;
    std::size_t shown = 0;
    for (const auto& stream : rung->state.drift.streams)
      shown += static_cast<std::size_t>(stream.shown);
    shown_most = std::max(shown_most, shown);
    const std::size_t hits = rung->sink.occasions.size() + rung->sink.conditions.size();
    bytes += bytes_a_state + hits * bytes_a_hit;
  }
  return bytes + shown_most * bytes_a_shown_value;
}

}  // namespace ketavigil::engine
