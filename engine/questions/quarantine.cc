#include "engine/questions/quarantine.h"

#include <algorithm>
#include <tuple>

#include "events/json_text.h"
#include "storage/keys.h"

namespace ketavigil::engine {

Result<std::vector<QuarantineRow>> quarantine_rows(const Reading& reading) {
  std::vector<QuarantineRow> rows;
  for (int shard = 0; shard < reading.shards(); ++shard) {
    auto cursor = reading.store(shard).scan(storage::Family::quarantine, "", "");
    for (; cursor.valid(); cursor.next()) {
      QuarantineRow row;
      row.shard = shard;
      row.key = cursor.key();
      storage::KeyReader key(cursor.key());
      key.text();
      row.source = key.text();
      row.fact = key.text();
      row.id = events::hexadecimal(key.raw(32)).substr(0, 16);
      if (!key.complete()) return Error{ErrorKind::storage, "a key is damaged. Run `ketavigil verify`"};
      KETAVIGIL_TRY(decode(cursor.value(), &row.entry));
      rows.push_back(std::move(row));
    }
    KETAVIGIL_TRY(cursor.status());
  }
  std::sort(rows.begin(), rows.end(), [](const QuarantineRow& a, const QuarantineRow& b) {
    return std::tie(a.entry.received, a.id) < std::tie(b.entry.received, b.id);
  });
  return rows;
}

}  // namespace ketavigil::engine
