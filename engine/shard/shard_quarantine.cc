// A person's decisions about what is in quarantine, as entries of the log.
#include "engine/shard/shard.h"

namespace ketavigil::engine {

using storage::Family;

Status Shard::read_quarantined(const std::string& key, Quarantined* entry) const {
  std::string bytes;
  bool found = false;
  KETAVIGIL_TRY(store_->get(Family::quarantine, key, &bytes, &found));
  if (!found) return Status::failure(ErrorKind::usage, "there is no such entry in quarantine");
  return decode(bytes, entry);
}

// Entry and decision in one write, then the cut of the patient it is about.
Status Shard::write_decision(storage::Batch* batch, EntryType type, Microseconds received,
                             const std::string& quarantine_key, const std::string& patient) {
  in_use_.forget(rows::patient_of(quarantine_key).value_or(""));
  in_use_.forget(patient);
  KETAVIGIL_TRY(put_entry(batch, {type, received, false, "", quarantine_key, patient}));
  put_meta(batch, false);
  KETAVIGIL_TRY(write(batch));
  if (!patient.empty()) dirty_.insert(patient);
  KETAVIGIL_TRY(run_cut(cut_here(), false));
  return make_durable();
}

Result<Answer> Shard::append_retry(Microseconds received, const std::string& quarantine_key) {
  const std::lock_guard lock(writing_);
  received = std::max(received, received_.load());  // others may have written meanwhile
  KETAVIGIL_TRY(finish_begun_cut());
  Quarantined entry;
  KETAVIGIL_TRY(read_quarantined(quarantine_key, &entry));
  // Retried under the configuration of now, at the time of now: the sender's clock may have come
  // true meanwhile.
  Incoming event{entry.bytes,
                 entry.default_source,
                 decoder_->decode(entry.bytes, entry.default_source),
                 {},
                 received};
  if (const auto* fact = std::get_if<events::Fact>(&event.decoded))
    event.digest = events::digest_of(*fact);
  const std::string patient = patient_in(event.decoded);
  storage::Batch batch(*store_);
  Overlay overlay;
  bool changed = false;
  auto answer = apply(&event, nullptr, &overlay, &batch, &changed);
  if (!answer.ok()) return answer.status();
  if (answer.value().outcome != Outcome::quarantined)
    batch.erase(Family::quarantine, quarantine_key);
  KETAVIGIL_TRY(write_decision(&batch, EntryType::retry, received, quarantine_key, patient));
  return answer;
}

Status Shard::append_discard(Microseconds received, const std::string& quarantine_key) {
  const std::lock_guard lock(writing_);
  received = std::max(received, received_.load());  // others may have written meanwhile
  KETAVIGIL_TRY(finish_begun_cut());
  Quarantined entry;
  KETAVIGIL_TRY(read_quarantined(quarantine_key, &entry));
  entry.discarded = true;
  storage::Batch batch(*store_);
  batch.put(Family::quarantine, quarantine_key, encode(entry));
  return write_decision(&batch, EntryType::discard, received, quarantine_key,
                        rows::patient_of(quarantine_key).value_or(""));
}

}  // namespace ketavigil::engine
