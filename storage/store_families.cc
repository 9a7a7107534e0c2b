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

FamilyDescriptors writer_families(const std::vector<std::string>& on_disk,
                                  const Resources& resources) {
  std::vector<std::string> names = {rocksdb::kDefaultColumnFamilyName};
  names.insert(names.end(), kFamilyNames.begin(), kFamilyNames.end());
  for (const std::string& name : on_disk) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  FamilyDescriptors families;
  for (const std::string& name : names) families.push_back(describe(name, resources));
  return families;
}

FamilyDescriptors reader_families(const std::vector<std::string>& on_disk,
                                  const Resources& resources) {
  FamilyDescriptors families;
  for (const std::string& name : on_disk) families.push_back(describe(name, resources));
  return families;
}

}  // namespace ketavigil::storage
