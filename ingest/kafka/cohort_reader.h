// Reads the cohort's log, one partition to which every worker writes its shards' accounts of data
// lock points, into the cohort's shard.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/kafka/consumer.h"

namespace ketavigil::ingest::kafka {

/// A record of the cohort's log. Its bytes live until the call with it returns.
struct CohortRecord {
  std::string_view text;
  events::Microseconds appended = 0;  ///< by the broker; 0 if the topic does not stamp so
  std::uint64_t offset = 0;
};

/// What the cohort's log needs of the engine. Called from one thread.
class CohortSink {
 public:
  virtual ~CohortSink() = default;
  /// Where to read on.
  [[nodiscard]] virtual std::uint64_t place() const = 0;
  /// Keeps what these say, and the place, in one write; durable when it returns.
  [[nodiscard]] virtual Status take(const std::vector<CohortRecord>& records,
                                    std::uint64_t next_offset) = 0;
  /// Whether a failed call may be tried again later: the disk is full.
  [[nodiscard]] virtual bool lacks_room() const = 0;
};

/// Thread-safety: one thread; `stop` and `lag_records` from any.
class CohortReader {
 public:
  /// Refuses a log that does not go on where the sink has stopped. The sink must outlive this.
  static Result<std::unique_ptr<CohortReader>> open(const ConnectionSettings& connection,
                                                    const std::string& topic,
                                                    const std::string& group_id, CohortSink& sink);
  /// Reads what has come, waiting a little for the first, and keeps it. An error ends the worker.
  [[nodiscard]] Status step();
  void stop() { stopping_ = true; }
  /// Records not yet read, as of the last second.
  [[nodiscard]] std::uint64_t lag_records() const { return lag_records_.load(); }

 private:
  using Clock = std::chrono::steady_clock;

  CohortReader(std::string topic, CohortSink& sink) : of_{std::move(topic), 0}, sink_(sink) {}
  Status begin();
  Status keep(const std::vector<Record>& records);
  void look();

  TopicPartition of_;
  CohortSink& sink_;
  std::unique_ptr<Consumer> consumer_;
  std::uint64_t told_ = 0;  // the broker
  Clock::time_point next_look_{};
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> lag_records_{0};
};

}  // namespace ketavigil::ingest::kafka
