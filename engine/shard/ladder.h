// A ladder of saved states: the fold of one patient as it stood some time before the newest fact,
// so that the next fold need not begin at the first one.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "detectors/patient/patient.h"

namespace ketavigil::engine {

/// Saved states of one patient, each some way behind the newest fact: five hours, since sessions
/// and phases look so far ahead and an entry seldom changes what lies before; 30 and 180 days, for
/// what comes late, where there are facts enough to be spared. Which is used shows in no result: a
/// state is used only where all facts that it has taken, and those beside them, are still what they
/// were. Not thread-safe; a plain value.
class Ladder {
 public:
  /// Folds these facts, and those beside them. Of both, so many of the first are those of the last
  /// call, at the same addresses, and the same is derived of them.
  [[nodiscard]] detectors::Sink fold(const std::vector<detectors::RecordFact>& facts,
                                     const std::vector<detectors::Beside>& beside,
                                     std::size_t unchanged_facts, std::size_t unchanged_beside,
                                     const detectors::PatientParameters& parameters);

  /// About how much memory it takes.
  [[nodiscard]] std::size_t bytes() const;

 private:
  // The farthest behind first; null: at the start. On the heap, since a ladder is moved at every
  // fold.
  std::array<std::unique_ptr<detectors::PartialFold>, 3> rungs_;
};

}  // namespace ketavigil::engine
