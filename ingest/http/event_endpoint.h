// `POST /api/v1/events`: one fact as a JSON object, or many as NDJSON (docs/operation/serve.md;
// the answers are EVENTS.md's "Answers at the door").
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "events/decode.h"
#include "ingest/http/event_sink.h"
#include "ingest/http/message.h"

namespace ketavigil::ingest::http {

struct EventEndpointSettings {
  std::string source_default;  ///< source of events that name none; empty: it is needed
  std::size_t body_bytes_max = std::size_t{16} << 20;  ///< after gzip
  std::size_t events_max = std::size_t{1} << 16;       ///< of one body; more: 413
  /// Events handed over at once: a long body lets others in between.
  std::size_t events_per_step = 256;
};

/// Thread-safe. Settings and sink must outlive it.
class EventEndpoint {
 public:
  EventEndpoint(const events::DecodeSettings& decode, EventEndpointSettings settings,
                EventSink& sink);

  [[nodiscard]] Response handle(const Request& request);

 private:
  class Borrowed;
  struct Line {
    std::int64_t number = 0;  // from 1, empty ones counted
    std::string_view text;
  };

  Response answer_body(std::string_view content_type, std::string_view body);
  Response answer_one(std::string_view event, bool more_lines);
  Response answer_lines(const std::vector<Line>& lines);
  bool split(std::string_view body, std::vector<Line>* lines) const;
  bool are_events(const std::vector<Line>& lines);
  Delivery decode(events::Decoder& decoder, std::string_view bytes) const;

  const events::DecodeSettings& decode_;
  const EventEndpointSettings settings_;
  EventSink& sink_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<events::Decoder>> idle_;  // at most one for each handler thread
};

}  // namespace ketavigil::ingest::http
