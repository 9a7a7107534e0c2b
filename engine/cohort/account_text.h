// A shard's account as it travels to the cohort's shard: one JSON object, the same bytes whoever
// writes it of the same log (docs/formats/topics.md).
#pragma once

#include <string>
#include <string_view>

#include "engine/shard/account.h"

namespace ketavigil::engine {

/// An account, and of which shard it is.
struct SentAccount {
  int shard = 0;
  int shards = 1;
  Account account;  ///< without its position, which shows in no result
};

[[nodiscard]] std::string account_text(int shard, int shards, const Account& account);

/// The inverse. A usage error, which says what was expected, for a text that is none.
[[nodiscard]] Result<SentAccount> read_account_text(std::string_view text);

}  // namespace ketavigil::engine
