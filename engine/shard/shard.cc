#include "engine/shard/shard.h"

#include <algorithm>
#include <iterator>
#include <thread>
#include <utility>

#include "engine/shard/meta_number.h"
#include "engine/shard/ways_out.h"
#include "events/json_text.h"
#include "storage/keys.h"

namespace ketavigil::engine {
namespace {

using storage::Durability;
using storage::Family;

// A cut writes after so many bytes of rows, between patients: bounded memory, few writes.
constexpr std::int64_t cut_batch_bytes = std::int64_t{1} << 20;
constexpr std::size_t patients_per_block = 32;

Answer quarantined_answer(const events::Rejection& rejection) {
  return {Outcome::quarantined, events::Kind::none, rejection.reason, rejection.field,
          rejection.expected};
}

// Reads a row of the pass or else of the store.
Status read_row(const storage::Store& store, Family family, const PendingRows& pending,
                const std::string& key, std::string* value, bool* found) {
  if (const auto it = pending.find(key); it != pending.end()) {
    *value = it->second;
    *found = true;
    return {};
  }
  return store.get(family, key, value, found);
}

}  // namespace

// A line that is too long is kept with one byte too many, so that it is too long whenever it is
// read again.
std::string_view Shard::kept_bytes(std::string_view bytes) {
  return bytes.substr(0, events::event_bytes_max + 1);
}

std::string Shard::patient_in(const events::Decoded& decoded) {
  if (const auto* fact = std::get_if<events::Fact>(&decoded)) return fact->patient;
  const auto& readable = std::get<events::Rejection>(decoded).readable;
  return readable ? readable->patient : std::string();
}

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::accepted:
      return "accepted";
    case Outcome::duplicate:
      return "duplicate";
    case Outcome::conflict:
      return "conflict";
    case Outcome::quarantined:
      return "quarantined";
  }
  return "";
}

Shard::Shard(std::unique_ptr<storage::Store> store, std::shared_ptr<const Configured> configured,
             const ShardOptions& options)
    : store_(std::move(store)),
      configured_(std::move(configured)),
      options_(options),
      decoder_(std::make_unique<events::Decoder>(configured_->settings.decode)),
      in_use_(static_cast<std::size_t>(options.cache_bytes)) {}

Result<std::unique_ptr<Shard>> Shard::open(std::unique_ptr<storage::Store> store,
                                           std::shared_ptr<const Configured> configured,
                                           const ShardOptions& options) {
  std::unique_ptr<Shard> shard(new Shard(std::move(store), std::move(configured), options));
  KETAVIGIL_TRY(shard->recover());
  return shard;
}

Status Shard::recover() {
  auto position = store_->position();
  if (!position.ok()) return position.status();
  position_ = position.value();
  KETAVIGIL_TRY_ASSIGN(const auto received, meta_number(*store_, rows::meta_received));
  KETAVIGIL_TRY_ASSIGN(const auto cut, meta_number(*store_, rows::meta_cut));
  received_ = received.value_or(0);
  written_position_ = position_;
  written_received_ = received_;
  cut_ = static_cast<std::uint64_t>(cut.value_or(0));
  for (std::size_t feed = 0; feed < feeds; ++feed) {
    KETAVIGIL_TRY_ASSIGN(const auto place, meta_number(*store_, rows::meta_places[feed]));
    places_[feed] = written_places_[feed] = static_cast<std::uint64_t>(place.value_or(0));
  }
  KETAVIGIL_TRY(recover_lock_points());
  KETAVIGIL_TRY(refresh_earliest_due());
  std::optional<EntryType> last_type;
  bool last_is_live = false;
  KETAVIGIL_TRY(read_uncut_tail(&last_type, &last_is_live));
  // A cut that was begun is completed under its own number; bulk entries wait for whoever cuts
  // next.
  if (!last_type || (*last_type == EntryType::event && !last_is_live)) return {};
  return run_cut(cut_here(*last_type == EntryType::epoch), *last_type == EntryType::epoch);
}

Status Shard::read_uncut_tail(std::optional<EntryType>* last_type, bool* last_is_live) {
  auto cursor = store_->scan(Family::log, storage::encode_u64(cut_ + 1), "");
  for (; cursor.valid(); cursor.next()) {
    Entry entry;
    KETAVIGIL_TRY(decode(cursor.value(), &entry));
    *last_type = entry.type;
    *last_is_live = !entry.bulk;
    if (!entry.patient.empty()) dirty_.insert(entry.patient);
  }
  return cursor.status();
}

