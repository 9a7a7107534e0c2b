#include "ingest/kafka/producer.h"

#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace ketavigil::ingest::kafka {
namespace {

constexpr int full_wait_ms = 50;
constexpr int delivery_wait_ms = 20;
constexpr int metadata_step_ms = 1000;
// librdkafka before it repeats the client's nonce, which Kafka 3.x bears and 4.x does not.
constexpr int version_with_right_scram = 0x020601ff;

Status set_up(rd_kafka_conf_t* conf, const ProducerSettings& settings) {
  // Retries keep the order and make no second copy; all in-sync replicas have what is delivered.
  KETAVIGIL_TRY(set(conf, "enable.idempotence", "true"));
  KETAVIGIL_TRY(set(conf, "acks", "all"));
  KETAVIGIL_TRY(set(conf, "linger.ms", std::to_string(settings.linger.count())));
  KETAVIGIL_TRY(set(conf, "compression.type", settings.compression));
  KETAVIGIL_TRY(set(conf, "message.timeout.ms", std::to_string(settings.give_up_after.count())));
  KETAVIGIL_TRY(
      set(conf, "queue.buffering.max.messages", std::to_string(settings.waiting_records_max)));
  KETAVIGIL_TRY(
      set(conf, "queue.buffering.max.kbytes", std::to_string(settings.waiting_kbytes_max)));
  // An event may have 1 MiB, and headers.
  return set(conf, "message.max.bytes", "2097152");
}

struct MetadataDeleter {
  void operator()(const struct rd_kafka_metadata* metadata) const {
    rd_kafka_metadata_destroy(metadata);
  }
};
struct TopicDeleter {
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};
struct QueueDeleter {
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
};
struct EventDeleter {
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
};
struct ErrorDeleter {
  void operator()(rd_kafka_error_t* error) const { rd_kafka_error_destroy(error); }
};
struct HeadersDeleter {
  void operator()(rd_kafka_headers_t* headers) const { rd_kafka_headers_destroy(headers); }
};
using HeadersOwner = std::unique_ptr<rd_kafka_headers_t, HeadersDeleter>;

// The array form of producing: the variadic one's macros are no ISO C++. What they point to must
// live until it is called.
std::array<rd_kafka_vu_t, 7> arguments_of(const OutgoingRecord& record, rd_kafka_headers_t* headers,
                                          void* opaque) {
  std::array<rd_kafka_vu_t, 7> all{};
  all[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  all[0].u.cstr = record.to.topic.c_str();
  all[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  all[1].u.i32 = record.to.partition;
  all[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  all[2].u.i = RD_KAFKA_MSG_F_COPY;
  // A null pointer is a null key or value, which an empty one is not.
  const auto bytes = [](rd_kafka_vu_t* to, rd_kafka_vtype_t type,
                        const std::optional<std::string_view>& from) {
    to->vtype = type;
    if (!from) return;
    to->u.mem.ptr = const_cast<char*>(from->empty() ? "" : from->data());
    to->u.mem.size = from->size();
  };
  bytes(&all[3], RD_KAFKA_VTYPE_KEY, record.key);
  bytes(&all[4], RD_KAFKA_VTYPE_VALUE, record.value);
  all[5].vtype = RD_KAFKA_VTYPE_HEADERS;
  all[5].u.headers = headers;
  all[6].vtype = RD_KAFKA_VTYPE_OPAQUE;
  all[6].u.ptr = opaque;
  return all;
}

struct ResourceDeleter {
  void operator()(rd_kafka_ConfigResource_t* resource) const {
    rd_kafka_ConfigResource_destroy(resource);
  }
};

}  // namespace

Result<std::unique_ptr<Producer>> Producer::open(const ConnectionSettings& settings,
                                                 const ProducerSettings& producer_settings) {
  KETAVIGIL_TRY_ASSIGN(Conf conf, base_conf(settings));
  KETAVIGIL_TRY(set_up(conf.get(), producer_settings));
  std::unique_ptr<Producer> producer(new Producer());
  rd_kafka_conf_set_opaque(conf.get(), producer.get());
  rd_kafka_conf_set_dr_msg_cb(conf.get(), &Producer::on_delivery);
  rd_kafka_conf_set_error_cb(conf.get(), &Producer::on_error);
  rd_kafka_conf_set_log_cb(conf.get(), &Producer::on_log);
  producer->scram_ = settings.sasl_mechanism.starts_with("SCRAM");
  std::array<char, 512> message{};
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), message.data(), message.size());
  if (client == nullptr) {
    return Error{ErrorKind::configuration,
                 std::string("the Kafka producer cannot be made: ") + message.data()};
  }
  static_cast<void>(conf.release());  // rd_kafka_new took it
  producer->client_.reset(client);
  return producer;
}

Producer::~Producer() {
  if (!client_) return;
  // What is still queued was promised to nobody: who needs it has flushed.
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_poll(client_.get(), 0);
}

void Producer::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++static_cast<Producer*>(self)->delivered_;
  const std::unique_ptr<StateOwner> owner(static_cast<StateOwner*>(message->_private));
  if (!owner) return;
  SentRecords::State& state = **owner;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const std::lock_guard lock(state.mutex);
    if (state.failure.empty()) {
      state.failure = std::string("a record for ") + rd_kafka_topic_name(message->rkt) +
                      " was not delivered: " + rd_kafka_err2str(message->err);
    }
  }
  --state.waiting;
}

