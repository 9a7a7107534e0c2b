// What a shard does when an entry of its log lies beyond a data lock point.
#include "engine/shard/account.h"
#include "engine/shard/meta_number.h"
#include "engine/shard/shard.h"
#include "engine/shard/ways_out.h"
#include "storage/keys.h"

namespace ketavigil::engine {

using storage::Family;

namespace {

// Accounts that are taken by one reading of the patients and written at once: a log that stood
// still for years passes thousands of lock points at its next entry.
constexpr std::size_t accounts_at_once_max = 256;

}  // namespace

// The next lock point follows from where the log is and what was taken; before the first entry
// nothing does.
void Shard::find_next_lock_point() {
  next_lock_point_ = std::numeric_limits<Microseconds>::min();
  if (position_ == 0) return;
  Microseconds from = received_;
  if (locked_) from = std::max(from, *locked_ + 1);
  next_lock_point_ = first_lock_point_from(from, configured_->settings.lock_every_days);
}

Status Shard::recover_lock_points() {
  KETAVIGIL_TRY_ASSIGN(locked_, meta_number(*store_, rows::meta_locked));
  if (locked_) note_locked();
  find_next_lock_point();
  return {};
}

// What was taken must not be overtaken by an entry that comes before it after all: the next one may
// be another than the one that has brought us here.
void Shard::note_locked() {
  if (position_ == 0) return;
  written_received_ = std::max(written_received_, *locked_ + 1);
  received_ = written_received_;
}

Status Shard::write_accounts(const std::vector<Account>& accounts) {
  storage::Batch batch(*store_);
  for (const Account& account : accounts) {
    const std::string key = rows::lock_point(account.lock_point);
    batch.put(Family::locks, key, encode(account));
    // Told when the entry that lies beyond is durable.
    if (options_.ways_out) put_way_out(&batch, account.position + 1, WayOut::Kind::account, key);
  }
  const Microseconds last = accounts.back().lock_point;
  batch.put(Family::meta, rows::meta_locked, number_bytes(last));
  KETAVIGIL_TRY(store_->write(std::move(batch), storage::Durability::buffered));
  locked_ = last;
  note_locked();
  return {};
}

// The first entry: what lies before it is known to be empty. Should that entry never be kept, the
// next first one says so anew.
Status Shard::begin_lock_points(Microseconds received) {
  Account account;
  account.lock_point = last_lock_point_before(received, configured_->settings.lock_every_days);
  account.begins = true;
  account.identity = fold_identity(configured_->settings);
  if (locked_ && *locked_ != account.lock_point) {
    storage::Batch batch(*store_);
    batch.erase(Family::locks, rows::lock_point(*locked_));
    KETAVIGIL_TRY(store_->write(std::move(batch), storage::Durability::buffered));
  }
  KETAVIGIL_TRY(write_accounts({account}));
  next_lock_point_ = first_lock_point_from(received, configured_->settings.lock_every_days);
  return {};
}

Status Shard::pass_lock_points(Microseconds received) {
  if (position_ == 0) return begin_lock_points(received);
  const std::int64_t every_days = configured_->settings.lock_every_days;
  while (next_lock_point_ < received) {
    std::vector<Microseconds> moments;
    for (Microseconds moment = next_lock_point_;
         moment < received && moments.size() < accounts_at_once_max;
         moment = first_lock_point_from(moment + 1, every_days)) {
      moments.push_back(moment);
    }
    KETAVIGIL_TRY_ASSIGN(auto cells, cells_at(*store_, *configured_, dirty_, moments));
    std::vector<Account> accounts;
    const std::string identity = fold_identity(configured_->settings);
    std::optional<Microseconds> previous = locked_;
    for (std::size_t i = 0; i < moments.size(); ++i) {
      accounts.push_back({moments[i], previous, false, position_, identity, std::move(cells[i])});
      previous = moments[i];
    }
    KETAVIGIL_TRY(write_accounts(accounts));
    find_next_lock_point();
  }
  return {};
}

}  // namespace ketavigil::engine
