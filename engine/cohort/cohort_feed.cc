// How the accounts of the shards of one process come to the cohort's shard, where the log is in the
// data directory: by themselves, and as the same texts as by a topic.
#include <algorithm>

#include "engine/cohort/cohort_shard.h"
#include "engine/shard/programme.h"

namespace ketavigil::engine {
namespace {

constexpr std::size_t accounts_at_once_max = 256;

Result<bool> has_account_with_entries(const storage::Store& store) {
  KETAVIGIL_TRY_ASSIGN(const auto accounts, read_accounts(store, std::nullopt, 2));
  return std::any_of(accounts.begin(), accounts.end(),
                     [](const Account& account) { return !account.begins; });
}

}  // namespace

Status Programme::open_cohort() {
  for (const auto& one : shards_) {
    KETAVIGIL_TRY_ASSIGN(const bool has, has_account_with_entries(one->store()));
    if (!has) continue;
    KETAVIGIL_TRY_ASSIGN(cohort_, CohortShard::open(options_.directory, shards(),
                                                    options_.free_space_guard_bytes, *resources_));
    return {};
  }
  return {};
}

Status Programme::feed_cohort() {
  if (options_.log == LogOrigin::topics || !options_.cohort) return {};
  std::vector<std::optional<Microseconds>> locked;
  for (const auto& one : shards_) locked.push_back(one->locked());
  if (locked == fed_) return {};
  if (!cohort_) KETAVIGIL_TRY(open_cohort());
  for (int number = 0; cohort_ && number < shards(); ++number) KETAVIGIL_TRY(feed_from(number));
  fed_ = std::move(locked);
  return {};
}

Status Programme::feed_from(int number) {
  while (true) {
    KETAVIGIL_TRY_ASSIGN(
        const auto accounts,
        read_accounts(shard(number).store(), cohort_->last_of(number), accounts_at_once_max));
    if (accounts.empty()) return {};
    std::vector<std::string> texts;
    std::vector<IncomingAccount> incoming;
    for (const Account& account : accounts)
      texts.push_back(account_text(number, shards(), account));
    const Microseconds received = newest_received();
    for (const std::string& text : texts) incoming.push_back({text, received});
    KETAVIGIL_TRY(cohort_->take(incoming, std::nullopt).status());
  }
}

}  // namespace ketavigil::engine
