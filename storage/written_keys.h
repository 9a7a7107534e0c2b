// Which keys were written lately, for whoever keeps in memory what follows from a store and wants
// to look again only at what changed.
#pragma once

#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "storage/families.h"

namespace ketavigil::storage {

/// Keys of some families, collected by a store from each batch once it is written. Thread-safe.
class WrittenKeys {
 public:
  /// Beyond `keys_max` none is kept: `Taken::lost` tells, and everything has to be looked at.
  WrittenKeys(std::vector<Family> families, std::size_t keys_max)
      : families_(std::move(families)), keys_max_(keys_max) {}

  struct Taken {
    std::set<std::string> keys;  ///< put or erased, of all families
    bool lost = false;           ///< there were more
  };
  /// What was written since this was called last. Reading the store afterwards shows at least that.
  [[nodiscard]] Taken take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(kept_, {});
  }

  [[nodiscard]] bool concerns(Family family) const {
    for (const Family one : families_) {
      if (one == family) return true;
    }
    return false;
  }

 private:
  friend class Store;
  void note(std::string_view key) {
    const std::lock_guard lock(mutex_);
    if (kept_.lost) return;
    kept_.keys.emplace(key);
    if (kept_.keys.size() <= keys_max_) return;
    kept_.keys.clear();
    kept_.lost = true;
  }

  const std::vector<Family> families_;
  const std::size_t keys_max_;
  std::mutex mutex_;
  Taken kept_;  // guarded by `mutex_`
};

}  // namespace ketavigil::storage