// `batch` may hold rows of this entry, and of no other where it lies beyond a lock point.
Status Shard::put_entry(storage::Batch* batch, const Entry& entry) {
  if (is_beyond_lock_point(entry.received)) KETAVIGIL_TRY(pass_lock_points(entry.received));
  position_ = position_ + 1;
  received_ = entry.received;
  ++entries_;
  batch->put(Family::log, storage::encode_u64(position_), encode(entry));
  return {};
}

void Shard::put_meta(storage::Batch* batch, bool cut_here) {
  batch->put(Family::meta, storage::kPositionKey, storage::encode_u64(position_));
  batch->put(Family::meta, rows::meta_received, number_bytes(received_));
  if (cut_here)
    batch->put(Family::meta, rows::meta_cut,
               number_bytes(static_cast<std::int64_t>(position_.load())));
  for (std::size_t feed = 0; feed < feeds; ++feed) {
    if (places_[feed] == written_places_[feed]) continue;
    batch->put(Family::meta, rows::meta_places[feed],
               number_bytes(static_cast<std::int64_t>(places_[feed].load())));
  }
}

Status Shard::settle() {
  const std::lock_guard lock(writing_);
  return finish_begun_cut();
}

void Shard::note_place(Feed feed, std::uint64_t place) {
  places_[static_cast<std::size_t>(feed)] = place;
}

Status Shard::write_places() {
  const std::lock_guard lock(writing_);
  return write_news_of_places();
}

Status Shard::write_news_of_places() {
  storage::Batch batch(*store_);
  bool news = false;
  for (std::size_t feed = 0; feed < feeds; ++feed)
    news = news || places_[feed] != written_places_[feed];
  if (!news) return {};
  put_meta(&batch, false);
  return write(&batch);
}

// A batch that was not taken leaves the log where it was: no number is skipped.
Status Shard::write(storage::Batch* batch) {
  const Status status = store_->write(std::move(*batch), Durability::buffered);
  if (status.ok()) {
    written_position_ = position_;
    written_received_ = received_;
    for (std::size_t feed = 0; feed < feeds; ++feed) written_places_[feed] = places_[feed];
  } else {
    go_back_to_what_is_written();
  }
  return status;
}

void Shard::go_back_to_what_is_written() {
  entries_ -= static_cast<std::int64_t>(position_ - written_position_);
  position_ = written_position_;
  received_ = written_received_;
  for (std::size_t feed = 0; feed < feeds; ++feed) places_[feed] = written_places_[feed];
  find_next_lock_point();
}

// What a sender with a fast clock says is quarantined.
void Shard::check_clock(Incoming* event) {
  auto* fact = std::get_if<events::Fact>(&event->decoded);
  if (fact == nullptr) return;
  auto late = events::check_clock(*fact, event->received);
  if (!late) return;
  late->readable = fact->is_retraction() || fact->kind == events::Kind::heartbeat
                       ? std::nullopt
                       : std::optional<events::Fact>(std::move(*fact));
  event->decoded = std::move(*late);
}

Result<Answer> Shard::apply(Incoming* event, const Record* known, Overlay* overlay,
                            storage::Batch* batch, bool* changed) {
  in_use_.forget(patient_in(event->decoded));
  check_clock(event);
  if (const auto* rejection = std::get_if<events::Rejection>(&event->decoded)) {
    std::string source =
        rejection->readable ? rejection->readable->source : std::string(event->default_source);
    KETAVIGIL_TRY_ASSIGN(auto answer, apply_rejection(*event, *rejection, overlay, batch, changed));
    answer.source = std::move(source);
    return answer;
  }
  const auto& fact = std::get<events::Fact>(event->decoded);
  std::string source = fact.source;
  KETAVIGIL_TRY_ASSIGN(auto answer, fact.kind == events::Kind::heartbeat
                                        ? apply_heartbeat(fact, overlay, batch, changed)
                                        : apply_fact(event, known, overlay, batch, changed));
  answer.source = std::move(source);
  return answer;
}

