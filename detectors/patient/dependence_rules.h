// The rules of dependence that fill a file of their own, as `dependence.cc` calls them, and what
// they share. Internal to the domain.
#pragma once

#include "detectors/patient/dependence.h"

namespace ketavigil::detectors::dependence {

/// Days of a parameter as ticks, to the nearest microsecond.
[[nodiscard]] Microseconds days_us(double days);
/// Ticks as days, to 12 significant digits.
[[nodiscard]] double in_days(double us);

/// A session's own occasion is that of itself, also where another session starts at the same
/// instant.
[[nodiscard]] SessionReference reference_of(const RecordFact& session);
[[nodiscard]] bool is_esketamine_in(const RecordFact& session);

/// The plan a session names, else the latest begun and not ended of its compound and route; null if
/// there is none.
[[nodiscard]] const PlanSeen* plan_of(const Background& background, const RecordFact& session);

/// DEP-4 at a session. `previous_at`: the one before of its compound and route.
void judge_schedule(Window<Microseconds>* off_schedule, std::optional<Microseconds> previous_at,
                    const PlanSeen* plan, const RecordFact& session,
                    const DependenceParameters& parameters, Sink* sink);

/// Medians of the last four intervals between sessions and of the four before.
struct IntervalMedians {
  double before_us = 0;
  double last_us = 0;
};
/// Nothing where there are fewer than nine sessions, or a median is 0.
[[nodiscard]] std::optional<IntervalMedians> interval_medians(const Window<SessionDated>& sessions);

/// Of intervals: the score in [s₀ − days, s₁] that lets the protocol treat more, s₀ the session
/// that begins the last four intervals, s₁ the next; nothing if there is none, or fewer intervals.
[[nodiscard]] ProtocolScoreAt protocol_score(const Window<SessionDated>& sessions,
                                             ProtocolScoreAt SessionDated::*score_at, double days);
/// Lowers the level by one, and says why.
void lower_by_protocol(Microseconds score_at, Hit* hit);

/// Notes a session among those since (re-)entry.
void note_session(DependenceState* state, const Background& background, const RecordFact& session,
                  const DependenceParameters& parameters);
/// DEP-2 at a session that was noted.
void judge_intervals(const DependenceState& state, const Background& background,
                     const RecordFact& session, const DependenceParameters& parameters, Sink* sink);
/// DEP-3 at a session that was noted.
void judge_cumulative(DependenceState* state, const Background& background,
                      const RecordFact& session, const DependenceParameters& parameters,
                      Sink* sink);

/// DEP-6: the dose that would do the same in a vein.
[[nodiscard]] double iv_equivalent_mg(const events::Fact& session,
                                      const DependenceParameters& parameters);
/// DEP-6: notes a `madrs` or `phq-9`.
void note_depression(DependenceState* state, const RecordFact& score);
/// DEP-6 at a session that was noted.
void judge_escalation(DependenceState* state, const RecordFact& session,
                      const DependenceParameters& parameters, Sink* sink);

}  // namespace ketavigil::detectors::dependence
