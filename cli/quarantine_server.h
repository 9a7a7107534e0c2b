// Decisions about quarantine, asked of a service that runs: it has the lock of the data directory.
#pragma once

#include <string>

#include "events/result.h"

namespace ketavigil::cli {

/// Where a service is, and how it is asked.
struct ServiceAddress {
  std::string url;         ///< of its operations listener
  std::string token_file;  ///< empty: none is asked for
};

/// Retries or discards an entry, or (`id` empty) every one that is not discarded, and prints a line
/// each: id, outcome, reason. A usage error if there is no such entry, a broker error where the
/// service is not there or refuses; what was decided before stays decided.
[[nodiscard]] Status decide_at_server(const ServiceAddress& service, const std::string& id,
                                      bool retry);

}  // namespace ketavigil::cli
