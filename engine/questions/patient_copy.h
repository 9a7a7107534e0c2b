// What a log holds of one patient, written again into a programme of its own.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "engine/questions/transient_folder.h"
#include "engine/shard/patient_replay.h"
#include "engine/shard/programme.h"

namespace ketavigil::engine {

/// One shard in a folder that goes with this. Not thread-safe.
class PatientCopy {
 public:
  /// Empty, with the settings that the log began with.
  [[nodiscard]] static Result<PatientCopy> make(const Settings& began_with);

  [[nodiscard]] Shard& shard() { return programme_->shard(0); }
  [[nodiscard]] Result<ProgrammeFile> file() const { return read_programme_file(folder_.path()); }

 private:
  TransientFolder folder_;  // outlives what is opened in it
  std::unique_ptr<SystemClock> clock_;
  std::unique_ptr<Programme> programme_;
};

}  // namespace ketavigil::engine
