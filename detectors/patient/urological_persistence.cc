// URO-3: urinary symptoms that persist.
#include <algorithm>
#include <array>
#include <utility>

#include "detectors/patient/urological_rules.h"
#include "events/json_text.h"

namespace ketavigil::detectors::urological {
namespace {

using events::Field;

constexpr std::array<std::string_view, 6> lower_urinary_tract_symptoms = {
    "frequency", "urgency", "nocturia", "dysuria", "suprapubic-pain", "incontinence"};

// A condition that holds again at most so long after its last evidence is the same finding
// (CATALOGUE, section 1).
constexpr Microseconds same_finding_us = 30 * events::day_us;

// `no-culture` speaks of the run as it stands, so only the newest hit of a finding may say it:
// takes it from the one before, if what holds at `at` is still that finding.
void withdraw_no_culture(Sink* sink, Microseconds at) {
  bool cleared = false;
  for (auto step = sink->conditions.rbegin(); step != sink->conditions.rend(); ++step) {
    if (step->detector != "URO-3") continue;
    if (!step->holds) {
      cleared = true;
      continue;
    }
    if (!cleared || at - step->holds->evidence.back().at <= same_finding_us) {
      std::erase(step->holds->annotations, "no-culture");
    }
    return;
  }
}

void say_persistence(const SymptomRun& run, std::vector<Evidence> evidence,
                     Microseconds completed_at, bool ended_by_culture,
                     const UrologicalParameters& parameters, Sink* sink) {
  withdraw_no_culture(sink, completed_at);
  const auto span = static_cast<double>(run.last - run.first);
  Hit hit;
  hit.detector = "URO-3";
  hit.statistic = "persistence";
  hit.level = Level::alert;
  hit.measure = {events::round_to_12_digits(span / static_cast<double>(events::day_us)),
                 parameters.uro3_span_days};
  hit.evidence = std::move(evidence);
  hit.completed_at = completed_at;
  hit.inputs["first"] = events::print_utc(run.first);
  hit.inputs["last"] = events::print_utc(run.last);
  hit.inputs["positive_facts"] = static_cast<double>(run.facts);
  if (ended_by_culture) hit.annotations.emplace_back("culture-positive");
  if (!run.culture_within) hit.annotations.emplace_back("no-culture");
  sink->holds(std::move(hit));
}

// Whether any culture, positive or not, has come in [from, until].
bool has_culture(const Background& background, Microseconds from, Microseconds until) {
  return std::any_of(
      background.cultures.begin(), background.cultures.end(),
      [&](const CultureSeen& culture) { return culture.at >= from && culture.at <= until; });
}

void add_to_run(UrologicalState* state, const Background& background, const RecordFact& fact,
                const UrologicalParameters& parameters, Sink* sink) {
  if (!state->run) {
    state->run.emplace();
    state->run->first = fact.at;
    const Microseconds before = fact.at - days_us(parameters.uro3_culture_days);
    state->run->culture_within = has_culture(background, before, fact.at);
  }
  SymptomRun& run = *state->run;
  run.last = fact.at;
  run.silent_until = fact.at + days_us(parameters.uro3_silence_days);
  run.newest = fact.evidence();
  ++run.facts;
  run.culture_within = run.culture_within || run.culture_since_last;
  run.culture_since_last = false;
  if (run.unsaid.size() >= run_facts_kept) run.unsaid.pop_back();
  run.unsaid.push_back(run.newest);
  if (run.last - run.first < days_us(parameters.uro3_span_days)) return;
  run.holds = true;
  say_persistence(run, std::exchange(run.unsaid, {}), fact.at, false, parameters, sink);
}

// Notes what was asked on the fact's day. A day with a symptom is kept for two days, the longest
// that any zone's day of that name can last after its midnight in UTC.
void note_day(UrologicalState* state, const RecordFact& fact) {
  auto& days = state->days;
  std::erase_if(days, [&](const SymptomDay& day) {
    return !day.judged_at && fact.at >= day.day + 2 * events::day_us;
  });
  auto day = std::find_if(days.begin(), days.end(),
                          [&](const SymptomDay& seen) { return seen.day == fact.day; });
  if (day == days.end()) day = days.insert(days.end(), {fact.day, false, std::nullopt});
  if (is_present(fact)) {
    day->present = true;
    day->judged_at.reset();
  } else if (!day->present && state->run) {
    day->judged_at = std::max(day->judged_at.value_or(fact.day_ends), fact.day_ends);
  }
}

}  // namespace

bool is_urinary_symptom(std::string_view code) {
  const auto& symptoms = lower_urinary_tract_symptoms;
  return std::find(symptoms.begin(), symptoms.end(), code) != symptoms.end();
}

void end_run(UrologicalState* state, Microseconds at, Microseconds visible_from, Sink* sink) {
  if (state->run->holds) sink->clears("URO-3", "persistence", at, visible_from);
  state->run.reset();
  for (SymptomDay& day : state->days) day.judged_at.reset();
}

void take_urinary_symptom(UrologicalState* state, const Background& background,
                          const RecordFact& fact, const UrologicalParameters& parameters,
                          Sink* sink) {
  note_day(state, fact);
  if (!is_present(fact) || !background.exposed(fact.at)) return;
  const Microseconds since = fact.at - days_us(parameters.uro3_culture_days);
  if (background.positive_culture_within(since, fact.at)) return;  // the infection explains it
  add_to_run(state, background, fact, parameters, sink);
}

void take_culture(UrologicalState* state, const RecordFact& fact,
                  const UrologicalParameters& parameters, Sink* sink) {
  if (!state->run) return;
  SymptomRun& run = *state->run;
  if (fact.at == run.last) {
    run.culture_within = true;
    if (run.holds) withdraw_no_culture(sink, fact.at);
  } else {
    run.culture_since_last = true;
  }
  if (fact.fact->word(Field::result) != "positive") return;
  if (fact.at - run.last > days_us(parameters.uro3_culture_days)) return;
  if (run.holds) say_persistence(run, {run.newest}, fact.at, true, parameters, sink);
  end_run(state, fact.at, always, sink);
}

}  // namespace ketavigil::detectors::urological
