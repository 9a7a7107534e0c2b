// What a patient detector sees of a fact: the fact itself, and what R derives of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "detectors/finding.h"
#include "events/fact.h"

namespace ketavigil::detectors {

enum class Phase : std::uint8_t { none, pre, peak, discharge, home, other };
[[nodiscard]] std::string_view name_of(Phase phase);
[[nodiscard]] std::optional<Phase> phase_named(std::string_view name);

/// A session as other facts refer to it. Plain value.
struct SessionReference {
  std::string source;
  std::string id;
  Microseconds start =
      0;  ///< of a session on a bare date: when that day begins in its source's zone
  bool bare_date = false;
  Microseconds closes = 0;  ///< start + 240 min; of a session on a bare date that day's end

  [[nodiscard]] bool same(const SessionReference& other) const {
    return id == other.id && source == other.source;
  }
  bool operator==(const SessionReference&) const = default;
};

/// A fact in its place in R. Lives as long as the record it was made of.
struct RecordFact {
  const events::Fact* fact = nullptr;
  Microseconds at = 0;     ///< its instant
  bool bare_date = false;  ///< it has no minutes
  Microseconds day = 0;  ///< midnight (UTC) naming the UTC day of `at`; of a bare date its own day
  Microseconds day_ends =
      0;  ///< last microsecond of that day: of a bare date in its source's zone, else UTC
  std::optional<Microseconds>
      plan_ends;  ///< of plans: their `end`, a bare one where its day begins
  /// Of sessions: source and id of what stands for the plan that is named, through links of twins
  /// and `replaces`.
  std::optional<std::pair<std::string, std::string>> plan;
  std::optional<SessionReference> session;
  std::optional<double> minutes;  ///< t: minutes after its session's start; not on bare dates
  Phase phase = Phase::none;      ///< of blood pressures
  bool phase_stated = false;
  bool eligible = true;  ///< of scores: not too near a dose (CATALOGUE, Baseline)
  std::string site;      ///< derived; empty: none
  std::string compound;  ///< own, else its session's, else the last session's; empty: none
  std::optional<double> systolic;   ///< mmHg, of blood pressures
  std::optional<double> diastolic;  ///< mmHg, of blood pressures

  [[nodiscard]] events::Kind kind() const { return fact->kind; }
  [[nodiscard]] Evidence evidence() const {
    return {fact->source, fact->id, fact->version, at, fact->kind, site, compound};
  }
  /// The order of R.
  [[nodiscard]] bool before(const RecordFact& other) const {
    return std::tie(at, fact->kind, fact->source, fact->id) <
           std::tie(other.at, other.fact->kind, other.fact->source, other.fact->id);
  }
  /// The same fact at the same address, and the same is derived of it.
  bool operator==(const RecordFact&) const = default;
};

}  // namespace ketavigil::detectors
