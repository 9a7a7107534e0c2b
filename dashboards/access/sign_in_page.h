// The page that asks for a token: one file, no script, for who has nothing else from this server.
#pragma once

#include <string_view>

#include "dashboards/access/exchange.h"

namespace ketavigil::dashboards::access {

inline constexpr std::string_view sign_in_path = "/sign-in";
inline constexpr std::string_view session_path = "/api/v1/session";

/// `next`: the path to go to afterwards. `trouble`: what was wrong with the last try; may be empty.
[[nodiscard]] Answer sign_in_page(int status, std::string_view next, std::string_view trouble);

/// For who follows a link of another site: the browser holds the cookie back from that request, so
/// it is asked to come again by itself.
[[nodiscard]] Answer come_again_page(std::string_view next);

}  // namespace ketavigil::dashboards::access
