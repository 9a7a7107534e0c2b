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

/// DEP-2: notes a session, then judges the intervals up to it.
void take_interval(DependenceState* state, const Background& background, const RecordFact& session,
                   const DependenceParameters& parameters, Sink* sink);

}  // namespace ketavigil::detectors::dependence
