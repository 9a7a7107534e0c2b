// `simulate`: a programme made up from a seed, with planted harms and their truth.
#include <fstream>
#include <iostream>

#include "cli/commands.h"
#include "cli/common.h"
#include "simulation/expected_rules.h"
#include "simulation/programme.h"

namespace ketavigil::cli {
namespace {

struct SimulateOptions {
  simulation::ProgrammeOptions programme;
  std::vector<std::string> plantings;
  std::string noise;
  bool nothing = false;
  std::string out;
};

Status run_simulate(SimulateOptions options) {
  for (const std::string& text : options.plantings) {
    KETAVIGIL_TRY_ASSIGN(auto planting, simulation::parse_planting(text));
    options.programme.plantings.push_back(std::move(planting));
  }
  if (!options.noise.empty()) {
    KETAVIGIL_TRY_ASSIGN(options.programme.noise, simulation::parse_noise(options.noise));
  }
  options.programme.plant_nothing = options.nothing;
  KETAVIGIL_TRY(options.programme.validate());
  const simulation::Programme programme(options.programme);
  KETAVIGIL_TRY(programme.status());
  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  const std::filesystem::path folder = options.out;
  std::ofstream events(folder / "events.ndjson", std::ios::binary | std::ios::trunc);
  std::ofstream truth(folder / "truth.json", std::ios::binary | std::ios::trunc);
  std::ofstream made_of(folder / "options.json", std::ios::binary | std::ios::trunc);
  if (error || !events || !truth || !made_of)
    return Status::failure(ErrorKind::storage, "cannot write into " + options.out);
  Progress progress("simulating", 100);
  simulation::ProgrammeCounts counts;
  KETAVIGIL_TRY(programme.write_events(
      events,
      [&](const simulation::ProgrammeCounts&, double share) {
        progress.update(static_cast<std::int64_t>(share * 100));
      },
      counts));
  truth << programme.truth_json();
  made_of << simulation::options_json(options.programme);
  events.close();
  truth.close();
  made_of.close();
  if (!events || !truth || !made_of)
    return Status::failure(ErrorKind::storage,
                           "cannot write into " + options.out + ": is the disk full?");
  progress.finish();
  std::cout << counts.lines << " events of " << options.programme.patients << " patients in "
            << (folder / "events.ndjson").string() << ", the planted harms in "
            << (folder / "truth.json").string() << '\n';
  return {};
}

}  // namespace

void add_simulate(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<SimulateOptions>();
  auto* command = app.add_subcommand(
      "simulate",
      "Makes up a programme with planted harms: events.ndjson, truth.json, options.json");
  command->footer(
      "The same options give the same bytes on every machine.\n"
      "  ketavigil simulate --patients 200 --months 12 --seed 1 --out programme\n"
      "  ketavigil simulate --patients 200 --months 12 --seed 1 --out programme --plant "
      "hypertensive-crisis=0.05\n"
      "  ketavigil simulate --patients 200 --months 24 --seed 1 --out programme --plant "
      "cognitive-decline+resting-drift=0.05,size=6+15\n"
      "  ketavigil simulate --patients 200 --months 36 --seed 1 --out null --plant-nothing --noise "
      "all --duplicates 0.095");
  auto& programme = options->programme;
  command->add_option("--patients", programme.patients, "How many")->required();
  command->add_option("--months", programme.months, "How long")->required();
  command->add_option("--seed", programme.seed, "Any number")->required();
  command->add_option("--start", programme.start_date, "The first day (default 2023-01-02)")
      ->type_name("DATE");
  command->add_option("--out", options->out, "The folder to write")->required()->type_name("DIR");
  command
      ->add_option("--plant", options->plantings,
                   "A harm, or several in the same patients, and the share of patients who get it; "
                   "without any, a set of all")
      ->type_name("HARM[+HARM…]=SHARE[,size=X[+X…]][,compound=…]");
  auto* nothing = command->add_flag("--plant-nothing", options->nothing,
                                    "No harm at all: what is found then is false");
  nothing->excludes(command->get_option("--plant"));
  command->add_option("--noise", options->noise, "Kinds of noise: " + simulation::noise_names())
      ->type_name("all|NAME=VALUE,…");
  const auto share = [&](const char* name, double* value, const char* meaning) {
    command->add_option(name, *value, meaning)->type_name("SHARE")->capture_default_str();
  };
  share("--late", &programme.late_share, "Facts that come a day to 13 weeks late");
  share("--duplicates", &programme.duplicate_share, "Facts that are sent twice");
  share("--corrected", &programme.corrected_share, "Facts that are wrong at first");
  share("--retracted", &programme.retracted_share, "Facts that are taken back");
  share("--refused", &programme.refused_share, "Facts that are sent so that they must be refused");
  command->add_option("--sites", programme.sites, "How many sites");
  command->add_option("--facts-per-patient", programme.facts_per_patient_limit,
                      "At most so many facts a patient (0: no limit)");
  command->callback([options, exit_code] {
    const Status status = run_simulate(*options);
    if (!status.ok()) *exit_code = report(status.error());
  });
}

}  // namespace ketavigil::cli
