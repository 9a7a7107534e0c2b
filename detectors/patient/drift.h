// COG-8, URO-2, BP-7: does a score, or the resting pressure, worsen slowly? One method for all
// three (detectors/statistics/anchored_drift.h; CATALOGUE, section 3); the chance of ever alerting
// without a drift is stated for the patient, and divided among what is measured of them.
//
// A stream is an instrument at a location, or one resting pressure. Times are microseconds since
// 1970; values are in the instrument's units, mmHg.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/patient/background.h"
#include "detectors/patient/drift_priors.h"
#include "detectors/patient/hit.h"
#include "detectors/patient/parameters.h"
#include "detectors/patient/record_fact.h"
#include "detectors/patient/single_fact.h"
#include "detectors/patient/window.h"
#include "detectors/statistics/anchored_drift.h"

namespace ketavigil::detectors {

/// The method's constants for one domain; each detector has its own.
struct DriftMethod {
  double weight = 1;         ///< of the domain in the patient's α
  double spacing_hours = 0;  ///< least time between values that are used
  double alpha = .05;
  double begun_share = .9;
  double later_share = .1;
  double anchored_share = .85;
  double late_share = .15;
  double watch_times = 5;
  double clear_fraction = .9;
  double prior_values = 1.0 / 3;
  double prior_degrees = 10;
  double autocorrelation = 1.0 / 3;
  double residual_max_sd = 2.5;
  double late_onset = .02;
  double late_small_sd = 1;
  double late_middle_sd = 2;
  double late_large_sd = 3;
  double site_changed_q = .25;

  [[nodiscard]] statistics::DriftDesign design() const;
  template <typename Self, typename Visitor>
  static void visit(std::string_view detector, Self& self, Visitor&& visitor);
};

struct DriftParameters {
  DriftMethod cognition{.5, 14 * 24};  ///< COG-8
  DriftMethod bladder{.3, 7 * 24};     ///< URO-2
  DriftMethod resting{.2, 20};         ///< BP-7
  double treated_systolic_mmhg = 10;
  double treated_diastolic_mmhg = 5;
  double treatment_changed_q = 1;
  /// No thresholds but data: ours, or those of a reference table.
  DriftExpectations expected = default_drift_expectations();

  [[nodiscard]] const DriftMethod& of(DriftDomain domain) const {
    return domain == DriftDomain::cognition ? cognition
           : domain == DriftDomain::bladder ? bladder
                                            : resting;
  }
  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor);
};

/// The facts of one value: a score, or the readings that a resting value is the mean of.
using FactsOfValue = std::shared_ptr<const std::vector<Evidence>>;

/// Values whose facts a crossing would show, newest first. Never changed once made, so that copies
/// of a state share them.
struct ShownValue {
  FactsOfValue facts;
  std::shared_ptr<const ShownValue> earlier;
};
/// Of one stream; when there are so many the older half goes.
inline constexpr std::int64_t shown_values_kept = 1024;

struct DriftStream {
  std::uint8_t prior = 0;  ///< row of the table
  bool home = false;
  bool later = false;                ///< began after the first session
  Microseconds began = 0;            ///< its first value
  std::int64_t eligible_before = 0;  ///< values that could be used, up to the first session
  statistics::DriftModel model;
  std::int64_t values = 0;     ///< used
  std::int64_t exposed = 0;    ///< of these, on the charts
  Microseconds last_used = 0;  ///< and the last one's:
  std::int64_t treatment_changes = 0;
  std::string site;
  std::string form;
  bool site_changed = false;  ///< between any two used values
  bool form_changed = false;
  double alpha = 0;  ///< since the first exposed value
  statistics::DriftLimits alert;
  statistics::DriftLimits watch;
  bool watching = false;
  bool alerted = false;         ///< latched: it takes no more values
  double farthest = 0;          ///< excess of the watch's farthest value so far
  std::int64_t said_from = 0;   ///< the exposed values, counted from 1, that the open watch has
  std::int64_t said_until = 0;  ///< shown without a gap: first and last
  std::int64_t rising = 0;      ///< exposed values since the last with S ≤ 0
  std::int64_t likely = 0;      ///< exposed values since the last with M ≤ 1
  std::int64_t shown = 0;
  std::shared_ptr<const ShownValue> newest;  ///< as many as `shown`

  /// `moca`, `moca:home`.
  [[nodiscard]] std::string name() const;
  [[nodiscard]] const DriftPrior& expects() const { return drift_priors()[prior]; }
};

