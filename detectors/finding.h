// The words of every detector: level, finding, cell. Plain values without behaviour of their own.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "events/fact.h"

namespace ketavigil::detectors {

using events::Microseconds;

/// How much it matters; a greater one matters more.
enum class Level : std::uint8_t { info = 0, watch = 1, alert = 2, critical = 3 };
[[nodiscard]] std::string_view name_of(Level level);
[[nodiscard]] std::optional<Level> level_named(std::string_view name);
/// alert → watch → info → info. `critical` is never lowered by this rule (CATALOGUE, section 1).
[[nodiscard]] constexpr Level one_lower(Level level) {
  return level == Level::alert      ? Level::watch
         : level == Level::critical ? Level::alert
                                    : Level::info;
}

/// A fact that meets a rule, as it is named in a finding, with what the finding takes from it.
struct Evidence {
  std::string source;
  std::string id;
  std::int64_t version = 0;
  Microseconds at = 0;  ///< its instant
  events::Kind kind = events::Kind::none;
  std::string site;      ///< derived; empty: none
  std::string compound;  ///< its own, else its session's, else the last session's; empty: none

  /// The order of R: (instant, kind's number, source, id), then version.
  friend bool operator<(const Evidence& a, const Evidence& b);
  /// A fact is (patient, source, id).
  [[nodiscard]] bool same_fact(const Evidence& other) const {
    return id == other.id && source == other.source;
  }
  [[nodiscard]] bool same_version(const Evidence& other) const {
    return id == other.id && source == other.source && version == other.version;
  }
};

/// An intermediate number or word that `explain` shows.
using InputValue = std::variant<double, std::string>;
/// By name, in the order of their bytes.
using Inputs = std::map<std::string, InputValue, std::less<>>;

/// What a detector holds true at an `at`.
struct Finding {
  std::string id;  ///< 16 hex digits; set-determined
  std::string detector;
  std::string domain;
  Level level = Level::info;
  bool resolved = false;  ///< else open
  Microseconds onset = 0;
  Microseconds ended = 0;
  std::vector<Evidence> evidence;  ///< in the order of R, each version once
  std::string site;
  std::string compound;
  std::string statistic;
  double value = 0;      ///< rounded to 12 significant digits
  double threshold = 0;  ///< likewise
  Inputs inputs;
  bool unverified = false;
  std::vector<std::string> annotations;  ///< sorted, each once
};

/// The patient's share of one (compound, route) in the cohort's first table (EVENTS, `exposure`).
/// Intervals are at risk [start, end), disjoint and ascending, not yet cut at any `at`.
struct ExposureCell {
  std::string compound;
  std::string route;
  std::int64_t sessions = 0;
  std::int64_t micrograms = 0;
  std::vector<std::pair<Microseconds, Microseconds>> at_risk;
};

}  // namespace ketavigil::detectors
