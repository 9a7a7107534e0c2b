// Cases as EVENTS.md says them, written down plainly over the JSON that is shown: for a reader to
// check by eye against the text. Tests hold the engine's history against it.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ketavigil::plain {

using FactName = std::pair<std::string, std::string>;  // (source, id)

/// What the model sees of a cut of one patient.
struct Cut {
  std::uint64_t position = 0;
  std::string received;                  ///< as it prints
  std::vector<nlohmann::json> findings;  ///< those that hold
  /// A fact with its twins and what these replace.
  std::function<std::set<FactName>(const FactName&)> counts_as;
  std::function<bool(const FactName&)> is_active;
};

/// The threads of one patient, from cut to cut.
class Cases {
 public:
  void cut(const Cut& cut);
  /// (case, revision, reason, state, raised, updated), in the order in which they were written.
  [[nodiscard]] const std::vector<std::string>& revisions() const { return revisions_; }

 private:
  struct Thread {
    std::string name;
    nlohmann::json finding;  // of the last revision
    bool live = true;
    std::uint64_t published = 0;
    std::string onset;  // of the finding that opened it
    std::string id;
    std::string raised;
    std::set<FactName> evidence;  // as R had it at the last cut
    int revision = 0;
  };
  void write(Thread* thread, const std::string& reason, const std::string& state,
             const std::string& updated);

  std::vector<Thread> threads_;
  std::vector<std::string> revisions_;
};

}  // namespace ketavigil::plain
