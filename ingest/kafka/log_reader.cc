#include "ingest/kafka/log_reader.h"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

namespace ketavigil::ingest::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A broker that was just started makes the topic of committed offsets first.
constexpr milliseconds ask_timeout{30'000};
constexpr milliseconds quick_ask_timeout{1'000};
constexpr seconds look_every{1};    // at offsets, for lag, commits and the backfill
constexpr seconds watch_every{30};  // at the number of partitions
constexpr seconds mark_again_after{60};
constexpr seconds mark_under_load_after{5};  // a lane that is never idle must not starve the other

std::uint64_t unsigned_offset(std::int64_t offset) { return static_cast<std::uint64_t>(offset); }

}  // namespace

Result<LogTopics> look_at_topics(Producer& producer, const LogSettings& settings,
                                 milliseconds timeout) {
  LogTopics topics;
  KETAVIGIL_TRY_ASSIGN(topics.partitions, producer.partitions(settings.events_topic, timeout));
  KETAVIGIL_TRY_ASSIGN(const int backfill, producer.partitions(settings.backfill_topic, timeout));
  if (backfill != topics.partitions) {
    return Error{ErrorKind::configuration,
                 settings.events_topic + " has " + std::to_string(topics.partitions) +
                     " partitions and " + settings.backfill_topic + " " + std::to_string(backfill) +
                     ": a patient must have the same shard in both. Make the topics anew with one "
                     "number, and send the facts there by `ketavigil produce`"};
  }
  KETAVIGIL_TRY_ASSIGN(const int cohort, producer.partitions(settings.cohort_topic, timeout));
  if (cohort != 1) {
    return Error{ErrorKind::configuration,
                 settings.cohort_topic + " has " + std::to_string(cohort) +
                     " partitions: the cohort is one shard. Make the topic anew with one"};
  }
  for (const std::string& topic :
       {settings.events_topic, settings.backfill_topic, settings.cohort_topic}) {
    KETAVIGIL_TRY_ASSIGN(const bool stamps, producer.stamps_on_append(topic, timeout));
    if (stamps) continue;
    return Error{ErrorKind::configuration,
                 "the topic " + topic +
                     " has message.timestamp.type=CreateTime: a sender's clock would become the "
                     "log's. Set it to LogAppendTime (kafka-configs --alter --add-config "
                     "message.timestamp.type=LogAppendTime)"};
  }
  return topics;
}

Result<std::unique_ptr<LogReader>> LogReader::open(const ConnectionSettings& connection,
                                                   const LogSettings& settings, int partitions,
                                                   std::vector<int> shards, LogSink& sink,
                                                   Producer& producer) {
  std::unique_ptr<LogReader> reader(new LogReader(settings, partitions, sink, producer));
  KETAVIGIL_TRY(reader->begin(connection, shards));
  return reader;
}

Status LogReader::begin(const ConnectionSettings& connection, const std::vector<int>& shards) {
  KETAVIGIL_TRY_ASSIGN(live_, Consumer::open(connection, settings_.group_id, settings_.membership));
  KETAVIGIL_TRY_ASSIGN(backfill_, Consumer::open(connection, settings_.group_id + "-backfill"));
  counts_.connected = true;
  if (settings_.membership) return live_->join(settings_.events_topic, *this);
  std::vector<TopicPartition> all;
  for (const int shard : shards) all.push_back({settings_.events_topic, shard});
  KETAVIGIL_TRY_ASSIGN(const auto places, given(all));
  return live_->assign(places);
}

// Partitions that stay are read on from where the store is, like those that come.
Result<std::vector<Place>> LogReader::given(const std::vector<TopicPartition>& partitions) {
  std::vector<int> shards;
  shards.reserve(partitions.size());
  for (const TopicPartition& one : partitions) shards.push_back(one.partition);
  if (settings_.membership) KETAVIGIL_TRY(give_up_others(shards));
  KETAVIGIL_TRY(take_on(shards));
  placed_ = true;
  ++counts_.placements;
  ask_for_backfill();  // the lag is known before anything is read
  std::vector<Place> places;
  for (const int shard : shards) {
    places.push_back({{settings_.events_topic, shard},
                      static_cast<std::int64_t>(sink_.place(shard, Lane::events))});
  }
  return places;
}

// Also those that only an earlier run of this worker has kept.
Status LogReader::give_up_others(const std::vector<int>& shards) {
  for (int shard = 0; shard < partitions_; ++shard) {
    if (std::find(shards.begin(), shards.end(), shard) != shards.end()) continue;
    if (owned_.erase(shard) > 0) KETAVIGIL_TRY(sink_.end_work(shard));
    KETAVIGIL_TRY(sink_.release(shard));
  }
  return {};
}

Status LogReader::take_on(const std::vector<int>& shards) {
  std::vector<TopicPartition> asked;
  for (const int shard : shards) {
    if (owned_.count(shard) == 0) asked.push_back({settings_.events_topic, shard});
  }
  if (asked.empty()) return {};
  KETAVIGIL_TRY_ASSIGN(const auto committed, live_->committed(asked, ask_timeout));
  SentRecords sent;
  for (const TopicPartition& one : asked) {
    const auto told = committed.find(one);
    KETAVIGIL_TRY(take_on_one(
        one.partition, told == committed.end() ? 0 : unsigned_offset(told->second.next_offset)));
    const auto epoch = sink_.pending_epoch(one.partition);
    if (epoch) send_control(one.partition, "epoch", *epoch, &sent);
  }
  return producer_.wait_for(&sent, ask_timeout);
}

Status LogReader::take_on_one(int shard, std::uint64_t committed) {
  KETAVIGIL_TRY(sink_.acquire(shard));
  Partition& partition = owned_[shard];
  partition.shard = shard;
  make_reader(&partition);
  KETAVIGIL_TRY_ASSIGN(const bool unfinished, sink_.begin_work(shard));
  if (unfinished) partition.careful_until = sink_.place(shard, Lane::events) + run_records_max;
  return check_place(&partition, committed);
}

void LogReader::make_reader(Partition* partition) {
  EntrySettings settings;
  settings.source_when_none.clear();
  partition->reader =
      std::make_unique<EntryReader>(sink_.decode_settings(partition->shard), settings);
}

// A shard goes on where it stopped, or not at all.
Status LogReader::check_place(Partition* partition, std::uint64_t committed) {
  const int shard = partition->shard;
  for (const Lane lane : {Lane::events, Lane::backfill}) {
    const std::uint64_t place = sink_.place(shard, lane);
    KETAVIGIL_TRY_ASSIGN(const Watermarks marks,
                         live_->watermarks({topic(lane), shard}, ask_timeout));
    const std::string where = topic(lane) + " partition " + std::to_string(shard);
    if (place < unsigned_offset(marks.low)) {
      return broker_error(where + " begins at offset " + std::to_string(marks.low) + ", shard " +
                          std::to_string(shard) + " has read up to " + std::to_string(place) +
                          ": what lies between is lost here. " +
                          sink_.way_back(shard, lane, unsigned_offset(marks.low)));
    }
    if (place > unsigned_offset(marks.high)) {
      return broker_error(
          where + " ends at offset " + std::to_string(marks.high) + ", shard " +
          std::to_string(shard) + " has read up to " + std::to_string(place) +
          ": the topic lost records or was made anew. Restore it, or begin a new data directory");
    }
    if (lane == Lane::backfill) partition->backfill_high = unsigned_offset(marks.high);
  }
  partition->told = committed;
  if (committed > sink_.place(shard, Lane::events)) behind_.push_back(shard);
  return {};
}

Status LogReader::step() {
  if (const std::string fatal = producer_.fatal_error(); !fatal.empty())
    return broker_error("nothing can be sent any more: " + fatal);
  PollLimits limits;
  std::vector<Record> records;
  KETAVIGIL_TRY(live_->poll(limits, &records));
  idle_ = records.empty();
  KETAVIGIL_TRY(keep(std::move(records)));
  if (placed_ && Clock::now() >= next_look_) {
    ask_for_backfill();
    tell_broker();
    next_look_ = Clock::now() + look_every;
  }
  KETAVIGIL_TRY(watch_topics());
  let_time_pass();
  return {};
}

Status LogReader::end() {
  for (const auto& [shard, partition] : owned_) KETAVIGIL_TRY(sink_.end_work(shard));
  return {};
}

bool LogReader::is_at_end() const {
  if (!idle_ || !placed_) return false;
  return std::all_of(owned_.begin(), owned_.end(), [this](const auto& entry) {
    const Partition& partition = entry.second;
    return live_->is_at_end({settings_.events_topic, partition.shard}) &&
           sink_.place(partition.shard, Lane::backfill) >= partition.backfill_high;
  });
}

// Partitions are independent of each other: as many at once as there are threads.
Status LogReader::keep(std::vector<Record> records) {
  std::map<int, Pass> passes;
  for (Record& record : records) {
    const auto owned = owned_.find(record.partition());
    if (owned == owned_.end()) continue;
    Pass& pass = passes[record.partition()];
    pass.partition = &owned->second;
    pass.records.push_back(std::move(record));
  }
  std::vector<Pass*> work;
  for (auto& [number, pass] : passes) work.push_back(&pass);
  std::atomic<std::size_t> next{0};
  const auto run = [&] {
    for (std::size_t i = next++; i < work.size(); i = next++) {
      try {
        work[i]->status = keep_partition(work[i]);
      } catch (const std::exception& error) {
        work[i]->status =
            Status::failure(ErrorKind::storage,
                            std::string("a partition was not kept to its end: ") + error.what());
      }
    }
  };
  std::vector<std::thread> others;
  const auto threads = std::min(work.size(), static_cast<std::size_t>(settings_.threads));
  for (std::size_t i = 1; i < threads; ++i) others.emplace_back(run);
  run();
  for (std::thread& thread : others) thread.join();
  for (const Pass* pass : work) {
    if (!pass->status.ok()) return pass->status;
  }
  return {};
}

void LogReader::send_control(int shard, const char* entry, std::string_view value,
                             SentRecords* sent) {
  const Status status = producer_.send(
      {{settings_.events_topic, shard}, std::nullopt, value, {{headers::entry, entry}}}, sent);
  if (!status.ok()) counts_.connected = false;
}

void LogReader::let_time_pass() {
  if (Clock::now() < next_tick_) return;
  next_tick_ = Clock::now() + settings_.tick_every;
  // Without brokers there is no log in which time could pass.
  if (!counts_.connected || !placed_) return;
  for (const auto& [shard, partition] : owned_) send_control(shard, "tick", "{}", nullptr);
}

// A part of the backfill comes in where a mark in the log says so: live first.
void LogReader::ask_for_backfill() {
  std::uint64_t lag = 0;
  std::uint64_t backfill_lag = 0;
  std::vector<int> shards;
  for (const auto& [shard, partition] : owned_) shards.push_back(shard);
  const auto backfill = backfill_->ends(settings_.backfill_topic, shards, quick_ask_timeout);
  const auto live = live_->ends(settings_.events_topic, shards, quick_ask_timeout);
  if (!backfill.ok() || !live.ok()) {
    counts_.connected = false;
    return;
  }
  for (auto& [shard, partition] : owned_) {
    const TopicPartition of{settings_.events_topic, shard};
    partition.backfill_high = unsigned_offset(backfill.value().at(shard));
    const std::uint64_t live_high = unsigned_offset(live.value().at(shard));
    const std::uint64_t place = sink_.place(shard, Lane::backfill);
    const std::uint64_t live_place = sink_.place(shard, Lane::events);
    lag += live_high - std::min(live_high, live_place);
    if (partition.backfill_high <= place) continue;
    backfill_lag += partition.backfill_high - place;
    const auto since = Clock::now() - partition.marked_at;
    const bool under_way = partition.marked_until > place && since < mark_again_after;
    if (under_way || (!live_->is_at_end(of) && since < mark_under_load_after)) continue;
    partition.marked_until =
        std::min(partition.backfill_high, place + settings_.backfill_step_records);
    partition.marked_at = Clock::now();
    send_control(shard, "backfill", nlohmann::json{{"until", partition.marked_until}}.dump(),
                 nullptr);
  }
  counts_.lag_records = lag;
  counts_.backfill_lag_records = backfill_lag;
  counts_.connected = true;
}

void LogReader::tell_broker() {
  if (!placed_) return;
  std::vector<Place> places;
  for (auto& [shard, partition] : owned_) {
    const std::uint64_t place = sink_.place(shard, Lane::events);
    if (place <= partition.told && partition.told_about) continue;
    partition.told = std::max(partition.told, place);  // committed offsets only go forward
    partition.told_about = true;
    places.push_back({{settings_.events_topic, shard}, static_cast<std::int64_t>(partition.told)});
  }
  live_->commit(places, settings_.about);
}

Status LogReader::watch_topics() {
  if (Clock::now() < next_watch_) return {};
  next_watch_ = Clock::now() + watch_every;
  for (const std::string& name : {settings_.events_topic, settings_.backfill_topic}) {
    const auto partitions = producer_.partitions(name, quick_ask_timeout);
    if (!partitions.ok() || partitions.value() == partitions_) continue;
    return Status::failure(
        ErrorKind::configuration,
        name + " now has " + std::to_string(partitions.value()) + " partitions, this programme " +
            std::to_string(partitions_) +
            ": patients would change their shard, so nothing more is read. Make new topics, send "
            "the facts there by `ketavigil produce`, and begin a new data directory");
  }
  return {};
}

}  // namespace ketavigil::ingest::kafka
