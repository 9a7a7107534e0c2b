// What the tests of accidents share: how long they run, programmes to run on, commands to kill.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/e2e/program.h"

namespace ketavigil::crash {

/// Later than every fact of the tests, so that answers at it can be compared.
inline constexpr const char* moment = "2024-12-31T00:00:00Z";

/// `in_campaign` if KETAVIGIL_CAMPAIGN=1 (tests/long/run), else `in_short`.
[[nodiscard]] int times(int in_short, int in_campaign);

/// Seeded by KETAVIGIL_SEED, else 1: what is drawn is the same each time, only the machine's pace
/// is not.
[[nodiscard]] std::mt19937_64 random_numbers();

/// Writes a simulated programme's events and returns the file's path.
[[nodiscard]] std::string simulated_events(const e2e::Folder& folder, int patients, int months);

/// What law A says must be equal: `alerts`, `patient` and `cohort` at `moment`. Every command must
/// end with 0.
[[nodiscard]] std::string answers(const std::string& data, const std::string& at = moment);

/// The program in the background, without output. Killed by the destructor.
class Child {
 public:
  explicit Child(const std::vector<std::string>& arguments);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Whether it ended by itself within `time`.
  bool ends_within(std::chrono::microseconds time);
  void kill();                                                ///< SIGKILL, if it still runs
  [[nodiscard]] int exit_code() const { return exit_code_; }  ///< once it ended; 128 + a signal

 private:
  pid_t pid_ = 0;
  int exit_code_ = -1;
};

}  // namespace ketavigil::crash
