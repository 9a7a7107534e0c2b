// `ketavigil page receive`.
#pragma once

#include <cstdint>

#include "events/result.h"

namespace ketavigil::cli {

/// Listens on a port of this machine (0: any that is free), prints where, and every page that comes
/// to any path, until SIGTERM or SIGINT.
[[nodiscard]] Status run_page_receiver(std::uint16_t port);

}  // namespace ketavigil::cli