/// A component's readings of no session on one UTC day before the first session.
struct RestingDay {
  Microseconds day = 0;  ///< its midnight
  bool systolic = false;
  double sum = 0;
  std::int64_t count = 0;
  Microseconds last = 0;  ///< and of the last reading:
  std::string site = {};
  bool treated = false;
  std::int64_t treatment_changes = 0;
};

/// A value on its way into its stream.
struct DriftValue {
  std::uint8_t prior = 0;
  bool home = false;
  Microseconds at = 0;
  double value = 0;
  double correction = 0;      ///< practice, taken off; or treatment, added
  double administration = 0;  ///< of cognition scores
  std::string site;
  std::string form;
  std::int64_t treatment_changes = 0;
  FactsOfValue facts;
};

/// The pressures before a session's start, as far as they have come.
struct RestingReadings {
  SessionReference session;
  std::vector<ReadingSeen> readings;  ///< at most `resting_readings_kept`
  bool treated = false;
  std::int64_t treatment_changes = 0;
};
inline constexpr std::size_t resting_readings_kept = 256;

/// A value that may not be taken yet: of a session on a bare date, whose readings may come until
/// that day's end, or after such a one in the order of time.
struct WaitingValue {
  std::optional<RestingReadings> resting;
  std::optional<DriftValue> score;
};

/// How often an instrument was given.
struct Administrations {
  std::uint8_t prior = 0;
  double last = 0;
};

struct DriftState {
  std::vector<DriftStream> streams;              ///< in the order of their first values
  std::vector<Administrations> administrations;  ///< cognition only, any location
  std::int64_t treatment_changes = 0;  ///< starts, stops and steps of antihypertensives so far
  std::vector<RestingDay> days;        ///< that may still get readings, or follow such a one
  Window<WaitingValue> waiting;        ///< in the order of time; at most one day's
};

/// Takes one active fact, in the order of R.
void step(DriftState* state, const Background& background, const RecordFact& fact,
          const DriftParameters& parameters, Sink* sink);
/// The end of a bare date on which a session was.
[[nodiscard]] std::optional<Microseconds> next_deadline(const DriftState& state);
void pass_deadline(DriftState* state, const Background& background, Microseconds when,
                   const DriftParameters& parameters, Sink* sink);
/// Has no rule of one fact.
void single_fact(const DriftState& state, const Background& background, const RecordFact& fact,
                 Certainty certainty, const DriftParameters& parameters, Sink* sink);

template <typename Self, typename Visitor>
void DriftMethod::visit(std::string_view detector, Self& self, Visitor&& visitor) {
  constexpr std::string_view design = "CATALOGUE, section 3";
  const auto say = [&](std::string_view name, std::string_view unit, auto& value) {
    visitor(ParameterInfo{detector, name, unit, design, false}, value);
  };
  say("weight", "1", self.weight);
  say("spacing_hours", "h", self.spacing_hours);
  say("alpha", "1", self.alpha);
  say("begun_share", "1", self.begun_share);
  say("later_share", "1", self.later_share);
  say("anchored_share", "1", self.anchored_share);
  say("late_share", "1", self.late_share);
  say("watch_times", "1", self.watch_times);
  say("clear_fraction", "1", self.clear_fraction);
  say("prior_values", "1", self.prior_values);
  say("prior_degrees", "1", self.prior_degrees);
  say("autocorrelation", "1", self.autocorrelation);
  say("residual_max_sd", "1", self.residual_max_sd);
  say("late_onset", "1", self.late_onset);
  say("late_small_sd", "1", self.late_small_sd);
  say("late_middle_sd", "1", self.late_middle_sd);
  say("late_large_sd", "1", self.late_large_sd);
  say("site_changed_q", "1", self.site_changed_q);
}

template <typename Self, typename Visitor>
void DriftParameters::visit(Self& self, Visitor&& visitor) {
  DriftMethod::visit("COG-8", self.cognition, visitor);
  DriftMethod::visit("URO-2", self.bladder, visitor);
  DriftMethod::visit("BP-7", self.resting, visitor);
  constexpr std::string_view tobin =
      "Tobin 2005: a constant for treated pressures; +10/+5 is CATALOGUE, section 3";
  visitor(ParameterInfo{"BP-7", "treated_systolic_mmhg", "mm[Hg]", tobin, false},
          self.treated_systolic_mmhg);
  visitor(ParameterInfo{"BP-7", "treated_diastolic_mmhg", "mm[Hg]", tobin, false},
          self.treated_diastolic_mmhg);
  visitor(ParameterInfo{"BP-7", "treatment_changed_q", "1", "CATALOGUE, section 3", false},
          self.treatment_changed_q);
}

}  // namespace ketavigil::detectors
