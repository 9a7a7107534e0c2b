// write_boards FOLDER: writes the dashboards there, as they are kept beside this.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "dashboards/grafana/boards.h"

int main(int argc, char** argv) {
  if (argc != 2) return EXIT_FAILURE;
  for (const auto& board : ketavigil::dashboards::grafana::boards()) {
    std::ofstream file(std::filesystem::path(argv[1]) / (board.uid + ".json"));
    file << to_json(board);
    if (!file.flush()) return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
