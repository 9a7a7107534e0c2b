// Ways-out rows: what has still to be told to the world. They are written in the same batch as what
// they tell of, and erased when it was told: nothing is told that is not durable, and nothing that
// is durable is left untold. A row refers to what it tells, and holds no copy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/shard/account.h"
#include "engine/shard/codec.h"
#include "storage/store.h"

namespace ketavigil::engine {

/// Something to be told.
struct WayOut {
  enum class Kind : std::uint8_t { revision, quarantined, account };
  Kind kind = Kind::revision;
  std::string row;  ///< its key, for `Shard::erase_ways_out`

  // Of a revision.
  std::string case_name;
  std::uint64_t revision = 0;
  std::string text;  ///< the JSON object

  // Of a quarantined event.
  std::string patient;  ///< empty: it could not be read so far
  Quarantined quarantined;

  // Of a data lock point.
  Account account;
};

/// Puts a row for a revision (its key in `history`), a quarantined event (its key in `quarantine`)
/// or the account of a lock point (its key in `locks`).
void put_way_out(storage::Batch* batch, std::uint64_t position, WayOut::Kind kind,
                 std::string_view key);

/// What stands after the row `after` (empty: from the start), in the order of the log, up to the
/// entry `position` and at most `rows_max` rows. `*rows` are the keys of all rows that were seen,
/// also of those that tell of nothing any more (a quarantined event that was taken meanwhile).
[[nodiscard]] Status read_ways_out(const storage::Store& store, const std::string& after,
                                   std::uint64_t position, std::size_t rows_max,
                                   std::vector<WayOut>* ways_out, std::vector<std::string>* rows);

}  // namespace ketavigil::engine
