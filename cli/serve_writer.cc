#include "cli/serve_writer.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace ketavigil::cli {
namespace {

using engine::Answer;
using engine::Parsed;
using ingest::Receipt;
using ingest::Refusal;

constexpr int retry_when_full_seconds = 1;
constexpr int retry_without_room_seconds = 30;
constexpr int retry_after_failure_seconds = 10;

const Refusal full{retry_when_full_seconds, "too many events wait: try again a little later"};
const Refusal without_room{retry_without_room_seconds,
                           "the store has too little free space and takes nothing now"};
const Refusal after_failure{retry_after_failure_seconds,
                            "the store cannot be written; the service ends and must be restarted"};
const Refusal while_stopping{retry_after_failure_seconds, "the service is stopping"};

ingest::Outcome outcome_of(engine::Outcome outcome) {
  switch (outcome) {
    case engine::Outcome::accepted:
      return ingest::Outcome::accepted;
    case engine::Outcome::duplicate:
      return ingest::Outcome::duplicate;
    case engine::Outcome::conflict:
      return ingest::Outcome::conflict;
    case engine::Outcome::quarantined:
      return ingest::Outcome::quarantined;
  }
  return ingest::Outcome::quarantined;
}

// What metrics need of an event after it was handed over.
struct Noted {
  events::Kind kind = events::Kind::none;
  std::optional<events::Microseconds> recorded;
};

Noted note_of(const events::Decoded& decoded) {
  const auto* fact = std::get_if<events::Fact>(&decoded);
  if (fact == nullptr) {
    const auto& readable = std::get<events::Rejection>(decoded).readable;
    if (!readable) return {};
    fact = &*readable;
  }
  return {fact->kind, fact->recorded ? std::optional(fact->recorded->us) : std::nullopt};
}

double seconds_between(events::Microseconds from, events::Microseconds to) {
  return static_cast<double>(to - from) / static_cast<double>(events::second_us);
}

}  // namespace

LiveWriter::LiveWriter(engine::Programme& programme, dashboards::Metrics& metrics,
                       spdlog::logger& logger, const LiveWriterOptions& options,
                       std::function<void()> on_failure)
    : programme_(programme),
      metrics_(metrics),
      logger_(logger),
      options_(options),
      on_failure_(std::move(on_failure)),
      thread_([this] { run(); }) {}

LiveWriter::~LiveWriter() { stop(); }

void LiveWriter::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

LiveWriter::Taken LiveWriter::take(std::vector<ingest::Delivery> events) {
  const std::size_t count = events.size();
  auto waiting = std::make_shared<Waiting>();
  waiting->events = std::move(events);
  auto answer = waiting->answer.get_future();
  {
    const std::lock_guard lock(mutex_);
    if (failed_ || stopping_) {
      metrics_.count_refused("failed", count);
      return failed_ ? after_failure : while_stopping;
    }
    if (!queue_.empty() && waiting_events_ + count > options_.waiting_events_max) {
      metrics_.count_refused("full", count);
      return full;
    }
    queue_.push_back(std::move(waiting));
    waiting_events_ += count;
    metrics_.set_waiting_events(waiting_events_);
  }
  wake_.notify_one();
  return answer.get();
}

void LiveWriter::note_malformed(std::size_t events) {
  metrics_.count_fact(events::Kind::none, "malformed", events);
}

void LiveWriter::run() {
  // At once: what came due while no service ran is due now.
  auto next_tick = Steady::now();
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait_until(lock, next_tick, [this] { return stopping_ || !queue_.empty(); });
    const Requests requests = next_requests();
    const bool ends = stopping_ && requests.empty();
    if (ends) return;
    lock.unlock();
    if (!requests.empty()) commit(requests);
    if (Steady::now() >= next_tick) {
      tick();
      next_tick = Steady::now() + std::chrono::seconds(options_.tick_seconds);
    }
    lock.lock();
  }
}

