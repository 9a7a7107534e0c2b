#include "ingest/kafka/consumer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <thread>
#include <utility>

namespace ketavigil::ingest::kafka {
namespace {

constexpr std::chrono::milliseconds ask_again_after{100};
constexpr int one_ask_ms_max = 2'000;  // then another broker may be the leader

PartitionList list_of(const std::vector<Place>& places) {
  PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(places.size())));
  for (const Place& place : places) {
    rd_kafka_topic_partition_list_add(list.get(), place.of.topic.c_str(), place.of.partition)
        ->offset = place.next_offset;
  }
  return list;
}

// A coordinator or a leader that moves, or was elected this moment, or a broker that has not heard
// of a new topic yet, is no answer: it is asked again.
bool is_passing(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
      return true;
    default:
      return false;
  }
}

// `ask` is given the milliseconds that are left.
template <typename Ask>
rd_kafka_resp_err_t ask_until(std::chrono::milliseconds timeout, Ask ask) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    const rd_kafka_resp_err_t code = ask(std::max(1, static_cast<int>(left.count())));
    if (!is_passing(code) || left <= ask_again_after) return code;
    std::this_thread::sleep_for(ask_again_after);
  }
}

std::string name_of(const TopicPartition& of) {
  return of.topic + " partition " + std::to_string(of.partition);
}

Status set_up_membership(rd_kafka_conf_t* conf, const Membership& membership) {
  const auto session = membership.session_timeout.count();
  KETAVIGIL_TRY(set(conf, "group.instance.id", membership.member));
  KETAVIGIL_TRY(set(conf, "session.timeout.ms", std::to_string(session)));
  KETAVIGIL_TRY(set(conf, "heartbeat.interval.ms", std::to_string(session / 3)));
  // Eager: everything is taken before anything is given, so that nobody needs to wait for another.
  return set(conf, "partition.assignment.strategy", "range");
}

Status set_up(rd_kafka_conf_t* conf, const std::string& group_id) {
  KETAVIGIL_TRY(set(conf, "group.id", group_id));
  // Offsets are in the store; the broker's are told after the fact.
  KETAVIGIL_TRY(set(conf, "enable.auto.commit", "false"));
  KETAVIGIL_TRY(set(conf, "enable.auto.offset.store", "false"));
  // A log that no longer reaches back is an error, never a gap.
  KETAVIGIL_TRY(set(conf, "auto.offset.reset", "error"));
  KETAVIGIL_TRY(set(conf, "check.crcs", "true"));
  KETAVIGIL_TRY(set(conf, "enable.partition.eof", "true"));
  KETAVIGIL_TRY(set(conf, "isolation.level", "read_committed"));
  KETAVIGIL_TRY(set(conf, "queued.min.messages", "100000"));
  KETAVIGIL_TRY(set(conf, "queued.max.messages.kbytes", "65536"));
  KETAVIGIL_TRY(set(conf, "fetch.wait.max.ms", "100"));
  KETAVIGIL_TRY(set(conf, "fetch.error.backoff.ms", "100"));
  if (rd_kafka_version() >= version_with_queue_backoff)
    return set(conf, "fetch.queue.backoff.ms", "50");
  KETAVIGIL_TRY(set(conf, "topic.metadata.refresh.interval.ms", "100"));
  return set(conf, "metadata.max.age.ms", "900000");  // else three times the line above
}

}  // namespace

Result<std::unique_ptr<Consumer>> Consumer::open(const ConnectionSettings& settings,
                                                 const std::string& group_id,
                                                 const std::optional<Membership>& membership) {
  KETAVIGIL_TRY_ASSIGN(Conf conf, base_conf(settings));
  KETAVIGIL_TRY(set_up(conf.get(), group_id));
  if (membership) {
    KETAVIGIL_TRY(set_up_membership(conf.get(), *membership));
    rd_kafka_conf_set_rebalance_cb(conf.get(), &Consumer::on_rebalance);
  }
  std::unique_ptr<Consumer> consumer(new Consumer());
  rd_kafka_conf_set_opaque(conf.get(), consumer.get());
  rd_kafka_conf_set_error_cb(conf.get(), &Consumer::on_error);
  rd_kafka_conf_set_log_cb(conf.get(), &Consumer::on_log);
  std::array<char, 512> message{};
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), message.data(), message.size());
  if (client == nullptr) {
    return Error{ErrorKind::configuration,
                 std::string("the Kafka consumer cannot be made: ") + message.data()};
  }
  static_cast<void>(conf.release());  // rd_kafka_new took it
  consumer->client_.reset(client);
  rd_kafka_poll_set_consumer(client);
  return consumer;
}

Consumer::~Consumer() {
  placement_ = nullptr;  // closing takes the partitions, which nobody needs to hear of
  if (client_) rd_kafka_consumer_close(client_.get());
}

