// Which shard has a patient: as Kafka's Java client partitions by key.
#pragma once

#include <cstdint>
#include <string_view>

namespace ketavigil::events {

/// murmur2 with Kafka's seed, of the bytes as they are. Source: Apache Kafka, Utils.murmur2 (public
/// description and vectors; A. Appleby's MurmurHash2 is in the public domain).
[[nodiscard]] std::uint32_t murmur2(std::string_view bytes);

/// The partition of a key: (murmur2 & 0x7fffffff) modulo `partitions` (≥ 1).
[[nodiscard]] inline int partition_of(std::string_view key, int partitions) {
  return static_cast<int>((murmur2(key) & 0x7fffffffU) % static_cast<std::uint32_t>(partitions));
}

}  // namespace ketavigil::events
