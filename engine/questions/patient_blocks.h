// Where in a log a patient may be: a filter a block of entries, so that nobody has to read a whole
// log for one patient.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/shard/patient_replay.h"

namespace ketavigil::engine {

/// A Bloom filter for each 1,024 entries: 12 bits an entry, wrong for about 4 blocks of 1,000 where
/// a patient is not, never where one is. Not thread-safe.
class PatientBlocks {
 public:
  /// Positions ascend.
  void add(std::uint64_t position, std::string_view patient);
  /// An entry that concerns everybody.
  void add_for_all(std::uint64_t position);
  /// Positions were looked at up to here.
  void extend(std::uint64_t position);
  /// What has to be read for a patient, ascending; the last range has no end.
  [[nodiscard]] std::vector<LogRange> ranges_of(std::string_view patient) const;

 private:
  static constexpr std::uint64_t entries_a_block = 1024;
  static constexpr std::size_t bits_a_block = 12 * entries_a_block;
  struct Block {
    std::array<std::uint64_t, bits_a_block / 64> bits{};
    bool for_all = false;
  };
  Block& block_of(std::uint64_t position);

  std::vector<Block> blocks_;
  std::uint64_t until_ = 0;
};

}  // namespace ketavigil::engine
