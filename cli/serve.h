// `ketavigil serve`: the service.
#pragma once

#include <CLI/CLI.hpp>

namespace ketavigil::cli {

/// Adds the subcommand. When it is called it runs until SIGTERM or SIGINT (exit code 0) or until
/// the store fails (4), and sets `*exit_code`.
void add_serve(CLI::App& app, int* exit_code);

}  // namespace ketavigil::cli