Result<Answer> Shard::apply_fact(Incoming* event, const Record* record, Overlay* overlay,
                                 storage::Batch* batch, bool* changed) {
  auto& fact = std::get<events::Fact>(event->decoded);
  std::string key = rows::fact(fact.patient, fact.source, fact.id, fact.version);
  Answer answer{Outcome::accepted, fact.kind, "", "", ""};
  std::vector<events::Variant> known;
  // Of a patient in use it is known without a look into the store that this is the first of its
  // version, as most are.
  if (record == nullptr || record->variants.has(fact.source, fact.id, fact.version))
    KETAVIGIL_TRY(read_variants(key, fact, *overlay, &known));
  const auto is_it = [&](const events::Variant& other) { return other.digest == event->digest; };
  if (!known.empty() && std::none_of(known.begin(), known.end(), is_it)) {
    key = rows::further_variant(key, event->digest);
    known.clear();
    KETAVIGIL_TRY(read_variants(key, fact, *overlay, &known));
    answer.outcome = Outcome::conflict;
  }
  const auto it = std::find_if(known.begin(), known.end(), is_it);
  if (it != known.end()) {
    answer.outcome = Outcome::duplicate;
    if (!events::shown_before(fact, it->fact)) return answer;
    it->fact = fact;
  } else {
    known.push_back({fact, event->digest});
  }
  std::vector<const events::Variant*> row;
  for (const auto& variant : known) row.push_back(&variant);
  std::string bytes = events::encode_variants(row);
  batch->put(Family::facts, key, bytes);
  overlay->facts[key] = std::move(bytes);
  std::move(known.begin(), known.end(), std::back_inserter(overlay->variants));
  *changed = true;
  return answer;
}

Status Shard::read_variants(const std::string& key, const events::Fact& fact,
                            const Overlay& overlay, std::vector<events::Variant>* variants) const {
  std::string bytes;
  bool found = false;
  KETAVIGIL_TRY(read_row(*store_, Family::facts, overlay.facts, key, &bytes, &found));
  if (!found) return {};
  KETAVIGIL_TRY_ASSIGN(
      *variants, events::decode_variants(bytes, fact.patient, fact.source, fact.id, fact.version));
  return {};
}

Result<Answer> Shard::apply_heartbeat(const events::Fact& fact, Overlay* overlay,
                                      storage::Batch* batch, bool* changed) {
  const std::string key = rows::heartbeat(fact.source, fact.effective.us);
  std::string bytes;
  bool found = false;
  KETAVIGIL_TRY(read_row(*store_, Family::meta, overlay->heartbeats, key, &bytes, &found));
  if (found) return Answer{Outcome::duplicate, fact.kind, "", "", ""};
  batch->put(Family::meta, key, "");
  overlay->heartbeats[key] = "";
  *changed = true;
  return Answer{Outcome::accepted, fact.kind, "", "", ""};
}

Result<Answer> Shard::apply_rejection(const Incoming& event, const events::Rejection& rejection,
                                      Overlay* overlay, storage::Batch* batch, bool* changed) {
  const std::string key = rows::quarantined(rejection, kept_bytes(event.bytes));
  std::string bytes;
  bool found = false;
  KETAVIGIL_TRY(read_row(*store_, Family::quarantine, overlay->quarantine, key, &bytes, &found));
  if (found) return quarantined_answer(rejection);
  const Quarantined entry{rejection.reason,
                          rejection.field,
                          rejection.expected,
                          std::string(kept_bytes(event.bytes)),
                          std::string(event.default_source),
                          event.received,
                          position_ + 1,
                          false,
                          event.offset};
  bytes = encode(entry);
  batch->put(Family::quarantine, key, bytes);
  if (options_.ways_out) put_way_out(batch, entry.position, WayOut::Kind::quarantined, key);
  overlay->quarantine[key] = std::move(bytes);
  *changed = true;
  return quarantined_answer(rejection);
}

Result<std::vector<Answer>> Shard::append_bulk(std::span<Incoming> events, bool keep_all) {
  const std::lock_guard lock(writing_);
  KETAVIGIL_TRY(finish_begun_cut());
  std::vector<Answer> answers;
  answers.reserve(events.size());
  storage::Batch batch(*store_);
  Overlay overlay;
  bool any = false;
  for (Incoming& event : events) {
    event.received = std::max(event.received, received_.load());
    if (is_beyond_lock_point(event.received)) KETAVIGIL_TRY(write_bulk(&batch, &overlay, &any));
    std::string patient = patient_in(event.decoded);
    bool changed = false;
    auto answer = apply(&event, nullptr, &overlay, &batch, &changed);
    if (!answer.ok()) {
      go_back_to_what_is_written();
      return answer.status();
    }
    answers.push_back(std::move(answer).value());
    if (event.next_offset) note_place(Feed::backfill, *event.next_offset);
    if (!changed && !keep_all) continue;
    any = true;
    Entry entry{EntryType::event,
                event.received,
                true,
                std::string(event.default_source),
                std::string(kept_bytes(event.bytes)),
                patient};
    KETAVIGIL_TRY(put_entry(&batch, entry));
    if (changed && !patient.empty()) dirty_.insert(std::move(patient));
  }
  KETAVIGIL_TRY(write_bulk(&batch, &overlay, &any));
  KETAVIGIL_TRY(write_news_of_places());
  return answers;
}

