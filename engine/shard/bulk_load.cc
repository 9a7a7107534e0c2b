// The bulk lane of a programme, and replay, which writes a log again from a log.
#include <algorithm>

#include "engine/shard/patient_replay.h"
#include "engine/shard/programme.h"
#include "storage/keys.h"

namespace ketavigil::engine {
namespace {

using storage::Family;

// A pass of the bulk lane takes no further event after so many bytes of them. It writes each up to
// three times (entry, record or quarantine), which stays far below what one batch may hold.
constexpr std::size_t pass_bytes = std::size_t{16} << 20;

// What an event says of when it was learnt: `recorded`, else `effective` (a bare date: its start).
std::optional<Microseconds> said_at(const events::Decoded& decoded,
                                    const events::DecodeSettings& settings) {
  if (const auto* rejection = std::get_if<events::Rejection>(&decoded)) {
    if (!rejection->said_at) return std::nullopt;
    const std::string_view source =
        rejection->readable ? std::string_view(rejection->readable->source) : "";
    return events::instant_of(*rejection->said_at, settings.source(source).zone);
  }
  const auto& fact = std::get<events::Fact>(decoded);
  if (fact.recorded) return fact.recorded->us;
  if (fact.is_retraction()) return std::nullopt;
  return events::instant_of(fact.effective, settings.source(fact.source).zone);
}

}  // namespace

Microseconds BulkLoad::stamp(const Parsed& event) const {
  const Microseconds now = programme_->now();
  if (!as_recorded_) return std::max(last_received_, now);
  const auto said = said_at(event.decoded, programme_->configured().settings.decode);
  return std::max(last_received_, std::min(now, said.value_or(last_received_)));
}

Status BulkLoad::take(std::vector<Parsed> events, std::shared_ptr<const std::string> buffer,
                      const OnAnswer& on_answer) {
  if (buffer != nullptr) buffers_.push_back(buffer);
  const auto bound = static_cast<std::size_t>(programme_->options().batch_entries);
  for (Parsed& event : events) {
    const Microseconds received = stamp(event);
    if (as_recorded_) KETAVIGIL_TRY(pass_day(received, on_answer));
    last_received_ = received;
    if (sources_.empty() || *sources_.back() != event.default_source) {
      sources_.push_back(std::make_shared<const std::string>(event.default_source));
    }
    const std::string_view source = *sources_.back();
    pending_bytes_ += event.bytes.size();
    const auto wanted = programme_->shard_of(event.decoded);
    for (int number = 0; number < programme_->shards(); ++number) {
      if (wanted && *wanted != number) continue;
      Pending& pending = pending_[static_cast<std::size_t>(number)];
      const bool last_copy = wanted || number + 1 == programme_->shards();
      pending.events.push_back({event.bytes, source,
                                last_copy ? std::move(event.decoded) : event.decoded,
                                last_copy ? std::move(event.digest) : event.digest, received});
      pending.counts.push_back(wanted || number == 0);
      ++pending_events_;
    }
    if (pending_events_ < bound && pending_bytes_ < pass_bytes) continue;
    KETAVIGIL_TRY(flush(on_answer));
    KETAVIGIL_TRY(programme_->make_durable());
    if (buffer != nullptr)
      buffers_.push_back(buffer);  // what comes next of this buffer needs it still
  }
  return {};
}

Status BulkLoad::flush(const OnAnswer& on_answer) {
  for (int number = 0; number < programme_->shards(); ++number) {
    Pending& pending = pending_[static_cast<std::size_t>(number)];
    if (pending.events.empty()) continue;
    auto answers = programme_->shard(number).append_bulk(pending.events);
    if (!answers.ok()) return answers.status();
    for (std::size_t i = 0; i < pending.events.size(); ++i) {
      if (pending.counts[i]) on_answer(answers.value()[i]);
    }
    pending.events.clear();
    pending.counts.clear();
  }
  pending_events_ = 0;
  pending_bytes_ = 0;
  buffers_.clear();
  sources_.clear();
  return {};
}

// A tick at each change of `received`'s UTC day, stamped with that midnight.
Status BulkLoad::pass_day(Microseconds received, const OnAnswer& on_answer) {
  const Microseconds midnight = events::utc_midnight(received);
  if (last_received_ == 0 || midnight <= last_received_) return {};
  const auto kept = buffers_;
  KETAVIGIL_TRY(flush(on_answer));
  buffers_ = kept;
  for (int number = 0; number < programme_->shards(); ++number) {
    KETAVIGIL_TRY(programme_->shard(number).append_tick(midnight));
  }
  last_received_ = midnight;
  return {};
}

Status BulkLoad::finish(const OnAnswer& on_answer) {
  KETAVIGIL_TRY(flush(on_answer));
  const Microseconds newest = programme_->newest_received();
  for (int number = 0; number < programme_->shards(); ++number) {
    KETAVIGIL_TRY(programme_->shard(number).append_cut(newest));
  }
  return programme_->make_durable();
}

namespace {

// Replays one shard's log from where `target` is.
class ShardReplay {
 public:
  ShardReplay(const storage::Store& source, Shard* target, std::size_t batch_entries)
      : source_(source), target_(target), batch_entries_(batch_entries) {}

