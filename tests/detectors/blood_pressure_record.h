// A record built by hand for the blood pressure tests, folded by the domain alone.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "detectors/patient/blood_pressure.h"
#include "detectors/patient/episodes.h"

namespace ketavigil::detectors::blood_pressure_test {

using events::day_us;
using events::Field;
using events::Kind;
using events::minute_us;

inline constexpr Microseconds monday = 1'583'136'000'000'000;  // 2020-03-02T08:00:00Z
inline Microseconds days(double count) { return static_cast<Microseconds>(count * day_us); }
inline Microseconds minutes(double count) { return static_cast<Microseconds>(count * minute_us); }

class Record {
 public:
  Record() = default;
  Record(Record&&) = default;  // facts keep their addresses when a deque moves
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;

  BloodPressureParameters parameters;

  RecordFact& add(Kind kind, std::string id, Microseconds at) {
    events::Fact& fact = facts_.emplace_back();
    fact.source = "clinic";
    fact.id = std::move(id);
    fact.patient = "p";
    fact.kind = kind;
    fact.version = 2;
    fact.effective.us = at;
    RecordFact& out = record_.emplace_back();
    out.fact = &fact;
    out.at = at;
    out.day = events::utc_midnight(at);
    out.day_ends = out.day + day_us - 1;
    return out;
  }
  template <typename T>
  static void set(const RecordFact& fact, Field field, T value) {
    const_cast<events::Fact*>(fact.fact)->fields.emplace_back(field, events::Value(value));
  }
  static void word(const RecordFact& fact, Field field, const std::string& value) {
    set(fact, field, value);
  }

  // On a bare date: as a fact of its UTC day, at its start.
  static void make_bare(RecordFact& fact) {
    fact.bare_date = true;
    fact.at = fact.day;
    fact.minutes.reset();
    if (!fact.phase_stated) fact.phase = Phase::other;
  }

  RecordFact& session(std::string id, Microseconds at, const std::string& setting = "clinic") {
    RecordFact& fact = add(Kind::session, std::move(id), at);
    word(fact, Field::setting, setting);
    return fact;
  }
  static SessionReference reference(const RecordFact& session) {
    return {"clinic", session.fact->id, session.at, session.bare_date,
            session.bare_date ? session.day_ends : session.at + minutes(240)};
  }

  // A reading of a session, its phase by the clock unless stated (`discharge` only where stated or
  // set).
  RecordFact& reading(std::string id, const RecordFact& session, double t,
                      std::optional<double> systolic, std::optional<double> diastolic,
                      Phase stated = Phase::none) {
    RecordFact& fact = loose(std::move(id), session.at + minutes(t), systolic, diastolic);
    fact.session = reference(session);
    if (!session.bare_date) fact.minutes = t;
    fact.phase_stated = stated != Phase::none;
    fact.phase = stated;
    if (!fact.phase_stated) {
      fact.phase = session.bare_date    ? Phase::other
                   : t >= -60 && t <= 0 ? Phase::pre
                   : t >= 25 && t <= 60 ? Phase::peak
                                        : Phase::other;
    }
    return fact;
  }
  // A reading of no session.
  RecordFact& loose(std::string id, Microseconds at, std::optional<double> systolic,
                    std::optional<double> diastolic) {
    RecordFact& fact = add(Kind::blood_pressure, std::move(id), at);
    fact.systolic = systolic;
    fact.diastolic = diastolic;
    fact.phase = Phase::home;
    return fact;
  }
  RecordFact& symptom(std::string id, Microseconds at, const std::string& code,
                      std::optional<double> severity = std::nullopt) {
    RecordFact& fact = add(Kind::symptom, std::move(id), at);
    word(fact, Field::code, code);
    if (severity) set(fact, Field::severity, *severity);
    return fact;
  }
  RecordFact& vital(std::string id, Microseconds at, const std::string& name, double value) {
    RecordFact& fact = add(Kind::vital, std::move(id), at);
    word(fact, Field::name, name);
    set(fact, Field::value, value);
    return fact;
  }
  RecordFact& enrolment(Microseconds at, std::optional<double> birth_year,
                        std::vector<std::string> conditions = {}) {
    RecordFact& fact = add(Kind::enrolment, "enrolment", at);
    if (birth_year) set(fact, Field::birth_year, *birth_year);
    set(fact, Field::conditions, std::move(conditions));
    return fact;
  }

  // Folds all of it in the order of R, with deadlines in their places.
  Sink fold() {
    std::vector<const RecordFact*> order;
    for (const RecordFact& fact : record_) order.push_back(&fact);
    std::stable_sort(order.begin(), order.end(),
                     [](const RecordFact* a, const RecordFact* b) { return a->before(*b); });
    Sink sink;
    Background background;
    state = {};
    for (const RecordFact* fact : order) {
      pass_before(fact->at, background, &sink);
      step(&background, *fact);
      step(&state, background, *fact, parameters, &sink);
    }
    pass_before(never, background, &sink);
    return sink;
  }

  std::vector<Finding> findings(const std::string& detector, Microseconds at = never - 1) {
    std::vector<Finding> out;
    for (Finding& finding : assemble("p", fold(), at).findings) {
      if (finding.detector == detector) out.push_back(std::move(finding));
    }
    return out;
  }

  // The one finding of a detector; fails softly (level of an empty finding is `info`, no evidence).
  Finding only(const std::string& detector, Microseconds at = never - 1) {
    auto found = findings(detector, at);
    EXPECT_EQ(found.size(), 1U) << detector;
    return found.empty() ? Finding() : found.front();
  }

  BloodPressureState state;

 private:
  void pass_before(Microseconds at, const Background& background, Sink* sink) {
    while (const auto deadline = next_deadline(state)) {
      if (*deadline >= at) return;
      pass_deadline(&state, background, *deadline, parameters, sink);
      ASSERT_NE(next_deadline(state), deadline) << "a deadline must be removed when it passes";
    }
  }

  std::deque<events::Fact> facts_;
  std::deque<RecordFact> record_;
};

inline std::vector<std::string> ids(const Finding& finding) {
  std::vector<std::string> out;
  for (const Evidence& fact : finding.evidence) out.push_back(fact.id);
  return out;
}
using Ids = std::vector<std::string>;

}  // namespace ketavigil::detectors::blood_pressure_test