void Producer::on_error(rd_kafka_t*, int code, const char* reason, void* self) {
  auto* producer = static_cast<Producer*>(self);
  const std::lock_guard lock(producer->mutex_);
  if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__SSL)
    producer->denied_ = true;
  // That all brokers are down says less than why.
  if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || producer->last_error_.empty())
    producer->last_error_ = reason;
}

Error Producer::no_answer(std::string_view what, rd_kafka_resp_err_t code) {
  const std::lock_guard lock(mutex_);
  std::string message = std::string(what) + ": " + rd_kafka_err2str(code);
  if (!last_error_.empty()) message += " (" + last_error_ + ")";
  if (denied_ && scram_ && rd_kafka_version() < version_with_right_scram) {
    message +=
        ". Kafka 4.x refuses SCRAM of this librdkafka (before 2.6.1), though name and password are "
        "right: use sasl_mechanism PLAIN over TLS";
  }
  return broker_error(std::move(message));
}

void Producer::on_log(const rd_kafka_t*, int, const char*, const char*) {}

Status Producer::send(const OutgoingRecord& record, SentRecords* among) {
  HeadersOwner headers;
  if (!record.headers.empty()) {
    headers.reset(rd_kafka_headers_new(record.headers.size()));
    for (const Header& header : record.headers) {
      rd_kafka_header_add(headers.get(), header.name.data(),
                          static_cast<ssize_t>(header.name.size()), header.value.data(),
                          static_cast<ssize_t>(header.value.size()));
    }
  }
  // Given back by on_delivery, which may come after whoever waits has given up.
  auto owner = among == nullptr ? nullptr : std::make_unique<StateOwner>(among->state_);
  if (owner) ++(*owner)->waiting;
  const auto arguments = arguments_of(record, headers.get(), owner.get());
  while (true) {
    const std::unique_ptr<rd_kafka_error_t, ErrorDeleter> error(
        rd_kafka_produceva(client_.get(), arguments.data(), arguments.size()));
    if (!error) {
      static_cast<void>(headers.release());  // librdkafka took them
      static_cast<void>(owner.release());
      rd_kafka_poll(client_.get(), 0);
      return {};
    }
    const auto code = rd_kafka_error_code(error.get());
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      if (owner) --(*owner)->waiting;
      return broker_error("a record for " + record.to.topic + " cannot be sent", code);
    }
    rd_kafka_poll(client_.get(), full_wait_ms);
  }
}

Status Producer::wait_for(SentRecords* records, std::chrono::milliseconds timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  while (records->state_->waiting > 0 && std::chrono::steady_clock::now() < until)
    rd_kafka_poll(client_.get(), delivery_wait_ms);
  const auto state = std::exchange(records->state_, std::make_shared<SentRecords::State>());
  const std::lock_guard lock(state->mutex);
  if (!state->failure.empty()) return broker_error(state->failure);
  if (state->waiting > 0)
    return no_answer("records were not acknowledged in time", RD_KAFKA_RESP_ERR__TIMED_OUT);
  return {};
}

