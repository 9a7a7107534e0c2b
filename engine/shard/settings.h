// What configuration says to the engine, and its identity.
#pragma once

#include <map>
#include <string>

#include "detectors/patient/patient.h"
#include "engine/shard/given_parameters.h"
#include "engine/shard/reference_tables.h"
#include "events/decode.h"

namespace ketavigil::engine {

inline constexpr std::int64_t lock_every_days_max = 366;

/// The part of configuration that results depend on: how events are read, and every threshold. What
/// does not show in results (sizes, workers) is elsewhere. Immutable after start; thread-safe.
struct Settings {
  events::DecodeSettings decode;
  /// The programme's, with what `tables` say.
  detectors::PatientParameters parameters;
  /// Days between two data lock points of the cohort, 1 to 366.
  std::int64_t lock_every_days = 1;
  ReferenceTables tables = {};
  /// Who answers for a value of `parameters`, where configuration says more than the number.
  std::map<ParameterName, ParameterStatement> statements = {};
  /// What the patients of a site are judged by instead of the programme's: at most `sites_max`
  /// sites, each with at least one parameter.
  std::map<std::string, GivenParameters, std::less<>> sites = {};
};

/// Gives a parameter of the programme a value (`site` empty), or one of a site. A configuration
/// error if there is no such parameter.
[[nodiscard]] Status give_parameter(Settings* settings, std::string_view site,
                                    const ParameterName& name, GivenParameter given);

/// The programme's parameters, with those of a site over them.
[[nodiscard]] detectors::PatientParameters parameters_of_site(const Settings& settings,
                                                              const GivenParameters& site);

/// The settings as the RFC 8785 text that an epoch entry of the log carries: what differs from the
/// defaults.
[[nodiscard]] std::string settings_text(const Settings& settings);

/// The inverse; a configuration error if the text is not one of ours.
[[nodiscard]] Result<Settings> settings_of_text(std::string_view text);

/// Fold identity: SHA-256 over detector versions, effective parameters and what decides order
/// (zones, ranks), 64 hex digits. Stored with the projections; a new one is an epoch.
[[nodiscard]] std::string fold_identity(const Settings& settings);

}  // namespace ketavigil::engine
