// Writes checkpoints of the shards that this worker has, beside everything else it does.
#pragma once

#include <spdlog/logger.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "dashboards/metrics/metrics.h"
#include "engine/shard/clock.h"
#include "engine/shard/programme.h"

namespace ketavigil::cli {

/// One thread, one checkpoint at a time: of each shard that moved, when its newest is old enough.
/// A failure is logged and counted, tried again later, and stops nothing. Shards may be acquired
/// and released meanwhile. Thread-safe.
class CheckpointWriter {
 public:
  /// The programme has `checkpoints` in its options. The references must outlive it.
  CheckpointWriter(engine::Programme& programme, const engine::Clock& clock,
                   spdlog::logger& logger);
  CheckpointWriter(const CheckpointWriter&) = delete;
  CheckpointWriter& operator=(const CheckpointWriter&) = delete;
  ~CheckpointWriter();

  /// Gives up what is under way, which leaves nothing to be seen, and ends.
  void stop();
  [[nodiscard]] dashboards::CheckpointCounts counts() const;

 private:
  /// What is known of one shard's checkpoints.
  struct Known {
    std::optional<std::uint64_t> position;  ///< of the newest
    std::optional<std::uint64_t> events;    ///< how far it has read, where this worker made it
    std::optional<std::uint64_t> backfill;
    std::int64_t made_us = 0;        ///< of the newest; without one since when the shard is here
    std::int64_t not_before_us = 0;  ///< after a failure
  };

  void run();
  void look();
  /// From when the shard came here on, first as the directory says.
  [[nodiscard]] Known* known_of(int number);
  /// The shard as it is now needs another one.
  [[nodiscard]] static bool has_moved(const engine::Shard& shard, const Known& known);
  [[nodiscard]] bool is_due(const engine::Shard& shard, const Known& known) const;
  void write(int number, Known* known);
  void note_failure(int number, const Error& error, Known* known);

  engine::Programme& programme_;
  const engine::Clock& clock_;
  spdlog::logger& logger_;
  const std::int64_t every_us_;
  std::map<int, Known> known_;  // of the thread
  std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> failures_{0};
  std::atomic<std::int64_t> success_us_{0};
  std::atomic<std::int64_t> oldest_us_{0};  // 0: nothing has moved since the newest of each shard
  std::atomic<std::int64_t> took_us_{0};
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace ketavigil::cli
