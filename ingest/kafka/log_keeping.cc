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
constexpr int backfill_polls_without_news_max = 600;
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

// A full disk and brokers that do not answer are waited for. What was kept or sent on before is
// known, and a second time makes no second entry.
Status LogReader::keep_run(Partition* partition, Lane lane, std::vector<Record>* run) {
  while (!run->empty()) {
    const Status status = try_run(partition, lane, *run);
    if (status.ok()) {
      run->clear();
      return {};
    }
    const bool waits =
        status.error().kind == ErrorKind::broker || sink_.lacks_room(partition->shard);
    if (!waits || stopping_) return status;
    if (status.error().kind == ErrorKind::broker) counts_.connected = false;
    std::this_thread::sleep_for(try_again_after);
  }
  return {};
}

Status LogReader::try_run(Partition* partition, Lane lane, const std::vector<Record>& run) {
  // The records outlive the blocks, whose views look into them.
  std::vector<DecodedBlock> blocks(run.size());
  std::vector<LoggedEvent> events;
  SentRecords sent;
  KETAVIGIL_TRY(decode_run(partition, lane, run, &blocks, &events, &sent));
  // Nothing is passed over before what was sent on has arrived.
  KETAVIGIL_TRY(producer_.wait_for(&sent, deliver_timeout));
  const std::uint64_t next = after(run.back());
  if (!events.empty()) {
    KETAVIGIL_TRY_ASSIGN(const Appended appended,
                         sink_.append(partition->shard, lane, std::move(events)));
    counts_.accepted += appended.accepted;
    counts_.duplicate += appended.duplicate;
    counts_.conflict += appended.conflict;
    counts_.quarantined += appended.quarantined;
  }
  if (sink_.place(partition->shard, lane) >= next) return {};
  return sink_.pass(partition->shard, lane, next);
}

Status LogReader::decode_run(Partition* partition, Lane lane, const std::vector<Record>& run,
                             std::vector<DecodedBlock>* blocks, std::vector<LoggedEvent>* events,
                             SentRecords* sent) {
  for (std::size_t i = 0; i < run.size(); ++i) {
    const Record& record = run[i];
    const auto appended = record.appended();
    if (!appended) return not_stamped(record);
    DecodedBlock& block = (*blocks)[i];
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
      if (is_heartbeat(entry.decoded)) {
        if (!record.header(headers::forwarded)) {
          KETAVIGIL_TRY(forward_heartbeat(record, lane, entry, partition->shard, sent));
        }
      } else if (const auto patient = patient_of(entry.decoded)) {
        const int wanted = events::partition_of(*patient, partitions_);
        if (wanted != partition->shard) {
          KETAVIGIL_TRY(forward(record, lane, entry, wanted, sent));
          continue;
        }
      }
      events->push_back({entry.bytes, std::move(entry.default_source), std::move(entry.decoded),
                         std::move(entry.digest), *appended, std::nullopt,
                         static_cast<std::uint64_t>(record.offset())});
    }
    if (!events->empty()) events->back().next_offset = after(record);
  }
  return {};
}

Status LogReader::take_control(Partition* partition, const Record& record, std::string_view entry) {
  ++counts_.control;
  const auto appended = record.appended();
  if (!appended) return not_stamped(record);
  const int shard = partition->shard;
  const std::uint64_t next = after(record);
  if (entry == "tick") return sink_.tick(shard, *appended, next);
  if (entry == "epoch") {
    const Status status = sink_.epoch(shard, *appended, record.value(), next);
    if (!status.ok() && status.error().kind == ErrorKind::configuration)
      return sink_.pass(shard, Lane::events, next);
    make_reader(partition);
    return status;
  }
  if (entry == "retry" || entry == "discard")
    return sink_.decide(shard, entry == "retry", *appended, record.value(), next);
  if (entry == "backfill") {
    const auto mark = nlohmann::json::parse(record.value(), nullptr, false);
    if (mark.is_object() && mark.contains("until") && mark["until"].is_number_unsigned()) {
      const auto until = mark["until"].get<std::uint64_t>();
      if (until > sink_.place(shard, Lane::backfill)) {
        KETAVIGIL_TRY(take_backfill(partition, until));
        return sink_.cut(shard, *appended, next);
      }
    }
  }
  // Of another version of this program, or done before.
  return sink_.pass(shard, Lane::events, next);
}

Status LogReader::take_backfill(Partition* partition, std::uint64_t until) {
  const std::lock_guard lock(backfilling_);
  const TopicPartition of{settings_.backfill_topic, partition->shard};
  const std::uint64_t from = sink_.place(partition->shard, Lane::backfill);
  KETAVIGIL_TRY(backfill_->assign({{of, static_cast<std::int64_t>(from)}}));
  int polls_without_news = 0;
  for (bool done = false; !done;) {
    std::vector<Record> records;
    KETAVIGIL_TRY(backfill_->poll({}, &records));
    if (records.empty() && !backfill_->is_at_end(of) &&
        ++polls_without_news > backfill_polls_without_news_max) {
      return broker_error("the backfill of partition " + std::to_string(partition->shard) +
                          " cannot be read");
    }
    if (!records.empty()) polls_without_news = 0;
    done = backfill_->is_at_end(of);
    const auto beyond = std::find_if(records.begin(), records.end(), [&](const Record& record) {
      return static_cast<std::uint64_t>(record.offset()) >= until;
    });
    done = done || beyond != records.end() || (!records.empty() && after(records.back()) >= until);
    records.erase(beyond, records.end());
    counts_.backfill_records += records.size();
    KETAVIGIL_TRY(keep_run(partition, Lane::backfill, &records));
  }
  KETAVIGIL_TRY(backfill_->assign({}));
  if (sink_.place(partition->shard, Lane::backfill) < until)
    return sink_.pass(partition->shard, Lane::backfill, until);
  return {};
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
