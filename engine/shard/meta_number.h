// Numbers in the family `meta`: where a shard is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/store.h"

namespace ketavigil::engine {

/// The value of such a row.
[[nodiscard]] std::string number_bytes(std::int64_t number);
/// What the row says; nothing: there is none yet.
[[nodiscard]] Result<std::optional<std::int64_t>> meta_number(const storage::Store& store,
                                                              std::string_view key);

}  // namespace ketavigil::engine