std::string Producer::fatal_error() const {
  std::array<char, 512> reason{};
  const auto code = rd_kafka_fatal_error(client_.get(), reason.data(), reason.size());
  return code == RD_KAFKA_RESP_ERR_NO_ERROR ? "" : reason.data();
}

Result<int> Producer::partitions(const std::string& topic, std::chrono::milliseconds timeout) {
  const std::unique_ptr<rd_kafka_topic_t, TopicDeleter> handle(
      rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
  const struct rd_kafka_metadata* found = nullptr;
  const auto until = std::chrono::steady_clock::now() + timeout;
  auto code = RD_KAFKA_RESP_ERR__TIMED_OUT;
  // In short steps, since a password that is wrong will not become right.
  while (true) {
    code = rd_kafka_metadata(client_.get(), 0, handle.get(), &found, metadata_step_ms);
    rd_kafka_poll(client_.get(), 0);
    const std::lock_guard lock(mutex_);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || denied_) break;
    if (std::chrono::steady_clock::now() >= until) break;
  }
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return no_answer("no Kafka broker answers", code);
  const std::unique_ptr<const struct rd_kafka_metadata, MetadataDeleter> metadata(found);
  if (metadata->topic_cnt != 1 || metadata->topics[0].err != RD_KAFKA_RESP_ERR_NO_ERROR ||
      metadata->topics[0].partition_cnt == 0) {
    return broker_error("there is no topic " + topic +
                        ": `deploy/kafka/topics.txt` says which there must be and how they are "
                        "set up");
  }
  return metadata->topics[0].partition_cnt;
}

Result<std::string> Producer::cluster(std::chrono::milliseconds timeout) {
  char* name = rd_kafka_clusterid(client_.get(), static_cast<int>(timeout.count()));
  if (name == nullptr) return broker_error("the brokers do not say which cluster they are");
  std::string cluster(name);
  rd_kafka_mem_free(client_.get(), name);
  return cluster;
}

Result<std::string> Producer::setting_of(const std::string& topic, std::string_view name,
                                         std::chrono::milliseconds timeout) {
  const std::unique_ptr<rd_kafka_queue_t, QueueDeleter> queue(rd_kafka_queue_new(client_.get()));
  const std::unique_ptr<rd_kafka_ConfigResource_t, ResourceDeleter> resource(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  std::array<rd_kafka_ConfigResource_t*, 1> asked = {resource.get()};
  rd_kafka_DescribeConfigs(client_.get(), asked.data(), asked.size(), nullptr, queue.get());
  const std::unique_ptr<rd_kafka_event_t, EventDeleter> event(
      rd_kafka_queue_poll(queue.get(), static_cast<int>(timeout.count())));
  if (!event) return broker_error("the brokers do not say how " + topic + " is set up");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return broker_error("the brokers do not say how " + topic + " is set up",
                        rd_kafka_event_error(event.get()));
  }
  std::size_t resources = 0;
  const auto* described = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event.get()), &resources);
  for (std::size_t i = 0; i < resources; ++i) {
    std::size_t entries = 0;
    const auto* configs = rd_kafka_ConfigResource_configs(described[i], &entries);
    for (std::size_t j = 0; j < entries; ++j) {
      if (std::string_view(rd_kafka_ConfigEntry_name(configs[j])) != name) continue;
      const char* value = rd_kafka_ConfigEntry_value(configs[j]);
      return std::string(value == nullptr ? "" : value);
    }
  }
  return broker_error("the brokers do not say which " + std::string(name) + " " + topic + " has");
}

Result<bool> Producer::stamps_on_append(const std::string& topic,
                                        std::chrono::milliseconds timeout) {
  KETAVIGIL_TRY_ASSIGN(const std::string type,
                       setting_of(topic, "message.timestamp.type", timeout));
  return type == "LogAppendTime";
}

Result<std::int64_t> Producer::record_bytes_max(const std::string& topic,
                                                std::chrono::milliseconds timeout) {
  KETAVIGIL_TRY_ASSIGN(const std::string bytes, setting_of(topic, "max.message.bytes", timeout));
  return static_cast<std::int64_t>(std::strtoll(bytes.c_str(), nullptr, 10));
}

}  // namespace ketavigil::ingest::kafka
