// Help that teaches: every command shows how it is used.
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "tests/e2e/program.h"

namespace ketavigil::e2e {
namespace {

std::vector<std::string> commands() {
  std::vector<std::string> names;
  bool listed = false;
  for (const std::string& line : lines_of(run({"--help"}).out)) {
    if (line == "Subcommands:") {
      listed = true;
    } else if (listed && line.empty()) {
      break;
    } else if (listed) {
      std::string name;
      std::istringstream(line) >> name;
      names.push_back(name);
    }
  }
  return names;
}

TEST(Help, every_command_ends_with_an_example_of_its_own) {
  const auto names = commands();
  EXPECT_GT(names.size(), 15U);
  for (const std::string& name : names) {
    const auto help = run({name, "--help"});
    EXPECT_EQ(help.exit_code, 0) << name;
    EXPECT_NE(help.out.find("\n  ketavigil " + name + ' '), std::string::npos) << help.out;
  }
}

}  // namespace
}  // namespace ketavigil::e2e
