// A record of a topic, as it comes and as it goes.
#pragma once

#include <librdkafka/rdkafka.h>

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/time.h"

namespace ketavigil::ingest::kafka {

struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;
  auto operator<=>(const TopicPartition&) const = default;
};

struct Header {
  std::string name;
  std::string value;
};

/// Names of headers. What is no record of a sender's event says so in `entry`.
namespace headers {
inline constexpr const char* content_type = "content-type";
/// The source of events in it that name none.
inline constexpr const char* source = "ketavigil-source";
/// `tick`, `epoch`, `backfill`, `retry` or `discard`: an entry of the log that no sender made.
inline constexpr const char* entry = "ketavigil-entry";
/// topic/partition/offset where a misrouted record was found.
inline constexpr const char* forwarded = "ketavigil-forwarded";
}  // namespace headers

/// A record that was read. Owns librdkafka's memory; its views live as long as it. Movable.
class Record {
 public:
  explicit Record(rd_kafka_message_t* message) : message_(message) {}

  [[nodiscard]] std::string_view topic() const { return rd_kafka_topic_name(message_->rkt); }
  [[nodiscard]] std::int32_t partition() const { return message_->partition; }
  [[nodiscard]] std::int64_t offset() const { return message_->offset; }
  [[nodiscard]] std::string_view key() const {
    return {static_cast<const char*>(message_->key), message_->key_len};
  }
  [[nodiscard]] std::string_view value() const {
    return {static_cast<const char*>(message_->payload), message_->len};
  }
  /// When the broker appended it; nothing if the topic does not stamp so.
  [[nodiscard]] std::optional<events::Microseconds> appended() const;
  /// The last header of this name.
  [[nodiscard]] std::optional<std::string_view> header(const char* name) const;
  /// All of them, in their order.
  [[nodiscard]] std::vector<Header> headers() const;

 private:
  struct Deleter {
    void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
  };
  std::unique_ptr<rd_kafka_message_t, Deleter> message_;
};

/// A record to be sent.
struct OutgoingRecord {
  TopicPartition to;
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;  ///< nothing: a tombstone of a compacted topic
  std::vector<Header> headers;
};

}  // namespace ketavigil::ingest::kafka
