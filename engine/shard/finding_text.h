// A finding as JSON, keys in the order of EVENTS.md's table.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "detectors/finding.h"
#include "engine/shard/settings.h"

namespace ketavigil::engine {

/// Identities of all detectors under one configuration, computed once. Immutable; thread-safe.
class Identities {
 public:
  explicit Identities(const Settings& settings);
  [[nodiscard]] const DetectorIdentity& of(std::string_view detector) const;

 private:
  std::map<std::string, DetectorIdentity, std::less<>> by_detector_;
};

/// The finding as `alerts --json` prints it.
[[nodiscard]] std::string finding_text(const detectors::Finding& finding, std::string_view patient,
                                       const Identities& identities);

/// The text without its `identity`, which revisions do not compare.
[[nodiscard]] std::string without_identity(std::string_view text);

/// The text with another `state`.
[[nodiscard]] std::string with_state(std::string_view text, std::string_view state);

/// The text without its `state` and `identity`: what decides between the reasons `evidence` and
/// `time`.
[[nodiscard]] std::string without_state(std::string_view text);

}  // namespace ketavigil::engine
