// The cohort's shard of a programme whose log is on topics: kept by the worker that has it.
#pragma once

#include <spdlog/logger.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "cli/configuration.h"
#include "dashboards/metrics/metrics.h"
#include "engine/cohort/cohort_shard.h"
#include "ingest/kafka/cohort_reader.h"

namespace ketavigil::cli {

/// The ordinal of the worker that has the cohort's shard: partition 0 of one, as of every topic.
/// Workers that a group places have no ordinal but 0, and each keeps it in its own directory: it
/// follows from one small topic, and nobody has to be asked who has it.
inline constexpr int cohort_worker = 0;

/// The cohort's shard as the sink of its log.
class CohortLog : public ingest::kafka::CohortSink {
 public:
  /// The references must outlive this.
  CohortLog(engine::CohortShard& cohort, int shards, spdlog::logger& logger);

  [[nodiscard]] std::uint64_t place() const override { return cohort_.next_offset(); }
  [[nodiscard]] Status take(const std::vector<ingest::kafka::CohortRecord>& records,
                            std::uint64_t next_offset) override;
  [[nodiscard]] bool lacks_room() const override { return !cohort_.store().room(); }
  /// Thread-safe; `lag_records` is not of it.
  [[nodiscard]] dashboards::CohortCounts counts() const;

 private:
  void tell(const ingest::kafka::CohortRecord& record, engine::AccountOutcome outcome);
  Status note_lock_points();

  engine::CohortShard& cohort_;
  int shards_;
  spdlog::logger& logger_;
  std::array<std::atomic<std::uint64_t>, engine::account_outcomes> outcomes_{};
  std::atomic<engine::Microseconds> complete_{0};
  std::atomic<std::uint64_t> awaiting_{0};
};

/// Reads the cohort's log in a thread of its own until it is stopped or fails.
class CohortWorker {
 public:
  /// The references must outlive it; the configuration has a `kafka` section.
  static Result<std::unique_ptr<CohortWorker>> start(const Configuration& configuration, int shards,
                                                     spdlog::logger& logger,
                                                     std::function<void(ErrorKind)> on_failure);
  CohortWorker(const CohortWorker&) = delete;
  CohortWorker& operator=(const CohortWorker&) = delete;
  ~CohortWorker();

  /// Ends after what is under way.
  void stop();
  [[nodiscard]] dashboards::CohortCounts counts() const;

 private:
  CohortWorker(spdlog::logger& logger, std::function<void(ErrorKind)> on_failure)
      : logger_(logger), on_failure_(std::move(on_failure)) {}
  void run();

  spdlog::logger& logger_;
  std::function<void(ErrorKind)> on_failure_;
  storage::Resources resources_;
  std::unique_ptr<engine::CohortShard> cohort_;
  std::unique_ptr<CohortLog> log_;
  std::unique_ptr<ingest::kafka::CohortReader> reader_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace ketavigil::cli
