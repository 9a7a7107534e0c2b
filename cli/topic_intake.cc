#include "cli/topic_intake.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "events/partition.h"

namespace ketavigil::cli {
namespace {

using ingest::Delivery;
using ingest::Outcome;
using ingest::Receipt;
using ingest::Refusal;

constexpr std::chrono::milliseconds deliver_timeout{30'000};
constexpr std::chrono::milliseconds idle_wait{5};
constexpr std::chrono::milliseconds failed_wait{1'000};
constexpr std::size_t step_events_max = 2000;
constexpr std::size_t step_bytes_max = std::size_t{8} << 20;
constexpr std::chrono::milliseconds ask_timeout{10'000};
constexpr std::int64_t sent_bytes_max = 1'000'000;
// Key, headers, and what surrounds a record in its batch.
constexpr std::int64_t beside_bytes = 8'192;
constexpr int retry_without_room_seconds = 30;
constexpr int retry_after_failure_seconds = 10;

// What the metrics count an event as.
events::Kind kind_of(const events::Decoded& decoded) {
  if (const auto* fact = std::get_if<events::Fact>(&decoded)) return fact->kind;
  const auto& readable = std::get<events::Rejection>(decoded).readable;
  return readable ? readable->kind : events::Kind::none;
}

std::string patient_of(const events::Decoded& decoded) {
  if (const auto* fact = std::get_if<events::Fact>(&decoded))
    return fact->kind == events::Kind::heartbeat ? std::string() : fact->patient;
  const auto& readable = std::get<events::Rejection>(decoded).readable;
  return readable ? readable->patient : std::string();
}

// Whether it is known, or conflicts, shows only where the log is read.
Receipt receipt_of(const Delivery& event, std::size_t bytes_max) {
  if (event.bytes.size() > bytes_max) {
    return {Outcome::too_large, "malformed", "",
            "an event of at most " + std::to_string(bytes_max) + " bytes"};
  }
  const auto* rejection = std::get_if<events::Rejection>(&event.decoded);
  if (rejection == nullptr) return {Outcome::stored, "", "", ""};
  return {Outcome::quarantined, rejection->reason, rejection->field, rejection->expected};
}

// What becomes of it is counted where the log is read.
std::string_view counted_as(Outcome outcome) {
  return ingest::name_of(outcome == Outcome::too_large ? outcome : Outcome::stored);
}

}  // namespace

Result<std::size_t> event_bytes_max_of(ingest::kafka::Producer& producer,
                                       const std::string& topic) {
  KETAVIGIL_TRY_ASSIGN(const std::int64_t record, producer.record_bytes_max(topic, ask_timeout));
  if (record <= 2 * beside_bytes) {
    return Error{ErrorKind::configuration, "the topic " + topic +
                                               " has max.message.bytes=" + std::to_string(record) +
                                               ", too little for facts: give it at least 1048576"};
  }
  return static_cast<std::size_t>(std::min(sent_bytes_max, record - beside_bytes));
}

TopicIntake::TopicIntake(std::unique_ptr<engine::Inbox> inbox, ingest::kafka::Producer& producer,
                         std::string topic, int partitions, std::size_t event_bytes_max,
                         dashboards::Metrics& metrics, spdlog::logger& logger,
                         std::function<void(ErrorKind)> on_failure)
    : inbox_(std::move(inbox)),
      producer_(producer),
      topic_(std::move(topic)),
      partitions_(partitions),
      event_bytes_max_(event_bytes_max),
      metrics_(metrics),
      logger_(logger),
      on_failure_(std::move(on_failure)),
      thread_([this] { run(); }) {}

TopicIntake::~TopicIntake() { stop(); }

void TopicIntake::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

std::variant<std::vector<Receipt>, Refusal> TopicIntake::take(std::vector<Delivery> events) {
  if (failed_ || stopping_) {
    metrics_.count_refused("failed", events.size());
    return Refusal{retry_after_failure_seconds, "the service is stopping"};
  }
  std::vector<Receipt> receipts;
  std::vector<engine::Entry> kept;
  for (const Delivery& event : events) {
    receipts.push_back(receipt_of(event, event_bytes_max_));
    if (receipts.back().outcome == Outcome::too_large) continue;
    engine::Entry entry;
    entry.default_source = event.default_source;
    entry.bytes = event.bytes;
    entry.patient = patient_of(event.decoded);
    kept.push_back(std::move(entry));
  }
  if (!kept.empty()) {
    const Status status = inbox_->keep(kept);
    if (!status.ok()) return refuse(status.error(), events.size());
  }
  for (std::size_t i = 0; i < events.size(); ++i)
    metrics_.count_fact(kind_of(events[i].decoded), counted_as(receipts[i].outcome));
  return receipts;
}

void TopicIntake::note_malformed(std::size_t events) {
  metrics_.count_fact(events::Kind::none, "malformed", events);
}

// Without room nothing was kept, and it goes on by itself; after anything else the store must be
// opened anew.
Refusal TopicIntake::refuse(const Error& error, std::size_t events) {
  if (const Status room = inbox_->check_room(); !room.ok()) {
    metrics_.count_refused("no-room", events);
    return {retry_without_room_seconds, "nothing is taken now: " + room.error().message};
  }
  metrics_.count_refused("failed", events);
  logger_.critical("the inbox cannot be written: {}. The worker ends", error.message);
  if (!failed_.exchange(true)) on_failure_(ErrorKind::storage);
  return {retry_after_failure_seconds, "the inbox cannot be written; the service ends"};
}

void TopicIntake::run() {
  bool sending = true;
  while (!stopping_ && !failed_) {
    const auto some = send_some();
    const bool broken = !some.ok() && some.error().kind == ErrorKind::storage;
    if (broken && inbox_->store().room()) {
      logger_.critical("the inbox cannot be read: {}. The worker ends", some.error().message);
      if (!failed_.exchange(true)) on_failure_(ErrorKind::storage);
      return;
    }
    if (some.ok() != sending) {
      sending = some.ok();
      if (sending) {
        logger_.info("what came over HTTP is sent to the log again");
      } else {
        logger_.error("what came over HTTP waits in the inbox: {}", some.error().message);
      }
    }
    if (!some.ok() || some.value() == 0)
      std::this_thread::sleep_for(some.ok() ? idle_wait : failed_wait);
  }
}

Result<std::size_t> TopicIntake::send_some() {
  KETAVIGIL_TRY_ASSIGN(const auto waiting, inbox_->read(place_, step_events_max, step_bytes_max));
  if (waiting.empty()) {
    // Sent before, when there was no room to note it.
    if (place_ > 0 && inbox_->waiting() > 0) KETAVIGIL_TRY(inbox_->erase_up_to(place_));
    return std::size_t{0};
  }
  ingest::kafka::SentRecords among;
  for (const auto& one : waiting) KETAVIGIL_TRY(send(one.event, &among));
  KETAVIGIL_TRY(producer_.wait_for(&among, deliver_timeout));
  place_ = waiting.back().place;
  sent_ += waiting.size();
  KETAVIGIL_TRY(inbox_->erase_up_to(place_));
  return waiting.size();
}

// A heartbeat and what has no patient may go anywhere: whoever reads it sends it where it belongs.
Status TopicIntake::send(const engine::Entry& event, ingest::kafka::SentRecords* among) {
  ingest::kafka::OutgoingRecord record;
  record.to = {topic_,
               event.patient.empty() ? 0 : events::partition_of(event.patient, partitions_)};
  if (!event.patient.empty()) record.key = event.patient;
  record.value = event.bytes;
  if (!event.default_source.empty())
    record.headers.push_back({ingest::kafka::headers::source, event.default_source});
  return producer_.send(record, among);
}

}  // namespace ketavigil::cli
