// The program `ketavigil`: subcommands, one file each, over the libraries.
#include <iostream>

#include "cli/commands.h"
#include "cli/version.h"

int main(int argc, char** argv) {
  CLI::App app{"Ketavigil watches the long-term safety of ketamine-class treatment."};
  app.name("ketavigil");
  app.set_version_flag("--version", std::string("ketavigil ") + KETAVIGIL_VERSION + " (" + KETAVIGIL_COMPILER + ")");
  app.require_subcommand(1);
  app.footer(
      "A first look:\n"
      "  ketavigil simulate --patients 200 --months 12 --seed 1 --out programme\n"
      "  ketavigil load programme/events.ndjson --data data --as-recorded\n"
      "  ketavigil alerts --data data --level critical\n"
      "Exit codes: 0 done, 1 usage, 2 configuration, 3 broker, 4 storage, 5 verification failed.");
  int exit_code = 0;
  using namespace ketavigil::cli;
  add_load(app, &exit_code);
#ifdef KETAVIGIL_SERVE
  add_serve(app, &exit_code);
#endif
  add_alerts(app, &exit_code);
  add_explain(app, &exit_code);
  add_patient(app, &exit_code);
  add_cohort(app, &exit_code);
  add_quarantine(app, &exit_code);
  add_replay(app, &exit_code);
  add_diff(app, &exit_code);
  add_verify(app, &exit_code);
  add_check_config(app, &exit_code);
  add_simulate(app, &exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 1;
  }
  return exit_code;
}
