// What one atomic write holds.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "storage/families.h"

namespace rocksdb {
class WriteBatch;
}

namespace ketavigil::storage {

class Store;

/// No batch may be larger: `Store::write` refuses it. Far above any pass, and twice as much (the
/// batch, and its rows in memtables) still fits a process bounded to 1 GiB.
inline constexpr std::int64_t kMaxBatchBytes = std::int64_t{128} << 20;

/// Puts and erasures, in order (of one key the last counts), for the store it was made for, which
/// must outlive it. Movable. Not thread-safe; different batches may be filled in different threads.
class Batch {
 public:
  explicit Batch(const Store& store);
  Batch(Batch&&) noexcept;
  Batch& operator=(Batch&&) noexcept;
  ~Batch();

  void put(Family family, std::string_view key, std::string_view value);
  void erase(Family family, std::string_view key);

  [[nodiscard]] std::int64_t size() const;   ///< number of puts and erasures
  [[nodiscard]] std::int64_t bytes() const;  ///< as it goes to the log
  [[nodiscard]] bool empty() const { return size() == 0; }
  void clear();  ///< keeps its memory

 private:
  friend class Store;

  const Store* store_;
  std::unique_ptr<rocksdb::WriteBatch> batch_;
  std::optional<std::uint64_t> position_;  ///< the last one put under kPositionKey
};

}  // namespace ketavigil::storage
