#include "engine/shard/configured.h"

#include <algorithm>

namespace ketavigil::engine {

Configured::Configured(Settings given)
    : settings(std::move(given)), programme_{"", settings.parameters, Identities(settings)} {
  for (const auto& [site, parameters] : settings.sites) {
    const auto effective = parameters_of_site(settings, parameters);
    sites_.emplace(
        site, InForce{site, effective,
                      Identities(programme_.identities, effective, settings.tables, parameters)});
  }
}

const InForce& Configured::of(const std::vector<detectors::RecordFact>& verified) const {
  if (sites_.empty()) return programme_;
  const auto enrolment = std::find_if(verified.begin(), verified.end(), [](const auto& fact) {
    return fact.kind() == events::Kind::enrolment;
  });
  if (enrolment == verified.end()) return programme_;
  const auto site = sites_.find(enrolment->site);
  return site == sites_.end() ? programme_ : site->second;
}

}  // namespace ketavigil::engine
