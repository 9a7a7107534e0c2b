#include "cli/topic_teller.h"

#include <chrono>

#include "events/partition.h"

namespace ketavigil::cli {
namespace {

constexpr std::chrono::milliseconds ask_timeout{10'000};
constexpr std::chrono::milliseconds deliver_timeout{30'000};
constexpr std::chrono::milliseconds idle_wait{5};
constexpr std::chrono::milliseconds failed_wait{1'000};

}  // namespace

Result<int> ProducerWriter::partitions(const std::string& topic) {
  const auto known = partitions_.find(topic);
  if (known != partitions_.end()) return known->second;
  KETAVIGIL_TRY_ASSIGN(const int count, producer_.partitions(topic, ask_timeout));
  partitions_[topic] = count;
  return count;
}

Status ProducerWriter::send(const routing::kafka::OutRecord& record) {
  KETAVIGIL_TRY_ASSIGN(const int count, partitions(record.topic));
  ingest::kafka::OutgoingRecord out;
  out.to = {record.topic,
            events::partition_of(record.key.empty() ? record.value : record.key, count)};
  if (!record.key.empty()) out.key = record.key;
  out.value = record.value;
  for (const auto& [name, value] : record.headers) out.headers.push_back({name, value});
  return producer_.send(out, &sent_);
}

Status ProducerWriter::flush() { return producer_.wait_for(&sent_, deliver_timeout); }

TopicTeller::TopicTeller(const Configuration& configuration, engine::Programme& programme,
                         ingest::kafka::Producer& producer, spdlog::logger& logger,
                         std::function<void(ErrorKind)> on_failure)
    : producer_(producer),
      writer_(producer),
      relay_(programme, writer_, {configuration.kafka->prefix, 1000}),
      logger_(logger),
      on_failure_(std::move(on_failure)),
      thread_([this] { run(); }) {}

TopicTeller::~TopicTeller() { stop(); }

void TopicTeller::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void TopicTeller::run() {
  while (true) {
    const bool last = stopping_.load();
    const auto told = relay_.step();
    if (told.ok() != telling_.load()) {
      telling_ = told.ok();
      if (told.ok()) {
        logger_.info("what is new is told again");
      } else {
        logger_.error("what is new cannot be told and waits: {}", told.error().message);
      }
    }
    if (const std::string fatal = producer_.fatal_error(); !fatal.empty()) {
      logger_.critical("nothing can be told any more: {}. The worker ends", fatal);
      return on_failure_(ErrorKind::broker);
    }
    const bool idle = !told.ok() || told.value() == 0;
    if (last && idle) return;
    if (idle) std::this_thread::sleep_for(told.ok() ? idle_wait : failed_wait);
  }
}

}  // namespace ketavigil::cli
