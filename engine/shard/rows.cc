#include "engine/shard/rows.h"

#include <algorithm>

#include "events/json_text.h"
#include "events/stored.h"
#include "storage/keys.h"

namespace ketavigil::engine {
namespace rows {

using storage::KeyBuilder;

std::string fact(std::string_view patient, std::string_view source, std::string_view id,
                 std::int64_t version) {
  return KeyBuilder().text(patient).text(source).text(id).i64(version).key();
}

std::string further_variant(std::string_view fact_key, const events::Digest& digest) {
  return KeyBuilder().raw(fact_key).raw(digest).key();
}

std::string quarantined(const events::Rejection& rejection, std::string_view bytes) {
  KeyBuilder key;
  if (rejection.readable) {
    key.text(rejection.readable->patient)
        .text(rejection.readable->source)
        .text(rejection.readable->id);
  } else {
    key.text("").text("").text("");
  }
  return key.raw(events::sha256(bytes)).key();
}

std::string of_patient(std::string_view patient) { return KeyBuilder().text(patient).key(); }

std::string cases(std::string_view patient) { return KeyBuilder().text(patient).raw("c").key(); }

std::string revision(std::string_view patient, const Revision& revision) {
  return KeyBuilder()
      .text(patient)
      .raw("r")
      .text(revision.detector)
      .text(revision.case_name)
      .u64(revision.number)
      .key();
}

std::string revisions(std::string_view patient) {
  return KeyBuilder().text(patient).raw("r").key();
}

std::string deadline(Microseconds due, std::string_view patient) {
  return KeyBuilder().i64(due).text(patient).key();
}

std::string lock_point(Microseconds moment) { return KeyBuilder().i64(moment).key(); }

std::string heartbeat(std::string_view source, Microseconds effective) {
  return KeyBuilder().raw("heartbeat ").text(source).i64(effective).key();
}

std::string mark(std::string_view name) { return "mark " + std::string(name); }

std::optional<std::string> patient_of(std::string_view key) {
  storage::KeyReader reader(key);
  const std::string_view patient = reader.text();
  return reader.ok() ? std::optional<std::string>(patient) : std::nullopt;
}

}  // namespace rows

namespace {

// Calls `take(key, value)` for the rows with this prefix, those of the overlay instead of the
// store's.
template <typename Take>
Status scan_over(const storage::Store& store, storage::Family family, const std::string& prefix,
                 const PendingRows* overlay, const storage::Snapshot* snapshot, Take take) {
  const std::string end = storage::prefix_end(prefix);
  auto over = overlay == nullptr ? PendingRows::const_iterator() : overlay->lower_bound(prefix);
  const auto over_valid = [&] {
    return overlay != nullptr && over != overlay->end() && over->first < end;
  };
  auto cursor = store.scan(family, prefix, end, snapshot);
  for (; cursor.valid(); cursor.next()) {
    for (; over_valid() && over->first.compare(cursor.key()) < 0; ++over)
      KETAVIGIL_TRY(take(over->first, over->second));
    if (over_valid() && over->first == cursor.key()) {
      KETAVIGIL_TRY(take(over->first, over->second));
      ++over;
    } else {
      KETAVIGIL_TRY(take(cursor.key(), cursor.value()));
    }
  }
  KETAVIGIL_TRY(cursor.status());
  for (; over_valid(); ++over) KETAVIGIL_TRY(take(over->first, over->second));
  return {};
}

Status damaged_key(std::string_view family) {
  return Status::failure(ErrorKind::storage, "a key of family `" + std::string(family) +
                                                 "` is damaged. Run `ketavigil verify`");
}

Status take_fact(std::string_view key, std::string_view value, Record* record, bool* grew_only) {
  storage::KeyReader reader(key);
  reader.text();
  const std::string_view source = reader.text();
  const std::string_view id = reader.text();
  const std::int64_t version = reader.i64();
  const std::size_t digest_bytes = reader.rest().size();
  if (!reader.ok() || (digest_bytes != 0 && digest_bytes != events::digest_bytes))
    return damaged_key("facts");
  auto variants = events::decode_variants(value, record->patient, source, id, version);
  if (!variants.ok()) return variants.status();
  for (auto& variant : variants.value()) {
    if (!record->variants.put(std::move(variant))) *grew_only = false;
  }
  return {};
}

Status take_quarantined(std::string_view value, events::Decoder* decoder,
                        std::vector<events::Fact>* out) {
  Quarantined entry;
  KETAVIGIL_TRY(decode(value, &entry));
  if (entry.discarded) return {};
  auto decoded = decoder->decode(entry.bytes, entry.default_source, entry.received);
  if (auto* rejection = std::get_if<events::Rejection>(&decoded);
      rejection != nullptr && rejection->readable) {
    out->push_back(std::move(*rejection->readable));
  } else if (auto* fact = std::get_if<events::Fact>(&decoded);
             fact != nullptr && !fact->is_retraction()) {
    // Only the sender's clock was wrong, or the configuration has learnt to read it: until a person
    // retries it, it stays what it was.
    out->push_back(std::move(*fact));
  }
  return {};
}

}  // namespace

Result<KnownPatient> read_patient(const storage::Store& store, std::string_view patient,
                                  events::Decoder* decoder, const Overlay* overlay,
                                  const storage::Snapshot* snapshot) {
  KnownPatient known;
  known.record.patient = patient;
  const std::string prefix = rows::of_patient(patient);
  bool grew_only = true;
  KETAVIGIL_TRY(scan_over(store, storage::Family::facts, prefix,
                          overlay == nullptr ? nullptr : &overlay->facts, snapshot,
                          [&](std::string_view key, std::string_view value) {
                            return take_fact(key, value, &known.record, &grew_only);
                          }));
  KETAVIGIL_TRY(scan_over(store, storage::Family::quarantine, prefix,
                          overlay == nullptr ? nullptr : &overlay->quarantine, snapshot,
                          [&](std::string_view, std::string_view value) {
                            return take_quarantined(value, decoder, &known.quarantined);
                          }));
  drop_answered(known.record, &known.quarantined);
  return known;
}

bool take_pending_variants(std::vector<events::Variant> variants, KnownPatient* known) {
  bool stays = true;
  for (events::Variant& variant : variants)
    stays = known->record.variants.put(std::move(variant)) && stays;
  const std::size_t quarantined = known->quarantined.size();
  drop_answered(known->record, &known->quarantined);
  return stays && known->quarantined.size() == quarantined;
}

void drop_answered(const Record& record, std::vector<events::Fact>* quarantined) {
  std::erase_if(*quarantined, [&](const events::Fact& fact) {
    return std::any_of(record.variants.begin(), record.variants.end(),
                       [&](const events::Variant& variant) {
                         return variant.fact.id == fact.id && variant.fact.source == fact.source &&
                                variant.fact.version >= fact.version;
                       });
  });
}

}  // namespace ketavigil::engine
