// What every fact says beside its kind (EVENTS.md, Every fact), read from a resource: whose it is,
// which version, when. And the writing of the event around it.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

#include "ingest/decode/fhir/resource.h"

namespace ketavigil::ingest::fhir {

/// The common fields of a resource's events. Empty strings are left out of the event, and then the
/// native decoder says what is missing.
struct Envelope {
  std::string source;
  std::string id;  ///< `type/id`, else the first identifier as `system|value`
  std::string patient;
  std::string version;    ///< JSON number
  std::string status;     ///< the wire format's, or as written if it is none of FHIR's
  std::string effective;  ///< JSON value as written
  std::string recorded;   ///< JSON value as written
  std::string session;    ///< `MedicationAdministration/id` that the resource says it is part of
  bool retraction = false;
};

/// Reads them; `type` is the resource's type.
[[nodiscard]] Envelope envelope_of(const simdjson::dom::element& resource, std::string_view type,
                                   const FhirContext& context);

/// A reference's `Type/id` parts: the last two of its path without a version; `urn:` names have no
/// type. Both empty if there is nothing to read.
struct Target {
  std::string_view type;
  std::string_view id;
};
[[nodiscard]] Target target_of(std::string_view reference);

/// The contained resource that `#id` names.
[[nodiscard]] std::optional<simdjson::dom::element> contained(
    const simdjson::dom::element& resource, std::string_view reference);

/// Writes one event. Fields stand in the order of the calls.
class EventText {
 public:
  /// Begins with the common fields. `suffix` is added to the id; `kind` is left out of retractions,
  /// and so is what they do not say.
  EventText(const Envelope& envelope, std::string_view suffix, std::string_view kind);

  void text(std::string_view key, std::string_view value);
  void json(std::string_view key, std::string_view value);

  /// The event; with the resource as the field `fhir` if the context asks for it.
  [[nodiscard]] FhirEvent finish(const simdjson::dom::element& resource,
                                 const FhirContext& context) &&;

 private:
  std::string out_;
};

}  // namespace ketavigil::ingest::fhir
