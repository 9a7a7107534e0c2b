// BP-7's values: resting pressures, of days before the first session and of sessions.
#include <algorithm>
#include <utility>

#include "detectors/patient/drift_rules.h"

namespace ketavigil::detectors::drift {
namespace {

constexpr std::string_view antihypertensive = "antihypertensive";

struct Component {
  std::string_view stream;
  std::optional<double> Pressures::*pressure;
  std::optional<double> ReadingSeen::*reading;
  double DriftParameters::*treated;
};
constexpr Component components[] = {
    {"resting-systolic", &Pressures::systolic, &ReadingSeen::systolic,
     &DriftParameters::treated_systolic_mmhg},
    {"resting-diastolic", &Pressures::diastolic, &ReadingSeen::diastolic,
     &DriftParameters::treated_diastolic_mmhg},
};

DriftValue resting_value(const Component& component, double mean, bool treated,
                         const DriftParameters& parameters) {
  DriftValue value;
  value.prior = static_cast<std::uint8_t>(drift_prior_named(component.stream));
  value.value = mean;
  if (treated) value.correction = parameters.*component.treated;
  return value;
}

void take_day(DriftState* state, const Background& background, const RestingDay& day,
              const DriftParameters& parameters, Sink* sink) {
  DriftValue value =
      resting_value(components[day.systolic ? 0 : 1], day.sum / static_cast<double>(day.count),
                    day.treated, parameters);
  value.at = day.last;
  value.site = day.site;
  value.treatment_changes = day.treatment_changes;
  take_value(state, background, value, parameters, sink);
}

// Takes the days in the order of their last readings, as long as the next of them is over. Days
// overlap: a bare date's reading stands at the start of that day in its source's zone.
void take_days(DriftState* state, const Background& background, std::optional<Microseconds> now,
               const DriftParameters& parameters, Sink* sink) {
  auto& days = state->days;
  while (!days.empty()) {
    const auto next =
        std::min_element(days.begin(), days.end(),
                         [](const RestingDay& a, const RestingDay& b) { return a.last < b.last; });
    if (now && next->day + events::day_us > *now) return;
    const RestingDay day = std::move(*next);
    days.erase(next);
    take_day(state, background, day, parameters, sink);
  }
}

void add_to_day(DriftState* state, const Background& background, const RecordFact& reading,
                bool systolic, double pressure) {
  auto& days = state->days;
  auto day = std::find_if(days.begin(), days.end(), [&](const RestingDay& other) {
    return other.day == reading.day && other.systolic == systolic;
  });
  if (day == days.end()) day = days.insert(days.end(), RestingDay{reading.day, systolic});
  day->sum += pressure;
  ++day->count;
  day->last = reading.at;
  day->site = reading.site;
  day->treated = background.is_active(antihypertensive);
  day->treatment_changes = state->treatment_changes;
}

}  // namespace

void take_day_reading(DriftState* state, const Background& background, const RecordFact& reading,
                      const DriftParameters& parameters, Sink* sink) {
  take_days(state, background, reading.at, parameters, sink);
  if (reading.systolic) add_to_day(state, background, reading, true, *reading.systolic);
  if (reading.diastolic) add_to_day(state, background, reading, false, *reading.diastolic);
}

void close_days(DriftState* state, const Background& background, const DriftParameters& parameters,
                Sink* sink) {
  take_days(state, background, std::nullopt, parameters, sink);
}

RestingReadings readings_before(const DriftState& state, const Background& background,
                                const SessionReference& session) {
  RestingReadings resting;
  resting.session = session;
  resting.treated = background.is_active(antihypertensive);
  resting.treatment_changes = state.treatment_changes;
  const SessionReadings* seen = background.readings_of(session);
  if (seen == nullptr) return resting;
  for (const ReadingSeen& reading : seen->readings) {
    if (is_before_start(reading, session)) resting.readings.push_back(reading);
  }
  return resting;
}

void take_resting(DriftState* state, const Background& background, const RestingReadings& resting,
                  const DriftParameters& parameters, Sink* sink) {
  for (const Component& component : components) {
    double sum = 0;
    std::vector<Evidence> facts;
    for (const ReadingSeen& reading : resting.readings) {
      const std::optional<double>& pressure = reading.*component.reading;
      if (!pressure) continue;
      sum += *pressure;
      facts.push_back(reading.evidence);
    }
    if (facts.empty()) continue;
    DriftValue value = resting_value(component, sum / static_cast<double>(facts.size()),
                                     resting.treated, parameters);
    value.at = resting.session.start;
    value.site = facts.back().site;
    value.treatment_changes = resting.treatment_changes;
    value.facts = std::make_shared<const std::vector<Evidence>>(std::move(facts));
    take_value(state, background, value, parameters, sink);
  }
}

}  // namespace ketavigil::detectors::drift
