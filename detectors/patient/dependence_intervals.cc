// DEP-2: intervals between sessions that shorten.
#include <algorithm>
#include <array>

#include "detectors/patient/dependence_rules.h"
#include "detectors/statistics/exact_tests.h"
#include "events/json_text.h"

namespace ketavigil::detectors {
namespace dependence {
namespace {

using events::round_to_12_digits;

constexpr Microseconds binomial_window_us = 28 * events::day_us;

// Of four intervals between five sessions, of which `first` is the earliest. Microseconds.
double median_interval(const Window<SessionDated>& sessions, std::size_t first) {
  std::array<Microseconds, 4> intervals{};
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    intervals[i] = sessions[first + i + 1].at - sessions[first + i].at;
  }
  std::sort(intervals.begin(), intervals.end());
  return (static_cast<double>(intervals[1]) + static_cast<double>(intervals[2])) / 2;
}

// Sessions in the last 28 d against those in the 28 d before: shown, decides nothing.
void show_binomial_test(const Background& background, Microseconds at, Inputs* inputs) {
  std::int64_t now = 0;
  std::int64_t before = 0;
  for (const Microseconds when : background.session_starts) {
    if (when > at - binomial_window_us) {
      ++now;
    } else if (when > at - 2 * binomial_window_us) {
      ++before;
    }
  }
  (*inputs)["sessions_last_28_days"] = static_cast<double>(now);
  (*inputs)["sessions_28_days_before"] = static_cast<double>(before);
  (*inputs)["binomial_p"] = round_to_12_digits(statistics::two_counts_upper_tail(now, before));
}

}  // namespace

std::optional<IntervalMedians> interval_medians(const Window<SessionDated>& sessions) {
  if (sessions.size() < dated_sessions_kept) return std::nullopt;
  const IntervalMedians medians{median_interval(sessions, 0), median_interval(sessions, 4)};
  if (medians.before_us == 0 || medians.last_us == 0) return std::nullopt;
  return medians;
}

ProtocolScoreAt protocol_score(const Window<SessionDated>& sessions,
                               ProtocolScoreAt SessionDated::*score_at, double days) {
  constexpr std::size_t sessions_of_four_intervals = 5;
  if (sessions.size() < sessions_of_four_intervals) return std::nullopt;
  const std::size_t begins = sessions.size() - sessions_of_four_intervals;
  const ProtocolScoreAt latest = sessions[begins + 1].*score_at;
  if (!latest || *latest < sessions[begins].at - days_us(days)) return std::nullopt;
  return latest;
}

void lower_by_protocol(Microseconds score_at, Hit* hit) {
  hit->level = one_lower(hit->level);
  hit->annotations.emplace_back("protocol-driven");
  hit->inputs["protocol_score_at"] = events::print_utc(score_at);
}

void note_session(DependenceState* state, const Background& background, const RecordFact& session,
                  const DependenceParameters& parameters) {
  if (background.sessions_since_entry <= 1) state->since_entry.clear();
  state->since_entry.push_back({session.at, state->dep2_score_at, state->dep3_score_at,
                                iv_equivalent_mg(*session.fact, parameters)});
  if (state->since_entry.size() > dated_sessions_kept) state->since_entry.pop_front();
}

void judge_intervals(const DependenceState& state, const Background& background,
                     const RecordFact& session, const DependenceParameters& parameters,
                     Sink* sink) {
  const auto medians = interval_medians(state.since_entry);
  if (!medians) return;
  const double ratio = round_to_12_digits(medians->last_us / medians->before_us);
  if (ratio > parameters.dep2_clear_ratio) return sink->clears("DEP-2", "interval", session.at);
  if (ratio > parameters.dep2_watch_ratio) return;
  const bool alert = ratio <= parameters.dep2_alert_ratio;
  Hit hit = hit_of("DEP-2", "interval", alert ? Level::alert : Level::watch,
                   {ratio, alert ? parameters.dep2_alert_ratio : parameters.dep2_watch_ratio, true},
                   session);
  hit.session = reference_of(session);
  hit.inputs["last_median_days"] = in_days(medians->last_us);
  hit.inputs["before_median_days"] = in_days(medians->before_us);
  show_binomial_test(background, session.at, &hit.inputs);
  const auto score_at = protocol_score(state.since_entry, &SessionDated::dep2_score_at,
                                       parameters.dep2_protocol_days);
  if (score_at) lower_by_protocol(*score_at, &hit);
  sink->holds(std::move(hit));
}

}  // namespace dependence

}  // namespace ketavigil::detectors
