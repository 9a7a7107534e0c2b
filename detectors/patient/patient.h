// All patient detectors of one record: their parameters, their state, and the one `step` that
// serves the fold from the start, replay, rebuild and audit alike.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/patient/adverse_events.h"
#include "detectors/patient/background.h"
#include "detectors/patient/blood_pressure.h"
#include "detectors/patient/charts.h"
#include "detectors/patient/cognition.h"
#include "detectors/patient/data_quality.h"
#include "detectors/patient/dependence.h"
#include "detectors/patient/dependence_behaviour.h"
#include "detectors/patient/drift.h"
#include "detectors/patient/episodes.h"
#include "detectors/patient/hepatic.h"
#include "detectors/patient/parameters.h"
#include "detectors/patient/record_fact.h"
#include "detectors/patient/single_fact.h"
#include "detectors/patient/suicidality.h"
#include "detectors/patient/urological.h"
#include "events/result.h"

namespace ketavigil::detectors {

/// The effective parameters of all patient detectors. Plain value; its defaults are the
/// catalogue's.
struct PatientParameters {
  AdverseEventsParameters adverse_events;
  BehaviourParameters behaviour;
  BloodPressureParameters blood_pressure;
  CognitionParameters cognition;
  CognitionChartParameters cognition_charts;
  DataQualityParameters data_quality;
  DependenceParameters dependence;
  DriftParameters drift;
  HepaticParameters hepatic;
  SuicidalityParameters suicidality;
  UrologicalParameters urological;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    AdverseEventsParameters::visit(self.adverse_events, visitor);
    BehaviourParameters::visit(self.behaviour, visitor);
    BloodPressureParameters::visit(self.blood_pressure, visitor);
    CognitionParameters::visit(self.cognition, visitor);
    CognitionChartParameters::visit(self.cognition_charts, visitor);
    DataQualityParameters::visit(self.data_quality, visitor);
    DependenceParameters::visit(self.dependence, visitor);
    DriftParameters::visit(self.drift, visitor);
    HepaticParameters::visit(self.hepatic, visitor);
    SuicidalityParameters::visit(self.suicidality, visitor);
    UrologicalParameters::visit(self.urological, visitor);
  }
};

/// A parameter as it is in force.
struct EffectiveParameter {
  ParameterInfo info;
  double value = 0;
  double default_value = 0;
};
/// All of them, in the order of (detector, name).
[[nodiscard]] std::vector<EffectiveParameter> effective_parameters(
    const PatientParameters& parameters);

/// What is known of a parameter; nothing if there is no such.
[[nodiscard]] std::optional<ParameterInfo> parameter_info(std::string_view detector,
                                                          std::string_view name);

/// Sets one parameter. A configuration error that names the nearest known one if there is no such.
[[nodiscard]] Status set_parameter(PatientParameters* parameters, std::string_view detector,
                                   std::string_view name, double value);

/// The RFC 8785 object {name: value} of one detector's effective parameters.
[[nodiscard]] std::string parameters_json(const PatientParameters& parameters,
                                          std::string_view detector);

/// What the fold knows of a patient between two facts. Plain values, bounded.
struct PatientState {
  Background background;
  AdverseEventsState adverse_events;
  BehaviourState behaviour;
  BloodPressureState blood_pressure;
  CognitionState cognition;
  DataQualityState data_quality;
  DependenceState dependence;
  DriftState drift;
  HepaticState hepatic;
  SuicidalityState suicidality;
  UrologicalState urological;
};

/// Takes one active fact, in the order of R.
void step(PatientState* state, const RecordFact& fact, const PatientParameters& parameters,
          Sink* sink);
/// The earliest deadline that a detector asks for, or nothing.
[[nodiscard]] std::optional<Microseconds> next_deadline(const PatientState& state);
/// Lets all deadlines of that instant act.
void pass_deadlines(PatientState* state, Microseconds when, const PatientParameters& parameters,
                    Sink* sink);
/// ◆ rules on a fact that is not folded.
void single_fact(const PatientState& state, const RecordFact& fact, Certainty certainty,
                 const PatientParameters& parameters, Sink* sink);

/// A fold on its way, after its first facts: what a saved state holds. It depends on these and on
/// those beside that come before the last of them, and on nothing that follows. A plain value,
/// bounded but for the sink, which grows with what was said.
struct PartialFold {
  PatientState state;
  Sink sink;
  std::size_t facts = 0;   ///< taken
  std::size_t beside = 0;  ///< taken
};

/// Takes facts until `until` of them are taken, each after the deadlines and the facts beside that
/// come before it. Both lists are sorted in the order of R.
void advance(PartialFold* fold, const std::vector<RecordFact>& facts,
             const std::vector<Beside>& beside, std::size_t until,
             const PatientParameters& parameters);

/// Takes all that is left, and lets all deadlines act, also beyond any `at`: what they find carries
/// when it may be seen.
[[nodiscard]] Sink finish(PartialFold fold, const std::vector<RecordFact>& facts,
                          const std::vector<Beside>& beside, const PatientParameters& parameters);

/// A cluster of twins is one piece of evidence: what the representative says at a level its twins
/// do not say again, and of several twins the first verified one says it, else the first.
void keep_one_of_each_cluster(Sink* sink);

/// Folds from the start: facts in the order of R, deadlines in their places (after the facts of
/// their own instant).
[[nodiscard]] Sink fold(const std::vector<RecordFact>& facts, const std::vector<Beside>& beside,
                        const PatientParameters& parameters);

}  // namespace ketavigil::detectors
