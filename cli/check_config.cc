// `check-config`: whether a configuration can be used, and what is in force with it.
#include <iostream>
#include <sstream>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/configuration.h"
#include "detectors/patient/catalogue.h"
#include "detectors/patient/drift_priors.h"
#include "engine/shard/parameters_in_force.h"
#include "events/json_text.h"

namespace ketavigil::cli {
namespace {

// A bar would end the cell.
std::string in_cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

// Every detector with its parameters, as they are in force.
std::string detectors_markdown(const engine::Settings& settings) {
  std::ostringstream out;
  out << "# Parameters of the patient detectors\n\n"
         "Printed by `ketavigil check-config --detectors`: what the program holds, and a test that "
         "this page says the\n"
         "same. What each detector does with them is in [detectors](detectors.md). All can be set "
         "in the configuration\n"
         "(`detectors: {BP-1: {systolic_mmhg: 145}}`, or of one site), which is an epoch: every "
         "patient is evaluated\n"
         "anew. The owner of a default is Ketavigil, and its version that of its detector.\n";
  const auto parameters = engine::parameters_in_force(settings, "");
  for (const auto& entry : detectors::catalogue()) {
    out << "\n## " << entry.id << "\n\n"
        << entry.question << " Domain " << entry.domain << ", version " << entry.version << ".\n\n"
        << "| parameter | value | unit | source | confirmed | owner | version |\n"
           "|---|---|---|---|---|---|---|\n";
    for (const auto& one : parameters) {
      if (one.info.detector != entry.id) continue;
      out << "| `" << one.info.name << "` | " << events::json_number(one.value) << " | "
          << one.info.unit << " | " << in_cell(one.statement.citation) << " | "
          << (one.statement.confirmed ? "yes" : "no") << " | " << in_cell(one.statement.owner)
          << " | " << one.statement.version << " |\n";
    }
  }
  out << "\n## What drift expects of an instrument\n\n"
         "For BP-7, COG-8 and URO-2, before the patient is known. SD within a person, between "
         "visits.\n\n"
         "| stream | worse is | mean | SD | practice | first value | source | confirmed "
         "|\n|---|---|---|---|---|---|---|---|\n";
  const auto table = settings.tables.find(engine::drift_priors_table);
  const std::string adopted = table == settings.tables.end()
                                  ? ""
                                  : "table " + engine::table_word(table->second, "version") + ": " +
                                        engine::table_word(table->second, "citation");
  for (std::size_t row = 0; row < detectors::drift_priors().size(); ++row) {
    const auto& prior = detectors::drift_priors()[row];
    const auto& expected = settings.parameters.drift.expected[row];
    const bool is_ours = expected == detectors::default_drift_expectations()[row];
    out << "| `" << prior.stream << "` | " << (prior.worse_is_less ? "less" : "more") << " | "
        << events::json_number(expected.mean) << " | " << events::json_number(expected.sd) << " | "
        << events::json_number(expected.practice) << " | "
        << (prior.drops_first ? "not used" : "used") << " | "
        << (is_ours ? std::string(prior.citation) : in_cell(adopted)) << " | "
        << (prior.confirmed ? "yes" : "no") << " |\n";
  }
  return out.str();
}

}  // namespace

void add_check_config(CLI::App& app, int* exit_code) {
  auto file = std::make_shared<std::string>();
  auto example = std::make_shared<bool>(false);
  auto* command =
      app.add_subcommand("check-config", "Checks a configuration and prints what is in force");
  command->footer(
      "  ketavigil check-config --example > ketavigil.yaml   # every key, with comments\n"
      "  ketavigil check-config ketavigil.yaml               # what is wrong, or what is in force\n"
      "  ketavigil check-config | grep -A 4 BP-2             # the thresholds of a detector");
  command->add_option("file", *file, "The configuration; without one the defaults")
      ->type_name("FILE");
  command->add_flag("--example", *example, "Prints a commented example");
  auto as_page = std::make_shared<bool>(false);
  command->add_flag(
      "--detectors", *as_page,
      "Prints every detector with its parameters, their units and sources, as Markdown");
  command->callback([file, example, as_page, exit_code] {
    if (*example) {
      std::cout << example_configuration();
      return;
    }
    const auto configuration = file->empty()
                                   ? parse_configuration("", "the defaults", process_environment())
                                   : read_configuration(*file);
    if (!configuration.ok()) {
      *exit_code = report(configuration.error());
      return;
    }
    if (*as_page) {
      std::cout << detectors_markdown(configuration.value().settings);
      return;
    }
    std::cout << "# fold identity " << engine::fold_identity(configuration.value().settings) << '\n'
              << print_configuration(configuration.value());
  });
}

}  // namespace ketavigil::cli
