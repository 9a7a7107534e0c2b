// Liver injury: DEP-10 of CATALOGUE, section 2: Hy's law, and four enzymes each by itself. Values
// are multiples of the upper limit of normal.
//
// Thread-safety: plain values and pure functions; a state is used by one fold at a time.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "detectors/patient/background.h"
#include "detectors/patient/hit.h"
#include "detectors/patient/parameters.h"
#include "detectors/patient/record_fact.h"
#include "detectors/patient/single_fact.h"
#include "detectors/patient/window.h"

namespace ketavigil::detectors {

/// Every threshold of the domain, and the limits where a value comes without its own.
struct HepaticParameters {
  double dep10_transaminase_multiple = 3;
  double dep10_transaminase_grade_3_multiple = 5;
  double dep10_transaminase_clear_multiple = 2.7;
  double dep10_cholestatic_multiple = 2;
  double dep10_cholestatic_clear_multiple = 1.8;
  double dep10_cholestatic_apart_days = 14;
  double dep10_hys_law_transaminase_multiple = 3;
  double dep10_hys_law_bilirubin_multiple = 2;
  double dep10_hys_law_alp_multiple = 2;
  double dep10_hys_law_within_days = 14;
  double dep10_hys_law_alp_before_days = 14;
  double dep10_hys_law_alp_after_hours = 24;
  double dep10_upper_limit_alt_u_per_l = 40;
  double dep10_upper_limit_ast_u_per_l = 40;
  double dep10_upper_limit_bilirubin_mg_per_dl = 1.2;
  double dep10_upper_limit_alp_u_per_l = 120;
  double dep10_upper_limit_ggt_u_per_l = 60;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor);
};

/// A liver value that a rule may join with another.
struct LiverValue {
  Evidence evidence;
  Microseconds at = 0;
  std::optional<SessionReference> session;
  double multiple = 0;  ///< of its upper limit, rounded
  bool default_limit = false;
  std::optional<Microseconds> high_alp_at;  ///< the last ALP up to it that speaks against Hy's law
};
/// Of one kind within 14 days, or not yet 14 days apart from another.
inline constexpr std::size_t liver_values_kept = 128;

/// The high values of ALP or GGT with none below between them.
struct CholestaticRun {
  std::optional<LiverValue> first;
  Window<LiverValue> waiting;  ///< those not yet long enough ago to be the earlier of two
};

struct HepaticState {
  Window<LiverValue> transaminases;         ///< ALT, AST high for Hy's law, of the last 14 d
  Window<LiverValue> bilirubin;             ///< high for Hy's law, of the last 14 d
  std::optional<Microseconds> high_alp_at;  ///< the last ALP at all that does
  CholestaticRun alp;
  CholestaticRun ggt;
};

/// Takes one active fact, in the order of R; `background` has already taken it. Hy's law stands as
/// soon as its two values are there, and is withdrawn from `sink` by an ALP that comes within 24 h
/// after both.
void step(HepaticState* state, const Background& background, const RecordFact& fact,
          const HepaticParameters& parameters, Sink* sink);

/// Nothing: no rule of the domain waits.
[[nodiscard]] std::optional<Microseconds> next_deadline(const HepaticState& state);
void pass_deadline(HepaticState* state, const Background& background, Microseconds when,
                   const HepaticParameters& parameters, Sink* sink);

/// Nothing: Hy's law is of several facts (◇).
void single_fact(const HepaticState& state, const Background& background, const RecordFact& fact,
                 Certainty certainty, const HepaticParameters& parameters, Sink* sink);

template <typename Self, typename Visitor>
void HepaticParameters::visit(Self& self, Visitor&& visitor) {
  constexpr std::string_view fda = "FDA guidance on drug-induced liver injury, Hy's law";
  constexpr std::string_view noppers = "Noppers 2011: enzymes at 3 times the limit";
  constexpr std::string_view ctcae = "CTCAE v5 transaminase increased, grade 3";
  constexpr std::string_view design = "CATALOGUE";
  const auto say = [&visitor](std::string_view name, std::string_view unit,
                              std::string_view citation, bool confirmed, auto& value) {
    visitor(ParameterInfo{"DEP-10", name, unit, citation, confirmed}, value);
  };
  say("transaminase_multiple", "1", noppers, true, self.dep10_transaminase_multiple);
  say("transaminase_grade_3_multiple", "1", ctcae, false, self.dep10_transaminase_grade_3_multiple);
  say("transaminase_clear_multiple", "1", design, false, self.dep10_transaminase_clear_multiple);
  say("cholestatic_multiple", "1", design, false, self.dep10_cholestatic_multiple);
  say("cholestatic_clear_multiple", "1", design, false, self.dep10_cholestatic_clear_multiple);
  say("cholestatic_apart_days", "d", design, false, self.dep10_cholestatic_apart_days);
  say("hys_law_transaminase_multiple", "1", fda, false, self.dep10_hys_law_transaminase_multiple);
  say("hys_law_bilirubin_multiple", "1", fda, false, self.dep10_hys_law_bilirubin_multiple);
  say("hys_law_alp_multiple", "1", fda, false, self.dep10_hys_law_alp_multiple);
  say("hys_law_within_days", "d", design, false, self.dep10_hys_law_within_days);
  say("hys_law_alp_before_days", "d", design, false, self.dep10_hys_law_alp_before_days);
  say("hys_law_alp_after_hours", "h", design, false, self.dep10_hys_law_alp_after_hours);
  say("upper_limit_alt_u_per_l", "U/L", design, false, self.dep10_upper_limit_alt_u_per_l);
  say("upper_limit_ast_u_per_l", "U/L", design, false, self.dep10_upper_limit_ast_u_per_l);
  say("upper_limit_bilirubin_mg_per_dl", "mg/dL", design, false,
      self.dep10_upper_limit_bilirubin_mg_per_dl);
  say("upper_limit_alp_u_per_l", "U/L", design, false, self.dep10_upper_limit_alp_u_per_l);
  say("upper_limit_ggt_u_per_l", "U/L", design, false, self.dep10_upper_limit_ggt_u_per_l);
}

}  // namespace ketavigil::detectors
