// Follows what all workers tell of the history, and says where two histories were written.
#pragma once

#include <spdlog/logger.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "cli/configuration.h"
#include "engine/shard/programme.h"
#include "ingest/kafka/consumer.h"
#include "ingest/kafka/producer.h"
#include "routing/kafka/history_watch.h"

namespace ketavigil::cli {

/// Reads PREFIX.alerts.history in a thread of its own, from where it was the last time. Nothing
/// else depends on it: brokers that fail are waited for.
class HistoryReader {
 public:
  /// Asks the brokers for the topic. The references must outlive it.
  static Result<std::unique_ptr<HistoryReader>> start(const Configuration& configuration,
                                                      const engine::Programme& programme,
                                                      ingest::kafka::Producer& producer,
                                                      spdlog::logger& logger);
  HistoryReader(const HistoryReader&) = delete;
  HistoryReader& operator=(const HistoryReader&) = delete;
  ~HistoryReader();

  [[nodiscard]] const routing::kafka::HistoryWatch& watch() const { return watch_; }

 private:
  HistoryReader(const engine::Programme& programme, spdlog::logger& logger);
  Status begin(const KafkaSettings& kafka, int partitions);
  void run();
  Status step();
  void tell_broker();

  spdlog::logger& logger_;
  routing::kafka::HistoryWatch watch_;
  std::string topic_;
  int partitions_ = 0;
  std::unique_ptr<ingest::kafka::Consumer> consumer_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace ketavigil::cli
