#include "storage/store_families.h"

#include <algorithm>

#include "storage/options.h"

namespace ketavigil::storage {
namespace {

rocksdb::ColumnFamilyDescriptor describe(const std::string& name, const Resources& resources) {
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    if (name == kFamilyNames[i]) {
      return {name, family_options(static_cast<Family>(i), resources)};
    }
  }
  return {name, other_family_options(resources)};
}

}  // namespace

FamilyDescriptors known_families(const std::vector<std::string>& on_disk,
                                 const Resources& resources) {
  FamilyDescriptors families;
  for (const std::string& name : on_disk) families.push_back(describe(name, resources));
  return families;
}

FamilyDescriptors missing_families(const std::vector<std::string>& on_disk,
                                   const Resources& resources) {
  FamilyDescriptors families;
  for (const std::string_view name : kFamilyNames) {
    if (std::find(on_disk.begin(), on_disk.end(), name) == on_disk.end())
      families.push_back(describe(std::string(name), resources));
  }
  return families;
}

}  // namespace ketavigil::storage
