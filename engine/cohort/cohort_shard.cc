#include "engine/cohort/cohort_shard.h"

#include <algorithm>

#include "engine/shard/meta_number.h"
#include "engine/shard/rows.h"
#include "storage/keys.h"

namespace ketavigil::engine {
namespace {

using storage::Durability;
using storage::Family;

constexpr std::string_view meta_next_cohort = "next cohort";  // i64: the offset to read on at

Error damaged() {
  return {ErrorKind::storage, "a key of the cohort's store is damaged. Run `ketavigil verify`"};
}

// Of a key of `locks`; `*other` if it is that of a further account.
Status read_given_key(std::string_view key, Microseconds* lock_point, int* shard, bool* other) {
  storage::KeyReader reader(key);
  *lock_point = reader.i64();
  *shard = static_cast<int>(reader.u64());
  *other = !reader.rest().empty();
  return reader.ok() ? Status() : damaged();
}

}  // namespace

std::filesystem::path cohort_path(const std::filesystem::path& directory) {
  return directory / "cohort";
}

Result<std::unique_ptr<CohortShard>> CohortShard::open(const std::filesystem::path& directory,
                                                       int shards,
                                                       std::int64_t free_space_guard_bytes,
                                                       storage::Resources& resources) {
  storage::StoreOptions options;
  options.path = cohort_path(directory);
  options.create_if_missing = true;
  options.free_space_guard_bytes = free_space_guard_bytes;
  std::unique_ptr<CohortShard> cohort(new CohortShard(shards));
  KETAVIGIL_TRY_ASSIGN(cohort->store_, storage::Store::open(options, resources));
  KETAVIGIL_TRY(cohort->recover());
  return cohort;
}

Status CohortShard::recover() {
  KETAVIGIL_TRY_ASSIGN(position_, store_->position());
  KETAVIGIL_TRY_ASSIGN(const auto next, meta_number(*store_, meta_next_cohort));
  KETAVIGIL_TRY_ASSIGN(const auto received, meta_number(*store_, rows::meta_received));
  next_offset_ = static_cast<std::uint64_t>(next.value_or(0));
  received_ = received.value_or(0);
  auto cursor = store_->scan(Family::locks, "", "");
  for (; cursor.valid(); cursor.next()) {
    Microseconds lock_point = 0;
    int shard = 0;
    bool other = false;
    KETAVIGIL_TRY(read_given_key(cursor.key(), &lock_point, &shard, &other));
    last_[shard] = lock_point;  // they ascend
  }
  return cursor.status();
}

std::optional<Microseconds> CohortShard::last_of(int shard) const {
  const auto at = last_.find(shard);
  return at == last_.end() ? std::nullopt : std::optional(at->second);
}

Result<std::vector<AccountOutcome>> CohortShard::take(std::span<const IncomingAccount> accounts,
                                                      std::optional<std::uint64_t> next_offset) {
  storage::Batch batch(*store_);
  AccountFold fold(shards_, store_.get());
  std::vector<AccountOutcome> outcomes;
  std::uint64_t position = position_;
  Microseconds received = received_;
  std::map<int, Microseconds> last = last_;
  for (const IncomingAccount& incoming : accounts) {
    SentAccount sent;
    KETAVIGIL_TRY_ASSIGN(const AccountOutcome outcome, fold.take(incoming.text, &sent));
    outcomes.push_back(outcome);
    if (outcome != AccountOutcome::accepted && outcome != AccountOutcome::conflict) continue;
    received = std::max(received, incoming.received);
    const Entry entry{EntryType::event, received, false, "", std::string(incoming.text), ""};
    batch.put(Family::log, storage::encode_u64(++position), encode(entry));
    const auto [at, fresh] = last.try_emplace(sent.shard, sent.account.lock_point);
    at->second = std::max(at->second, sent.account.lock_point);
  }
  for (const auto& [key, value] : fold.locks()) batch.put(Family::locks, key, value);
  for (const auto& [key, value] : fold.sums()) batch.put(Family::cells, key, value);
  if (position > position_) {
    batch.put(Family::meta, storage::kPositionKey, storage::encode_u64(position));
    batch.put(Family::meta, rows::meta_received, number_bytes(received));
  }
  if (next_offset)
    batch.put(Family::meta, meta_next_cohort,
              number_bytes(static_cast<std::int64_t>(*next_offset)));
  if (batch.empty()) return outcomes;
  KETAVIGIL_TRY(store_->write(std::move(batch), Durability::synced));
  position_ = position;
  received_ = received;
  last_ = std::move(last);
  if (next_offset) next_offset_ = *next_offset;
  KETAVIGIL_TRY(store_->acknowledge(position));
  return outcomes;
}

Result<std::vector<LockPointState>> lock_points(const storage::Store& store, int shards) {
  struct Next {
    std::optional<Microseconds> previous;
    bool begins = false;
  };
  std::map<Microseconds, std::map<int, Next>> given;
  std::map<Microseconds, std::vector<int>> conflicts;
  auto cursor = store.scan(Family::locks, "", "");
  for (; cursor.valid(); cursor.next()) {
    Microseconds lock_point = 0;
    int shard = 0;
    bool other = false;
    KETAVIGIL_TRY(read_given_key(cursor.key(), &lock_point, &shard, &other));
    GivenAccount one;
    KETAVIGIL_TRY(decode(cursor.value(), &one));
    auto& of_shard = conflicts[lock_point];
    if (!other) given[lock_point][shard] = {one.account.previous, one.account.begins};
    if (other && (of_shard.empty() || of_shard.back() != shard)) of_shard.push_back(shard);
  }
  KETAVIGIL_TRY(cursor.status());
  // From the last one back: what a shard says next tells what it says of the points before.
  std::vector<LockPointState> states;
  std::map<int, Next> next;
  for (auto at = given.rbegin(); at != given.rend(); ++at) {
    const auto& [moment, accounts] = *at;
    for (const auto& [shard, account] : accounts) next[shard] = account;
    if (std::all_of(accounts.begin(), accounts.end(),
                    [](const auto& account) { return account.second.begins; })) {
      continue;
    }
    LockPointState state{moment, {}, {}, conflicts[moment]};
    for (int shard = 0; shard < shards; ++shard) {
      if (accounts.count(shard) != 0) continue;
      const auto later = next.find(shard);
      if (later == next.end()) {
        state.awaited.push_back(shard);
      } else if (!later->second.begins) {
        const auto& previous = later->second.previous;
        (previous && *previous >= moment ? state.awaited : state.passed).push_back(shard);
      }
    }
    states.push_back(std::move(state));
  }
  std::reverse(states.begin(), states.end());
  return states;
}

Result<std::optional<LockPointSum>> sum_at(const storage::Store& store, Microseconds lock_point) {
  std::string bytes;
  bool found = false;
  KETAVIGIL_TRY(store.get(Family::cells, rows::lock_point(lock_point), &bytes, &found));
  if (!found) return std::optional<LockPointSum>();
  LockPointSum sum;
  KETAVIGIL_TRY(decode(bytes, &sum));
  return std::optional<LockPointSum>(std::move(sum));
}

namespace {

// Whether a family holds these rows and no others.
Status compare(const storage::Store& store, Family family, const AccountFold::Rows& expected) {
  auto cursor = store.scan(family, "", "");
  auto row = expected.begin();
  for (; cursor.valid() && row != expected.end(); cursor.next(), ++row) {
    if (cursor.key() != row->first || cursor.value() != row->second) break;
  }
  KETAVIGIL_TRY(cursor.status());
  if (!cursor.valid() && row == expected.end()) return {};
  const std::string& key = row == expected.end() ? std::string(cursor.key()) : row->first;
  return Status::failure(
      ErrorKind::verification,
      "the cohort's rows at the lock point " + events::print_utc(storage::KeyReader(key).i64()) +
          " are not what its log gives. Keep the folder `cohort` for inquiry, and let it be made "
          "anew without it");
}

}  // namespace

Status verify_cohort(const storage::Store& store, int shards) {
  KETAVIGIL_TRY(store.verify_checksums());
  AccountFold fold(shards, nullptr);
  std::uint64_t expected = 0;
  auto cursor = store.scan(Family::log, "", "");
  for (; cursor.valid(); cursor.next()) {
    std::uint64_t position = 0;
    Entry entry;
    KETAVIGIL_TRY(decode(cursor.value(), &entry));
    if (!storage::decode_u64(cursor.key(), &position) || position != ++expected) {
      return Status::failure(ErrorKind::verification,
                             "the cohort's log has no entry " + std::to_string(expected));
    }
    SentAccount sent;
    KETAVIGIL_TRY(fold.take(entry.bytes, &sent).status());
  }
  KETAVIGIL_TRY(cursor.status());
  KETAVIGIL_TRY(compare(store, Family::locks, fold.locks()));
  return compare(store, Family::cells, fold.sums());
}

}  // namespace ketavigil::engine
