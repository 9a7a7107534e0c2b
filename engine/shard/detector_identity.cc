#include "engine/shard/detector_identity.h"

#include <cassert>

#include "detectors/patient/catalogue.h"
#include "events/json_text.h"

namespace ketavigil::engine {

DetectorIdentity detector_identity(const detectors::PatientParameters& parameters,
                                   const ReferenceTables& tables, std::string_view detector) {
  DetectorIdentity identity;
  const auto* entry = detectors::catalogue_entry(detector);
  identity.version = entry == nullptr ? 0 : entry->version;
  identity.parameters_json = detectors::parameters_json(parameters, detector);
  identity.parameters = events::hexadecimal(events::sha256(identity.parameters_json).substr(0, 8));
  identity.tables_json = tables_json(tables, detector);
  return identity;
}

Identities::Identities(const Settings& settings) {
  for (const auto& entry : detectors::catalogue()) {
    by_detector_.emplace(entry.id, std::make_shared<const DetectorIdentity>(detector_identity(
                                       settings.parameters, settings.tables, entry.id)));
  }
}

Identities::Identities(const Identities& programme, const detectors::PatientParameters& parameters,
                       const ReferenceTables& tables, const GivenParameters& given)
    : by_detector_(programme.by_detector_) {
  // Sorted by detector, so each is computed once.
  std::string_view computed;
  for (const auto& [name, value] : given) {
    const auto found = by_detector_.find(name.first);
    if (name.first == computed || found == by_detector_.end()) continue;
    computed = name.first;
    found->second =
        std::make_shared<const DetectorIdentity>(detector_identity(parameters, tables, name.first));
  }
}

const DetectorIdentity& Identities::of(std::string_view detector) const {
  const auto found = by_detector_.find(detector);
  assert(found != by_detector_.end());
  return *found->second;
}

}  // namespace ketavigil::engine
