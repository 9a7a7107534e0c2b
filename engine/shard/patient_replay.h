// One patient's part of a log, written again: what was known of them at a moment.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>

#include "engine/shard/shard.h"

namespace ketavigil::engine {

/// Positions of a log, both ends included.
struct LogRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

inline constexpr LogRange whole_log{0, std::numeric_limits<std::uint64_t>::max()};

/// An event of a log, to be appended to another one. `entry` must outlive it.
[[nodiscard]] Incoming event_again(const Entry& entry, events::Decoder* decoder);
/// Appends an epoch, a retry or a discard of another log. What quarantine does not have any more is
/// left out, as it was there.
[[nodiscard]] Status append_decision_again(const Entry& entry, Shard* target);

/// An entry about a patient, and what became of it: an event, a retry or a discard.
struct PatientEntry {
  std::uint64_t position = 0;
  EntryType type = EntryType::event;
  Microseconds received = 0;
  bool bulk = false;
  events::Decoded event;         ///< what was sent; of a decision what it is about
  events::Digest digest;         ///< of a fact
  std::optional<Answer> answer;  ///< nothing: it found nothing to decide about
};
using TakePatientEntry = std::function<void(const PatientEntry&)>;

/// Appends to `target`, the only shard of a programme that is new, what the log of `source` holds
/// of `patient` up to `until`, with the epochs between, which nobody else shares. Makes no cut of
/// its own and nothing durable. Reads `ranges` of the log, which ascend and hold all of that. Tells
/// `take` (may be empty) of each entry but epochs, in their order.
[[nodiscard]] Status replay_patient(const storage::Store& source, const storage::Snapshot* snapshot,
                                    const std::string& patient, std::span<const LogRange> ranges,
                                    Microseconds until, Shard* target,
                                    const TakePatientEntry& take);

}  // namespace ketavigil::engine
