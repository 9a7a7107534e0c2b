#include "ingest/decode/entries.h"

#include <simdjson.h>

#include <utility>

namespace ketavigil::ingest {
namespace {

// A Bundle of a patient's whole history is some megabytes; 256 MiB bounds what one file can ask
// for.
constexpr std::size_t document_bytes_max = std::size_t{256} << 20;

}  // namespace

EntryReader::EntryReader(const events::DecodeSettings& decode, const EntrySettings& settings)
    : settings_(settings), source_(settings.source), documents_(decode), events_(decode) {}

void EntryReader::read(std::string_view line, DecodedBlock* block) {
  read_within(line, events::event_bytes_max, block);
}

void EntryReader::read_document(std::string_view document, DecodedBlock* block) {
  read_within(document, document_bytes_max, block);
}

void EntryReader::read_within(std::string_view bytes, std::size_t bytes_max, DecodedBlock* block) {
  auto parsed = documents_.parse(bytes, bytes_max);
  if (auto* rejection = std::get_if<events::Rejection>(&parsed)) {
    return take_native(bytes, std::move(*rejection), block);
  }
  const auto& document = std::get<simdjson::dom::element>(parsed);
  fhir::FhirContext context;
  context.source = source_;
  context.keep_resource = true;
  if (fhir::is_bundle(document)) {
    fhir::read_bundle(document, context, [&](std::size_t, fhir::FhirReading reading) {
      take_fhir(std::move(reading), block);
    });
  } else if (fhir::looks_like_fhir(document)) {
    take_fhir(fhir::read_resource(document, context), block);
  } else {
    take_native(bytes, documents_.decode(document, default_source(), std::nullopt), block);
  }
}

void EntryReader::take_native(std::string_view bytes, events::Decoded decoded,
                              DecodedBlock* block) const {
  DecodedEntry entry;
  entry.bytes = bytes;
  entry.default_source = default_source();
  entry.decoded = std::move(decoded);
  if (const auto* fact = std::get_if<events::Fact>(&entry.decoded))
    entry.digest = events::digest_of(*fact);
  block->entries.push_back(std::move(entry));
}

void EntryReader::take_fhir(fhir::FhirReading reading, DecodedBlock* block) {
  if (reading.events.empty()) {
    DecodedEntry entry;
    entry.decoded = events::Rejection{};
    entry.not_followed = std::move(reading.not_followed);
    block->entries.push_back(std::move(entry));
    return;
  }
  for (fhir::FhirEvent& event : reading.events) {
    block->made.push_back(std::make_shared<const std::string>(std::move(event.json)));
    const std::string& json = *block->made.back();
    take_native(json, events_.decode(json, default_source()), block);
  }
}

}  // namespace ketavigil::ingest
