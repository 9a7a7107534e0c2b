// A configuration ready for folding: what each patient is judged by.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/patient/record_fact.h"
#include "engine/shard/detector_identity.h"
#include "engine/shard/settings.h"

namespace ketavigil::engine {

/// The parameters that a patient is judged by, and how findings name them.
struct InForce {
  std::string site;  ///< whose they are; empty: the programme's
  detectors::PatientParameters parameters;
  Identities identities;
};

/// Immutable; thread-safe.
class Configured {
 public:
  explicit Configured(Settings given);

  const Settings settings;

  /// What a patient is judged by, from the first fact to the last: the parameters of the site of
  /// the first enrolment, or the programme's where there is none, or that site has none. Of the
  /// final and corrected facts in the order of R.
  [[nodiscard]] const InForce& of(const std::vector<detectors::RecordFact>& verified) const;

 private:
  InForce programme_;
  std::map<std::string, InForce, std::less<>> sites_;
};

}  // namespace ketavigil::engine
