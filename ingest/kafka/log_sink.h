// What reading a programme's log from topics needs of the engine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/decode.h"
#include "events/result.h"
#include "events/time.h"

namespace ketavigil::ingest::kafka {

/// The topics that carry facts: one log a shard, live first.
enum class Lane : std::uint8_t { events, backfill };

/// An event of a record, or a part of one (of a FHIR Bundle).
struct LoggedEvent {
  std::string_view bytes;  ///< live until `append` returns
  std::string default_source;
  events::Decoded decoded;  ///< the sender's clock not yet checked
  events::Digest digest;    ///< of a fact
  events::Microseconds appended = 0;
  /// Of the last event of a record: the offset after it.
  std::optional<std::uint64_t> next_offset;
  std::uint64_t offset = 0;  ///< of its record
};

/// What became of events, for counting.
struct Appended {
  std::uint64_t accepted = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t conflict = 0;
  std::uint64_t quarantined = 0;
};

/// Shards that are kept here. Every call names one of them; calls for different shards may come
/// from different threads at once. Everything is durable when a call of the events' lane returns;
/// of the backfill's when the `cut` after it returns.
class LogSink {
 public:
  virtual ~LogSink() = default;
  /// The shard is kept here from now on; nothing else may be asked of it before.
  [[nodiscard]] virtual Status acquire(int shard) = 0;
  /// Another keeps it from now on, if it was kept here at all.
  [[nodiscard]] virtual Status release(int shard) = 0;
  /// Where to read on.
  [[nodiscard]] virtual std::uint64_t place(int shard, Lane lane) const = 0;
  /// How events are read; changes with an epoch.
  [[nodiscard]] virtual const events::DecodeSettings& decode_settings(int shard) const = 0;
  [[nodiscard]] virtual Result<Appended> append(int shard, Lane lane,
                                                std::vector<LoggedEvent> events) = 0;
  /// Time has passed. These entries come from the lane of events, which is read on at
  /// `next_offset`.
  [[nodiscard]] virtual Status tick(int shard, events::Microseconds appended,
                                    std::uint64_t next_offset) = 0;
  /// Another configuration from here on; `settings` as `pending_epoch` gave it. A configuration
  /// error for a text that is none: the record is passed over.
  [[nodiscard]] virtual Status epoch(int shard, events::Microseconds appended,
                                     std::string_view settings, std::uint64_t next_offset) = 0;
  /// A quarantined event is decoded again, or set aside; nothing if there is no such event.
  [[nodiscard]] virtual Status decide(int shard, bool retry, events::Microseconds appended,
                                      std::string_view quarantine_key,
                                      std::uint64_t next_offset) = 0;
  /// What came of the backfill is cut.
  [[nodiscard]] virtual Status cut(int shard, events::Microseconds appended,
                                   std::uint64_t next_offset) = 0;
  /// Whether entries of the backfill wait for their cut.
  [[nodiscard]] virtual bool has_uncut(int shard) const = 0;
  /// What was begun and could not be ended is ended.
  [[nodiscard]] virtual Status settle(int shard) = 0;
  /// Nothing to keep up to here.
  [[nodiscard]] virtual Status pass(int shard, Lane lane, std::uint64_t next_offset) = 0;
  /// Work begins; true if whoever worked on it last did not come to `end_work`.
  [[nodiscard]] virtual Result<bool> begin_work(int shard) = 0;
  [[nodiscard]] virtual Status end_work(int shard) = 0;
  /// The record at this offset will be tried; how often that makes in a row. Survives the process.
  [[nodiscard]] virtual Result<int> note_attempt(int shard, std::uint64_t offset) = 0;
  /// The settings that this process wants and the shard's log does not have in force.
  [[nodiscard]] virtual std::optional<std::string> pending_epoch(int shard) const = 0;
  /// What an operator can do where the topic begins, at `begins`, behind the shard's place: a
  /// sentence or two, without the last full stop.
  [[nodiscard]] virtual std::string way_back(int shard, Lane lane, std::uint64_t begins) const = 0;
  /// Whether a failed append may be tried again later: the disk is full.
  [[nodiscard]] virtual bool lacks_room(int shard) const = 0;
};

}  // namespace ketavigil::ingest::kafka
