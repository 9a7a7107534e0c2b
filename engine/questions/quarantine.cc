#include "engine/questions/quarantine.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "events/json_text.h"
#include "storage/keys.h"

namespace ketavigil::engine {
namespace {

// Whether its fact was accepted meanwhile, in the same or a greater version (as `drop_answered`).
Result<bool> is_answered(const Reading& reading, int shard, events::Decoder* decoder,
                         const QuarantineRow& row) {
  if (rows::patient_of(row.key).value_or("").empty()) return false;
  const auto decoded =
      decoder->decode(row.entry.bytes, row.entry.default_source, row.entry.received);
  const auto* fact = std::get_if<events::Fact>(&decoded);
  if (fact == nullptr) {
    const auto& readable = std::get<events::Rejection>(decoded).readable;
    if (!readable) return false;
    fact = &*readable;
  }
  const auto key = [&](std::int64_t version) {
    return rows::fact(fact->patient, fact->source, fact->id, version);
  };
  const auto accepted = reading.store(shard).scan(
      storage::Family::facts, key(fact->version),
      storage::prefix_end(key(std::numeric_limits<std::int64_t>::max())), reading.snapshot(shard));
  if (accepted.valid()) return true;
  KETAVIGIL_TRY(accepted.status());
  return false;
}

}  // namespace

std::string quarantine_json(const QuarantineRow& row) {
  std::string out = "{\"id\":";
  events::append_json_string(&out, row.id);
  const auto append_text = [&](std::string_view key, std::string_view text) {
    out += ",\"";
    out += key;
    out += "\":";
    events::append_json_string(&out, text);
  };
  append_text("reason", row.entry.reason);
  append_text("field", row.entry.field);
  append_text("expected", row.entry.expected);
  append_text("received", events::print_utc(row.entry.received));
  out += row.entry.discarded ? ",\"discarded\":true" : ",\"discarded\":false";
  out += row.answered ? ",\"answered\":true" : ",\"answered\":false";
  if (!row.source.empty()) {
    append_text("source", row.source);
    append_text("fact", row.fact);
  }
  return out + '}';
}

Result<std::vector<QuarantineRow>> quarantine_rows(const Reading& reading) {
  std::vector<QuarantineRow> out;
  events::Decoder decoder(reading.configured().settings.decode);
  for (const int shard : reading.held()) {
    auto cursor =
        reading.store(shard).scan(storage::Family::quarantine, "", "", reading.snapshot(shard));
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
      KETAVIGIL_TRY_ASSIGN(row.answered, is_answered(reading, shard, &decoder, row));
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
