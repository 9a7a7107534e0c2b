// The deciding method for slow harm beside oracles that watch the same patients at the same times.
#include <algorithm>
#include <cmath>

#include "simulation/harm.h"
#include "simulation/oracle.h"
#include "simulation/score_card.h"
#include "simulation/visit.h"

namespace ketavigil::simulation {
namespace {

using events::Microseconds;

// Each patient is played so often: the oracle's delays are of its own errors, not of his.
constexpr int twins = 50;
constexpr std::uint64_t seed = 20'260'101;

/// What an oracle watches of a harm: the series in which its size is stated.
struct Watch {
  Harm harm;
  std::string_view detector;
  std::string_view of;  ///< empty: the resting pressure, a value a session
  double spread;        ///< within a person, in the unit of the size
};
// A resting pressure has the error of its day and that of the reading.
const double resting = std::hypot(resting_spread, reading_spread);
const Watch watches[] = {
    {Harm::cognitive_decline, "COG-8", "score moca", moca_spread},
    {Harm::cognitive_drop, "COG-8", "score moca", moca_spread},
    {Harm::bladder_syndrome, "URO-2", "score bpic-ss", bpic_spread},
    {Harm::bladder_dechallenge, "URO-2", "score bpic-ss", bpic_spread},
    {Harm::resting_drift, "BP-7", "", resting},
    {Harm::new_hypertension, "BP-7", "", resting},
};

const Watch* watch_of(std::string_view harm) {
  for (const Watch& watch : watches) {
    if (traits_of(watch.harm).name == harm) return &watch;
  }
  return nullptr;
}

/// Of all patients, those who were not found included: these are found last.
Delay delay_of(std::vector<double> months, std::size_t patients) {
  Delay delay;
  delay.found =
      patients == 0 ? 0 : static_cast<double>(months.size()) / static_cast<double>(patients);
  const std::size_t middle = (patients + 1) / 2;
  if (middle == 0 || months.size() < middle) return delay;
  std::nth_element(months.begin(), months.begin() + static_cast<std::ptrdiff_t>(middle - 1),
                   months.end());
  delay.median_months = months[middle - 1];
  return delay;
}

Delay played(const std::vector<WatchedSeries>& watched, Knows knows, double false_alarms) {
  std::vector<OracleSeries> series;
  for (const WatchedSeries& one : watched) series.push_back({one.before, one.shifts});
  const OracleDelays delays = oracle_delays(series, knows, false_alarms, twins, seed);
  std::vector<double> months;
  for (std::size_t i = 0; i < delays.found_at.size(); ++i) {
    const int at = delays.found_at[i];
    if (at > 0) months.push_back(watched[i / twins].months[static_cast<std::size_t>(at - 1)]);
  }
  return delay_of(std::move(months), delays.found_at.size());
}

}  // namespace

void ScoreCard::watch(const ScoredCourse& course, const PlantedHarm& harm) {
  const Watch* watch = watch_of(harm.harm);
  if (watch == nullptr) return;
  WatchedSeries series;
  const auto take = [&](Microseconds at) {
    const Microseconds since = at - harm.onset;
    if (since < 0) {
      ++series.before;
      return;
    }
    constexpr Microseconds second_us = 1'000'000;
    series.shifts.push_back(harm.size * grown_share(watch->harm, since / second_us) /
                            watch->spread);
    series.months.push_back(months_of(since));
  };
  if (watch->of.empty()) {
    for (const Microseconds at : course.sessions) take(at);
  } else {
    for (const auto& [at, of] : course.observations) {
      if (of == watch->of) take(at);
    }
  }
  watched_[harm.harm].push_back(std::move(series));
}

std::vector<OracleComparison> ScoreCard::oracles(
    const std::array<std::optional<double>, 4>& stated) const {
  std::vector<OracleComparison> out;
  for (const auto& [harm, watched] : watched_) {
    const Watch& watch = *watch_of(harm);
    for (int level = 0; level < static_cast<int>(stated.size()); ++level) {
      const auto& false_alarms = stated[static_cast<std::size_t>(level)];
      if (!false_alarms || *false_alarms <= 0 || *false_alarms >= 1) continue;
      OracleComparison one{harm,
                           std::string(watch.detector),
                           level,
                           *false_alarms,
                           static_cast<std::int64_t>(watched.size()),
                           {},
                           {},
                           {}};
      const auto found = found_.find({harm, one.detector, level});
      std::vector<double> months;
      if (found != found_.end()) {
        for (const Found& how : found->second) months.push_back(how.months);
      }
      one.method = delay_of(std::move(months), watched.size());
      one.knows_size = played(watched, Knows::size, *false_alarms);
      one.knows_baseline_too = played(watched, Knows::baseline_and_size, *false_alarms);
      out.push_back(std::move(one));
    }
  }
  return out;
}

std::optional<double> OracleComparison::times() const {
  if (!method.median_months || !knows_size.median_months || *knows_size.median_months <= 0)
    return std::nullopt;
  return *method.median_months / *knows_size.median_months;
}

}  // namespace ketavigil::simulation
