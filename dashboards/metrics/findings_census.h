// How many findings are open and how many cases were ever raised, counted from the store.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "detectors/finding.h"
#include "events/result.h"
#include "storage/store.h"

namespace ketavigil::dashboards {

/// What findings are counted by.
struct FindingClass {
  std::string detector;
  detectors::Level level = detectors::Level::info;
  std::string compound;  ///< empty: none

  friend bool operator<(const FindingClass& a, const FindingClass& b) {
    if (a.detector != b.detector) return a.detector < b.detector;
    if (a.level != b.level) return a.level < b.level;
    return a.compound < b.compound;
  }
};

struct FindingsCensus {
  std::map<FindingClass, std::int64_t> open;    ///< findings that hold and are not resolved
  std::map<FindingClass, std::int64_t> raised;  ///< first revisions in the history: never fewer
};

/// Adds what one store holds, as of one moment, beside its writer. Reads every stored finding and
/// the first revision of every case: a second for some hundred thousand patients.
[[nodiscard]] Status add_to_census(const storage::Store& store, FindingsCensus* census);

}  // namespace ketavigil::dashboards
