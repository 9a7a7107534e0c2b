// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78, RFC 3720 appendix B.4): the checksum of the
// witness, and of the records in RocksDB's log files. Pure; uses the processor's instruction where
// there is one.
#pragma once

#include <cstdint>
#include <string_view>

namespace ketavigil::storage {

/// The checksum of what `crc` is the checksum of, followed by `bytes`. 0 to begin.
[[nodiscard]] std::uint32_t crc32c_extend(std::uint32_t crc, std::string_view bytes);

[[nodiscard]] inline std::uint32_t crc32c(std::string_view bytes) {
  return crc32c_extend(0, bytes);
}

}  // namespace ketavigil::storage
