// A case in one line: what lists show of it, filter and order by.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/finding.h"
#include "events/result.h"
#include "events/time.h"

namespace ketavigil::engine {

/// The state of a case in its last revision (EVENTS, Alerts). The first two are live.
enum class CaseState : std::uint8_t { open, resolved, superseded, retracted, merged };
[[nodiscard]] std::string_view name_of(CaseState state);
[[nodiscard]] std::optional<CaseState> case_state_named(std::string_view name);

/// What one revision said: enough to tell what became better or worse since.
struct RevisionMark {
  events::Microseconds updated = 0;  ///< received time
  detectors::Level level = detectors::Level::info;
  CaseState state = CaseState::open;
  std::optional<double> value;  ///< of the statistic
};

/// A case as its last revision says.
struct CaseSummary {
  std::string name;
  std::string id;  ///< of the finding in the last revision
  std::string patient;
  std::string detector;
  std::string domain;
  std::string reason;
  std::string site;      ///< empty: none
  std::string compound;  ///< empty: none
  std::string statistic;
  std::optional<double> value;
  std::optional<double> threshold;
  detectors::Level level = detectors::Level::info;
  detectors::Level worst = detectors::Level::info;  ///< of all revisions
  CaseState state = CaseState::open;
  events::Microseconds onset = 0;
  events::Microseconds ended = 0;
  events::Microseconds raised = 0;
  events::Microseconds updated = 0;
  bool unverified = false;
  std::vector<RevisionMark> revisions;  ///< oldest first
};

/// Reads revisions, the rows of `Family::history`. Thread-safety: one thread at a time.
class RevisionReader {
 public:
  RevisionReader();
  ~RevisionReader();

  /// Takes the next revision of a case into `summary`, which has those before it, or none. A
  /// storage error for bytes that are no revision.
  [[nodiscard]] Status take(std::string_view text, CaseSummary* summary);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace ketavigil::engine
