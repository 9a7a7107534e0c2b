// The thresholds of detectors in the configuration: the programme's, and those of sites.
#pragma once

#include <string>

#include "cli/configuration_section.h"
#include "engine/shard/settings.h"

namespace ketavigil::cli {

/// Reads `detectors`: by detector and parameter a number, or a map of `value`, `owner`, `version`,
/// `citation` and `confirmed`. `site` empty: the programme's.
[[nodiscard]] Status read_detectors(const Section& section, const std::string& site,
                                    engine::Settings* settings);

/// Reads `sites`: each with `detectors` of its own.
[[nodiscard]] Status read_sites(const Section& section, engine::Settings* settings);

/// The sections `detectors` and `sites` as they are in force, each value explained.
[[nodiscard]] std::string detectors_text(const engine::Settings& settings);

}  // namespace ketavigil::cli
