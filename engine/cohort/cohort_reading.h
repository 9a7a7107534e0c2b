// Questions about data lock points. Never writes.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "engine/cohort/cohort_shard.h"
#include "engine/cohort/tables.h"

namespace ketavigil::engine {

/// Thread-safety: one thread at a time.
class CohortReading {
 public:
  /// Opens the cohort's shard of a data directory beside whoever writes to it. A storage error that
  /// says where it is to be found if it is not here.
  static Result<std::unique_ptr<CohortReading>> open(const std::filesystem::path& directory);

  [[nodiscard]] Result<std::vector<LockPointState>> lock_points() const;
  /// The tables at a lock point. A usage error if there is no such, or shards are awaited.
  [[nodiscard]] Result<std::vector<Table>> tables_at(Microseconds lock_point) const;
  [[nodiscard]] const storage::Store& store() const { return *store_; }
  [[nodiscard]] int shards() const { return shards_; }

 private:
  CohortReading() = default;

  int shards_ = 1;
  std::unique_ptr<storage::Resources> resources_;
  std::unique_ptr<storage::Store> store_;
};

}  // namespace ketavigil::engine
