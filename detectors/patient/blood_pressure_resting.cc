// BP-8: has the patient become hypertensive since the first dose? By resting pressures, by
// treatment, by diagnosis.
#include <algorithm>
#include <array>
#include <utility>

#include "detectors/patient/blood_pressure_rules.h"
#include "events/json_text.h"

namespace ketavigil::detectors::blood_pressure {
namespace {

using events::Field;
using events::round_to_12_digits;

// Hypertension: SNOMED CT disorder and essential, ICD-10-CM; in lower case.
constexpr std::array<std::string_view, 3> hypertension_codes = {"38341003", "59621000", "i10"};

bool is_hypertension(std::string_view code) {
  const std::string lower = lower_case(code);
  return std::find(hypertension_codes.begin(), hypertension_codes.end(), lower) !=
         hypertension_codes.end();
}

std::optional<double> mean_of(double sum, std::int64_t count) {
  return count == 0 ? std::nullopt : std::optional<double>(sum / static_cast<double>(count));
}

// The mean of the readings before the start, each component by itself.
RestingValue resting_value(const SessionTrack& track) {
  RestingValue value;
  value.session = track.vitals.seen.session;
  value.number = track.number;
  DayOfReadings sums;
  for (const ReadingSeen& reading : track.vitals.seen.readings) {
    if (!is_before_start(reading, value.session)) continue;
    value.readings.push_back(
        {reading.evidence, reading.systolic.has_value(), reading.diastolic.has_value()});
    sums.systolic_sum += reading.systolic.value_or(0);
    sums.diastolic_sum += reading.diastolic.value_or(0);
    sums.systolic_count += reading.systolic ? 1 : 0;
    sums.diastolic_count += reading.diastolic ? 1 : 0;
  }
  value.mean.systolic = mean_of(sums.systolic_sum, sums.systolic_count);
  value.mean.diastolic = mean_of(sums.diastolic_sum, sums.diastolic_count);
  return value;
}

// Puts a value in its place in the order of sessions, or renews it.
template <typename Values>
void put(Values* values, RestingValue value, std::size_t kept) {
  const auto place = std::find_if(values->begin(), values->end(), [&](const RestingValue& other) {
    return other.number >= value.number;
  });
  if (place != values->end() && place->number == value.number) {
    *place = std::move(value);
    return;
  }
  values->insert(place, std::move(value));
  if (values->size() > kept) values->erase(values->begin());
}

// The days before the first session, summed in their order once it has come.
void close_days(RestingState* resting, Microseconds first,
                const BloodPressureParameters& parameters) {
  const Microseconds since = first - span_us(parameters.bp8_baseline_days, events::day_us);
  for (const auto& [day, readings] : resting->days) {
    if (readings.last < since || readings.last > first) continue;
    if (const auto mean = mean_of(readings.systolic_sum, readings.systolic_count)) {
      resting->baseline_systolic_sum += *mean;
      ++resting->baseline_systolic_count;
    }
    if (const auto mean = mean_of(readings.diastolic_sum, readings.diastolic_count)) {
      resting->baseline_diastolic_sum += *mean;
      ++resting->baseline_diastolic_count;
    }
  }
  resting->days.clear();
}

Pressures baseline(const RestingState& resting) {
  DayOfReadings sums{resting.baseline_systolic_sum, resting.baseline_diastolic_sum,
                     resting.baseline_systolic_count, resting.baseline_diastolic_count, 0};
  for (const RestingValue& value : resting.baseline_sessions) {
    sums.systolic_sum += value.mean.systolic.value_or(0);
    sums.diastolic_sum += value.mean.diastolic.value_or(0);
    sums.systolic_count += value.mean.systolic ? 1 : 0;
    sums.diastolic_count += value.mean.diastolic ? 1 : 0;
  }
  Pressures out{mean_of(sums.systolic_sum, sums.systolic_count),
                mean_of(sums.diastolic_sum, sums.diastolic_count)};
  if (out.systolic) out.systolic = round_to_12_digits(*out.systolic);
  if (out.diastolic) out.diastolic = round_to_12_digits(*out.diastolic);
  return out;
}

using Component = std::optional<double> Pressures::*;

// The fewest latest values of a component that are enough, and their mean.
struct LatestMean {
  double mean = 0;                          ///< rounded
  std::vector<const RestingValue*> values;  ///< in the order of R
};

std::optional<LatestMean> latest_mean(const Window<RestingValue>& values, Component component,
                                      const BloodPressureParameters& parameters) {
  const Microseconds now = values.back().session.start;
  const Microseconds since = now - span_us(parameters.bp8_within_days, events::day_us);
  const Microseconds span = span_us(parameters.bp8_span_days, events::day_us);
  LatestMean latest;
  for (auto it = values.rbegin(); it != values.rend(); ++it) {
    if (!(it->mean.*component)) continue;
    if (it->session.start < since) return std::nullopt;
    latest.values.insert(latest.values.begin(), &*it);
    const Microseconds covered = latest.values.back()->session.start - it->session.start;
    if (static_cast<double>(latest.values.size()) < parameters.bp8_values || covered < span)
      continue;
    double sum = 0;
    for (const RestingValue* value : latest.values) sum += *(value->mean.*component);
    latest.mean = round_to_12_digits(sum / static_cast<double>(latest.values.size()));
    return latest;
  }
  return std::nullopt;
}

// A component's part of the rule.
struct Judged {
  std::optional<LatestMean> latest;
  double limit = 0;
  double clear_below = 0;
  bool holds = false;
  [[nodiscard]] bool is_clear() const { return latest && latest->mean < clear_below; }
  [[nodiscard]] std::optional<Measure> measure() const {
    return holds ? std::optional<Measure>({latest->mean, limit}) : std::nullopt;
  }
};

Judged judge(const RestingState& resting, Component component, double limit, double clear_below,
             const BloodPressureParameters& parameters) {
  Judged judged{latest_mean(resting.values, component, parameters), limit, clear_below, false};
  const std::optional<double> before = baseline(resting).*component;
  judged.holds = judged.latest && judged.latest->mean >= limit && (!before || *before < limit);
  return judged;
}

void add_evidence(Hit* hit, const Judged& judged, bool RestingValue::Reading::*component) {
  if (!judged.holds) return;
  for (const RestingValue* value : judged.latest->values) {
    for (const RestingValue::Reading& reading : value->readings) {
      const bool known =
          std::any_of(hit->evidence.begin(), hit->evidence.end(),
                      [&](const Evidence& fact) { return fact.same_version(reading.evidence); });
      if (reading.*component && !known) hit->evidence.push_back(reading.evidence);
    }
  }
}

void say_mean(Inputs* inputs, const std::string& component, const Judged& judged) {
  if (!judged.latest) return;
  (*inputs)["mean_" + component] = judged.latest->mean;
  (*inputs)["values_" + component] = static_cast<double>(judged.latest->values.size());
  (*inputs)["first_" + component] = events::print_utc(judged.latest->values.front()->session.start);
  (*inputs)["last_" + component] = events::print_utc(judged.latest->values.back()->session.start);
}

Hit hypertension(const RestingState& resting, const Judged& systolic, const Judged& diastolic,
                 Microseconds completed_at) {
  Hit hit;
  hit.detector = "BP-8";
  hit.statistic = "mean";
  hit.level = Level::alert;
  hit.measure = *farther(systolic.measure(), diastolic.measure());
  add_evidence(&hit, systolic, &RestingValue::Reading::systolic);
  add_evidence(&hit, diastolic, &RestingValue::Reading::diastolic);
  std::sort(hit.evidence.begin(), hit.evidence.end());
  hit.completed_at = completed_at;
  say_mean(&hit.inputs, "systolic", systolic);
  say_mean(&hit.inputs, "diastolic", diastolic);
  say(&hit.inputs, "baseline_", baseline(resting));
  return hit;
}

// Values before the first that counts now can never count again.
void drop_old_values(RestingState* resting, const Judged& systolic, const Judged& diastolic,
                     const BloodPressureParameters& parameters) {
  Microseconds since =
      resting->values.back().session.start - span_us(parameters.bp8_within_days, events::day_us);
  if (systolic.latest && diastolic.latest) {
    since = std::min(systolic.latest->values.front()->session.start,
                     diastolic.latest->values.front()->session.start);
  }
  while (resting->values.front().session.start < since) resting->values.pop_front();
}

void judge_resting(RestingState* resting, Microseconds completed_at,
                   const BloodPressureParameters& parameters, Sink* sink) {
  const Judged systolic = judge(*resting, &Pressures::systolic, parameters.bp8_systolic_mmhg,
                                parameters.bp8_clear_systolic_mmhg, parameters);
  const Judged diastolic = judge(*resting, &Pressures::diastolic, parameters.bp8_diastolic_mmhg,
                                 parameters.bp8_clear_diastolic_mmhg, parameters);
  const bool holds = systolic.holds || diastolic.holds;
  const RestingValue& newest = resting->values.back();
  RestingState::Condition& condition = resting->condition;
  if (resting->newest == newest.number) {
    condition = resting->before_newest;
    sink->withdraw_steps("BP-8", "mean", newest.session.start);
  } else {
    resting->before_newest = condition;
    resting->newest = newest.number;
  }
  if (holds && !condition.open) condition.had_systolic = condition.had_diastolic = false;
  condition.open = condition.open || holds;
  condition.had_systolic = condition.had_systolic || systolic.latest.has_value();
  condition.had_diastolic = condition.had_diastolic || diastolic.latest.has_value();
  if (holds) {
    sink->holds(hypertension(*resting, systolic, diastolic, completed_at));
  } else if (condition.open && (!condition.had_systolic || systolic.is_clear()) &&
             (!condition.had_diastolic || diastolic.is_clear())) {
    condition.open = false;
    sink->clears("BP-8", "mean", completed_at);
  }
  drop_old_values(resting, systolic, diastolic, parameters);
}

Hit presence(std::string_view statistic, const RecordFact& fact) {
  return hit_of("BP-8", statistic, Level::alert, {1, 1}, fact);
}

}  // namespace

void take_sessionless_reading(RestingState* resting, const RecordFact& reading,
                              const BloodPressureParameters& parameters) {
  DayOfReadings& day = resting->days[reading.day];
  day.systolic_sum += reading.systolic.value_or(0);
  day.diastolic_sum += reading.diastolic.value_or(0);
  day.systolic_count += reading.systolic ? 1 : 0;
  day.diastolic_count += reading.diastolic ? 1 : 0;
  day.last = reading.at;
  const Microseconds since = reading.at - span_us(parameters.bp8_baseline_days, events::day_us);
  for (auto it = resting->days.begin(); it != resting->days.end();) {
    const bool old = it->second.last < since || resting->days.size() > baseline_days_kept;
    if (!old) break;
    it = resting->days.erase(it);
  }
}

void take_resting_value(RestingState* resting, const Background& background,
                        const SessionTrack& session, Microseconds completed_at,
                        const BloodPressureParameters& parameters, Sink* sink) {
  const Microseconds start = session.vitals.seen.session.start;
  if (!background.exposed(start)) {
    close_days(resting, start, parameters);
    return put(&resting->baseline_sessions, resting_value(session), baseline_sessions_kept);
  }
  RestingValue value = resting_value(session);
  if (!value.mean.any()) return;
  put(&resting->values, std::move(value), resting_values_kept);
  judge_resting(resting, completed_at, parameters, sink);
}

void step_treatment(const Background& background, const RecordFact& fact, Sink* sink) {
  const bool started = lower_case(fact.fact->word(Field::medication_class)) == "antihypertensive" &&
                       fact.fact->word(Field::action) == "start";
  if (!started || !background.exposed(fact.at)) return;
  Hit hit = presence("treatment", fact);
  const std::string_view name = fact.fact->word(Field::name);
  if (!name.empty()) hit.inputs["name"] = std::string(name);
  sink->holds(std::move(hit));
}

void step_diagnosis(const Background& background, const RecordFact& fact, Sink* sink) {
  const std::string_view code = code_of(fact.fact->word(Field::code));
  if (!is_hypertension(code) || !background.exposed(fact.at)) return;
  const auto& listed = background.enrolment_conditions;
  if (std::any_of(listed.begin(), listed.end(),
                  [](const auto& other) { return is_hypertension(other); })) {
    return;
  }
  Hit hit = presence("diagnosis", fact);
  hit.inputs["code"] = std::string(code);
  sink->holds(std::move(hit));
}

}  // namespace ketavigil::detectors::blood_pressure
