// The document openapi.json, which is part of the program.
#pragma once

#include <string_view>

namespace ketavigil::dashboards::api {

[[nodiscard]] std::string_view openapi_text();

}  // namespace ketavigil::dashboards::api