// Afterwards both are empty.
Status Shard::write_bulk(storage::Batch* batch, Overlay* overlay, bool* any) {
  if (!*any) return {};
  put_meta(batch, false);
  KETAVIGIL_TRY(write(batch));
  *overlay = {};
  *any = false;
  return {};
}

Status Shard::append_mark(EntryType type, Microseconds received, std::string bytes) {
  storage::Batch batch(*store_);
  KETAVIGIL_TRY(put_entry(&batch, {type, received, false, "", std::move(bytes), ""}));
  put_meta(&batch, false);
  if (type == EntryType::epoch) {
    batch.put(Family::meta, rows::meta_settings, settings_text(configured_->settings));
    batch.put(Family::meta, rows::meta_identity, fold_identity(configured_->settings));
  }
  return write(&batch);
}

Status Shard::append_tick(Microseconds received) {
  const std::lock_guard lock(writing_);
  KETAVIGIL_TRY(finish_begun_cut());
  KETAVIGIL_TRY(append_mark(EntryType::tick, received, ""));
  return run_cut(cut_here(), false);
}

Status Shard::append_cut(Microseconds received, bool always) {
  const std::lock_guard lock(writing_);
  KETAVIGIL_TRY(finish_begun_cut());
  // Nothing new came, and time has brought nothing either: no finding, no lock point.
  if (!always && !has_uncut() && earliest_due_ > received &&
      (received == 0 || !is_beyond_lock_point(received)))
    return {};
  KETAVIGIL_TRY(append_mark(EntryType::cut, received, ""));
  return run_cut(cut_here(), false);
}

Status Shard::append_epoch(Microseconds received, std::shared_ptr<const Configured> configured) {
  const std::lock_guard lock(writing_);
  KETAVIGIL_TRY(finish_begun_cut());
  // Of the time before, under the configuration of that time.
  if (is_beyond_lock_point(received)) KETAVIGIL_TRY(pass_lock_points(received));
  in_use_.clear();
  const auto before = std::exchange(configured_, std::move(configured));
  const Status status =
      append_mark(EntryType::epoch, received, settings_text(configured_->settings));
  if (!status.ok()) configured_ = before;  // what the log does not have is not in force
  find_next_lock_point();
  KETAVIGIL_TRY(status);
  decoder_ = std::make_unique<events::Decoder>(configured_->settings.decode);
  return run_cut(cut_here(true), true);
}

Status Shard::make_durable() {
  const std::uint64_t position = position_;
  KETAVIGIL_TRY(store_->sync());
  return store_->acknowledge(position);
}

Status Shard::put_mark(std::string_view name, std::string_view value) {
  const std::lock_guard lock(writing_);
  storage::Batch batch(*store_);
  batch.put(Family::meta, rows::mark(name), value);
  return store_->write(std::move(batch), Durability::buffered);
}

Result<std::string> Shard::mark(std::string_view name) const {
  std::string value;
  bool found = false;
  KETAVIGIL_TRY(store_->get(Family::meta, rows::mark(name), &value, &found));
  return found ? value : std::string();
}

Status Shard::erase_ways_out(const std::vector<std::string>& told) {
  const std::lock_guard lock(writing_);
  storage::Batch batch(*store_);
  for (const std::string& row : told) batch.erase(Family::ways_out, row);
  return batch.empty() ? Status() : store_->write(std::move(batch), Durability::buffered);
}

Status Shard::change_pages(const PageChanges& changes) {
  const std::lock_guard lock(writing_);
  storage::Batch batch(*store_);
  for (const auto& [row, value] : changes) {
    if (value) {
      batch.put(Family::pages, row, *value);
    } else {
      batch.erase(Family::pages, row);
    }
  }
  return batch.empty() ? Status() : store_->write(std::move(batch), Durability::buffered);
}

Cut Shard::cut_here(bool is_epoch) const {
  return {position_, received_, is_epoch, options_.ways_out};
}

