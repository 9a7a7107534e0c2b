// What configuration says to the engine, and its identity.
#pragma once

#include <string>

#include "detectors/patient/patient.h"
#include "engine/shard/reference_tables.h"
#include "events/decode.h"

namespace ketavigil::engine {

inline constexpr std::int64_t lock_every_days_max = 366;

/// The part of configuration that results depend on: how events are read, and every threshold. What
/// does not show in results (sizes, workers) is elsewhere. Immutable after start; thread-safe.
struct Settings {
  events::DecodeSettings decode;
  detectors::PatientParameters parameters;  ///< with what `tables` say
  /// Days between two data lock points of the cohort, 1 to 366.
  std::int64_t lock_every_days = 1;
  ReferenceTables tables = {};
};

/// The settings as the RFC 8785 text that an epoch entry of the log carries: what differs from the
/// defaults.
[[nodiscard]] std::string settings_text(const Settings& settings);

/// The inverse; a configuration error if the text is not one of ours.
[[nodiscard]] Result<Settings> settings_of_text(std::string_view text);

/// Fold identity: SHA-256 over detector versions, effective parameters and what decides order
/// (zones, ranks), 64 hex digits. Stored with the projections; a new one is an epoch.
[[nodiscard]] std::string fold_identity(const Settings& settings);

/// `identity` of a detector's findings: its version, and the first 16 hex digits of the digest of
/// its parameters.
struct DetectorIdentity {
  std::int64_t version = 0;
  std::string parameters;
  std::string parameters_json;
  std::string tables_json;  ///< the object `tables`
};
[[nodiscard]] DetectorIdentity detector_identity(const Settings& settings,
                                                 std::string_view detector);

}  // namespace ketavigil::engine
