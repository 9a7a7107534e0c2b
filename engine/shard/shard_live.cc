// The live lane: each entry is a cut of its own, and a run of entries is one write.
#include <algorithm>

#include "engine/shard/shard.h"

namespace ketavigil::engine {
namespace {

// A pass writes after so many bytes of rows, between entries: bounded memory, few writes.
constexpr std::int64_t live_batch_bytes = std::int64_t{1} << 20;

}  // namespace

// Rows that wait for their write are in no store. Who asks for them has them written first: a
// patient whose copy had to make room, a version that is known (a duplicate, a conflict), what is
// quarantined (its patient is read anew), a heartbeat.
bool Shard::asks_pending_rows(const Incoming& event, const PatientInUse* in_use,
                              const LivePass& pass) {
  if (pass.patients.count(patient_in(event.decoded)) == 0) return false;
  const auto* fact = std::get_if<events::Fact>(&event.decoded);
  return fact == nullptr || in_use == nullptr || fact->kind == events::Kind::heartbeat ||
         in_use->known.record.variants.has(fact->source, fact->id, fact->version);
}

Status Shard::write_pass(LivePass* pass, bool cut_here) {
  if (pass->batch.empty()) return {};
  put_meta(&pass->batch, cut_here);
  const std::uint64_t cut = position_;
  KETAVIGIL_TRY(write(&pass->batch));
  if (cut_here) cut_ = cut;
  pass->patients.clear();
  return {};
}

// Nothing of it came into the store, so nothing of it may be known.
void Shard::abandon(const LivePass& pass) {
  for (const std::string& patient : pass.patients) in_use_.forget(patient);
  go_back_to_what_is_written();
}

Status Shard::append_one_live(Incoming* event, bool keep_all, LivePass* pass, Answer* answer) {
  event->received = std::max(event->received, received_.load());
  // What is counted at a lock point must be in the store.
  if (is_beyond_lock_point(event->received)) KETAVIGIL_TRY(write_pass(pass, true));
  check_clock(event);
  const std::string patient = patient_in(event->decoded);
  // Taken out while rows of theirs are made: what fails leaves nothing behind.
  auto in_use = in_use_.take(patient);
  if (asks_pending_rows(*event, in_use.get(), *pass)) KETAVIGIL_TRY(write_pass(pass, true));
  Overlay overlay;
  bool changed = false;
  KETAVIGIL_TRY_ASSIGN(*answer, apply(event, in_use ? &in_use->known.record : nullptr, &overlay,
                                      &pass->batch, &changed));
  if (event->next_offset) note_place(Feed::events, *event->next_offset);
  if (!changed && !keep_all) {
    in_use_.put(std::move(in_use));
    return {};
  }
  pass->patients.insert(patient);
  KETAVIGIL_TRY(put_entry(
      &pass->batch, {EntryType::event, event->received, false, std::string(event->default_source),
                     std::string(kept_bytes(event->bytes)), patient}));
  const Cut cut = cut_here();
  if (!patient.empty()) {
    if (in_use == nullptr && in_use_.keeps()) in_use = std::make_unique<PatientInUse>();
    KETAVIGIL_TRY_ASSIGN(const Microseconds due,
                         cut_patient(*store_, patient, *configured_, cut, decoder_.get(), &overlay,
                                     in_use.get(), &pass->batch));
    earliest_due_ = std::min(earliest_due_, due);
    ++folded_;
  }
  in_use_.put(std::move(in_use));
  // The entry passes time for everybody else too, and cuts what bulk entries before it have left.
  // With nobody else to cut, entry and cut are one write, with those around them.
  if (earliest_due_ > received_ && dirty_.empty())
    return pass->batch.bytes() > live_batch_bytes ? write_pass(pass, true) : Status();
  KETAVIGIL_TRY(write_pass(pass, false));
  return run_cut(cut, false);
}

Status Shard::append_all_live(std::span<Incoming> events, bool keep_all, LivePass* pass,
                              std::vector<Answer>* answers) {
  for (std::size_t i = 0; i < events.size(); ++i)
    KETAVIGIL_TRY(append_one_live(&events[i], keep_all, pass, &(*answers)[i]));
  return write_pass(pass, true);
}

Result<std::vector<Answer>> Shard::append_live(std::span<Incoming> events, bool keep_all) {
  const std::lock_guard lock(writing_);
  KETAVIGIL_TRY(store_->check_room());
  KETAVIGIL_TRY(finish_begun_cut());
  std::vector<Answer> answers(events.size());
  LivePass pass(*store_);
  const Status status = append_all_live(events, keep_all, &pass, &answers);
  if (!status.ok()) {
    abandon(pass);
    return status.error();
  }
  KETAVIGIL_TRY(write_news_of_places());
  KETAVIGIL_TRY(make_durable());
  return answers;
}

}  // namespace ketavigil::engine
