#include "engine/inbox/inbox.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "storage/keys.h"

namespace ketavigil::engine {
namespace {

using storage::Durability;
using storage::Family;

// Small: what waits is read once, in order, soon after it was written.
storage::ResourceLimits limits() {
  storage::ResourceLimits small;
  small.cache_bytes = std::int64_t{8} << 20;
  small.memtable_bytes = std::int64_t{32} << 20;
  small.log_bytes = std::int64_t{64} << 20;
  small.shards = 1;
  return small;
}

}  // namespace

std::filesystem::path inbox_path(const std::filesystem::path& directory, int ordinal) {
  char name[16];
  std::snprintf(name, sizeof name, "inbox-%03d", ordinal);
  return directory / name;
}

Result<std::unique_ptr<Inbox>> Inbox::open(const InboxOptions& options) {
  storage::Resources resources(limits());
  storage::StoreOptions store_options;
  store_options.path = inbox_path(options.directory, options.ordinal);
  store_options.create_if_missing = true;
  store_options.free_space_guard_bytes = options.free_space_guard_bytes;
  KETAVIGIL_TRY_ASSIGN(auto store, storage::Store::open(store_options, resources));
  std::unique_ptr<Inbox> inbox(
      new Inbox(std::move(resources), std::move(store), options.events_max));
  KETAVIGIL_TRY(inbox->count_what_waits());
  return inbox;
}

Status Inbox::count_what_waits() {
  KETAVIGIL_TRY_ASSIGN(const std::uint64_t newest, store_->position());
  kept_ = erased_ = newest;
  auto cursor = store_->scan(Family::log, "", "");
  if (cursor.valid()) {
    std::uint64_t oldest = 0;
    if (!storage::decode_u64(cursor.key(), &oldest) || oldest == 0 || oldest > newest)
      return Status::failure(ErrorKind::storage, "the inbox " + store_->path().string() +
                                                     " is damaged: a key of its log");
    erased_ = oldest - 1;
  }
  return cursor.status();
}

Status Inbox::check_room() const {
  KETAVIGIL_TRY(store_->check_room());
  if (waiting() < events_max_) return {};
  return Status::failure(ErrorKind::storage, "too many events wait for the brokers");
}

Status Inbox::keep(const std::vector<Entry>& events) {
  std::uint64_t place = 0;
  KETAVIGIL_TRY(write(events, &place));
  return make_durable(place);
}

Status Inbox::write(const std::vector<Entry>& events, std::uint64_t* place) {
  const std::lock_guard lock(writing_);
  KETAVIGIL_TRY(check_room());
  storage::Batch batch(*store_);
  *place = kept_;
  for (const Entry& event : events)
    batch.put(Family::log, storage::encode_u64(++*place), encode(event));
  batch.put(Family::meta, storage::kPositionKey, storage::encode_u64(*place));
  KETAVIGIL_TRY(store_->write(std::move(batch), Durability::buffered));
  kept_ = *place;
  return {};
}

// Who waits for another's sync finds, as often as not, that it was theirs too.
Status Inbox::make_durable(std::uint64_t place) {
  const std::lock_guard lock(syncing_);
  if (store_->acknowledged() >= place) return {};
  const std::uint64_t all = kept_;
  KETAVIGIL_TRY(store_->sync());
  return store_->acknowledge(all);
}

Result<std::vector<Inbox::Waiting>> Inbox::read(std::uint64_t place, std::size_t events_max,
                                                std::size_t bytes_max) const {
  std::vector<Waiting> events;
  std::size_t bytes = 0;
  // From what still waits: nothing is looked for among the rows that were erased.
  const std::uint64_t from = std::max(place, erased_.load()) + 1;
  auto cursor = store_->scan(Family::log, storage::encode_u64(from),
                             storage::encode_u64(store_->acknowledged() + 1));
  for (; cursor.valid() && events.size() < events_max && bytes < bytes_max; cursor.next()) {
    Waiting one;
    if (!storage::decode_u64(cursor.key(), &one.place))
      return Error{ErrorKind::storage, "a key of the inbox is damaged"};
    KETAVIGIL_TRY(decode(cursor.value(), &one.event));
    bytes += one.event.bytes.size();
    events.push_back(std::move(one));
  }
  KETAVIGIL_TRY(cursor.status());
  return events;
}

Status Inbox::erase_up_to(std::uint64_t place) {
  const std::lock_guard lock(writing_);
  storage::Batch batch(*store_);
  for (std::uint64_t at = erased_ + 1; at <= place; ++at)
    batch.erase(Family::log, storage::encode_u64(at));
  if (batch.empty()) return {};
  KETAVIGIL_TRY(store_->write(std::move(batch), Durability::buffered));
  erased_ = place;
  return {};
}

}  // namespace ketavigil::engine
