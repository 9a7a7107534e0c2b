// One patient's part of a log, written again: what was known of them at a moment.
#pragma once

#include <string>

#include "engine/shard/shard.h"

namespace ketavigil::engine {

/// Appends to `target`, the only shard of a programme that is new, what the log of `source` holds
/// of `patient` up to `until`, with the epochs between, which nobody else shares. Makes no cut of
/// its own and nothing durable. Reads the whole log.
[[nodiscard]] Status replay_patient(const storage::Store& source, const storage::Snapshot* snapshot,
                                    const std::string& patient, Microseconds until, Shard* target);

}  // namespace ketavigil::engine
