// From the bytes of one line or document to the events in it, native or FHIR.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "events/decode.h"
#include "ingest/decode/fhir/resource.h"

namespace ketavigil::ingest {

/// One entry read: an event, or a resource that is not followed.
struct DecodedEntry {
  std::string_view bytes;  ///< the event as it goes to the log; of a FHIR resource its native form
  std::string default_source;  ///< of a native event that names none
  events::Decoded decoded;
  events::Digest digest;     ///< of a fact
  std::string not_followed;  ///< resource type; then there is no event
};

/// What the entries of a block need to stay valid: the block itself and the texts made of it.
struct DecodedBlock {
  std::shared_ptr<const std::string> bytes;
  std::vector<std::shared_ptr<const std::string>> made;
  std::vector<DecodedEntry> entries;
};

/// How entries are read.
struct EntrySettings {
  std::string source;  ///< `load --source NAME`; empty: the resource's `meta.source`, else …
  std::string source_when_none = "file";  ///< … this; empty: an event that names none lacks it
};

/// Reads entries. One for each thread; not thread-safe itself. `decode` must outlive it.
class EntryReader {
 public:
  EntryReader(const events::DecodeSettings& decode, const EntrySettings& settings);

  /// Another source of what is read from now on that names none; empty: as the settings say.
  void use_source(std::string source) { source_ = std::move(source); }
  /// Reads one line: a native event or a FHIR resource (a Bundle counts each of its entries).
  void read(std::string_view line, DecodedBlock* block);
  /// Reads a document that may be longer than an event: a FHIR Bundle, pretty-printed or not.
  void read_document(std::string_view document, DecodedBlock* block);

 private:
  void read_within(std::string_view bytes, std::size_t bytes_max, DecodedBlock* block);
  void take_native(std::string_view bytes, events::Decoded decoded, DecodedBlock* block) const;
  void take_fhir(fhir::FhirReading reading, DecodedBlock* block);

  [[nodiscard]] const std::string& default_source() const {
    return source_.empty() ? settings_.source_when_none : source_;
  }

  const EntrySettings settings_;
  std::string source_;
  events::Decoder documents_;
  events::Decoder events_;  // of what FHIR became, while the document is still in use
};

}  // namespace ketavigil::ingest
