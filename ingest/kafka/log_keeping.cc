// One partition's records into the engine: decoded, sent on where they do not belong here, kept.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "events/partition.h"
#include "ingest/kafka/log_reader.h"

namespace ketavigil::ingest::kafka {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds deliver_timeout{10'000};
constexpr milliseconds try_again_after{1'000};
// What is sent on gets a key and headers, and must still be taken by a topic whose records may have
// 1 MiB.
constexpr std::size_t forwarded_bytes_max = 1'000'000;
// No further event joins after so many bytes: each is written up to three times.
constexpr std::size_t gathered_bytes_max = std::size_t{16} << 20;
constexpr int attempts_max = 3;

std::uint64_t after(const Record& record) {
  return static_cast<std::uint64_t>(record.offset()) + 1;
}

Error not_stamped(const Record& record) {
  return {ErrorKind::configuration, "the record at offset " + std::to_string(record.offset()) +
                                        " of " + std::string(record.topic()) + " partition " +
                                        std::to_string(record.partition()) +
                                        " was not stamped by the broker: the topic must have "
                                        "message.timestamp.type=LogAppendTime"};
}

bool is_fhir(const Record& record) {
  const auto type = record.header(headers::content_type);
  return type && type->find("fhir") != std::string_view::npos;
}

// The patient an event is about, as far as it can be read; nothing: it may stay where it is.
std::optional<std::string_view> patient_of(const events::Decoded& decoded) {
  if (const auto* fact = std::get_if<events::Fact>(&decoded)) return fact->patient;
  const auto& readable = std::get<events::Rejection>(decoded).readable;
  if (!readable) return std::nullopt;
  return readable->patient;
}

bool is_heartbeat(const events::Decoded& decoded) {
  const auto* fact = std::get_if<events::Fact>(&decoded);
  return fact != nullptr && fact->kind == events::Kind::heartbeat;
}

std::string place_of(const Record& record) {
  return std::string(record.topic()) + "/" + std::to_string(record.partition()) + "/" +
         std::to_string(record.offset());
}

}  // namespace

Status LogReader::keep_partition(Pass* pass) {
  Partition* partition = pass->partition;
  std::vector<Record> run;  // of senders' records between two that no sender made
  for (Record& record : pass->records) {
    ++counts_.records;
    const auto entry = record.header(headers::entry);
    const bool careful = static_cast<std::uint64_t>(record.offset()) < partition->careful_until;
    if (entry || careful || run.size() >= run_records_max)
      KETAVIGIL_TRY(keep_run(partition, Lane::events, &run));
    if (entry) {
      KETAVIGIL_TRY(take_control(partition, record, *entry));
    } else if (careful) {
      KETAVIGIL_TRY(keep_carefully(partition, std::move(record)));
    } else {
      run.push_back(std::move(record));
    }
  }
  return keep_run(partition, Lane::events, &run);
}

Status LogReader::keep_carefully(Partition* partition, Record record) {
  KETAVIGIL_TRY_ASSIGN(const int attempt, sink_.note_attempt(partition->shard, after(record) - 1));
  if (attempt <= attempts_max) {
    std::vector<Record> run;
    run.push_back(std::move(record));
    return keep_run(partition, Lane::events, &run);
  }
  const auto appended = record.appended();
  if (!appended) return not_stamped(record);
  LoggedEvent event;
  event.bytes = record.value();
  event.default_source = record.header(headers::source).value_or("");
  event.decoded =
      events::Rejection{"malformed", "",
                        "a record that this program can keep: it ended the worker " +
                            std::to_string(attempts_max) + " times. Tell the developers",
                        std::nullopt, std::nullopt};
  event.appended = *appended;
  event.next_offset = after(record);
  event.offset = after(record) - 1;
  std::vector<LoggedEvent> events;
  events.push_back(std::move(event));
  ++counts_.quarantined;
  return sink_.append(partition->shard, Lane::events, std::move(events)).status();
}

// A full disk and brokers that do not answer are waited for. What was sent on before is known where
// it arrives, and a second time makes no second entry.
template <typename Attempt>
Status LogReader::wait_until_done(int shard, Attempt attempt) {
  while (true) {
    const Status status = attempt();
    const bool passes = !status.ok() && status.error().kind == ErrorKind::broker &&
                        !backfill_->is_lost() && producer_.fatal_error().empty();
    const bool waits = passes || (!status.ok() && sink_.lacks_room(shard));
    if (!waits || stopping_) return status;
    if (status.error().kind == ErrorKind::broker) counts_.connected = false;
    std::this_thread::sleep_for(try_again_after);
  }
}

Status LogReader::keep_run(Partition* partition, Lane lane, std::vector<Record>* run) {
  if (run->empty()) return {};
  KETAVIGIL_TRY(wait_until_done(partition->shard, [&] { return try_run(partition, lane, *run); }));
  run->clear();
  return {};
}

Status LogReader::try_run(Partition* partition, Lane lane, const std::vector<Record>& run) {
  Gathered gathered;
  // Tried again after some were kept: these are not read twice, or what depends on when a record
  // was kept, as the check of its sender's clock does, could come out otherwise.
  for (const Record& record : run) {
    if (after(record) <= sink_.place(partition->shard, lane)) continue;
    KETAVIGIL_TRY(gather(partition, lane, record, &gathered));
  }
  KETAVIGIL_TRY(keep_gathered(partition, lane, &gathered));
  const std::uint64_t next = after(run.back());
  if (sink_.place(partition->shard, lane) >= next) return {};
  return sink_.pass(partition->shard, lane, next);
}

// Nothing is passed over before what was sent on has arrived.
Status LogReader::keep_gathered(Partition* partition, Lane lane, Gathered* gathered) {
  KETAVIGIL_TRY(producer_.wait_for(&gathered->sent, deliver_timeout));
  if (!gathered->events.empty()) {
    KETAVIGIL_TRY_ASSIGN(const Appended appended,
                         sink_.append(partition->shard, lane, std::move(gathered->events)));
    counts_.accepted += appended.accepted;
    counts_.duplicate += appended.duplicate;
    counts_.conflict += appended.conflict;
    counts_.quarantined += appended.quarantined;
  }
  gathered->events.clear();
  gathered->bytes = 0;
  return {};
}

Status LogReader::gather(Partition* partition, Lane lane, const Record& record,
                         Gathered* gathered) {
  const auto appended = record.appended();
  if (!appended) return not_stamped(record);
  // Its texts live as long as the events that look into them; a deque moves none of them.
  DecodedBlock& block = gathered->blocks.emplace_back();
  partition->reader->use_source(std::string(record.header(headers::source).value_or("")));
  if (is_fhir(record)) {
    partition->reader->read_document(record.value(), &block);
  } else {
    partition->reader->read(record.value(), &block);
  }
  for (DecodedEntry& entry : block.entries) {
    if (!entry.not_followed.empty()) {
      ++counts_.not_followed;
      continue;
    }
    bool belongs_here = true;
    KETAVIGIL_TRY(
        send_where_it_belongs(partition, lane, record, &entry, &gathered->sent, &belongs_here));
    if (!belongs_here) continue;
    gathered->bytes += entry.bytes.size();
    gathered->events.push_back({entry.bytes, std::move(entry.default_source),
                                std::move(entry.decoded), std::move(entry.digest), *appended,
                                std::nullopt, static_cast<std::uint64_t>(record.offset())});
    // A Bundle can be long. Its place comes with its last event.
    if (gathered->bytes >= gathered_bytes_max)
      KETAVIGIL_TRY(keep_gathered(partition, lane, gathered));
  }
  if (!gathered->events.empty()) gathered->events.back().next_offset = after(record);
  return {};
}

// Heartbeats go to every shard, everything else to its patient's.
Status LogReader::send_where_it_belongs(Partition* partition, Lane lane, const Record& record,
                                        DecodedEntry* entry, SentRecords* sent,
                                        bool* belongs_here) {
  if (is_heartbeat(entry->decoded)) {
    if (record.header(headers::forwarded)) return {};
    return forward_heartbeat(record, lane, *entry, partition->shard, sent);
  }
  const auto patient = patient_of(entry->decoded);
  if (!patient) return {};
  const int wanted = events::partition_of(*patient, partitions_);
  if (wanted == partition->shard) return {};
  if (entry->bytes.size() > forwarded_bytes_max) {
    entry->decoded = events::Rejection{
        "malformed", "",
        "a record of at most " + std::to_string(forwarded_bytes_max) +
            " bytes, or one on the partition of its patient: it is too large to be sent on",
        std::nullopt, std::nullopt};
    return {};
  }
  *belongs_here = false;
  return forward(record, lane, *entry, wanted, sent);
}

Status LogReader::take_control(Partition* partition, const Record& record, std::string_view entry) {
  ++counts_.control;
  return wait_until_done(partition->shard, [&] { return try_control(partition, record, entry); });
}

Status LogReader::try_control(Partition* partition, const Record& record, std::string_view entry) {
  const auto appended = record.appended();
  if (!appended) return not_stamped(record);
  const int shard = partition->shard;
  const std::uint64_t next = after(record);
  // Written by an attempt before, and only its cut not ended.
  if (sink_.place(shard, Lane::events) >= next) return sink_.settle(shard);
  if (entry == "tick") return sink_.tick(shard, *appended, next);
  if (entry == "epoch") {
    const Status status = sink_.epoch(shard, *appended, record.value(), next);
    make_reader(partition);
    if (!status.ok() && status.error().kind == ErrorKind::configuration)
      return sink_.pass(shard, Lane::events, next);
    return status;
  }
  if (entry == "retry" || entry == "discard")
    return sink_.decide(shard, entry == "retry", *appended, record.value(), next);
  if (entry == "backfill") {
    const auto mark = nlohmann::json::parse(record.value(), nullptr, false);
    if (mark.is_object() && mark.contains("until") && mark["until"].is_number_unsigned()) {
      KETAVIGIL_TRY(take_backfill(partition, mark["until"].get<std::uint64_t>()));
      // Also where an attempt before has taken all of it and did not come to the cut.
      if (sink_.has_uncut(shard)) return sink_.cut(shard, *appended, next);
    }
  }
  // Of another version of this program, or done before.
  return sink_.pass(shard, Lane::events, next);
}

// Up to that offset, be it long in coming: the end that is seen meanwhile may be that of a leader
// that has not caught up, or of a transaction that is open.
Status LogReader::take_backfill(Partition* partition, std::uint64_t until) {
  const std::uint64_t from = sink_.place(partition->shard, Lane::backfill);
  if (from >= until) return {};
  const std::lock_guard lock(backfilling_);
  const TopicPartition of{settings_.backfill_topic, partition->shard};
  KETAVIGIL_TRY(backfill_->assign({{of, static_cast<std::int64_t>(from)}}));
  std::uint64_t next = from;
  while (next < until) {
    if (stopping_) return broker_error("the worker stops");
    std::vector<Record> records;
    KETAVIGIL_TRY(backfill_->poll({}, &records));
    next = std::max(next, static_cast<std::uint64_t>(backfill_->next_offset(of)));
    const auto beyond = std::find_if(records.begin(), records.end(), [&](const Record& record) {
      return static_cast<std::uint64_t>(record.offset()) >= until;
    });
    records.erase(beyond, records.end());
    counts_.backfill_records += records.size();
    KETAVIGIL_TRY(keep_run(partition, Lane::backfill, &records));
  }
  KETAVIGIL_TRY(backfill_->assign({}));
  if (sink_.place(partition->shard, Lane::backfill) >= until) return {};
  return sink_.pass(partition->shard, Lane::backfill, until);
}

// The whole record if the event is all of it, else the event by itself.
Status LogReader::forward(const Record& record, Lane lane, const DecodedEntry& entry, int to,
                          SentRecords* sent) {
  ++counts_.forwarded;
  std::vector<Header> own;
  for (Header& header : record.headers()) {
    const bool said_again = header.name == headers::forwarded ||
                            header.name == headers::content_type || header.name == headers::source;
    if (!said_again) own.push_back(std::move(header));
  }
  own.push_back({headers::forwarded, place_of(record)});
  if (!entry.default_source.empty()) own.push_back({headers::source, entry.default_source});
  return producer_.send(
      {{topic(lane), to}, *patient_of(entry.decoded), entry.bytes, std::move(own)}, sent);
}

Status LogReader::forward_heartbeat(const Record& record, Lane lane, const DecodedEntry& entry,
                                    int here, SentRecords* sent) {
  for (int to = 0; to < partitions_; ++to) {
    if (to == here) continue;
    std::vector<Header> own = {{headers::forwarded, place_of(record)}};
    if (!entry.default_source.empty()) own.push_back({headers::source, entry.default_source});
    ++counts_.forwarded;
    KETAVIGIL_TRY(
        producer_.send({{topic(lane), to}, std::nullopt, entry.bytes, std::move(own)}, sent));
  }
  return {};
}

}  // namespace ketavigil::ingest::kafka
