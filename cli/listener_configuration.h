// The part of the configuration that a listener is: where it listens and who may ask.
#pragma once

#include <string>
#include <vector>

#include "cli/configuration.h"
#include "cli/configuration_section.h"
#include "ingest/http/server.h"

namespace ketavigil::cli {

/// Reads a listener's keys; `more` are those of the section beside them (`hosts` is read here).
[[nodiscard]] Status read_listener(const Section& section, const std::vector<std::string>& more,
                                   ListenerSettings* listener);

/// Its keys as YAML, two spaces deep.
[[nodiscard]] std::string listener_text(const ListenerSettings& listener);

/// Whether it may listen where it should: elsewhere than on this machine only with tokens and TLS.
[[nodiscard]] Status check_listener(const std::string& name, const ListenerSettings& listener);

/// Where others reach it: by the first of its names if it has one, else by its address.
[[nodiscard]] std::string told_address(const ListenerSettings& listener,
                                       const ingest::http::Server& server);

[[nodiscard]] ingest::http::ServerOptions server_options(const ListenerSettings& listener);

}  // namespace ketavigil::cli
