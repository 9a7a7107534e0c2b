// BP-2, BP-3, BP-9 and BP-5's critical rule: what one fact, or a reading and a symptom, say at
// once.
#include <algorithm>
#include <array>
#include <utility>

#include "detectors/patient/blood_pressure_rules.h"
#include "events/json_text.h"

namespace ketavigil::detectors::blood_pressure {
namespace {

using events::Field;
using events::Kind;
using events::round_to_12_digits;

// Symptom facts that make a high pressure a crisis.
constexpr std::array<std::string_view, 3> crisis_symptoms = {"chest-pain", "seizure", "syncope"};
// Adverse events of BP-9, in lower case.
constexpr std::array<std::string_view, 4> heart_terms = {
    "arrhythmia", "ventricular tachycardia", "bradycardia", "electrocardiogram qt prolonged"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

void say(Inputs* inputs, const RecordFact& fact) {
  if (fact.minutes) (*inputs)["minutes"] = round_to_12_digits(*fact.minutes);
}

void reading_at_once(std::string_view detector, std::string_view statistic, Level level,
                     const std::optional<Measure>& measure, const RecordFact& fact, Sink* sink) {
  if (!measure) return;
  Hit hit = hit_of(detector, statistic, level, *measure, fact);
  blood_pressure::say(&hit.inputs, "", pressures_of(fact));
  hit.inputs["phase"] = std::string(name_of(fact.phase));
  say(&hit.inputs, fact);
  sink->occasion(std::move(hit));
}

// ◆ by the pressures alone, or with the reading's own symptoms.
void crisis_of_one_reading(const RecordFact& fact, const BloodPressureParameters& parameters,
                           Sink* sink) {
  const Pressures pressures = pressures_of(fact);
  std::optional<Measure> measure =
      at_least(pressures, {parameters.bp3_systolic_mmhg, parameters.bp3_diastolic_mmhg});
  const auto* symptoms = fact.fact->list(Field::symptoms);
  if (symptoms != nullptr && !symptoms->empty()) {
    measure = farther(measure, at_least(pressures, {parameters.bp3_symptom_systolic_mmhg,
                                                    parameters.bp3_symptom_diastolic_mmhg}));
  }
  reading_at_once("BP-3", "crisis", Level::critical, measure, fact, sink);
}

void vital_or_symptom(std::string_view statistic, Level level, Measure measure,
                      const RecordFact& fact, Sink* sink) {
  Hit hit = hit_of("BP-9", statistic, level, measure, fact);
  say(&hit.inputs, fact);
  sink->occasion(std::move(hit));
}

// Whether a vital or score is `name`; its value.
std::optional<double> value_of(const RecordFact& fact, Kind kind, Field field,
                               std::string_view name) {
  if (fact.kind() != kind || fact.fact->word(field) != name) return std::nullopt;
  const auto value = fact.fact->number(Field::value);
  return value ? std::optional<double>(round_to_12_digits(*value)) : std::nullopt;
}

bool is_symptom(const RecordFact& fact, std::string_view code) {
  return fact.kind() == Kind::symptom && fact.fact->word(Field::code) == code &&
         is_present(*fact.fact);
}

void heart_and_breath_critical(const RecordFact& fact, const BloodPressureParameters& parameters,
                               Sink* sink) {
  if (const auto spo2 = value_of(fact, Kind::vital, Field::name, "spo2")) {
    const double limit = parameters.bp9_spo2_critical_percent;
    if (*spo2 < limit) {
      vital_or_symptom("spo2", Level::critical, {*spo2, limit, true}, fact, sink);
    }
  }
  if (const auto sedation = value_of(fact, Kind::score, Field::instrument, "moaa-s")) {
    const double limit = parameters.bp9_moaa_s_score;
    if (*sedation <= limit) {
      vital_or_symptom("moaa-s", Level::critical, {*sedation, limit, true}, fact, sink);
    }
  }
  if (is_symptom(fact, "seizure")) {
    vital_or_symptom("seizure", Level::critical, {severity_of(*fact.fact), 1}, fact, sink);
  }
}

void heart_and_breath_below_critical(const RecordFact& fact,
                                     const BloodPressureParameters& parameters, Sink* sink) {
  if (const auto rate = value_of(fact, Kind::vital, Field::name, "heart-rate")) {
    const double low = parameters.bp9_heart_rate_low_per_min;
    const double high = parameters.bp9_heart_rate_high_per_min;
    if (*rate < low) vital_or_symptom("heart-rate", Level::alert, {*rate, low, true}, fact, sink);
    if (*rate > high) vital_or_symptom("heart-rate", Level::alert, {*rate, high}, fact, sink);
  }
  if (const auto spo2 = value_of(fact, Kind::vital, Field::name, "spo2")) {
    const double limit = parameters.bp9_spo2_watch_percent;
    if (*spo2 >= parameters.bp9_spo2_critical_percent && *spo2 < limit) {
      vital_or_symptom("spo2", Level::watch, {*spo2, limit, true}, fact, sink);
    }
  }
  for (const std::string_view code : {"syncope", "chest-pain"}) {
    if (is_symptom(fact, code)) {
      vital_or_symptom(code, Level::alert, {severity_of(*fact.fact), 1}, fact, sink);
    }
  }
  if (fact.kind() == Kind::adverse_event &&
      is_one_of(heart_terms, lower_case(fact.fact->word(Field::name)))) {
    vital_or_symptom("term", Level::alert, {1, 1}, fact, sink);
  }
}

// ◇ a high reading and a present symptom near it; `first` and `second` in the order of R.
void join_crisis(const CrisisCandidate& first, const CrisisCandidate& second,
                 const BloodPressureParameters& parameters, Sink* sink) {
  const CrisisCandidate& reading = first.symptom.empty() ? first : second;
  const CrisisCandidate& symptom = first.symptom.empty() ? second : first;
  const auto measure = at_least(reading.pressures, {parameters.bp3_symptom_systolic_mmhg,
                                                    parameters.bp3_symptom_diastolic_mmhg});
  Hit hit;
  hit.detector = "BP-3";
  hit.statistic = "crisis";
  hit.level = Level::critical;
  hit.measure = *measure;
  hit.evidence = {first.evidence, second.evidence};
  hit.session = reading.session ? reading.session : first.session;
  hit.completed_at = second.at;
  blood_pressure::say(&hit.inputs, "", reading.pressures);
  hit.inputs["symptom"] = symptom.symptom;
  hit.inputs["symptom_at"] = events::print_utc(symptom.at);
  hit.inputs["severity"] = symptom.severity;
  sink->occasion(std::move(hit));
}

void keep(Window<CrisisCandidate>* kept, CrisisCandidate candidate) {
  kept->push_back(std::move(candidate));
  if (kept->size() > crisis_candidates_kept) kept->pop_front();
}

// Remembers high readings and symptoms for the time in which they can meet. A bare date has no
// minutes.
void step_crisis(BloodPressureState* state, const RecordFact& fact,
                 const BloodPressureParameters& parameters, Sink* sink) {
  const bool reading = fact.kind() == Kind::blood_pressure &&
                       at_least(pressures_of(fact), {parameters.bp3_symptom_systolic_mmhg,
                                                     parameters.bp3_symptom_diastolic_mmhg});
  const bool symptom = fact.kind() == Kind::symptom && is_present(*fact.fact) &&
                       is_one_of(crisis_symptoms, fact.fact->word(Field::code));
  if (fact.bare_date || (!reading && !symptom)) return;
  const Microseconds since =
      fact.at - span_us(parameters.bp3_symptom_within_min, events::minute_us);
  for (auto* kept : {&state->high_readings, &state->symptoms}) {
    while (!kept->empty() && kept->front().at < since) kept->pop_front();
  }
  CrisisCandidate candidate{fact.evidence(), fact.at, fact.session, {}, {}, 1};
  if (reading) {
    candidate.pressures = pressures_of(fact);
  } else {
    candidate.symptom = fact.fact->word(Field::code);
    candidate.severity = severity_of(*fact.fact);
  }
  for (const CrisisCandidate& other : reading ? state->symptoms : state->high_readings) {
    join_crisis(other, candidate, parameters, sink);
  }
  keep(reading ? &state->high_readings : &state->symptoms, std::move(candidate));
}

void not_resolved_at_once(const RecordFact& fact, const BloodPressureParameters& parameters,
                          Sink* sink) {
  const bool discharge = fact.phase_stated && fact.phase == Phase::discharge;
  const bool late = fact.minutes && *fact.minutes >= parameters.bp5_critical_from_min;
  if (!discharge && !late) return;
  reading_at_once("BP-5", "non-resolution", Level::critical,
                  at_least(pressures_of(fact), {parameters.bp5_critical_systolic_mmhg,
                                                parameters.bp5_critical_diastolic_mmhg}),
                  fact, sink);
}

}  // namespace

bool is_present(const events::Fact& symptom) {
  const auto severity = symptom.number(Field::severity);
  return !severity || *severity >= 1;
}

double severity_of(const events::Fact& symptom) {
  return symptom.number(Field::severity).value_or(1);
}

void critical_of_one_fact(const RecordFact& fact, const BloodPressureParameters& parameters,
                          Sink* sink) {
  if (fact.kind() == Kind::blood_pressure) return crisis_of_one_reading(fact, parameters, sink);
  heart_and_breath_critical(fact, parameters, sink);
}

void step_dangers(BloodPressureState* state, const RecordFact& fact,
                  const BloodPressureParameters& parameters, Sink* sink) {
  critical_of_one_fact(fact, parameters, sink);
  step_crisis(state, fact, parameters, sink);
  if (fact.kind() != Kind::blood_pressure) {
    return heart_and_breath_below_critical(fact, parameters, sink);
  }
  reading_at_once(
      "BP-2", "severe", Level::alert,
      at_least(pressures_of(fact), {parameters.bp2_systolic_mmhg, parameters.bp2_diastolic_mmhg}),
      fact, sink);
  not_resolved_at_once(fact, parameters, sink);
}

}  // namespace ketavigil::detectors::blood_pressure
