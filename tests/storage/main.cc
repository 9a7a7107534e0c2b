// The test program, and the writer that its tests kill.
#include <gtest/gtest.h>

#include <string_view>

#include "support.h"

int main(int argc, char** argv) {
  namespace storage = ketavigil::storage;
  if (argc == 3 && std::string_view(argv[1]) == storage::kWriterCommand) {
    return storage::write_until_killed(argv[2]);
  }
  if (argc == 4 && std::string_view(argv[1]) == storage::kCheckpointCommand) {
    return storage::checkpoint_until_killed(argv[2], argv[3]);
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
