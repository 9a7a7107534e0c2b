// Patients in use: what was read and folded of them, so that their next entry need not begin anew.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/shard/cases.h"
#include "engine/shard/patient_fold.h"
#include "engine/shard/rows.h"

namespace ketavigil::engine {

/// What the store and the passes under way have of a patient that follows from the facts.
struct Projected {
  bool has_findings = false;
  std::string findings;  ///< the row's bytes
  Microseconds valid_until = detectors::never;
  bool has_cells = false;
  std::string cells;  ///< likewise
  bool has_cases = false;
  std::string cases_bytes;  ///< likewise
  std::vector<Case> cases;  ///< and what they say
};

/// A patient as the store and the passes under way have them, and the state of their last fold.
struct PatientInUse {
  KnownPatient known;
  SavedState saved;
  std::optional<Projected> projected;  ///< nothing: it is in the store

  /// About how much memory it takes.
  [[nodiscard]] std::size_t bytes() const;
};

/// The patients used last, within a bound of memory. What is in it shows in no result: it is a copy
/// of the store's rows, and whoever writes other rows of a patient must `take` or `forget` them
/// first. Thread-safe: a patient who is taken is nobody else's until put back.
class PatientCache {
 public:
  /// `bytes_max`: about how much memory it may take; 0: nothing is kept.
  explicit PatientCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  [[nodiscard]] bool keeps() const { return bytes_max_ > 0; }
  /// Takes a patient out; null if they are not here.
  [[nodiscard]] std::unique_ptr<PatientInUse> take(std::string_view patient);
  /// Puts a patient in, as the one used last, in place of what was here of them. Those used longest
  /// ago go, until all fit. Null does nothing.
  void put(std::unique_ptr<PatientInUse> patient);
  void forget(std::string_view patient) { (void)take(patient); }
  void clear();

  /// About how much memory it takes.
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Place {
    std::unique_ptr<PatientInUse> patient;
    std::size_t bytes = 0;
  };
  using Places = std::list<Place>;  // the one used last first

  mutable std::mutex changing_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  Places places_;
  std::unordered_map<std::string_view, Places::iterator>
      by_name_;  // the names are the records' own
};

}  // namespace ketavigil::engine
