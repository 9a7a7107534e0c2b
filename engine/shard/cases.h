// Cases: how findings of one cut continue those of the cuts before (EVENTS, Cases). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "events/time.h"

namespace ketavigil::engine {

using FactKey = std::pair<std::string, std::string>;  ///< (source, id)

/// A case as it stands after its last revision.
struct Case {
  std::string name;  ///< `id` of the finding that opened it, with `~2`, `~3` … if that was used
  std::string detector;
  std::string statistic;
  std::uint64_t revisions = 0;
  bool live = true;             ///< false once merged, retracted or superseded
  std::uint64_t published = 0;  ///< the entry at whose cut it was opened
  events::Microseconds first_onset = 0;
  std::string first_id;
  events::Microseconds raised = 0;
  int level = 0;
  std::string text;   ///< the finding of the last revision, as JSON
  std::string state;  ///< `open`, `resolved`, `superseded`, `retracted`, `merged`
  std::vector<FactKey>
      evidence;  ///< as R had it at its last cut: each fact, its twins, what it replaces
};

/// A finding of this cut, with what cases need of it.
struct HeldFinding {
  std::string id;
  std::string detector;
  std::string statistic;
  events::Microseconds onset = 0;
  int level = 0;
  bool resolved = false;
  std::string text;
  std::vector<FactKey> evidence;  ///< likewise
};

/// The cut: which entry, when, and whether it is a configuration epoch.
struct Cut {
  std::uint64_t position = 0;
  events::Microseconds received = 0;
  bool is_epoch = false;
  bool ways_out = false;  ///< revisions are to be told to the world
};

/// One revision: a row of `alerts --history`.
struct Revision {
  std::string detector;
  std::string case_name;
  std::uint64_t number = 0;
  std::string text;  ///< the JSON object
  /// It is or may have been critical: whoever pages looks at it.
  bool concerns_pages = false;
};

/// Whether a fact is active now, by its key.
class ActiveFacts {
 public:
  virtual ~ActiveFacts() = default;
  [[nodiscard]] virtual bool is_active(const FactKey& key) const = 0;
};

/// Lets the findings that hold at a cut continue, open, and close the cases of one patient. Changes
/// `cases` and returns the revisions to publish, in the order of (detector, case, number).
/// `findings` is in any order. `changed` (may be null) becomes true if `cases` changed at all: most
/// cuts change none.
[[nodiscard]] std::vector<Revision> continue_cases(std::vector<Case>* cases,
                                                   std::vector<HeldFinding> findings,
                                                   const ActiveFacts& facts, const Cut& cut,
                                                   bool* changed = nullptr);

}  // namespace ketavigil::engine
