#include "engine/questions/patient_copy.h"

#include <utility>

namespace ketavigil::engine {

Result<PatientCopy> PatientCopy::make(const Settings& began_with) {
  PatientCopy copy;
  KETAVIGIL_TRY_ASSIGN(copy.folder_, TransientFolder::make());
  copy.clock_ = std::make_unique<SystemClock>();
  ProgrammeOptions options;
  options.directory = copy.folder_.path();
  options.create = true;
  options.shards = 1;
  options.settings = began_with;
  options.cut_leftovers = false;
  options.cohort = false;
  options.free_space_guard_bytes = 0;
  KETAVIGIL_TRY_ASSIGN(copy.programme_, Programme::open(options, *copy.clock_));
  return copy;
}

}  // namespace ketavigil::engine
