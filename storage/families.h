// The families of one store: each is an ordered map of its own from byte keys to byte values, and
// one batch writes to all of them at once. What the bytes mean is the engine's affair.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ketavigil::storage {

/// The order is the order in which a new store creates them; names on disk are `kFamilyNames`.
/// A new family goes to the end: stores made earlier get it when they are next opened for writing.
enum class Family : std::uint8_t {
  facts,       ///< the record: every variant of every fact, by patient
  log,         ///< the entries of the shard, by position: appended, never changed
  findings,    ///< what holds now, and the saved states of the folds
  history,     ///< revisions, by case and number
  cells,       ///< contributions to the cohort's tables
  deadlines,   ///< what time itself will bring, by instant
  quarantine,  ///< what could not be understood or believed
  meta,        ///< position, fold identity, counters: few and small
  ways_out,    ///< what has still to be told to the world, by position
  locks,       ///< what was counted at data lock points, by moment
  pages,       ///< which cases have to be paged, and what became of it
};

inline constexpr std::size_t kFamilyCount = 11;

inline constexpr std::array<std::string_view, kFamilyCount> kFamilyNames = {
    "facts",      "log",  "findings", "history", "cells", "deadlines",
    "quarantine", "meta", "ways_out", "locks",   "pages"};

[[nodiscard]] constexpr std::size_t family_index(Family family) {
  return static_cast<std::size_t>(family);
}
[[nodiscard]] constexpr std::string_view family_name(Family family) {
  return kFamilyNames[family_index(family)];
}

/// In `Family::meta`: the log position up to which the store is written, a big-endian u64 that the
/// engine puts into every batch. No other family may use this key.
inline constexpr std::string_view kPositionKey = "position";

}  // namespace ketavigil::storage
