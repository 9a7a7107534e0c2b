#include "engine/shard/meta_number.h"

#include "storage/keys.h"

namespace ketavigil::engine {

std::string number_bytes(std::int64_t number) { return storage::KeyBuilder().i64(number).key(); }

Result<std::optional<std::int64_t>> meta_number(const storage::Store& store, std::string_view key) {
  std::string bytes;
  bool found = false;
  KETAVIGIL_TRY(store.get(storage::Family::meta, key, &bytes, &found));
  return found ? std::optional(storage::KeyReader(bytes).i64()) : std::nullopt;
}

}  // namespace ketavigil::engine
