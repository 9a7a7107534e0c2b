// Sends records: in order, each once as far as one process is concerned, acknowledged by all
// in-sync replicas.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "events/result.h"
#include "ingest/kafka/connection.h"
#include "ingest/kafka/record.h"

namespace ketavigil::ingest::kafka {

struct ProducerSettings {
  std::chrono::milliseconds linger{5};               ///< how long a batch waits for more
  std::string compression = "lz4";                   ///< none, gzip, snappy, lz4, zstd
  std::int64_t waiting_records_max = 100'000;        ///< records in memory, bounded with the next
  std::int64_t waiting_kbytes_max = 64 * 1024;       ///< KiB
  std::chrono::milliseconds give_up_after{120'000};  ///< a record that no broker took
};

/// Records that are waited for together. Thread-safety: one thread at a time.
class SentRecords {
 public:
  SentRecords() : state_(std::make_shared<State>()) {}

 private:
  friend class Producer;
  struct State {
    std::atomic<std::int64_t> waiting{0};
    std::mutex mutex;
    std::string failure;  // the first
  };
  std::shared_ptr<State> state_;
};

/// Thread-safe. What is sent again after a crash may be there twice: readers know a record by what
/// is in it.
class Producer {
 public:
  static Result<std::unique_ptr<Producer>> open(const ConnectionSettings& settings,
                                                const ProducerSettings& producer = {});
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  ~Producer();

  /// Queues a record (its bytes are copied); waits while the queue is full. `among` (may be null:
  /// nobody waits for it) counts it.
  [[nodiscard]] Status send(const OutgoingRecord& record, SentRecords* among);
  /// Waits until all of these are acknowledged. After an error, and when it took too long, they
  /// count no more: whoever needs them sends them again.
  [[nodiscard]] Status wait_for(SentRecords* records, std::chrono::milliseconds timeout);
  /// The number of partitions of a topic. A broker error if there is no such topic.
  [[nodiscard]] Result<int> partitions(const std::string& topic, std::chrono::milliseconds timeout);
  /// Whether the brokers stamp the topic's records when they append them (LogAppendTime).
  [[nodiscard]] Result<bool> stamps_on_append(const std::string& topic,
                                              std::chrono::milliseconds timeout);
  /// The cluster that answers, by its own name for itself.
  [[nodiscard]] Result<std::string> cluster(std::chrono::milliseconds timeout);
  /// How large a record of the topic may be, with key, headers and what surrounds it.
  [[nodiscard]] Result<std::int64_t> record_bytes_max(const std::string& topic,
                                                      std::chrono::milliseconds timeout);
  /// Why this producer can send nothing any more (an idempotent one that lost its place); empty: it
  /// can. Only another process helps.
  [[nodiscard]] std::string fatal_error() const;
  [[nodiscard]] std::uint64_t delivered() const { return delivered_.load(); }

 private:
  Producer() = default;
  [[nodiscard]] Result<std::string> setting_of(const std::string& topic, std::string_view name,
                                               std::chrono::milliseconds timeout);
  using StateOwner = std::shared_ptr<SentRecords::State>;
  static void on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* self);
  static void on_log(const rd_kafka_t* client, int level, const char* facility, const char* text);
  static void on_error(rd_kafka_t* client, int code, const char* reason, void* self);
  [[nodiscard]] Error no_answer(std::string_view what, rd_kafka_resp_err_t code);

  struct Deleter {
    void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  };
  std::unique_ptr<rd_kafka_t, Deleter> client_;
  std::atomic<std::uint64_t> delivered_{0};
  std::mutex mutex_;
  std::string last_error_;
  bool denied_ = false;  // the brokers do not accept who we say we are
  bool scram_ = false;
};

}  // namespace ketavigil::ingest::kafka
