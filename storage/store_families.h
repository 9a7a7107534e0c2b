// Which families a store is opened with. Internal.
#pragma once

#include <rocksdb/db.h>

#include <string>
#include <vector>

#include "storage/families.h"
#include "storage/resources.h"

namespace ketavigil::storage {

using FamilyDescriptors = std::vector<rocksdb::ColumnFamilyDescriptor>;

/// All of ours, in the order of creation, and those on the disk that this version does not know,
/// which are left alone: a newer version may have been here, and may come back.
[[nodiscard]] FamilyDescriptors writer_families(const std::vector<std::string>& on_disk,
                                                const Resources& resources);

/// Those on the disk: a reader creates none.
[[nodiscard]] FamilyDescriptors reader_families(const std::vector<std::string>& on_disk,
                                                const Resources& resources);

}  // namespace ketavigil::storage
