// `priors`: what a programme's own patients say about the expectations of drift.
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/common.h"
#include "engine/questions/prior_fit.h"
#include "events/json_text.h"

namespace ketavigil::cli {
namespace {

struct FitOptions {
  std::string data;
  std::string as_of;
  std::string out;
  std::int64_t least_patients = 30;
};

Result<std::unique_ptr<engine::Reading>> open_reading(const FitOptions& options,
                                                      events::Microseconds* as_of) {
  if (options.as_of.empty()) {
    KETAVIGIL_TRY_ASSIGN(auto reading, engine::Reading::open(options.data));
    *as_of = reading->newest_received();
    return reading;
  }
  KETAVIGIL_TRY_ASSIGN(*as_of, parse_time_option("--as-of", options.as_of));
  return engine::Reading::open_as_of(options.data, *as_of);
}

void print_fitted(const std::vector<engine::FittedPrior>& fitted) {
  TextTable table({"STREAM", "MEAN", "SD", "PRACTICE", "WAS", "PATIENTS", "REPEATED", "VALUES"});
  const auto number = [](double value) { return events::json_number(value); };
  for (const auto& one : fitted) {
    if (one.patients == 0) continue;
    table.add({one.stream, number(one.proposed.mean), number(one.proposed.sd),
               number(one.proposed.practice),
               one.is_proposed() ? number(one.now.mean) + " " + number(one.now.sd) + " " +
                                       number(one.now.practice)
                                 : "kept",
               std::to_string(one.patients), std::to_string(one.patients_repeated),
               std::to_string(one.values)});
  }
  table.print();
}

Status run_fit(const FitOptions& options) {
  events::Microseconds as_of = 0;
  KETAVIGIL_TRY_ASSIGN(const auto reading, open_reading(options, &as_of));
  Progress progress("fitting", static_cast<std::int64_t>(reading->patients().size()));
  KETAVIGIL_TRY_ASSIGN(const auto fitted,
                       engine::fit_priors(*reading, options.least_patients, [&](std::size_t done) {
                         progress.update(static_cast<std::int64_t>(done));
                       }));
  progress.finish();
  KETAVIGIL_TRY_ASSIGN(const std::string table, engine::proposed_table(fitted, as_of));
  if (options.out.empty()) {
    std::cout << table;
    return {};
  }
  std::ofstream file(options.out, std::ios::binary);
  file << table;
  file.close();
  if (!file) return Status::failure(ErrorKind::usage, "cannot write " + options.out);
  print_fitted(fitted);
  std::cerr << "A proposal is in " << options.out
            << ". To see what it would have done: a configuration with\n"
               "  reference_tables: {drift_priors: "
            << options.out << "}\nthen `ketavigil replay --data " << options.data
            << " --out OTHER --config FILE` and `ketavigil diff " << options.data
            << " OTHER`. Adopted by the service's configuration it is an epoch.\n";
  return {};
}

}  // namespace

void add_priors(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<FitOptions>();
  auto* command = app.add_subcommand(
      "priors", "Proposes what drift detectors should expect of instruments, from a programme");
  command->footer("  ketavigil priors fit --data programme --as-of 2026-03-02 --out priors.json");
  command->require_subcommand(1);
  auto* fit = command->add_subcommand(
      "fit", "Prints a reference table fitted to values before the first session");
  fit->add_option("--data", options->data, "The data directory")->required()->type_name("DIR");
  fit->add_option("--as-of", options->as_of, "Only what the log had received by then")
      ->type_name("TIME");
  fit->add_option("--out", options->out, "Writes the table there, and a summary to the terminal")
      ->type_name("FILE");
  fit->add_option("--least-patients", options->least_patients,
                  "Patients that an instrument must have for each number")
      ->capture_default_str()
      ->check(CLI::Range(std::int64_t{2}, std::int64_t{1'000'000}))
      ->type_name("N");
  fit->footer(
      "  ketavigil priors fit --data programme --as-of 2026-03-02 --out priors.json\n"
      "Nothing changes until a person names the file in the configuration "
      "(reference_tables.drift_priors).");
  fit->callback([options, exit_code] {
    const Status status = run_fit(*options);
    if (!status.ok()) *exit_code = report(status.error());
  });
}

}  // namespace ketavigil::cli
