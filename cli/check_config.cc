// `check-config`: whether a configuration can be used, and what is in force with it.
#include <iostream>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/configuration.h"

namespace ketavigil::cli {

void add_check_config(CLI::App& app, int* exit_code) {
  auto file = std::make_shared<std::string>();
  auto example = std::make_shared<bool>(false);
  auto* command =
      app.add_subcommand("check-config", "Checks a configuration and prints what is in force");
  command->add_option("file", *file, "The configuration; without one the defaults")
      ->type_name("FILE");
  command->add_flag("--example", *example, "Prints a commented example");
  command->callback([file, example, exit_code] {
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
    std::cout << "# fold identity " << engine::fold_identity(configuration.value().settings) << '\n'
              << print_configuration(configuration.value());
  });
}

}  // namespace ketavigil::cli
