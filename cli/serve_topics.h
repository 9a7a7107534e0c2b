// The service with its log on Kafka: the shards of a worker, kept from their partitions.
#pragma once

#include <spdlog/logger.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "cli/configuration.h"
#include "dashboards/metrics/metrics.h"
#include "engine/shard/programme.h"
#include "ingest/kafka/log_reader.h"
#include "routing/kafka/relay.h"

namespace ketavigil::cli {

/// The shards of a programme as the log's sink.
class ProgrammeLog : public ingest::kafka::LogSink {
 public:
  /// `wanted` are the settings of this process. All must outlive this.
  ProgrammeLog(engine::Programme& programme, const engine::Settings& wanted,
               dashboards::Metrics& metrics);

  [[nodiscard]] std::uint64_t place(int shard, ingest::kafka::Lane lane) const override;
  [[nodiscard]] const events::DecodeSettings& decode_settings(int shard) const override;
  [[nodiscard]] Result<ingest::kafka::Appended> append(
      int shard, ingest::kafka::Lane lane, std::vector<ingest::kafka::LoggedEvent> events) override;
  [[nodiscard]] Status tick(int shard, events::Microseconds appended,
                            std::uint64_t next_offset) override;
  [[nodiscard]] Status epoch(int shard, events::Microseconds appended, std::string_view settings,
                             std::uint64_t next_offset) override;
  [[nodiscard]] Status decide(int shard, bool retry, events::Microseconds appended,
                              std::string_view quarantine_key, std::uint64_t next_offset) override;
  [[nodiscard]] Status cut(int shard, events::Microseconds appended,
                           std::uint64_t next_offset) override;
  [[nodiscard]] bool has_uncut(int shard) const override;
  [[nodiscard]] Status settle(int shard) override;
  [[nodiscard]] Status pass(int shard, ingest::kafka::Lane lane,
                            std::uint64_t next_offset) override;
  [[nodiscard]] Result<bool> begin_work(int shard) override;
  [[nodiscard]] Status end_work(int shard) override;
  [[nodiscard]] Result<int> note_attempt(int shard, std::uint64_t offset) override;
  [[nodiscard]] std::optional<std::string> pending_epoch(int shard) const override;
  [[nodiscard]] bool lacks_room(int shard) const override;

 private:
  [[nodiscard]] events::Microseconds received(int shard, events::Microseconds appended) const;

  engine::Programme& programme_;
  const engine::Settings& wanted_;
  dashboards::Metrics& metrics_;
};

/// The topics of a programme.
[[nodiscard]] ingest::kafka::LogSettings log_settings(const Configuration& configuration);

/// The ways out by topics, through the producer.
class ProducerWriter : public routing::kafka::TopicWriter {
 public:
  explicit ProducerWriter(ingest::kafka::Producer& producer) : producer_(producer) {}
  [[nodiscard]] Status send(const routing::kafka::OutRecord& record) override;
  [[nodiscard]] Status flush() override;

 private:
  [[nodiscard]] Result<int> partitions(const std::string& topic);

  ingest::kafka::Producer& producer_;
  ingest::kafka::SentRecords sent_;
  std::map<std::string, int> partitions_;
};

/// Tells what is new, in a thread of its own, until it is stopped. A broker that fails is waited
/// for; `is_telling` is false meanwhile.
class TopicTeller {
 public:
  /// The references must outlive it.
  /// A producer that can send nothing any more ends the worker by `on_failure`.
  TopicTeller(const Configuration& configuration, engine::Programme& programme,
              ingest::kafka::Producer& producer, spdlog::logger& logger,
              std::function<void(ErrorKind)> on_failure);
  TopicTeller(const TopicTeller&) = delete;
  TopicTeller& operator=(const TopicTeller&) = delete;
  ~TopicTeller();

  /// Tells what is there, as far as the broker takes it at once, and ends.
  void stop();
  [[nodiscard]] std::uint64_t told() const { return relay_.told(); }
  [[nodiscard]] bool is_telling() const { return telling_.load(); }

 private:
  void run();

  ingest::kafka::Producer& producer_;
  ProducerWriter writer_;
  routing::kafka::Relay relay_;
  spdlog::logger& logger_;
  std::function<void(ErrorKind)> on_failure_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> telling_{true};
  std::thread thread_;
};

/// The partitions of a worker by its ordinal: p belongs to worker p mod `workers`.
[[nodiscard]] std::vector<int> fixed_assignment(int partitions, int worker, int workers);

/// Reads the log in a thread of its own until it is stopped or fails.
class TopicWorker {
 public:
  /// Acquires the shards and begins to read. A failure later is logged, and `on_failure` is called.
  /// The references must outlive it; the configuration has a `kafka` section.
  static Result<std::unique_ptr<TopicWorker>> start(const Configuration& configuration,
                                                    engine::Programme& programme,
                                                    ingest::kafka::Producer& producer,
                                                    dashboards::Metrics& metrics,
                                                    spdlog::logger& logger,
                                                    std::function<void(ErrorKind)> on_failure);
  TopicWorker(const TopicWorker&) = delete;
  TopicWorker& operator=(const TopicWorker&) = delete;
  ~TopicWorker();

  /// Ends after what is under way.
  void stop();
  [[nodiscard]] const ingest::kafka::LogCounts& counts() const { return reader_->counts(); }

 private:
  TopicWorker(engine::Programme& programme, const engine::Settings& wanted,
              dashboards::Metrics& metrics, spdlog::logger& logger,
              std::function<void(ErrorKind)> on_failure)
      : log_(programme, wanted, metrics), logger_(logger), on_failure_(std::move(on_failure)) {}
  void run();

  ProgrammeLog log_;
  spdlog::logger& logger_;
  std::function<void(ErrorKind)> on_failure_;
  std::unique_ptr<ingest::kafka::LogReader> reader_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace ketavigil::cli
