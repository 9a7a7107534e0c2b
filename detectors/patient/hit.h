// What patient detectors say while the fold passes: a rule holds, clears, or an episode ends.
// Findings are made of these by `assemble` (episodes.h), which alone knows occasions, conditions
// and `at`.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "detectors/finding.h"
#include "detectors/patient/record_fact.h"
#include "events/json_text.h"

namespace ketavigil::detectors {

/// What was measured against which limit.
struct Measure {
  double value = 0;
  double threshold = 0;
  bool worse_is_less = false;  ///< the rule holds below its limit (saturation, score that fell)
  /// How far beyond the limit, in proportion to it.
  [[nodiscard]] double excess() const {
    const double beyond = worse_is_less ? threshold - value : value - threshold;
    return events::round_to_12_digits(
        threshold == 0 ? beyond : beyond / (threshold < 0 ? -threshold : threshold));
  }
};

inline constexpr Microseconds always = std::numeric_limits<Microseconds>::min();

/// The facts that meet a rule at a level, and the numbers.
struct Hit {
  std::string detector;   ///< `BP-2`
  std::string statistic;  ///< `severe`
  std::string
      series;  ///< keeps conditions of one statistic apart (DEP-1: `compound|route`); usually empty
  Level level = Level::info;
  Measure measure;
  std::vector<Evidence> evidence;  ///< at least one
  /// Of occasions: the session (of several facts: the reading's, else the first's).
  std::optional<SessionReference> session;
  /// The effective of the fact that completes the rule.
  Microseconds completed_at = 0;
  Inputs inputs;
  std::vector<std::string> annotations;
  /// Withheld before this `at`: the deadline + the detector's grace; `always` for what facts say.
  Microseconds visible_from = always;
  /// Onset and end of a deadline's finding, where its rule names no reading.
  std::optional<Microseconds> deadline;
  /// Of a twin's hit: the representative of its cluster, whose lesser hits it takes the place of.
  std::optional<std::pair<std::string, std::string>> instead_of;
  /// Of a condition that keeps the facts and numbers with which it was met, whatever comes later or
  /// came before: its finding is this hit alone.
  bool latched = false;
  /// Rests on a quarantined, conflicting or preliminary value. Set by the fold.
  bool doubtful = false;
};

/// One step of a condition: it holds (with the hit), or it clears.
struct ConditionStep {
  std::string detector;
  std::string statistic;
  std::string series;
  std::optional<Hit> holds;  ///< nothing: it clears
  Microseconds at = 0;       ///< effective of the fact, or the deadline, that decides
  Microseconds visible_from = always;
};

/// An occasion that a later fact ends before its 30 days are over (DQ-1).
struct OccasionEnd {
  std::string detector;
  std::string statistic;
  std::string source;  ///< of the evidence
  std::string id;
};

/// Collects what the detectors say, in the order of the fold.
struct Sink {
  std::vector<Hit> occasions;
  std::vector<ConditionStep> conditions;
  std::vector<OccasionEnd> ends;

  void occasion(Hit hit) { occasions.push_back(std::move(hit)); }
  void holds(Hit hit) {
    ConditionStep step{hit.detector, hit.statistic,    hit.series,
                       std::nullopt, hit.completed_at, hit.visible_from};
    step.holds = std::move(hit);
    conditions.push_back(std::move(step));
  }
  void clears(std::string detector, std::string statistic, Microseconds at,
              Microseconds visible_from = always, std::string series = {}) {
    conditions.push_back({std::move(detector), std::move(statistic), std::move(series),
                          std::nullopt, at, visible_from});
  }
  /// Takes back earlier occasions of this detector and statistic that rest on this fact.
  void withdraw(std::string_view detector, std::string_view statistic, std::string_view source,
                std::string_view id);
  /// Takes back what was decided of a condition since then.
  void withdraw_steps(std::string_view detector, std::string_view statistic, Microseconds since);
};

/// A hit of one fact, its session and time taken from it.
[[nodiscard]] Hit hit_of(std::string_view detector, std::string_view statistic, Level level,
                         Measure measure, const RecordFact& fact);

}  // namespace ketavigil::detectors
