// Data lock points: moments in `received` at which the cohort is analysed, and what a shard's log
// says of its patients at each of them.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/shard/cohort_cells.h"
#include "engine/shard/patient_cut.h"
#include "storage/store.h"

namespace ketavigil::engine {

/// Lock points lie whole numbers of days after Monday, 5 January 1970, 00:00 UTC.
[[nodiscard]] Microseconds last_lock_point_before(Microseconds moment, std::int64_t every_days);
[[nodiscard]] Microseconds first_lock_point_from(Microseconds moment, std::int64_t every_days);

/// A shard's account of one lock point: its cells by all entries with `received` at or before it. A
/// pure function of the shard's log.
struct Account {
  Microseconds lock_point = 0;
  /// The lock point of the account before it; nothing: of the first one.
  std::optional<Microseconds> previous = std::nullopt;
  /// The first account of a log known from its beginning: there are no entries up to here.
  bool begins = false;
  std::uint64_t position = 0;  ///< of the last entry that it knows
  std::string identity;        ///< of the fold
  CohortCells cells;
};

[[nodiscard]] std::string encode(const Account& account);
[[nodiscard]] Status decode(std::string_view bytes, Account* account);

/// What several shards' accounts of one lock point add up to.
struct LockPointSum {
  std::uint64_t given = 0;  ///< how many shards these are
  CohortCells cells;
};
[[nodiscard]] std::string encode(const LockPointSum& sum);
[[nodiscard]] Status decode(std::string_view bytes, LockPointSum* sum);

/// What the store's patients add up to at each of these moments (ascending, none before the newest
/// entry). `uncut` are those whose stored findings are behind their entries.
[[nodiscard]] Result<std::vector<CohortCells>> cells_at(const storage::Store& store,
                                                        const Configured& configured,
                                                        const std::set<std::string>& uncut,
                                                        std::vector<Microseconds> moments);

/// The accounts that a store has after this lock point, at most so many, in their order.
[[nodiscard]] Result<std::vector<Account>> read_accounts(const storage::Store& store,
                                                         std::optional<Microseconds> after,
                                                         std::size_t accounts_max);

}  // namespace ketavigil::engine
