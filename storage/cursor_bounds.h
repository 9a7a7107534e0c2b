// The bounds of a scan, at an address that does not move. Internal.
#pragma once

#include <rocksdb/slice.h>

#include <string>
#include <string_view>

#include "storage/cursor.h"

namespace ketavigil::storage {

struct Cursor::Bounds {
  Bounds(std::string_view from, std::string_view upper_bound)
      : lower_text(from), upper_text(upper_bound), lower(lower_text), upper(upper_text) {}
  Bounds(const Bounds&) = delete;
  Bounds& operator=(const Bounds&) = delete;

  const std::string lower_text;
  const std::string upper_text;
  const rocksdb::Slice lower;
  const rocksdb::Slice upper;
};

}  // namespace ketavigil::storage
