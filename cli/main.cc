// The program `ketavigil`: subcommands, one file each, over the libraries.
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/version.h"
#include "events/nearest.h"

// For jemalloc, which looks for this name; of another allocator nobody reads it. Folds give back
// and ask for the same memory all the time: pages that go to the system at once must be cleared
// again by it.
extern "C" {
extern const char* const malloc_conf;
const char* const malloc_conf = "background_thread:true,dirty_decay_ms:60000,muzzy_decay_ms:60000";
}

namespace {

// A word that is no subcommand gets the nearest one, instead of the hint that one is needed. 0 if
// all is well.
int tell_unknown_subcommand(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return 0;
  std::vector<std::string> known;
  for (const CLI::App* command : app.get_subcommands({})) known.push_back(command->get_name());
  if (std::find(known.begin(), known.end(), argv[1]) != known.end()) return 0;
  std::cerr << "ketavigil: there is no subcommand " << argv[1] << "; the nearest is "
            << ketavigil::events::nearest(argv[1], known) << " (see ketavigil --help)\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Ketavigil watches the long-term safety of ketamine-class treatment."};
  app.name("ketavigil");
  app.set_version_flag(
      "--version", std::string("ketavigil ") + KETAVIGIL_VERSION + " (" + KETAVIGIL_COMPILER + ")");
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
  add_serve(app, &exit_code);
  add_token(app, &exit_code);
  add_produce(app, &exit_code);
  add_workers(app, &exit_code);
  add_alerts(app, &exit_code);
  add_explain(app, &exit_code);
  add_patient(app, &exit_code);
  add_cohort(app, &exit_code);
  add_quarantine(app, &exit_code);
  add_priors(app, &exit_code);
  add_page(app, &exit_code);
  add_replay(app, &exit_code);
  add_diff(app, &exit_code);
  add_verify(app, &exit_code);
  add_check_config(app, &exit_code);
  add_simulate(app, &exit_code);
  add_score(app, &exit_code);
  if (const int unknown = tell_unknown_subcommand(app, argc, argv); unknown != 0) return unknown;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 1;
  }
  // A full disk or a closed pipe behind standard output must not look like success.
  if (!std::cout.flush() && exit_code == 0) {
    std::cerr << "ketavigil: standard output could not be written to its end\n";
    exit_code = 4;
  }
  return exit_code;
}
