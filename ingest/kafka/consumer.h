// Reads partitions of topics from given offsets on. What was read is remembered by who reads, not
// by the broker: its committed offset is telemetry, and a witness of how far a store had come.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "events/result.h"
#include "ingest/kafka/connection.h"
#include "ingest/kafka/record.h"

namespace ketavigil::ingest::kafka {

/// Where to read on.
struct Place {
  TopicPartition of;
  std::int64_t next_offset = 0;
};

/// What was told to the broker of a partition.
struct Committed {
  std::int64_t next_offset = 0;
  std::string about;  ///< of whoever told it
};

/// The offsets a partition has: [low, high).
struct Watermarks {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

/// How much one poll brings.
struct PollLimits {
  std::size_t records_max = 24'000;  ///< of all partitions: as many as come in some fetches of each
  std::size_t bytes_max = std::size_t{16} << 20;
  std::chrono::milliseconds wait{100};  ///< for the first record
};

/// A consumer group's member that keeps its partitions when it comes back in time (static
/// membership): the coordinator places partitions again only when a member stays away.
struct Membership {
  std::string member;  ///< its name: stable, and of nobody else
  std::chrono::milliseconds session_timeout{
      10'000};  ///< away for longer: others get its partitions
};

/// What a member of a group is told, from within `poll`.
class Placement {
 public:
  virtual ~Placement() = default;
  /// These partitions are this member's, and no others; gives where to read each of them on.
  [[nodiscard]] virtual Result<std::vector<Place>> given(
      const std::vector<TopicPartition>& partitions) = 0;
  /// None is, until some are given.
  virtual void taken() = 0;
};

/// Thread-safety: one thread; `is_connected` and `last_error` from any. Backpressure is not
/// polling.
class Consumer {
 public:
  /// `group_id` names under which committed offsets are kept. Connects in the background.
  static Result<std::unique_ptr<Consumer>> open(
      const ConnectionSettings& settings, const std::string& group_id,
      const std::optional<Membership>& membership = std::nullopt);
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;
  ~Consumer();

  /// Reads these partitions, and no others, from these offsets on.
  [[nodiscard]] Status assign(const std::vector<Place>& places);
  /// Instead: as a member of the group, what its coordinator gives of this topic. `placement` must
  /// outlive this.
  [[nodiscard]] Status join(const std::string& topic, Placement& placement);
  /// Appends records, those of a partition in its order. Nothing came is no error; a log that no
  /// longer has the offset that was asked for is one, and so is a damaged record.
  [[nodiscard]] Status poll(const PollLimits& limits, std::vector<Record>* records);
  /// Whether the end of a partition was seen, and nothing read since.
  [[nodiscard]] bool is_at_end(const TopicPartition& of) const;
  /// The offset after the last that was read, or seen to be the end; 0 for what is not assigned.
  [[nodiscard]] std::int64_t next_offset(const TopicPartition& of) const;
  /// Tells the broker, without waiting, how far partitions were read, and `about` whoever reads (at
  /// most 4 KiB).
  void commit(const std::vector<Place>& places, const std::string& about = {});
  /// What was committed last, by partition; absent: nothing.
  [[nodiscard]] Result<std::map<TopicPartition, Committed>> committed(
      const std::vector<TopicPartition>& of, std::chrono::milliseconds timeout);
  /// Asks the leader; an answer also shows that the brokers are there.
  [[nodiscard]] Result<Watermarks> watermarks(const TopicPartition& of,
                                              std::chrono::milliseconds timeout) const;
  /// The ends of several partitions of a topic, asked for at once: a connection that waits for
  /// records answers one question after the other.
  [[nodiscard]] Result<std::map<int, std::int64_t>> ends(const std::string& topic_name,
                                                         const std::vector<int>& partitions,
                                                         std::chrono::milliseconds timeout) const;
  /// Whether the log no longer has what was to be read: no waiting helps.
  [[nodiscard]] bool is_lost() const { return lost_.load(); }
  /// False while no broker can be reached.
  [[nodiscard]] bool is_connected() const;
  /// The last thing librdkafka complained of; empty: nothing.
  [[nodiscard]] std::string last_error() const;

 private:
  rd_kafka_resp_err_t ask_offsets(const std::vector<Place>& which, int timeout_ms,
                                  std::vector<std::int64_t>* offsets) const;
  [[nodiscard]] Result<std::vector<std::int64_t>> offsets(const std::string& topic_name,
                                                          const std::vector<Place>& which,
                                                          std::chrono::milliseconds timeout) const;
  void ask_for_leaders(const std::string& topic, int timeout_ms) const;
  Consumer() = default;
  static void on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t code,
                           rd_kafka_topic_partition_list_t* partitions, void* self);
  void place(rd_kafka_topic_partition_list_t* partitions);
  static void on_error(rd_kafka_t* client, int code, const char* reason, void* self);
  static void on_log(const rd_kafka_t* client, int level, const char* facility, const char* text);
  void note_connected() const;
  [[nodiscard]] Status take(rd_kafka_message_t* message, std::vector<Record>* records);

  struct Deleter {
    void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  };
  std::unique_ptr<rd_kafka_t, Deleter> client_;
  std::map<TopicPartition, bool> at_end_;
  std::map<TopicPartition, std::int64_t> next_;
  Placement* placement_ = nullptr;  // of a member of a group
  Status placed_;                   // how the last placement went
  bool was_placed_anew_ = false;
  std::atomic<bool> lost_{false};
  mutable std::mutex mutex_;
  mutable bool connected_ = true;
  mutable std::string last_error_;
};

}  // namespace ketavigil::ingest::kafka
