// Every RocksDB option that is not left to chance, with its reason (see options.cc). Internal.
#pragma once

#include <rocksdb/options.h>

#include <cstdint>

#include "storage/families.h"
#include "storage/resources.h"

namespace ketavigil::storage {

/// Of a store open for writing.
[[nodiscard]] rocksdb::DBOptions writer_options(const Resources& resources);

/// Of a reader beside a writer.
[[nodiscard]] rocksdb::DBOptions reader_options(const Resources& resources);

/// Of one of our families.
[[nodiscard]] rocksdb::ColumnFamilyOptions family_options(Family family,
                                                          const Resources& resources);

/// Of a family that this version does not know, and of RocksDB's own `default`, which is not used.
[[nodiscard]] rocksdb::ColumnFamilyOptions other_family_options(const Resources& resources);

/// The sum of the memtable sizes of all families of one store, before they are shared out.
[[nodiscard]] std::int64_t usual_memtable_bytes();

}  // namespace ketavigil::storage
