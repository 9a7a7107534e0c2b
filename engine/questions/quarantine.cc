#include "engine/questions/quarantine.h"

#include <algorithm>
#include <tuple>

#include "events/json_text.h"
#include "storage/keys.h"

namespace ketavigil::engine {
namespace {

Result<bool> is_answered(const Reading& reading, const QuarantineRow& row) {
  const std::string patient = rows::patient_of(row.key).value_or("");
  if (patient.empty()) return false;
  events::Decoder decoder(reading.configured().settings.decode);
  auto decoded = decoder.decode(row.entry.bytes, row.entry.default_source, row.entry.received);
  std::vector<events::Fact> one;
  if (auto* fact = std::get_if<events::Fact>(&decoded)) {
    one.push_back(std::move(*fact));
  } else if (auto& readable = std::get<events::Rejection>(decoded).readable) {
    one.push_back(std::move(*readable));
  }
  if (one.empty()) return false;
  KETAVIGIL_TRY_ASSIGN(const auto known, reading.record(patient));
  drop_answered(known.record, &one);
  return one.empty();
}

}  // namespace

Result<std::vector<QuarantineRow>> quarantine_rows(const Reading& reading) {
  std::vector<QuarantineRow> out;
  for (const int shard : reading.held()) {
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
      if (!key.complete())
        return Error{ErrorKind::storage, "a key is damaged. Run `ketavigil verify`"};
      KETAVIGIL_TRY(decode(cursor.value(), &row.entry));
      KETAVIGIL_TRY_ASSIGN(row.answered, is_answered(reading, row));
      out.push_back(std::move(row));
    }
    KETAVIGIL_TRY(cursor.status());
  }
  std::sort(out.begin(), out.end(), [](const QuarantineRow& a, const QuarantineRow& b) {
    return std::tie(a.entry.received, a.id) < std::tie(b.entry.received, b.id);
  });
  return out;
}

}  // namespace ketavigil::engine
