// What a finding says of the detector that found it: version, parameters and tables.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "engine/shard/settings.h"

namespace ketavigil::engine {

/// `identity` of a detector's findings: its version, and the first 16 hex digits of the digest of
/// its parameters.
struct DetectorIdentity {
  std::int64_t version = 0;
  std::string parameters;
  std::string parameters_json;
  std::string tables_json;  ///< the object `tables`
};
[[nodiscard]] DetectorIdentity detector_identity(const detectors::PatientParameters& parameters,
                                                 const ReferenceTables& tables,
                                                 std::string_view detector);

/// Identities of all detectors under one set of parameters, computed once. Immutable; thread-safe;
/// a copy shares them.
class Identities {
 public:
  /// Those of the programme.
  explicit Identities(const Settings& settings);
  /// Those of a site: `programme`'s, but for the detectors of which the site has `given` something.
  Identities(const Identities& programme, const detectors::PatientParameters& parameters,
             const ReferenceTables& tables, const GivenParameters& given);

  [[nodiscard]] const DetectorIdentity& of(std::string_view detector) const;

 private:
  std::map<std::string, std::shared_ptr<const DetectorIdentity>, std::less<>> by_detector_;
};

}  // namespace ketavigil::engine
