// Which families a store is opened with. Internal.
#pragma once

#include <rocksdb/db.h>

#include <string>
#include <vector>

#include "storage/families.h"
#include "storage/resources.h"

namespace ketavigil::storage {

using FamilyDescriptors = std::vector<rocksdb::ColumnFamilyDescriptor>;

/// Those on the disk. What this version does not know is left alone: a newer version may have been
/// here, and may come back.
[[nodiscard]] FamilyDescriptors known_families(const std::vector<std::string>& on_disk,
                                               const Resources& resources);

/// Those of ours that are not on the disk, in the order of creation: only a writer creates them.
[[nodiscard]] FamilyDescriptors missing_families(const std::vector<std::string>& on_disk,
                                                 const Resources& resources);

}  // namespace ketavigil::storage