Status Consumer::join(const std::string& topic_name, Placement& placement) {
  placement_ = &placement;
  const PartitionList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic_name.c_str(), RD_KAFKA_PARTITION_UA);
  const auto code = rd_kafka_subscribe(client_.get(), list.get());
  return code == RD_KAFKA_RESP_ERR_NO_ERROR ? Status()
                                            : broker_error("the group cannot be joined", code);
}

void Consumer::on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t code,
                            rd_kafka_topic_partition_list_t* partitions, void* self) {
  auto* consumer = static_cast<Consumer*>(self);
  consumer->was_placed_anew_ = true;
  if (consumer->placement_ != nullptr && code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
    return consumer->place(partitions);
  if (consumer->placement_ != nullptr) consumer->placement_->taken();
  rd_kafka_assign(client, nullptr);
}

void Consumer::place(rd_kafka_topic_partition_list_t* partitions) {
  std::vector<TopicPartition> given;
  for (int i = 0; i < partitions->cnt; ++i)
    given.push_back({partitions->elems[i].topic, partitions->elems[i].partition});
  // Called from C, through which no exception may pass.
  try {
    const auto places = placement_->given(given);
    placed_ = places.ok() ? assign(places.value()) : places.status();
  } catch (const std::exception& error) {
    placed_ = Status::failure(ErrorKind::storage,
                              std::string("partitions could not be taken on: ") + error.what());
  }
  if (!placed_.ok()) rd_kafka_assign(client_.get(), nullptr);
}

void Consumer::on_error(rd_kafka_t*, int code, const char* reason, void* self) {
  auto* consumer = static_cast<Consumer*>(self);
  const std::lock_guard lock(consumer->mutex_);
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) consumer->connected_ = false;
  consumer->last_error_ = reason;
}

// What matters comes as an error; librdkafka's own lines would only repeat it.
void Consumer::on_log(const rd_kafka_t*, int, const char*, const char*) {}

Status Consumer::assign(const std::vector<Place>& places) {
  at_end_.clear();
  next_.clear();
  for (const Place& place : places) next_[place.of] = place.next_offset;
  const auto code = rd_kafka_assign(client_.get(), list_of(places).get());
  return code == RD_KAFKA_RESP_ERR_NO_ERROR ? Status()
                                            : broker_error("partitions cannot be assigned", code);
}

Status Consumer::poll(const PollLimits& limits, std::vector<Record>* records) {
  std::size_t bytes = 0;
  std::chrono::milliseconds wait = limits.wait;
  for (std::size_t taken = 0; taken < limits.records_max && bytes < limits.bytes_max;) {
    rd_kafka_message_t* message =
        rd_kafka_consumer_poll(client_.get(), static_cast<int>(wait.count()));
    // What was read before the partitions were placed anew is read again, by whoever has it now.
    // What comes after is of the new places: librdkafka drops what it had fetched for the old ones.
    if (std::exchange(was_placed_anew_, false)) records->clear();
    if (message == nullptr) break;
    wait = std::chrono::milliseconds(0);
    const std::size_t before = records->size();
    const std::size_t size = message->len;
    KETAVIGIL_TRY(take(message, records));
    if (records->size() == before) continue;
    ++taken;
    bytes += size;
  }
  return std::exchange(placed_, Status());
}

Status Consumer::take(rd_kafka_message_t* message, std::vector<Record>* records) {
  Record record(message);
  if (message->err == RD_KAFKA_RESP_ERR__FATAL) {
    lost_ = true;
    std::array<char, 512> reason{};
    const auto code = rd_kafka_fatal_error(client_.get(), reason.data(), reason.size());
    if (code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID)
      return broker_error(
          "another process is the same member of the group: each needs a `kafka.member` of its "
          "own");
    return broker_error(std::string("nothing can be read any more: ") + reason.data());
  }
  if (message->rkt == nullptr) return {};  // of no topic: told by on_error already
  const TopicPartition of{std::string(record.topic()), record.partition()};
  switch (message->err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      break;
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      at_end_[of] = true;
      next_[of] = std::max(next_[of], record.offset());
      return {};
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      lost_ = true;
      return broker_error("the log of " + name_of(of) + " no longer has offset " +
                          std::to_string(next_[of]) +
                          ", which is the next to read: what lies between is lost. The next start "
                          "says what the shard can be restored from");
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__FATAL:
      lost_ = true;
      return broker_error(name_of(of) + " cannot be read", message->err);
    default: {  // librdkafka tries again by itself
      const std::lock_guard lock(mutex_);
      last_error_ = rd_kafka_err2str(message->err);
      return {};
    }
  }
  // What is below was read before; a jump upwards is compaction or a transaction's marker.
  std::int64_t& next = next_[of];
  if (record.offset() < next) return {};
  next = record.offset() + 1;
  at_end_[of] = false;
  if (!is_connected()) note_connected();
  records->push_back(std::move(record));
  return {};
}

bool Consumer::is_at_end(const TopicPartition& of) const {
  const auto it = at_end_.find(of);
  return it != at_end_.end() && it->second;
}

