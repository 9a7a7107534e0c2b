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

/// Thread-safe. What is sent again after a crash may be there twice: readers know a record by what
/// is in it.
class Producer {
 public:
  static Result<std::unique_ptr<Producer>> open(const ConnectionSettings& settings,
                                                const ProducerSettings& producer = {});
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  ~Producer();

  /// Queues a record (its bytes are copied); waits while the queue is full. An error is this
  /// record's, or says that an earlier one was not delivered.
  [[nodiscard]] Status send(const OutgoingRecord& record);
  /// Waits until everything sent before is acknowledged. An error if anything was not; the next
  /// flush then tells of what comes after.
  [[nodiscard]] Status flush(std::chrono::milliseconds timeout);
  /// The number of partitions of a topic. A broker error if there is no such topic.
  [[nodiscard]] Result<int> partitions(const std::string& topic, std::chrono::milliseconds timeout);
  /// Whether the brokers stamp the topic's records when they append them (LogAppendTime).
  [[nodiscard]] Result<bool> stamps_on_append(const std::string& topic,
                                              std::chrono::milliseconds timeout);
  [[nodiscard]] std::uint64_t delivered() const { return delivered_.load(); }

 private:
  Producer() = default;
  static void on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* self);
  static void on_log(const rd_kafka_t* client, int level, const char* facility, const char* text);
  static void on_error(rd_kafka_t* client, int code, const char* reason, void* self);
  [[nodiscard]] Status take_failure();
  [[nodiscard]] Error no_answer(std::string_view what, rd_kafka_resp_err_t code);

  struct Deleter {
    void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  };
  std::unique_ptr<rd_kafka_t, Deleter> client_;
  std::atomic<std::uint64_t> delivered_{0};
  std::atomic<std::uint64_t> failed_{0};
  std::mutex mutex_;
  std::string failure_;
  std::string last_error_;
  bool denied_ = false;  // the brokers do not accept who we say we are
  bool scram_ = false;
};

}  // namespace ketavigil::ingest::kafka
