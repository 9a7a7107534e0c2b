// What a shard keeps beside the facts, as values, and their bytes: a format version, then protobuf
// (stored.proto, docs/formats/store.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/finding.h"
#include "engine/shard/cases.h"
#include "events/result.h"

namespace ketavigil::engine {

using events::Microseconds;

/// What an entry of the log says.
enum class EntryType : std::uint8_t {
  event = 1,    ///< a sender's event, as received
  tick = 2,     ///< time passed
  cut = 3,      ///< revisions are cut here: the end of a load
  epoch = 4,    ///< another configuration from here on
  retry = 5,    ///< a quarantined event is decoded again
  discard = 6,  ///< a quarantined event is set aside by a person
};

/// An entry of the log. Its position is its key.
struct Entry {
  EntryType type = EntryType::event;
  Microseconds received = 0;
  bool bulk = false;           ///< of an event: no cut of its own
  std::string default_source;  ///< of an event that names none
  std::string bytes;    ///< event: as received; epoch: settings; retry, discard: the quarantine key
  std::string patient;  ///< of an event, where it can be read
};

/// A stored finding: its text, and what lists and tables ask of it.
struct StoredFinding {
  std::string id;
  std::string detector;
  detectors::Level level = detectors::Level::info;
  bool resolved = false;
  Microseconds onset = 0;
  std::string compound;
  std::string site;
  std::string text;
};

/// The findings of a patient, the same for every `at` in [valid_from, valid_until).
struct StoredFindings {
  Microseconds valid_from = 0;
  Microseconds valid_until = 0;
  std::vector<StoredFinding> findings;
};

/// An event in quarantine: whole, with the reason.
struct Quarantined {
  std::string reason;
  std::string field;
  std::string expected;
  std::string bytes;
  std::string default_source;
  Microseconds received = 0;   ///< when it came first
  std::uint64_t position = 0;  ///< the entry that brought it
  bool discarded = false;
  std::optional<std::uint64_t> offset = std::nullopt;  ///< of its record, if it came by a topic
};

/// What became of a critical case.
enum class PageDecision : std::uint8_t {
  paged = 1,     ///< it goes to every way out, until it ends
  folded = 2,    ///< unverified, one of too many of its source: counted in one page of the source
  historic = 3,  ///< too old when it became known: listed only
  unsent = 4,    ///< there is no way out
};

[[nodiscard]] std::string_view name_of(PageDecision decision);

/// A critical case, as whoever pages sees it.
struct Page {
  PageDecision decision = PageDecision::paged;
  std::uint64_t revision = 0;  ///< the last one that was looked at
  Microseconds since = 0;      ///< `updated` of the revision that made it a page
  Microseconds updated = 0;    ///< of the last one
  std::optional<Microseconds> ended = std::nullopt;  ///< it is critical and open no more
  std::string source;                                ///< of the last evidence
  bool unverified = false;
  std::string text;  ///< JSON: `labels`, `annotations`, `link`
};

/// Something that waits for a way out, or is given up.
struct PageDelivery {
  std::string way;   ///< the webhook's name, or the address of an Alertmanager
  std::string body;  ///< as it is sent
  Microseconds since = 0;
  std::uint32_t attempts = 0;
  std::string error;  ///< of the last attempt
};

[[nodiscard]] std::string encode(const Entry& entry);
[[nodiscard]] std::string encode(const StoredFindings& findings);
[[nodiscard]] std::string encode(const std::vector<detectors::ExposureCell>& cells);
[[nodiscard]] std::string encode(const std::vector<Case>& cases);
[[nodiscard]] std::string encode(const Quarantined& quarantined);
[[nodiscard]] std::string encode(const Page& page);
[[nodiscard]] std::string encode(const PageDelivery& delivery);

/// The inverses. A storage error for bytes that are damaged or of an unknown format.
[[nodiscard]] Status decode(std::string_view bytes, Entry* entry);
[[nodiscard]] Status decode(std::string_view bytes, StoredFindings* findings);
[[nodiscard]] Status decode(std::string_view bytes, std::vector<detectors::ExposureCell>* cells);
[[nodiscard]] Status decode(std::string_view bytes, std::vector<Case>* cases);
[[nodiscard]] Status decode(std::string_view bytes, Quarantined* quarantined);
[[nodiscard]] Status decode(std::string_view bytes, Page* page);
[[nodiscard]] Status decode(std::string_view bytes, PageDelivery* delivery);

}  // namespace ketavigil::engine
