// The cohort's shard: a log of the accounts that the shards give of each data lock point, and their
// sums. It is one more shard: the same storage with the same witness, a log that is the truth and a
// projection that follows from it.
//
//   DIR/cohort/    store and witness, made with the first account
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cohort/account_fold.h"
#include "storage/resources.h"
#include "storage/store.h"

namespace ketavigil::engine {

[[nodiscard]] std::filesystem::path cohort_path(const std::filesystem::path& directory);

/// An account on its way into the cohort's log.
struct IncomingAccount {
  std::string_view text;
  Microseconds received = 0;  ///< by the cohort's log; one that goes back counts as the last one
};

/// Where a shard stands with a lock point.
enum class ShardState : std::uint8_t {
  given,    ///< its account is here
  empty,    ///< its log began later
  awaited,  ///< it has not come so far
  passed    ///< it has, and takes no account there: another schedule, or a log not known from its
            ///< beginning
};

/// A lock point of which some shard has given an account with entries.
struct LockPointState {
  Microseconds lock_point = 0;
  std::vector<int> awaited;  ///< shards
  std::vector<int> passed;
  std::vector<int> conflicts;  ///< with more than one account
  [[nodiscard]] bool is_complete() const { return awaited.empty() && passed.empty(); }
};

/// The lock points of a cohort's store, in their order.
[[nodiscard]] Result<std::vector<LockPointState>> lock_points(const storage::Store& store,
                                                              int shards);
/// The sum at a lock point; nothing: no such lock point.
[[nodiscard]] Result<std::optional<LockPointSum>> sum_at(const storage::Store& store,
                                                         Microseconds lock_point);
/// Folds the log of a cohort's store again and compares. A verification error names the lock point.
[[nodiscard]] Status verify_cohort(const storage::Store& store, int shards);

/// Thread-safety: one writing call at a time; `store()` may be read beside it.
class CohortShard {
 public:
  /// Made if it is not there. `shards` of the programme.
  static Result<std::unique_ptr<CohortShard>> open(const std::filesystem::path& directory,
                                                   int shards, std::int64_t free_space_guard_bytes,
                                                   storage::Resources& resources);

  /// Takes accounts, and the offset after the last of them if they come by a topic, in one atomic
  /// write. Durable when it returns.
  Result<std::vector<AccountOutcome>> take(std::span<const IncomingAccount> accounts,
                                           std::optional<std::uint64_t> next_offset);
  /// Where to read on in the topic.
  [[nodiscard]] std::uint64_t next_offset() const { return next_offset_; }
  /// The lock point of a shard's last account; nothing: none yet.
  [[nodiscard]] std::optional<Microseconds> last_of(int shard) const;
  [[nodiscard]] const storage::Store& store() const { return *store_; }

 private:
  explicit CohortShard(int shards) : shards_(shards) {}
  Status recover();

  int shards_;
  std::unique_ptr<storage::Store> store_;
  std::uint64_t position_ = 0;
  std::uint64_t next_offset_ = 0;
  Microseconds received_ = 0;
  std::map<int, Microseconds> last_;
};

}  // namespace ketavigil::engine
