// Dependence and tolerance: DEP-1 (dose) and DEP-2 (interval) of CATALOGUE, section 2. Doses are
// mg, weights kg, times microseconds since 1970.
//
// Thread-safety: plain values and pure functions; a state is used by one fold at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/patient/background.h"
#include "detectors/patient/hit.h"
#include "detectors/patient/parameters.h"
#include "detectors/patient/record_fact.h"
#include "detectors/patient/single_fact.h"
#include "detectors/patient/window.h"

namespace ketavigil::detectors {

/// Every threshold of the domain. `confirmed` is false for what no source that was read supports.
struct DependenceParameters {
  double dep1_watch_ratio = 1.25;
  double dep1_alert_ratio = 1.50;
  double dep1_clear_ratio = 1.125;
  double dep1_window_days = 28;
  double dep1_reference_from = 3;
  double dep1_reference_to = 8;
  double dep1_protocol_days = 14;
  double dep1_protocol_cgi_s = 3;
  double dep1_protocol_madrs = 12;
  double dep1_esketamine_in_mg = 84;
  double dep1_iv_mg_per_kg = 1.0;
  double dep1_critical_multiple = 2;
  double dep1_weight_days = 90;
  double dep2_watch_ratio = 0.75;
  double dep2_alert_ratio = 0.50;
  double dep2_clear_ratio = 0.825;
  double dep2_protocol_days = 14;
  double dep2_protocol_cgi_s = 3;
  double dep2_protocol_madrs = 12;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor);
};

/// The latest score up to a session that lets the protocol treat more: a `cgi-s` or `madrs` above
/// its limit. Of any window that ends at the session only the latest matters.
using ProtocolScoreAt = std::optional<Microseconds>;

/// A dose counted by DEP-1 after the reference ones.
struct CountedDose {
  Microseconds at = 0;
  double mg = 0;
  ProtocolScoreAt protocol_score_at;
};
/// Of one course in 28 days.
inline constexpr std::size_t counted_doses_kept = 256;

/// The sessions of one (compound, route) that are not under a plan with `titration`.
struct Course {
  std::int64_t numbered = 0;
  std::vector<double> reference_mg;  ///< of the sessions numbered 3 to 8, in their order
  Window<CountedDose> counted;       ///< those after them in the last 28 d, in the order of R
};
/// Also the greatest number that configuration can ask the reference to hold.
inline constexpr std::size_t reference_doses_kept = 64;

/// A session since (re-)entry, as DEP-2 sees it.
struct SessionDated {
  Microseconds at = 0;
  ProtocolScoreAt protocol_score_at;
};
/// Eight intervals.
inline constexpr std::size_t dated_sessions_kept = 9;

struct DependenceState {
  std::map<std::pair<std::string, std::string>, Course> courses;  ///< by compound and route
  Window<SessionDated> since_entry;  ///< at most `dated_sessions_kept`, newest last
  ProtocolScoreAt dep1_score_at;
  ProtocolScoreAt dep2_score_at;
  /// The latest vital `weight`: when, kg. Also a preliminary one, in the pass that reads them: the
  /// dose limit is then a critical rule of several facts.
  std::optional<std::pair<Microseconds, double>> weight_kg;
};

/// Takes one active fact, in the order of R; `background` has already taken it.
void step(DependenceState* state, const Background& background, const RecordFact& fact,
          const DependenceParameters& parameters, Sink* sink);

/// Nothing: no rule of the domain waits.
[[nodiscard]] std::optional<Microseconds> next_deadline(const DependenceState& state);
void pass_deadline(DependenceState* state, const Background& background, Microseconds when,
                   const DependenceParameters& parameters, Sink* sink);

/// ◆ of DEP-1: more than twice the dose limit, by the session alone.
void single_fact(const DependenceState& state, const Background& background, const RecordFact& fact,
                 Certainty certainty, const DependenceParameters& parameters, Sink* sink);

/// One-sided conditional binomial test: the chance that of `now + before` sessions at least `now`
/// fall into the later of two equal windows. 1 if there are none. Exact but for rounding; `now +
/// before` ≤ 1000.
[[nodiscard]] double binomial_upper_tail(std::int64_t now, std::int64_t before);

template <typename Self, typename Visitor>
void DependenceParameters::visit(Self& self, Visitor&& visitor) {
  constexpr std::string_view label = "USPI esketamine: 84 mg at most in a session";
  constexpr std::string_view reviews = "reviews of intravenous dosing: 0.1 to 0.75 mg/kg usual";
  constexpr std::string_view sustain_3 = "SUSTAIN-3 dose-frequency algorithm";
  constexpr std::string_view sustain_1 = "SUSTAIN-1: every other week if MADRS is at most 12";
  constexpr std::string_view design = "CATALOGUE";
  const auto say = [&visitor](std::string_view detector, std::string_view name,
                              std::string_view unit, std::string_view citation, bool confirmed,
                              auto& value) {
    visitor(ParameterInfo{detector, name, unit, citation, confirmed}, value);
  };
  say("DEP-1", "watch_ratio", "1", design, false, self.dep1_watch_ratio);
  say("DEP-1", "alert_ratio", "1", design, false, self.dep1_alert_ratio);
  say("DEP-1", "clear_ratio", "1", design, false, self.dep1_clear_ratio);
  say("DEP-1", "window_days", "d", design, false, self.dep1_window_days);
  say("DEP-1", "reference_from", "1", design, false, self.dep1_reference_from);
  say("DEP-1", "reference_to", "1", design, false, self.dep1_reference_to);
  say("DEP-1", "protocol_days", "d", sustain_3, true, self.dep1_protocol_days);
  say("DEP-1", "protocol_cgi_s", "1", sustain_3, true, self.dep1_protocol_cgi_s);
  say("DEP-1", "protocol_madrs", "1", sustain_1, true, self.dep1_protocol_madrs);
  say("DEP-1", "esketamine_in_mg", "mg", label, true, self.dep1_esketamine_in_mg);
  say("DEP-1", "iv_mg_per_kg", "mg/kg", reviews, false, self.dep1_iv_mg_per_kg);
  say("DEP-1", "critical_multiple", "1", design, false, self.dep1_critical_multiple);
  say("DEP-1", "weight_days", "d", design, false, self.dep1_weight_days);
  say("DEP-2", "watch_ratio", "1", design, false, self.dep2_watch_ratio);
  say("DEP-2", "alert_ratio", "1", design, false, self.dep2_alert_ratio);
  say("DEP-2", "clear_ratio", "1", design, false, self.dep2_clear_ratio);
  say("DEP-2", "protocol_days", "d", sustain_3, true, self.dep2_protocol_days);
  say("DEP-2", "protocol_cgi_s", "1", sustain_3, true, self.dep2_protocol_cgi_s);
  say("DEP-2", "protocol_madrs", "1", sustain_1, true, self.dep2_protocol_madrs);
}

}  // namespace ketavigil::detectors
