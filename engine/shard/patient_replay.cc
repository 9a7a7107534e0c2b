#include "engine/shard/patient_replay.h"

#include "engine/shard/rows.h"
#include "storage/keys.h"

namespace ketavigil::engine {
namespace {

bool concerns(const Entry& entry, const std::string& patient) {
  switch (entry.type) {
    case EntryType::event:
      return entry.patient == patient;
    case EntryType::epoch:
      return true;
    case EntryType::retry:
    case EntryType::discard:
      return rows::patient_of(entry.bytes) == patient;
    case EntryType::tick:
    case EntryType::cut:
      break;
  }
  return false;
}

// What a retry or a discard is about: nothing if quarantine does not have it any more.
Result<std::optional<events::Decoded>> decided_event(const Entry& entry, const Shard& target) {
  std::string bytes;
  bool found = false;
  KETAVIGIL_TRY(target.store().get(storage::Family::quarantine, entry.bytes, &bytes, &found));
  if (!found) return std::optional<events::Decoded>();
  Quarantined quarantined;
  KETAVIGIL_TRY(decode(bytes, &quarantined));
  events::Decoder decoder(target.configured().settings.decode);
  return std::optional(decoder.decode(quarantined.bytes, quarantined.default_source));
}

Status append_decision(const Entry& entry, Shard* target, PatientEntry* told) {
  KETAVIGIL_TRY_ASSIGN(auto event, decided_event(entry, *target));
  if (!event) return {};
  told->event = std::move(*event);
  if (entry.type == EntryType::discard) {
    told->answer.emplace();
    return append_decision_again(entry, target);
  }
  auto answer = target->append_retry(entry.received, entry.bytes);
  if (!answer.ok()) return answer.error().kind == ErrorKind::usage ? Status() : answer.status();
  told->answer = std::move(answer).value();
  return {};
}

Status append(const Entry& entry, Shard* target, PatientEntry* told) {
  if (entry.type == EntryType::epoch) return append_decision_again(entry, target);
  if (entry.type != EntryType::event) return append_decision(entry, target, told);
  events::Decoder decoder(target->configured().settings.decode);
  Incoming event = event_again(entry, &decoder);
  told->event = event.decoded;
  told->digest = event.digest;
  KETAVIGIL_TRY_ASSIGN(const auto answers, target->append_bulk(std::span(&event, 1), true));
  told->answer = answers.front();
  return {};
}

}  // namespace

Incoming event_again(const Entry& entry, events::Decoder* decoder) {
  Incoming event{entry.bytes,
                 entry.default_source,
                 decoder->decode(entry.bytes, entry.default_source),
                 {},
                 entry.received};
  if (const auto* fact = std::get_if<events::Fact>(&event.decoded))
    event.digest = events::digest_of(*fact);
  return event;
}

Status append_decision_again(const Entry& entry, Shard* target) {
  Status status;
  if (entry.type == EntryType::epoch) {
    KETAVIGIL_TRY_ASSIGN(auto settings, settings_of_text(entry.bytes));
    return target->append_epoch(entry.received,
                                std::make_shared<const Configured>(std::move(settings)));
  }
  if (entry.type == EntryType::retry)
    status = target->append_retry(entry.received, entry.bytes).status();
  if (entry.type == EntryType::discard)
    status = target->append_discard(entry.received, entry.bytes);
  return status.ok() || status.error().kind == ErrorKind::usage ? Status() : status;
}

Status replay_patient(const storage::Store& source, const storage::Snapshot* snapshot,
                      const std::string& patient, std::span<const LogRange> ranges,
                      Microseconds until, Shard* target, const TakePatientEntry& take) {
  for (const LogRange& range : ranges) {
    auto cursor = source.scan(storage::Family::log, storage::encode_u64(range.first), "", snapshot);
    for (; cursor.valid(); cursor.next()) {
      std::uint64_t position = 0;
      if (!storage::decode_u64(cursor.key(), &position))
        return Status::failure(ErrorKind::storage, "a key is damaged. Run `ketavigil verify`");
      if (position > range.last) break;
      Entry entry;
      KETAVIGIL_TRY(decode(cursor.value(), &entry));
      if (entry.received > until) return {};
      if (!concerns(entry, patient)) continue;
      PatientEntry told{position, entry.type, entry.received, entry.bulk, {}, {}, {}};
      KETAVIGIL_TRY(append(entry, target, &told));
      if (take && entry.type != EntryType::epoch) take(told);
    }
    KETAVIGIL_TRY(cursor.status());
  }
  return {};
}

}  // namespace ketavigil::engine
