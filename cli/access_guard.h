// Who may ask a listener (dashboards/access), put in front of its routes.
#pragma once

#include <memory>

#include "cli/configuration.h"
#include "dashboards/access/access.h"
#include "dashboards/console/console_files.h"
#include "engine/shard/clock.h"
#include "ingest/http/router.h"

namespace ketavigil::cli {

/// Who asks a listener: programs by their tokens, people by signing in.
enum class Askers { programs, people_and_programs };

[[nodiscard]] Result<std::unique_ptr<dashboards::access::Access>> open_access_of(
    const ListenerSettings& listener, Askers askers, const engine::Clock& clock);

/// Lets through whom `access` lets through, ends a stream when its asker may ask no more, and tells
/// browsers how to treat what they get. `access` must outlive the server.
[[nodiscard]] ingest::http::Guard guard_of(dashboards::access::Access& access);

/// Answers what the console consists of.
[[nodiscard]] ingest::http::Response answer_console(
    const dashboards::console::ConsoleFiles& console, const ingest::http::Request& request);

/// Answers `/api/v1/session`.
[[nodiscard]] ingest::http::Response answer_session(dashboards::access::Access& access,
                                                    const ingest::http::Request& request);

}  // namespace ketavigil::cli
