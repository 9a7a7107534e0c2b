// FHIR R4 as native events. A resource becomes the JSON text of EVENTS.md's wire format; whether
// that is understood and believed is decided afterwards by the one native decoder, so an unknown
// unit, an impossible value or a missing patient has one set of reasons whatever way it came in.
// Nothing is guessed and nothing of a followed resource is dropped: what is not understood is
// handed on as written, for the decoder to refuse. docs/formats/fhir.md has every rule.
//
// Pure functions: thread-safe as long as the context and the parsed document are not changed.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/decode/fhir/codes.h"

namespace ketavigil::ingest::fhir {

/// One native event: a JSON object on one line, by EVENTS.md's wire format.
struct FhirEvent {
  std::string json;
};

/// What one resource says. Either `events` or `not_followed` is filled, never both: each event is
/// one fact read, a resource without any is one resource not followed.
struct FhirReading {
  std::vector<FhirEvent> events;
  /// Type of the resource when nothing of it is followed; `Bundle.entry` for an entry without a
  /// resource, `unknown` for a type that is no name.
  std::string not_followed;
};

/// What a resource is read with.
struct FhirContext {
  /// The feed's name (`load --source NAME`). Empty: each resource's `meta.source` without its
  /// fragment, else `file`.
  std::string source;
  /// Codes that configuration adds to `known_codes()`; must outlive the calls.
  std::span<const ConfiguredCode> codes;
  /// Adds the minified resource as the field `fhir` of each of its events, so that what is
  /// quarantined is whole. It counts towards an event's size and depth.
  bool keep_resource = false;
  /// Another resource by reference (`Medication/1`, an absolute address, `urn:uuid:…`); may be
  /// empty. `read_bundle` answers from its Bundle first and asks this one then.
  std::function<std::optional<simdjson::dom::element>(std::string_view reference)> find;
};

/// Whether this is a resource: an object whose `resourceType` is a string.
[[nodiscard]] bool looks_like_fhir(const simdjson::dom::element& document);

/// Whether this is a Bundle, which `read_bundle` reads.
[[nodiscard]] bool is_bundle(const simdjson::dom::element& document);

/// Reads one resource. A Bundle is not followed here.
[[nodiscard]] FhirReading read_resource(const simdjson::dom::element& resource,
                                        const FhirContext& context);

/// Reads the entries of a Bundle of any type in their order, and calls `each` once an entry with
/// its index. The entries of a Bundle within a Bundle are told under the index of the outer entry;
/// a Bundle without entries is told once, not followed, with index 0 (or the outer entry's).
void read_bundle(const simdjson::dom::element& bundle, const FhirContext& context,
                 const std::function<void(std::size_t entry, FhirReading reading)>& each);

}  // namespace ketavigil::ingest::fhir
