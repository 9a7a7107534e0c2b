// Whether a request is meant for this server, and whether a page of another site made a browser
// send it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dashboards/access/exchange.h"

namespace ketavigil::dashboards::access {

/// The name or address of a `Host` header: lower case, without port and brackets; empty for what
/// is none.
[[nodiscard]] std::string host_of(std::string_view header);

/// An IP address, or a name that every machine takes for its own (`localhost`). No other name can
/// be trusted where nobody is asked for a token: a web page may let its own name point here (DNS
/// rebinding).
[[nodiscard]] bool is_address_or_localhost(std::string_view host);

/// Whether the `Host` header is one of `hosts`. A request without one does not come from a browser.
[[nodiscard]] bool is_for(const Question& question, const std::vector<std::string>& hosts);

/// Whether a browser says that a page of another site, or of none, sends this. `encrypted`: our
/// own pages begin with https. False for clients that are no browsers.
[[nodiscard]] bool comes_from_elsewhere(const Question& question, bool encrypted);

}  // namespace ketavigil::dashboards::access