Status Shard::finish_begun_cut() {
  if (!begun_cut_) return {};
  const BegunCut begun = *begun_cut_;
  return run_cut(begun.cut, begun.every_patient);
}

Status Shard::run_cut(const Cut& cut, bool every) {
  begun_cut_ = BegunCut{cut, every};
  std::vector<std::string> patients;
  if (every) {
    KETAVIGIL_TRY_ASSIGN(patients, every_patient());
  } else {
    if (earliest_due_ <= cut.received) {
      KETAVIGIL_TRY_ASSIGN(patients, due_patients(cut.received));
    }
    patients.insert(patients.end(), dirty_.begin(), dirty_.end());
    std::sort(patients.begin(), patients.end());
    patients.erase(std::unique(patients.begin(), patients.end()), patients.end());
  }
  KETAVIGIL_TRY(cut_in_parallel(patients, cut));
  storage::Batch batch(*store_);
  put_meta(&batch, true);
  KETAVIGIL_TRY(write(&batch));
  cut_ = position_;
  begun_cut_.reset();
  dirty_.clear();
  return refresh_earliest_due();
}

Status Shard::cut_in_parallel(const std::vector<std::string>& patients, const Cut& cut) {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex writing;
  Status first_failure;
  const auto write = [&](storage::Batch* batch) -> Status {
    const std::lock_guard lock(writing);
    return store_->write(std::move(*batch), Durability::buffered);
  };
  const auto work = [&]() -> Status {
    events::Decoder decoder(configured_->settings.decode);
    storage::Batch batch(*store_);
    while (!failed) {
      const std::size_t from = next.fetch_add(patients_per_block);
      if (from >= patients.size()) break;
      const std::size_t to = std::min(from + patients_per_block, patients.size());
      for (std::size_t i = from; i < to; ++i) {
        auto in_use = in_use_.take(patients[i]);  // mostly not: a cut of many fills no cache
        KETAVIGIL_TRY(cut_patient(*store_, patients[i], *configured_, cut, &decoder, nullptr,
                                  in_use.get(), &batch)
                          .status());
        // These rows are written later, or, by a write that fails, never.
        if (in_use) in_use->projected.reset();
        in_use_.put(std::move(in_use));
      }
      folded_ += static_cast<std::int64_t>(to - from);
      if (batch.bytes() > cut_batch_bytes) KETAVIGIL_TRY(write(&batch));
    }
    return batch.empty() ? Status() : write(&batch);
  };
  const auto guarded = [&] {
    const Status status = work();
    if (status.ok()) return;
    const std::lock_guard lock(writing);
    if (!failed.exchange(true)) first_failure = status;
  };
  const std::size_t blocks = (patients.size() + patients_per_block - 1) / patients_per_block;
  const std::size_t threads =
      std::min<std::size_t>(static_cast<std::size_t>(std::max(1, options_.workers)), blocks);
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < threads; ++i) others.emplace_back(guarded);
  guarded();
  for (auto& thread : others) thread.join();
  return first_failure;
}

Result<std::vector<std::string>> Shard::due_patients(Microseconds until) const {
  std::vector<std::string> patients;
  auto cursor = store_->scan(Family::deadlines, "", storage::KeyBuilder().i64(until + 1).key());
  for (; cursor.valid(); cursor.next()) {
    storage::KeyReader reader(cursor.key());
    reader.i64();
    patients.emplace_back(reader.text());
  }
  KETAVIGIL_TRY(cursor.status());
  return patients;
}

Result<std::vector<std::string>> Shard::every_patient() const {
  std::set<std::string> patients;
  for (const Family family : {Family::facts, Family::quarantine}) {
    auto cursor = store_->scan(family, "", "");
    while (cursor.valid()) {
      auto patient = rows::patient_of(cursor.key());
      if (!patient) return Error{ErrorKind::storage, "a key is damaged. Run `ketavigil verify`"};
      cursor.seek(storage::prefix_end(rows::of_patient(*patient)));
      if (!patient->empty()) patients.insert(std::move(*patient));
    }
    KETAVIGIL_TRY(cursor.status());
  }
  return std::vector<std::string>(patients.begin(), patients.end());
}

Status Shard::refresh_earliest_due() {
  auto cursor = store_->scan(Family::deadlines, "", "");
  earliest_due_ = cursor.valid() ? storage::KeyReader(cursor.key()).i64() : detectors::never;
  return cursor.status();
}

}  // namespace ketavigil::engine
