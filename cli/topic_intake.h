// Facts over HTTP where the log is on Kafka: kept in the worker's inbox, answered, sent on.
#pragma once

#include <spdlog/logger.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "dashboards/metrics/metrics.h"
#include "engine/inbox/inbox.h"
#include "ingest/http/event_sink.h"
#include "ingest/kafka/producer.h"

namespace ketavigil::cli {

/// The largest event that the topic takes: its own limit without what goes along, at most 1,000,000
/// bytes.
[[nodiscard]] Result<std::size_t> event_bytes_max_of(ingest::kafka::Producer& producer,
                                                     const std::string& topic);

/// Thread-safe. The references must outlive it.
class TopicIntake : public ingest::EventSink {
 public:
  /// `topic` is that of events, with `partitions`, and takes events of `event_bytes_max`;
  /// `on_failure` is called once, when the inbox can no longer be written or read.
  TopicIntake(std::unique_ptr<engine::Inbox> inbox, ingest::kafka::Producer& producer,
              std::string topic, int partitions, std::size_t event_bytes_max,
              dashboards::Metrics& metrics, spdlog::logger& logger,
              std::function<void(ErrorKind)> on_failure);
  TopicIntake(const TopicIntake&) = delete;
  TopicIntake& operator=(const TopicIntake&) = delete;
  ~TopicIntake() override;

  std::variant<std::vector<ingest::Receipt>, ingest::Refusal> take(
      std::vector<ingest::Delivery> events) override;
  void note_malformed(std::size_t events) override;

  /// Ends after what is under way; what waits is sent by the next start.
  void stop();
  [[nodiscard]] std::uint64_t waiting() const { return inbox_->waiting(); }
  [[nodiscard]] std::uint64_t sent() const { return sent_.load(); }

 private:
  [[nodiscard]] ingest::Refusal refuse(const Error& error, std::size_t events);
  void run();
  [[nodiscard]] Result<std::size_t> send_some();
  [[nodiscard]] Status send(const engine::Entry& event, ingest::kafka::SentRecords* among);

  const std::unique_ptr<engine::Inbox> inbox_;
  ingest::kafka::Producer& producer_;
  const std::string topic_;
  const int partitions_;
  const std::size_t event_bytes_max_;
  dashboards::Metrics& metrics_;
  spdlog::logger& logger_;
  const std::function<void(ErrorKind)> on_failure_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> failed_{false};
  std::atomic<std::uint64_t> sent_{0};
  std::uint64_t place_ = 0;  // in the log up to here; of the sending thread
  std::thread thread_;       // last: it uses all of the above
};

}  // namespace ketavigil::cli
