#include "engine/cohort/account_fold.h"

#include "engine/shard/rows.h"
#include "storage/keys.h"

namespace ketavigil::engine {

using storage::Family;

std::string_view name_of(AccountOutcome outcome) {
  switch (outcome) {
    case AccountOutcome::accepted:
      return "accepted";
    case AccountOutcome::duplicate:
      return "duplicate";
    case AccountOutcome::conflict:
      return "conflict";
    case AccountOutcome::unreadable:
      return "unreadable";
  }
  return "";
}

std::string encode(const GivenAccount& given) { return given.digest + encode(given.account); }

Status decode(std::string_view bytes, GivenAccount* given) {
  given->digest = bytes.substr(0, events::digest_bytes);
  return decode(bytes.substr(given->digest.size()), &given->account);
}

namespace rows {

std::string given(Microseconds lock_point, int shard) {
  return storage::KeyBuilder().i64(lock_point).u64(static_cast<std::uint64_t>(shard)).key();
}

std::string other_given(std::string_view given, std::string_view digest) {
  return storage::KeyBuilder().raw(given).raw(digest).key();
}

}  // namespace rows

Status AccountFold::get(Family family, const Rows& changed, const std::string& key,
                        std::string* bytes, bool* found) const {
  const auto at = changed.find(key);
  *found = at != changed.end();
  if (*found) *bytes = at->second;
  if (*found || under_ == nullptr) return {};
  return under_->get(family, key, bytes, found);
}

Result<AccountOutcome> AccountFold::take(std::string_view text, SentAccount* sent) {
  auto read = read_account_text(text);
  if (!read.ok() || read.value().shards != shards_) return AccountOutcome::unreadable;
  *sent = std::move(read).value();
  const GivenAccount given{events::sha256(text), sent->account};
  const std::string key = rows::given(sent->account.lock_point, sent->shard);
  std::string bytes;
  bool found = false;
  KETAVIGIL_TRY(get(Family::locks, locks_, key, &bytes, &found));
  if (!found) {
    locks_[key] = encode(given);
    if (!sent->account.begins) KETAVIGIL_TRY(add_to_sum(sent->account));
    return AccountOutcome::accepted;
  }
  GivenAccount first;
  KETAVIGIL_TRY(decode(bytes, &first));
  if (first.digest == given.digest) return AccountOutcome::duplicate;
  const std::string other = rows::other_given(key, given.digest);
  KETAVIGIL_TRY(get(Family::locks, locks_, other, &bytes, &found));
  if (found) return AccountOutcome::duplicate;
  locks_[other] = encode(given);
  return AccountOutcome::conflict;
}

Status AccountFold::add_to_sum(const Account& account) {
  const std::string key = rows::lock_point(account.lock_point);
  std::string bytes;
  bool found = false;
  KETAVIGIL_TRY(get(Family::cells, sums_, key, &bytes, &found));
  LockPointSum sum;
  if (found) KETAVIGIL_TRY(decode(bytes, &sum));
  ++sum.given;
  sum.cells.add(account.cells);
  sums_[key] = encode(sum);
  return {};
}

}  // namespace ketavigil::engine
