#include "engine/shard/ways_out.h"

#include "engine/shard/rows.h"
#include "storage/keys.h"

namespace ketavigil::engine {
namespace {

using storage::Family;

// No further row is read after so many bytes of what they tell.
constexpr std::size_t step_bytes = std::size_t{8} << 20;

constexpr char mark_of(WayOut::Kind kind) {
  switch (kind) {
    case WayOut::Kind::revision:
      return 'r';
    case WayOut::Kind::quarantined:
      return 'q';
    case WayOut::Kind::account:
      return 'l';
  }
  return '?';
}

Status damaged() {
  return Status::failure(ErrorKind::storage,
                         "a key of family `ways_out` is damaged. Run `ketavigil verify`");
}

// Of the key of a revision in `history`.
bool read_revision_key(std::string_view key, WayOut* out) {
  storage::KeyReader reader(key);
  reader.text();  // patient
  reader.raw(1);
  reader.text();  // detector
  out->case_name = reader.text();
  out->revision = reader.u64();
  return reader.complete();
}

Status read_one(const storage::Store& store, std::string_view row, WayOut* out, bool* found) {
  storage::KeyReader reader(row);
  reader.u64();
  const std::string_view mark = reader.raw(1);
  const std::string_view key = reader.rest();
  if (!reader.ok()) return damaged();
  out->row = row;
  if (mark[0] == mark_of(WayOut::Kind::revision)) {
    out->kind = WayOut::Kind::revision;
    if (!read_revision_key(key, out)) return damaged();
    return store.get(Family::history, key, &out->text, found);
  }
  std::string bytes;
  if (mark[0] == mark_of(WayOut::Kind::account)) {
    out->kind = WayOut::Kind::account;
    KETAVIGIL_TRY(store.get(Family::locks, key, &bytes, found));
    return *found ? decode(bytes, &out->account) : Status();
  }
  out->kind = WayOut::Kind::quarantined;
  out->patient = rows::patient_of(key).value_or("");
  KETAVIGIL_TRY(store.get(Family::quarantine, key, &bytes, found));
  return *found ? decode(bytes, &out->quarantined) : Status();
}

}  // namespace

void put_way_out(storage::Batch* batch, std::uint64_t position, WayOut::Kind kind,
                 std::string_view key) {
  batch->put(Family::ways_out,
             storage::KeyBuilder().u64(position).raw(std::string(1, mark_of(kind))).raw(key).key(),
             "");
}

Status read_ways_out(const storage::Store& store, const std::string& after, std::uint64_t position,
                     std::size_t rows_max, std::vector<WayOut>* ways_out,
                     std::vector<std::string>* rows) {
  const std::string from = after.empty() ? "" : after + std::string(1, '\0');
  auto cursor = store.scan(Family::ways_out, from, storage::encode_u64(position + 1));
  std::size_t bytes = 0;
  for (; cursor.valid() && rows->size() < rows_max && bytes < step_bytes; cursor.next()) {
    rows->emplace_back(cursor.key());
    WayOut one;
    bool found = false;
    KETAVIGIL_TRY(read_one(store, cursor.key(), &one, &found));
    bytes += one.text.size() + one.quarantined.bytes.size();
    if (found) ways_out->push_back(std::move(one));
  }
  return cursor.status();
}

}  // namespace ketavigil::engine
