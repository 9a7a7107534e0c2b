#include "engine/questions/patient_blocks.h"

#include <algorithm>
#include <functional>
#include <limits>

namespace ketavigil::engine {
namespace {

constexpr std::uint64_t hashes = 5;

// Two halves of one hash give as many as are needed (Kirsch and Mitzenmacher 2006).
std::uint64_t bit_of(std::uint64_t hash, std::uint64_t i, std::uint64_t bits) {
  const std::uint64_t low = hash & 0xFFFFFFFF;
  const std::uint64_t high = (hash >> 32) | 1;
  return (low + i * high) % bits;
}

}  // namespace

PatientBlocks::Block& PatientBlocks::block_of(std::uint64_t position) {
  extend(position);
  const auto number = static_cast<std::size_t>(position / entries_a_block);
  if (blocks_.size() <= number) blocks_.resize(number + 1);
  return blocks_[number];
}

void PatientBlocks::add(std::uint64_t position, std::string_view patient) {
  Block& block = block_of(position);
  const std::uint64_t hash = std::hash<std::string_view>{}(patient);
  for (std::uint64_t i = 0; i < hashes; ++i) {
    const std::uint64_t bit = bit_of(hash, i, bits_a_block);
    block.bits[bit / 64] |= std::uint64_t{1} << (bit % 64);
  }
}

void PatientBlocks::add_for_all(std::uint64_t position) { block_of(position).for_all = true; }

void PatientBlocks::extend(std::uint64_t position) { until_ = std::max(until_, position); }

std::vector<LogRange> PatientBlocks::ranges_of(std::string_view patient) const {
  const std::uint64_t hash = std::hash<std::string_view>{}(patient);
  std::vector<LogRange> ranges;
  for (std::size_t number = 0; number < blocks_.size(); ++number) {
    const Block& block = blocks_[number];
    bool may = true;
    for (std::uint64_t i = 0; may && i < hashes; ++i) {
      const std::uint64_t bit = bit_of(hash, i, bits_a_block);
      may = (block.bits[bit / 64] >> (bit % 64) & 1) != 0;
    }
    if (!may && !block.for_all) continue;
    const std::uint64_t first = number * entries_a_block;
    const std::uint64_t last = std::min(first + entries_a_block - 1, until_);
    if (!ranges.empty() && ranges.back().last + 1 == first) {
      ranges.back().last = last;
    } else {
      ranges.push_back({first, last});
    }
  }
  ranges.push_back({until_ + 1, std::numeric_limits<std::uint64_t>::max()});
  return ranges;
}

}  // namespace ketavigil::engine
