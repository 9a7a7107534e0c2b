// The section `page` of the configuration.
#pragma once

#include <string>

#include "cli/configuration_section.h"
#include "routing/pages/settings.h"

namespace ketavigil::cli {

[[nodiscard]] Status read_page_section(const Section& section,
                                       routing::pages::PagerSettings* settings);
/// As YAML.
[[nodiscard]] std::string page_text(const routing::pages::PagerSettings& settings);

}  // namespace ketavigil::cli