  Status run(bool leave_out_epochs, std::optional<Microseconds> until,
             const std::function<void()>& on_entry) {
    auto cursor =
        source_.scan(Family::log, storage::encode_u64(target_->place(Feed::replay) + 1), "");
    for (; cursor.valid(); cursor.next()) {
      Entry entry;
      KETAVIGIL_TRY(decode(cursor.value(), &entry));
      if (until && entry.received > *until) break;
      std::uint64_t position = 0;
      if (!storage::decode_u64(cursor.key(), &position)) {
        return Status::failure(ErrorKind::storage,
                               "a key of the log is damaged. Run `ketavigil verify`");
      }
      KETAVIGIL_TRY(take(std::move(entry), position, leave_out_epochs));
      on_entry();
    }
    KETAVIGIL_TRY(cursor.status());
    KETAVIGIL_TRY(flush());
    return target_->make_durable();
  }

 private:
  Status take(Entry entry, std::uint64_t position, bool leave_out_epochs) {
    if (entry.type == EntryType::event) {
      if (!entries_.empty() && (entries_.front().bulk != entry.bulk || is_apart(entry)))
        KETAVIGIL_TRY(flush());
      entries_bytes_ += entry.bytes.size();
      entries_.push_back(std::move(entry));
      last_position_ = position;
      const bool room = entries_.size() < batch_entries_ && entries_bytes_ < pass_bytes;
      return room ? Status() : flush();
    }
    KETAVIGIL_TRY(flush());
    target_->note_place(Feed::replay, position);
    switch (entry.type) {
      case EntryType::event:
        break;
      case EntryType::tick:
        return target_->append_tick(entry.received);
      case EntryType::cut:
        return target_->append_cut(entry.received, true);
      case EntryType::epoch:
        if (leave_out_epochs) return {};
        [[fallthrough]];
      case EntryType::retry:
      case EntryType::discard:
        return append_decision_again(entry, target_);
    }
    return {};
  }

  // Whether a lock point lies between: what is written in one pass lies on one side of it, or the
  // place would be written with the first part already.
  [[nodiscard]] bool is_apart(const Entry& entry) const {
    return first_lock_point_from(entries_.back().received,
                                 target_->configured().settings.lock_every_days) < entry.received;
  }

  Status flush() {
    if (entries_.empty()) return {};
    events::Decoder decoder(target_->configured().settings.decode);
    std::vector<Incoming> events;
    for (const Entry& entry : entries_) events.push_back(event_again(entry, &decoder));
    const bool bulk = entries_.front().bulk;
    // Live entries are written one by one, each with the place it has come to; bulk ones as one.
    if (bulk) {
      target_->note_place(Feed::replay, last_position_);
      auto answers = target_->append_bulk(events, true);
      if (!answers.ok()) return answers.status();
    } else {
      const std::uint64_t first = last_position_ + 1 - events.size();
      for (std::size_t i = 0; i < events.size(); ++i) {
        target_->note_place(Feed::replay, first + i);
        auto answers = target_->append_live(std::span(events).subspan(i, 1), true);
        if (!answers.ok()) return answers.status();
      }
    }
    entries_.clear();
    entries_bytes_ = 0;
    return {};
  }

  const storage::Store& source_;
  Shard* target_;
  std::size_t batch_entries_;
  std::vector<Entry> entries_;
  std::size_t entries_bytes_ = 0;
  std::uint64_t last_position_ = 0;
};

}  // namespace

Status replay(const std::vector<const storage::Store*>& source, Programme* target,
              bool leave_out_epochs, std::optional<Microseconds> until,
              const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  std::uint64_t total = 0;
  std::uint64_t done = 0;
  for (std::size_t number = 0; number < source.size(); ++number) {
    if (source[number] == nullptr) continue;
    auto position = source[number]->position();
    if (!position.ok()) return position.status();
    total += position.value();
    done += target->shard(static_cast<int>(number)).place(Feed::replay);
  }
  for (std::size_t number = 0; number < source.size(); ++number) {
    if (source[number] == nullptr) continue;
    ShardReplay shard(*source[number], &target->shard(static_cast<int>(number)),
                      static_cast<std::size_t>(target->options().batch_entries));
    KETAVIGIL_TRY(shard.run(leave_out_epochs, until, [&] { progress(++done, total); }));
  }
  return target->make_durable();
}

}  // namespace ketavigil::engine
