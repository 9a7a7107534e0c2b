// The subcommands: each file adds its own to the program.
#pragma once

#include <CLI/CLI.hpp>

namespace ketavigil::cli {

// Each adds a subcommand whose exit code, when it ran, is left in `*exit_code`.
void add_load(CLI::App& app, int* exit_code);
void add_simulate(CLI::App& app, int* exit_code);
void add_score(CLI::App& app, int* exit_code);
void add_alerts(CLI::App& app, int* exit_code);
void add_explain(CLI::App& app, int* exit_code);
void add_patient(CLI::App& app, int* exit_code);
void add_cohort(CLI::App& app, int* exit_code);
void add_page(CLI::App& app, int* exit_code);
void add_replay(CLI::App& app, int* exit_code);
void add_diff(CLI::App& app, int* exit_code);
void add_priors(CLI::App& app, int* exit_code);
void add_quarantine(CLI::App& app, int* exit_code);
void add_verify(CLI::App& app, int* exit_code);
void add_check_config(CLI::App& app, int* exit_code);
void add_token(CLI::App& app, int* exit_code);
void add_serve(CLI::App& app, int* exit_code);
void add_workers(CLI::App& app, int* exit_code);
void add_produce(CLI::App& app, int* exit_code);

}  // namespace ketavigil::cli
