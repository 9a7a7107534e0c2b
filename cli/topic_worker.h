// A worker of a programme whose log is on topics: the shards it has, kept from their partitions.
#pragma once

#include <spdlog/logger.h>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "cli/configuration.h"
#include "cli/programme_log.h"
#include "ingest/kafka/log_reader.h"
#include "storage/directory_lock.h"

namespace ketavigil::cli {

/// The topics of a programme.
[[nodiscard]] ingest::kafka::LogSettings log_settings(const Configuration& configuration);

/// What a worker tells of itself with its offsets; `find_workers` reads it.
[[nodiscard]] std::string about_worker(const KafkaSettings& settings,
                                       const std::string& operations_url);

/// The partitions of a worker by its ordinal: p belongs to worker p mod `workers`.
[[nodiscard]] std::vector<int> fixed_assignment(int partitions, int worker, int workers);

/// Reads the log in a thread of its own until it is stopped or fails.
class TopicWorker {
 public:
  /// Acquires the shards, or joins the group that will give some, and begins to read. A failure
  /// later is logged, and `on_failure` is called. The references must outlive it; the configuration
  /// has a `kafka` section.
  static Result<std::unique_ptr<TopicWorker>> start(
      const Configuration& configuration, const std::string& operations_url,
      engine::Programme& programme, ingest::kafka::Producer& producer, dashboards::Metrics& metrics,
      spdlog::logger& logger, std::function<void(ErrorKind)> on_failure);
  TopicWorker(const TopicWorker&) = delete;
  TopicWorker& operator=(const TopicWorker&) = delete;
  ~TopicWorker();

  /// Ends after what is under way.
  void stop();
  /// Whether it is known which shards this worker has.
  [[nodiscard]] bool is_placed() const { return reader_->is_placed(); }
  [[nodiscard]] const ingest::kafka::LogCounts& counts() const { return reader_->counts(); }

 private:
  TopicWorker(engine::Programme& programme, const engine::Settings& wanted,
              dashboards::Metrics& metrics, spdlog::logger& logger,
              std::function<void(ErrorKind)> on_failure)
      : log_(programme, wanted, metrics), logger_(logger), on_failure_(std::move(on_failure)) {}
  void run();

  std::unique_ptr<storage::DirectoryLock> directory_;  // where a group places the shards
  ProgrammeLog log_;
  spdlog::logger& logger_;
  std::function<void(ErrorKind)> on_failure_;
  std::unique_ptr<ingest::kafka::LogReader> reader_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace ketavigil::cli
