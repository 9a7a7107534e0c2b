// A record for the drift tests: scores and pressures by hand, and one domain folded over them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "detectors/patient/drift.h"
#include "tests/detectors/facts_in_order.h"

namespace ketavigil::detectors::drift_test {

using namespace facts_in_order;

/// The first session of most tests: `start`. Days count from it.
inline Microseconds on_day(double days) {
  return start + static_cast<Microseconds>(days * static_cast<double>(day));
}

class Patient {
 public:
  RecordFact& score(Microseconds at, const std::string& instrument, double value,
                    Fields more = {}) {
    RecordFact& fact = facts.score(at, instrument, value);
    for (auto& field : more) const_cast<events::Fact*>(fact.fact)->fields.push_back(field);
    return fact;
  }
  RecordFact& session(Microseconds at = start) { return facts.session(at, "esketamine", "IN", 84); }
  RecordFact& medication(Microseconds at, const std::string& action, const std::string& name = "") {
    Fields fields = {{Field::medication_class, std::string("antihypertensive")},
                     {Field::action, action}};
    if (!name.empty()) fields.push_back({Field::name, name});
    return facts.add(Kind::medication, at, std::move(fields));
  }
  /// A reading of no session.
  RecordFact& reading(Microseconds at, std::optional<double> systolic,
                      std::optional<double> diastolic) {
    RecordFact& fact = facts.add(Kind::blood_pressure, at, {});
    fact.systolic = systolic;
    fact.diastolic = diastolic;
    fact.phase = Phase::home;
    return fact;
  }
  static SessionReference reference(const RecordFact& session) {
    return {session.fact->source, session.fact->id, session.at, session.bare_date,
            session.bare_date ? session.day_ends : session.at + 240 * minute};
  }
  /// A reading before a session.
  RecordFact& before(const RecordFact& session, std::optional<double> systolic,
                     std::optional<double> diastolic, double minutes = -10) {
    RecordFact& fact =
        reading(session.at + static_cast<Microseconds>(minutes * minute), systolic, diastolic);
    fact.session = reference(session);
    fact.minutes = minutes;
    fact.phase = Phase::pre;
    return fact;
  }
  /// A session with a pressure before it.
  RecordFact& visit(Microseconds at, double systolic, double diastolic = 80) {
    RecordFact& fact = session(at);
    before(fact, systolic, diastolic);
    return fact;
  }
  static void make_bare(RecordFact& fact) {
    fact.bare_date = true;
    fact.at = fact.day;
    fact.minutes.reset();
  }

  /// Folds all of it.
  Patient& fold() {
    state = {};
    sink = {};
    Background background;
    const auto pass_before = [&](Microseconds at) {
      while (const auto deadline = next_deadline(state)) {
        if (*deadline >= at) return;
        pass_deadline(&state, background, *deadline, parameters, &sink);
      }
    };
    for (const RecordFact& fact : facts.in_order()) {
      pass_before(fact.at);
      step(&background, fact);
      step(&state, background, fact, parameters, &sink);
    }
    pass_before(never);
    return *this;
  }
  /// The stream of that name; folds first.
  DriftStream stream(const std::string& name) {
    fold();
    for (const DriftStream& one : state.streams) {
      if (one.name() == name) return one;
    }
    ADD_FAILURE() << "no stream " << name;
    return {};
  }
  std::vector<Hit> hits() const {
    std::vector<Hit> out;
    for (const ConditionStep& one : sink.conditions) {
      if (one.holds) out.push_back(*one.holds);
    }
    return out;
  }
  /// `W`atch, `A`lert, `C`lears; folds first.
  std::string steps() {
    fold();
    std::string out;
    for (const ConditionStep& one : sink.conditions)
      out += !one.holds ? 'C' : one.holds->level == Level::alert ? 'A' : 'W';
    return out;
  }
  std::vector<Finding> findings() {
    fold();
    return assemble("p-1", sink, never - 1).findings;
  }

  Facts facts;
  DriftParameters parameters;
  DriftState state;
  Sink sink;
};

inline double input(const Inputs& inputs, const std::string& name) {
  const auto found = inputs.find(name);
  if (found == inputs.end()) {
    ADD_FAILURE() << "no input " << name;
    return 0;
  }
  return std::get<double>(found->second);
}

/// The published check: three scores, exposure, then these, four weeks apart.
inline Patient moca_patient(const std::vector<double>& after) {
  Patient patient;
  const double before[] = {28, 27, 28};
  for (int i = 0; i < 3; ++i) patient.score(on_day(-60 + 20 * i), "moca", before[i]);
  patient.session();
  for (std::size_t i = 0; i < after.size(); ++i)
    patient.score(on_day(28 + 28 * static_cast<double>(i)), "moca", after[i]);
  return patient;
}

}  // namespace ketavigil::detectors::drift_test
