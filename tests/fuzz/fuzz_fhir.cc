// FHIR: no resource crashes the reader, and an entry is either followed or not.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "ingest/decode/entries.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ketavigil;
  static const events::DecodeSettings settings;
  static const ingest::EntrySettings entries;
  static ingest::EntryReader reader(settings, entries);
  ingest::DecodedBlock block;
  reader.read_document(std::string_view(reinterpret_cast<const char*>(data), size), &block);
  if (block.entries.empty()) std::abort();
  for (const auto& entry : block.entries) {
    const auto* rejection = std::get_if<events::Rejection>(&entry.decoded);
    const bool followed = entry.not_followed.empty();
    if (followed && rejection != nullptr && rejection->reason.empty()) std::abort();
  }
  return 0;
}