LiveWriter::Requests LiveWriter::next_requests() {
  Requests requests;
  std::size_t events = 0;
  while (!queue_.empty()) {
    const std::size_t more = queue_.front()->events.size();
    if (events > 0 && events + more > options_.pass_events_max) break;
    events += more;
    requests.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  waiting_events_ -= events;
  metrics_.set_waiting_events(waiting_events_);
  return requests;
}

void LiveWriter::commit(const Requests& requests) {
  if (failed_) return refuse(requests, "failed", after_failure);
  if (!check_room().ok()) return refuse(requests, "no-room", without_room);
  std::vector<Parsed> events;
  std::vector<Noted> noted;
  for (const auto& request : requests) {
    for (ingest::Delivery& delivery : request->events) {
      noted.push_back(note_of(delivery.decoded));
      events.push_back({delivery.bytes, std::move(delivery.default_source),
                        std::move(delivery.decoded), std::move(delivery.digest)});
    }
  }
  const events::Microseconds received = programme_.now();
  const auto began = Steady::now();
  auto answers = append(std::move(events));
  if (!answers.ok()) {
    note_error(answers.error());
    return failed_ ? refuse(requests, "failed", after_failure)
                   : refuse(requests, "no-room", without_room);
  }
  const std::chrono::duration<double> took = Steady::now() - began;
  metrics_.observe_pass(noted.size(), took.count());
  for (std::size_t i = 0; i < noted.size(); ++i) {
    const Answer& answer = answers.value()[i];
    metrics_.count_fact(noted[i].kind, engine::name_of(answer.outcome));
    metrics_.deliveries().count(answer.source, answer.outcome);
    if (answer.outcome == engine::Outcome::quarantined) metrics_.count_quarantined(answer.reason);
    if (answer.outcome == engine::Outcome::accepted && noted[i].recorded) {
      metrics_.observe_lag(seconds_between(*noted[i].recorded, received));
    }
  }
  answer(requests, std::move(answers).value());
}

Result<std::vector<Answer>> LiveWriter::append(std::vector<Parsed> events) {
  try {
    return programme_.append_live(std::move(events));
  } catch (const std::exception& error) {
    return Error{ErrorKind::storage, std::string("a pass was not completed: ") + error.what()};
  }
}

void LiveWriter::answer(const Requests& requests, std::vector<Answer> answers) {
  auto next = answers.begin();
  for (const auto& request : requests) {
    std::vector<Receipt> receipts;
    receipts.reserve(request->events.size());
    for (std::size_t i = 0; i < request->events.size(); ++i, ++next) {
      receipts.push_back({outcome_of(next->outcome), std::move(next->reason),
                          std::move(next->field), std::move(next->expected)});
    }
    request->answer.set_value(std::move(receipts));
  }
}

void LiveWriter::refuse(const Requests& requests, std::string_view reason, const Refusal& refusal) {
  for (const auto& request : requests) {
    metrics_.count_refused(reason, request->events.size());
    request->answer.set_value(refusal);
  }
}

void LiveWriter::tick() {
  if (failed_ || !check_room().ok()) return;
  Status status;
  try {
    status = programme_.append_ticks();
  } catch (const std::exception& error) {
    status = Status::failure(ErrorKind::storage,
                             std::string("a tick was not completed: ") + error.what());
  }
  if (status.ok()) {
    metrics_.count_tick();
  } else {
    note_error(status.error());
  }
}

// Logs when room goes and when it is there again.
Status LiveWriter::check_room() {
  Status room = programme_.shard(0).store().check_room();  // all shards lie in one directory
  if (room.ok() != had_room_) {
    had_room_ = room.ok();
    if (room.ok()) {
      logger_.info("there is room again: facts are taken");
    } else {
      logger_.error("no facts are taken: {}", room.error().message);
    }
  }
  return room;
}

// Without room nothing was changed and it goes on by itself; after anything else the store must be
// opened anew.
void LiveWriter::note_error(const Error& error) {
  if (!check_room().ok()) return;
  logger_.critical(
      "the store cannot be written: {}. The service ends with exit code 4; start it "
      "again when the cause is gone",
      error.message);
  if (!failed_.exchange(true)) on_failure_();
}

}  // namespace ketavigil::cli
