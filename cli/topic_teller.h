// What is new, told by topics.
#pragma once

#include <spdlog/logger.h>

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include "cli/configuration.h"
#include "engine/shard/programme.h"
#include "ingest/kafka/producer.h"
#include "routing/kafka/relay.h"

namespace ketavigil::cli {

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

}  // namespace ketavigil::cli
