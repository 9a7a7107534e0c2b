// Facts by hand, and one domain folded over them as the whole fold does it: facts in the order of
// R, deadlines between them.
#pragma once

#include <algorithm>
#include <deque>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "detectors/patient/background.h"
#include "detectors/patient/episodes.h"
#include "detectors/patient/hit.h"
#include "detectors/patient/record_fact.h"
#include "detectors/patient/single_fact.h"

namespace ketavigil::detectors::facts_in_order {

using events::Field;
using events::Kind;
using events::Value;

inline constexpr Microseconds day = events::day_us;
inline constexpr Microseconds hour = events::hour_us;
inline constexpr Microseconds minute = events::minute_us;
/// 2020-03-02T10:00:00Z.
inline constexpr Microseconds start = 1'583'143'200 * events::second_us;

using Fields = std::vector<std::pair<Field, Value>>;

/// The facts of one patient. References to what `add` gives stay good.
class Facts {
 public:
  RecordFact& add(Kind kind, Microseconds at, Fields fields, std::string id = {}) {
    events::Fact& fact = facts_.emplace_back();
    fact.source = "clinic";
    fact.id = id.empty() ? std::string(events::name_of(kind)) + "-" + std::to_string(facts_.size())
                         : std::move(id);
    fact.patient = "p-1";
    fact.kind = kind;
    fact.version = 2;
    fact.effective.us = at;
    fact.fields = std::move(fields);
    RecordFact& record = records_.emplace_back();
    record.fact = &fact;
    record.at = at;
    record.day = events::utc_midnight(at);
    record.day_ends = record.day + day - 1;
    if (const events::Time* end = fact.time(Field::end)) record.plan_ends = end->us;
    return record;
  }
  RecordFact& session(Microseconds at, std::string compound, std::string route, double dose_mg,
                      Fields more = {}) {
    more.insert(more.begin(),
                {{Field::compound, compound}, {Field::route, route}, {Field::dose_mg, dose_mg}});
    RecordFact& record = add(Kind::session, at, std::move(more));
    record.compound = std::move(compound);
    const std::string_view named = record.fact->word(Field::plan);
    if (!named.empty()) record.plan = {record.fact->source, std::string(named)};
    return record;
  }
  RecordFact& plan(Microseconds at, std::string compound, std::string route, double interval_days,
                   Fields more = {}) {
    more.insert(more.begin(), {{Field::compound, compound},
                               {Field::route, std::move(route)},
                               {Field::dose_mg, 56.0},
                               {Field::interval_days, interval_days}});
    RecordFact& record = add(Kind::plan, at, std::move(more));
    record.compound = std::move(compound);
    return record;
  }
  RecordFact& score(Microseconds at, std::string instrument, double value) {
    return add(Kind::score, at,
               {{Field::instrument, std::move(instrument)}, {Field::value, value}});
  }
  RecordFact& symptom(Microseconds at, std::string code, Fields more = {}) {
    more.insert(more.begin(), {Field::code, std::move(code)});
    return add(Kind::symptom, at, std::move(more));
  }
  RecordFact& exit(Microseconds at) {
    return add(Kind::exit, at, {{Field::reason, std::string("withdrawn")}});
  }
  static void make_preliminary(RecordFact* record) {
    const_cast<events::Fact*>(record->fact)->status = events::Status::preliminary;
  }

  [[nodiscard]] std::vector<RecordFact> in_order() const {
    std::vector<RecordFact> all(records_.begin(), records_.end());
    std::stable_sort(all.begin(), all.end(),
                     [](const RecordFact& a, const RecordFact& b) { return a.before(b); });
    return all;
  }

 private:
  std::deque<events::Fact> facts_;
  std::deque<RecordFact> records_;
};

/// Folds one domain.
template <typename State, typename Parameters>
Sink fold_domain(const Facts& facts, const Parameters& parameters = {}) {
  Sink sink;
  State state;
  Background background;
  const auto pass_before = [&](Microseconds at) {
    while (true) {
      const auto deadline = next_deadline(state);
      if (!deadline || *deadline >= at) return;
      pass_deadline(&state, background, *deadline, parameters, &sink);
    }
  };
  for (const RecordFact& fact : facts.in_order()) {
    pass_before(fact.at);
    step(&background, fact);
    step(&state, background, fact, parameters, &sink);
  }
  pass_before(std::numeric_limits<Microseconds>::max());
  return sink;
}

/// The hits of a condition, without what clears it.
inline std::vector<Hit> holding(const Sink& sink, std::string_view detector,
                                std::string_view statistic) {
  std::vector<Hit> out;
  for (const ConditionStep& step : sink.conditions) {
    if (step.detector == detector && step.statistic == statistic && step.holds)
      out.push_back(*step.holds);
  }
  return out;
}
inline std::vector<Microseconds> clearing(const Sink& sink, std::string_view detector,
                                          std::string_view statistic) {
  std::vector<Microseconds> out;
  for (const ConditionStep& step : sink.conditions) {
    if (step.detector == detector && step.statistic == statistic && !step.holds)
      out.push_back(step.at);
  }
  return out;
}
inline std::vector<Hit> occasions(const Sink& sink, std::string_view statistic) {
  std::vector<Hit> out;
  for (const Hit& hit : sink.occasions) {
    if (hit.statistic == statistic) out.push_back(hit);
  }
  return out;
}
inline std::vector<std::string> ids(const std::vector<Evidence>& evidence) {
  std::vector<std::string> out;
  for (const Evidence& fact : evidence) out.push_back(fact.id);
  return out;
}

}  // namespace ketavigil::detectors::facts_in_order
