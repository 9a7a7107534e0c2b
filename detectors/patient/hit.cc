#include "detectors/patient/hit.h"

#include <algorithm>

namespace ketavigil::detectors {

std::string_view name_of(Phase phase) {
  switch (phase) {
    case Phase::none:
      return "";
    case Phase::pre:
      return "pre";
    case Phase::peak:
      return "peak";
    case Phase::discharge:
      return "discharge";
    case Phase::home:
      return "home";
    case Phase::other:
      return "other";
  }
  return "";
}

std::optional<Phase> phase_named(std::string_view name) {
  for (const Phase phase : {Phase::pre, Phase::peak, Phase::discharge, Phase::home, Phase::other}) {
    if (name_of(phase) == name) return phase;
  }
  return std::nullopt;
}

Hit hit_of(std::string_view detector, std::string_view statistic, Level level, Measure measure,
           const RecordFact& fact) {
  Hit hit;
  hit.detector = detector;
  hit.statistic = statistic;
  hit.level = level;
  hit.measure = measure;
  hit.evidence.push_back(fact.evidence());
  hit.session = fact.session;
  hit.completed_at = fact.at;
  return hit;
}

void Sink::withdraw(std::string_view detector, std::string_view statistic, std::string_view source,
                    std::string_view id) {
  std::erase_if(occasions, [&](const Hit& hit) {
    return hit.detector == detector && hit.statistic == statistic &&
           std::any_of(hit.evidence.begin(), hit.evidence.end(), [&](const Evidence& fact) {
             return fact.source == source && fact.id == id;
           });
  });
}

void Sink::withdraw_steps(std::string_view detector, std::string_view statistic,
                          Microseconds since) {
  std::erase_if(conditions, [&](const ConditionStep& step) {
    return step.detector == detector && step.statistic == statistic && step.at >= since;
  });
}

}  // namespace ketavigil::detectors
