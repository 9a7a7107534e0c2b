// Events that were acknowledged and are not yet in the log, where the log is on a broker: a durable
// queue of its own, so that a clinic is answered whether a broker is there or not.
//
//   DIR/inbox-000/   one store with its witness, as a shard has; by the ordinal of its worker
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/shard/codec.h"
#include "storage/resources.h"
#include "storage/store.h"

namespace ketavigil::engine {

struct InboxOptions {
  std::filesystem::path directory;  ///< of the programme
  int ordinal = 0;                  ///< of the worker, 0 to 999
  std::int64_t free_space_guard_bytes = std::int64_t{2} << 30;
  std::uint64_t events_max = 1'000'000;  ///< that wait; more are not kept
};

[[nodiscard]] std::filesystem::path inbox_path(const std::filesystem::path& directory, int ordinal);

/// Thread-safe: `keep` from any thread, `read` and `erase_up_to` from one.
class Inbox {
 public:
  /// Opens the queue with what waits in it; makes an empty one if there is none.
  static Result<std::unique_ptr<Inbox>> open(const InboxOptions& options);

  /// All of these, in order, or none. They survive power loss when it returns; callers that come
  /// together share a sync.
  [[nodiscard]] Status keep(const std::vector<Entry>& events);
  /// Whether `keep` would find room: on the disk, and among those that wait.
  [[nodiscard]] Status check_room() const;

  /// An event that waits, by its place in the queue.
  struct Waiting {
    std::uint64_t place = 0;
    Entry event;
  };
  /// The oldest that were acknowledged, after `place`: at most `events_max`, and no further one
  /// after `bytes_max` bytes.
  [[nodiscard]] Result<std::vector<Waiting>> read(std::uint64_t place, std::size_t events_max,
                                                  std::size_t bytes_max) const;
  /// They are in the log now, up to this place. After a crash some may wait again.
  [[nodiscard]] Status erase_up_to(std::uint64_t place);

  [[nodiscard]] std::uint64_t waiting() const { return kept_.load() - erased_.load(); }
  [[nodiscard]] const storage::Store& store() const { return *store_; }

 private:
  Inbox(storage::Resources resources, std::unique_ptr<storage::Store> store,
        std::uint64_t events_max)
      : resources_(std::move(resources)), store_(std::move(store)), events_max_(events_max) {}
  Status count_what_waits();
  Status write(const std::vector<Entry>& events, std::uint64_t* place);
  Status make_durable(std::uint64_t place);

  storage::Resources resources_;
  std::unique_ptr<storage::Store> store_;
  std::uint64_t events_max_;
  std::mutex writing_;
  std::mutex syncing_;
  std::atomic<std::uint64_t> kept_{0};    // the place of the newest
  std::atomic<std::uint64_t> erased_{0};  // of the newest that waits no more
};

}  // namespace ketavigil::engine
