// The witness: a small file beside the store that says what the store must still hold. It is
// written after the store's log is on the disk, and read before the store is believed.
// Format: docs/formats/storage.md, "The witness".
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "events/result.h"

namespace ketavigil::storage {

/// What was known when something was last acknowledged.
struct WitnessRecord {
  std::uint64_t generation = 0;  ///< counts the records written; the greater of two slots is newer
  std::uint64_t position = 0;    ///< the last acknowledged log position
  /// RocksDB's MANIFEST at that time: its number and how many of its bytes were on the disk.
  /// 0, 0: not known (a new store, a checkpoint).
  std::uint64_t manifest_number = 0;
  std::uint64_t manifest_bytes = 0;
};

/// The witness file, open for writing. Two slots are written in turn, in place, so that a write
/// torn by a power loss never harms the record before it. Not thread-safe; movable.
class Witness {
 public:
  /// A new file with `first` in it, complete on the disk when this returns: written under
  /// another name and renamed, replacing what is there.
  static Result<Witness> create(const std::filesystem::path& path, const WitnessRecord& first);
  /// An existing one. Refuses a file of the wrong length or without one whole slot.
  static Result<Witness> open(const std::filesystem::path& path);
  /// Reads without opening for writing; nothing if there is no such file.
  static Result<std::optional<WitnessRecord>> read(const std::filesystem::path& path);

  Witness(Witness&& other) noexcept;
  Witness& operator=(Witness&& other) noexcept;
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  ~Witness();

  /// Writes `record` (its generation is set here) into the older slot and syncs: one pwrite, one
  /// fdatasync. After a failure the previous record still holds.
  Status record(WitnessRecord record);
  [[nodiscard]] const WitnessRecord& current() const { return current_; }

 private:
  Witness(int descriptor, int older_slot, const WitnessRecord& current)
      : descriptor_(descriptor), older_slot_(older_slot), current_(current) {}

  int descriptor_ = -1;
  int older_slot_ = 0;
  WitnessRecord current_;
};

}  // namespace ketavigil::storage
