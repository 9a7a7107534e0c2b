// What the tests of the FHIR reader share: small resources written with ' for ", and what the
// native decoder says of the events that come out.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/decode.h"
#include "ingest/decode/fhir/resource.h"

namespace ketavigil::ingest::fhir::test {

/// Replaces ' by ".
std::string double_quoted(std::string_view text);

/// `base`, an object in '-notation, with further members: `with(bp, "'status':'amended'")`. A
/// member that is there already is replaced. Null takes one away.
std::string with(std::string_view base, std::string_view members);

/// What the native decoder makes of one event.
struct Judged {
  std::optional<events::Fact> fact;
  std::string reason;  ///< empty when accepted
  std::string field;
};
Judged judge(const std::string& event);

/// One resource, read and judged.
struct Read {
  std::vector<std::string> events;
  std::vector<Judged> judged;
  std::string not_followed;

  /// The only event; a failure of the test if there is not exactly one.
  [[nodiscard]] std::string event() const;
  [[nodiscard]] Judged only() const;
  /// `reason field` of the only event, or `accepted`, or `not_followed TYPE`.
  [[nodiscard]] std::string verdict() const;
};
Read read(std::string_view resource, const FhirContext& context = {});

/// The entries of a Bundle in the order told, each with its index.
struct ReadEntry {
  std::size_t entry = 0;
  FhirReading reading;
};
std::vector<ReadEntry> read_entries(std::string_view bundle, const FhirContext& context = {});

/// `"key":value` as it stands in the event's JSON, '-notation; "" if the key is not there.
std::string member_of(const std::string& event, std::string_view key);

/// An unremarkable blood-pressure panel of 148/91 mm[Hg].
extern const std::string pressure_panel;
/// An unremarkable Observation without code and value: to be completed by `with`.
extern const std::string observation;
/// An unremarkable esketamine session of 84 mg.
extern const std::string administration;

}  // namespace ketavigil::ingest::fhir::test
