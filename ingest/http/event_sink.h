// What the ways in need of the engine: something that takes events and says what became of each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "events/decode.h"

namespace ketavigil::ingest {

/// An event on its way to the log.
struct Delivery {
  std::string_view bytes;      ///< as received; live until `take` returns
  std::string default_source;  ///< of an event that names none
  events::Decoded decoded;     ///< a fact, or why it is none (never `malformed`); clock not checked
  events::Digest digest;       ///< of a fact
};

enum class Outcome : std::uint8_t {
  accepted,
  duplicate,
  conflict,
  quarantined,
  stored,     ///< on its way to the log; whether it is known already shows there
  too_large,  ///< and not kept
};
[[nodiscard]] std::string_view name_of(Outcome outcome);

/// What became of an event. Durable when it is told.
struct Receipt {
  Outcome outcome = Outcome::accepted;
  std::string reason;  ///< of a quarantined one, with field and what was expected
  std::string field;
  std::string expected;
};

/// Why nothing is taken now, though the events may be right.
struct Refusal {
  int retry_after_seconds = 1;
  std::string message;
};

class EventSink {
 public:
  virtual ~EventSink() = default;
  /// All of these, in order; answers in the same order. Returns when they survive power loss.
  /// After a refusal some may have been kept: sending them again is safe. Thread-safe; may wait.
  virtual std::variant<std::vector<Receipt>, Refusal> take(std::vector<Delivery> events) = 0;
  /// So many events were malformed: answered, counted, not kept. Thread-safe.
  virtual void note_malformed(std::size_t events) = 0;
};

}  // namespace ketavigil::ingest
