// RocksDB's statuses as ours. Internal.
#pragma once

#include <rocksdb/status.h>

#include <string>

#include "events/result.h"

namespace ketavigil::storage {

/// Success, or a storage failure "`what`: " and RocksDB's words (which hold no keys: options.cc).
[[nodiscard]] inline Status storage_status(const std::string& what, const rocksdb::Status& status) {
  if (status.ok()) return {};
  return Status::failure(ErrorKind::storage, what + ": " + status.ToString());
}

}  // namespace ketavigil::storage