std::int64_t Consumer::next_offset(const TopicPartition& of) const {
  const auto it = next_.find(of);
  return it == next_.end() ? 0 : it->second;
}

void Consumer::commit(const std::vector<Place>& places, const std::string& about) {
  if (places.empty()) return;
  const PartitionList list = list_of(places);
  for (int i = 0; i < list->cnt && !about.empty(); ++i) {
    list->elems[i].metadata = ::strdup(about.c_str());  // librdkafka frees it
    list->elems[i].metadata_size = about.size();
  }
  rd_kafka_commit(client_.get(), list.get(), 1);
}

Result<std::map<TopicPartition, Committed>> Consumer::committed(
    const std::vector<TopicPartition>& of, std::chrono::milliseconds timeout) {
  std::vector<Place> places;
  for (const TopicPartition& one : of) places.push_back({one, RD_KAFKA_OFFSET_INVALID});
  const PartitionList list = list_of(places);
  const auto code = ask_until(
      timeout, [&](int left_ms) { return rd_kafka_committed(client_.get(), list.get(), left_ms); });
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return broker_error("committed offsets cannot be read", code);
  std::map<TopicPartition, Committed> out;
  for (int i = 0; i < list->cnt; ++i) {
    const auto& element = list->elems[i];
    if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR || element.offset < 0) continue;
    Committed& one = out[{element.topic, element.partition}];
    one.next_offset = element.offset;
    if (element.metadata != nullptr)
      one.about.assign(static_cast<const char*>(element.metadata), element.metadata_size);
  }
  return out;
}

// rd_kafka_query_watermark_offsets of 2.0.2 asks the leader that it remembers, for up to
// metadata.max.age.ms, and heeds no timeout while that one is down: who reads would stand still.
rd_kafka_resp_err_t Consumer::ask_offsets(const std::vector<Place>& which, int timeout_ms,
                                          std::vector<std::int64_t>* offsets) const {
  const PartitionList list = list_of(which);
  const auto code =
      rd_kafka_offsets_for_times(client_.get(), list.get(), std::min(timeout_ms, one_ask_ms_max));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return code;
  offsets->clear();
  for (int i = 0; i < list->cnt; ++i) {
    if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return list->elems[i].err;
    offsets->push_back(list->elems[i].offset);
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

// What is remembered of the topic's leaders is replaced by the answer.
void Consumer::ask_for_leaders(const std::string& topic, int timeout_ms) const {
  rd_kafka_topic_t* handle = rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr);
  if (handle == nullptr) return;
  const struct rd_kafka_metadata* metadata = nullptr;
  const auto code =
      rd_kafka_metadata(client_.get(), 0, handle, &metadata, std::min(timeout_ms, one_ask_ms_max));
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) rd_kafka_metadata_destroy(metadata);
  rd_kafka_topic_destroy(handle);
}

Result<std::vector<std::int64_t>> Consumer::offsets(const std::string& topic_name,
                                                    const std::vector<Place>& which,
                                                    std::chrono::milliseconds timeout) const {
  std::vector<std::int64_t> out;
  if (which.empty()) return out;
  const auto code = ask_until(timeout, [&](int left_ms) {
    const auto answer = ask_offsets(which, left_ms, &out);
    if (answer != RD_KAFKA_RESP_ERR_NO_ERROR) ask_for_leaders(topic_name, left_ms);
    return answer;
  });
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return broker_error("the offsets of " + topic_name + " cannot be read", code);
  note_connected();
  return out;
}

Result<Watermarks> Consumer::watermarks(const TopicPartition& of,
                                        std::chrono::milliseconds timeout) const {
  KETAVIGIL_TRY_ASSIGN(const auto low,
                       offsets(of.topic, {{of, RD_KAFKA_OFFSET_BEGINNING}}, timeout));
  KETAVIGIL_TRY_ASSIGN(const auto high, offsets(of.topic, {{of, RD_KAFKA_OFFSET_END}}, timeout));
  return Watermarks{low.front(), high.front()};
}

Result<std::map<int, std::int64_t>> Consumer::ends(const std::string& topic_name,
                                                   const std::vector<int>& partitions,
                                                   std::chrono::milliseconds timeout) const {
  std::vector<Place> asked;
  for (const int partition : partitions)
    asked.push_back({{topic_name, partition}, RD_KAFKA_OFFSET_END});
  KETAVIGIL_TRY_ASSIGN(const auto found, offsets(topic_name, asked, timeout));
  std::map<int, std::int64_t> out;
  for (std::size_t i = 0; i < found.size(); ++i) out[partitions[i]] = found[i];
  return out;
}

void Consumer::note_connected() const {
  const std::lock_guard lock(mutex_);
  connected_ = true;
  last_error_.clear();
}

bool Consumer::is_connected() const {
  const std::lock_guard lock(mutex_);
  return connected_;
}

std::string Consumer::last_error() const {
  const std::lock_guard lock(mutex_);
  return last_error_;
}

}  // namespace ketavigil::ingest::kafka
