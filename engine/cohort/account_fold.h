// The fold of the cohort's shard: what an account changes in its rows. The same for an account that
// comes and for a log that is read again.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/cohort/account_text.h"
#include "storage/store.h"

namespace ketavigil::engine {

/// What became of an account.
enum class AccountOutcome : std::uint8_t {
  accepted,
  duplicate,  ///< the same of this shard and lock point is known
  conflict,   ///< another one is known, which stands; this one is kept beside it
  unreadable  ///< no account, or of a programme with another number of shards: not kept
};
inline constexpr std::size_t account_outcomes = 4;
[[nodiscard]] std::string_view name_of(AccountOutcome outcome);

/// A row of `locks`: the digest of the text that an account came by, then the account.
struct GivenAccount {
  std::string digest;  ///< SHA-256, 32 bytes
  Account account;
};
[[nodiscard]] std::string encode(const GivenAccount& given);
[[nodiscard]] Status decode(std::string_view bytes, GivenAccount* given);

namespace rows {
/// Family::locks of the cohort: a lock point · shard -> the account that came first; and the same
/// with a digest behind -> another one.
[[nodiscard]] std::string given(Microseconds lock_point, int shard);
[[nodiscard]] std::string other_given(std::string_view given, std::string_view digest);
}  // namespace rows

/// Rows that accounts change, over those that were there. Not thread-safe.
class AccountFold {
 public:
  using Rows = std::map<std::string, std::string, std::less<>>;
  /// `under` may be null: nothing was there.
  AccountFold(int shards, const storage::Store* under) : shards_(shards), under_(under) {}

  /// What becomes of it; `*sent` is set unless it is unreadable.
  Result<AccountOutcome> take(std::string_view text, SentAccount* sent);
  [[nodiscard]] const Rows& locks() const { return locks_; }
  [[nodiscard]] const Rows& sums() const { return sums_; }

 private:
  Status get(storage::Family family, const Rows& changed, const std::string& key,
             std::string* bytes, bool* found) const;
  Status add_to_sum(const Account& account);

  int shards_;
  const storage::Store* under_;
  Rows locks_;
  Rows sums_;
};

}  // namespace ketavigil::engine
