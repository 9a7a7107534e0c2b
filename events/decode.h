// From bytes to a fact, or to a reason a clinic can act on. Pure: the same bytes and configuration
// give the same answer, and only the reason `clock` looks at when the log received them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "events/fact.h"

namespace simdjson::dom {
class element;
class parser;
}  // namespace simdjson::dom

namespace ketavigil::events {

/// An event longer than this without its newline is `malformed`.
inline constexpr std::size_t event_bytes_max = std::size_t{1} << 20;
/// Deeper nesting is `malformed`; the event itself is level 1.
inline constexpr int depth_max = 32;
inline constexpr std::size_t identifier_bytes_max = 128;
inline constexpr std::size_t text_bytes_max = 2000;
/// How far a sender's clock may be ahead.
inline constexpr Microseconds clock_tolerance_us = 10 * minute_us;

/// What is known of a source from configuration.
struct SourceSettings {
  std::string zone_name = "UTC";  ///< IANA name
  Zone zone;                      ///< in which its bare dates lie
  std::int64_t rank = 1000;       ///< smaller counts first among twins (EVENTS R(4))
  std::string site;               ///< default site of its facts; empty: none
};

/// An instrument that configuration adds.
struct ConfiguredInstrument {
  std::string name;
  double least = 0;
  double greatest = 0;
};

/// The part of configuration that decides what is understood. Immutable after start; thread-safe.
struct DecodeSettings {
  std::map<std::string, SourceSettings, std::less<>> sources;
  std::vector<std::string> compounds;           ///< beside EVENTS.md's
  std::vector<std::string> covariates;          ///< beside EVENTS.md's
  std::vector<std::string> medication_classes;  ///< beside EVENTS.md's
  std::vector<ConfiguredInstrument> instruments;

  [[nodiscard]] const SourceSettings& source(std::string_view name) const;
};

/// The instant of a time: itself, or of a bare date its start in the source's zone (of an `exit`
/// its last microsecond).
[[nodiscard]] Microseconds instant_of(const Time& time, const Zone& zone, bool end_of_day = false);
/// The instant of a fact's `effective`.
[[nodiscard]] Microseconds instant_of(const Fact& fact, const DecodeSettings& settings);

/// Why an event is not taken as a fact.
struct Rejection {
  std::string reason;  ///< `malformed`, `missing`, `type`, `unknown-unit`, `implausible`, `future`,
                       ///< `clock` …
  std::string field;   ///< the field, with a list's index (`symptoms[1]`); empty for `malformed`
  std::string expected;  ///< what would have been right, for a person
  /// What can be read of it: patient, source, id, kind, a time, and the values as written (EVENTS,
  /// U). Single-fact critical rules run on it, unverified.
  std::optional<Fact> readable;
  /// `recorded`, else `effective`, as far as they can be read: what `load --as-recorded` stamps.
  std::optional<Time> said_at;

  [[nodiscard]] bool is_malformed() const { return reason == "malformed"; }
};

using Decoded = std::variant<Fact, Rejection>;

/// Reads events. Holds the parser's buffers, so one for each thread; not thread-safe itself.
class Decoder {
 public:
  explicit Decoder(const DecodeSettings& settings);
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// Reads one event. `default_source` is the source of an event that names none ("" : it is
  /// needed). `received`, when given, is checked against the sender's times (`clock`).
  [[nodiscard]] Decoded decode(std::string_view bytes, std::string_view default_source = {},
                               std::optional<Microseconds> received = std::nullopt);

  /// As above, of what a parser has already read (and `check_document` has accepted).
  [[nodiscard]] Decoded decode(const simdjson::dom::element& event, std::string_view default_source,
                               std::optional<Microseconds> received);

  /// The document of `bytes`, or what is malformed about it. Valid until the next call. A document
  /// that is more than one event (a FHIR Bundle) may be longer than an event.
  [[nodiscard]] std::variant<simdjson::dom::element, Rejection> parse(
      std::string_view bytes, std::size_t bytes_max = event_bytes_max);

 private:
  const DecodeSettings& settings_;
  std::unique_ptr<simdjson::dom::parser> parser_;
  std::string padded_;  // simdjson reads a little beyond the end
};

/// Whether the sender's times lie beyond the log's clock: the reason `clock`, or nothing.
[[nodiscard]] std::optional<Rejection> check_clock(const Fact& fact, Microseconds received);

}  // namespace ketavigil::events
