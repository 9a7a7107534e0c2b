// The native decoder: no input crashes it, and what it accepts it prints, reads and digests the
// same again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "events/decode.h"
#include "events/stored.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace events = ketavigil::events;
  static const events::DecodeSettings settings;
  static events::Decoder decoder(settings);
  const auto decoded =
      decoder.decode(std::string_view(reinterpret_cast<const char*>(data), size), "file");
  const auto* fact = std::get_if<events::Fact>(&decoded);
  if (fact == nullptr) {
    if (std::get<events::Rejection>(decoded).reason.empty()) std::abort();
    return 0;
  }
  const events::Variant variant{*fact, events::digest_of(*fact)};
  const auto again = decoder.decode(events::print(*fact), "file");
  const auto* same = std::get_if<events::Fact>(&again);
  if (same == nullptr || events::digest_of(*same) != variant.digest) std::abort();
  const auto stored = events::decode_variants(events::encode_variants({&variant}), fact->patient,
                                              fact->source, fact->id, fact->version);
  if (!stored.ok() || events::print(stored.value().front().fact) != events::print(*fact))
    std::abort();
  return 0;
}
