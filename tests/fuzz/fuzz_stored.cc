// Stored values: damaged bytes give an error or a value, never a crash.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/shard/codec.h"
#include "events/stored.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ketavigil;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static_cast<void>(events::decode_variants(bytes, "p", "s", "i", 1));
  engine::Entry entry;
  engine::StoredFindings findings;
  std::vector<detectors::ExposureCell> cells;
  std::vector<engine::Case> cases;
  engine::Quarantined quarantined;
  static_cast<void>(engine::decode(bytes, &entry));
  static_cast<void>(engine::decode(bytes, &findings));
  static_cast<void>(engine::decode(bytes, &cells));
  static_cast<void>(engine::decode(bytes, &cases));
  static_cast<void>(engine::decode(bytes, &quarantined));
  return 0;
}
