// Facts made by hand, and a driver that folds one domain as the fold does: deadlines before later
// facts, the background first.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "detectors/patient/background.h"
#include "detectors/patient/episodes.h"
#include "detectors/patient/hit.h"
#include "detectors/patient/record_fact.h"
#include "detectors/patient/single_fact.h"
#include "events/fact.h"
#include "events/time.h"

namespace ketavigil::detectors::by_hand {

using events::day_us;
using events::Field;
using events::hour_us;
using events::Kind;
using events::minute_us;
using events::Value;

/// 2020-03-02T10:00:00Z, the first session of most tests.
inline constexpr Microseconds monday = 1'583'143'200'000'000;

/// A fact and what R would derive of it.
struct Made {
  events::Fact fact;
  Microseconds at = 0;
  bool eligible = true;
  std::optional<Microseconds> bare_day;       ///< midnight of a bare date
  std::optional<Microseconds> bare_day_ends;  ///< where its zone is not UTC
  std::optional<SessionReference> session;

  Made&& named(std::string id) && {
    fact.id = std::move(id);
    return std::move(*this);
  }
  Made&& not_eligible() && {
    eligible = false;
    return std::move(*this);
  }
  Made&& on_bare_date(Microseconds midnight, Microseconds ends) && {
    bare_day = midnight;
    bare_day_ends = ends;
    return std::move(*this);
  }
  Made&& of_session(Microseconds start) && {
    session = SessionReference{"clinic-1", "s" + std::to_string(start), start, false,
                               start + 240 * minute_us};
    return std::move(*this);
  }
};

inline Made made(Kind kind, Microseconds at, std::vector<std::pair<Field, Value>> fields) {
  static int made_so_far = 0;
  Made result;
  result.fact.source = "clinic-1";
  result.fact.id = "f" + std::to_string(100'000 + ++made_so_far);
  result.fact.patient = "p";
  result.fact.kind = kind;
  result.fact.version = 1;
  result.fact.effective.us = at;
  result.fact.fields = std::move(fields);
  result.at = at;
  return result;
}

inline Made session(Microseconds at) {
  return made(Kind::session, at,
              {{Field::compound, std::string("esketamine")},
               {Field::route, std::string("IN")},
               {Field::dose_mg, 84.0}})
      .named("s" + std::to_string(at));
}
inline Made score(Microseconds at, std::string instrument, double value) {
  return made(Kind::score, at, {{Field::instrument, std::move(instrument)}, {Field::value, value}});
}
inline Made symptom(Microseconds at, std::string code, std::optional<double> severity = {}) {
  Made result = made(Kind::symptom, at, {{Field::code, std::move(code)}});
  if (severity) result.fact.fields.emplace_back(Field::severity, *severity);
  return result;
}
inline Made culture(Microseconds at, std::string result) {
  return made(Kind::culture, at, {{Field::result, std::move(result)}});
}
inline Made lab(Microseconds at, std::string code, double value, std::string unit) {
  return made(
      Kind::lab, at,
      {{Field::code, std::move(code)}, {Field::value, value}, {Field::unit, std::move(unit)}});
}
inline Made medication(Microseconds at, std::string medication_class, std::string action,
                       std::string name = {}) {
  Made result = made(
      Kind::medication, at,
      {{Field::medication_class, std::move(medication_class)}, {Field::action, std::move(action)}});
  if (!name.empty()) result.fact.fields.emplace_back(Field::name, std::move(name));
  return result;
}
inline Made adverse_event(Microseconds at, std::string name,
                          std::vector<std::string> seriousness = {},
                          std::optional<double> ctcae = {}) {
  Made result = made(Kind::adverse_event, at, {{Field::name, std::move(name)}});
  if (ctcae) result.fact.fields.emplace_back(Field::ctcae, *ctcae);
  if (!seriousness.empty()) {
    result.fact.fields.emplace_back(Field::seriousness, std::move(seriousness));
  }
  return result;
}
inline Made exit_for(Microseconds at, std::string reason) {
  return made(Kind::exit, at, {{Field::reason, std::move(reason)}});
}

/// Folds facts, given in the order of R, through the background and one domain.
template <typename State, typename Parameters>
class Folded {
 public:
  Folded() = default;
  Folded(std::initializer_list<Made> facts) {
    for (const Made& fact : facts) take(fact);
  }

  void take(const Made& fact) {
    pass_before(fact.at);
    const RecordFact record = keep(fact);
    step(&background, record);
    step(&state, background, record, parameters, &sink);
  }
  /// Lets every deadline before `at` act.
  void pass_before(Microseconds at) {
    for (int passed = 0; passed < 1000; ++passed) {
      const auto deadline = next_deadline(state);
      if (!deadline || *deadline >= at) return;
      pass_deadline(&state, background, *deadline, parameters, &sink);
    }
    ADD_FAILURE() << "a deadline that passes does not go";
  }
  /// Runs the ◆ rules on a fact beside the fold, and says what they find.
  std::vector<Hit> beside(const Made& fact, Certainty certainty) {
    Sink found;
    single_fact(state, background, keep(fact), certainty, parameters, &found);
    return found.occasions;
  }
  /// The findings at an `at`, after all deadlines.
  std::vector<Finding> findings(Microseconds at = monday + 10'000 * day_us) {
    pass_before(never);
    return assemble("p", sink, at).findings;
  }
  /// The hits of occasions of a statistic.
  std::vector<Hit> occasions(std::string_view statistic) const {
    std::vector<Hit> hits;
    for (const Hit& hit : sink.occasions) {
      if (hit.statistic == statistic) hits.push_back(hit);
    }
    return hits;
  }
  /// The steps of conditions, one letter each: `H`olds, `C`lears.
  std::string steps() const {
    std::string text;
    for (const ConditionStep& one : sink.conditions) text += one.holds ? 'H' : 'C';
    return text;
  }

  State state;
  Background background;
  Parameters parameters;
  Sink sink;

 private:
  RecordFact keep(const Made& fact) {
    facts_.push_back(fact.fact);
    RecordFact record;
    record.fact = &facts_.back();
    record.at = fact.at;
    record.bare_date = fact.bare_day.has_value();
    record.day = fact.bare_day.value_or(events::utc_midnight(fact.at));
    record.day_ends = fact.bare_day_ends.value_or(record.day + day_us - 1);
    record.eligible = fact.eligible;
    record.session = fact.session;
    return record;
  }

  std::deque<events::Fact> facts_;
};

}  // namespace ketavigil::detectors::by_hand
