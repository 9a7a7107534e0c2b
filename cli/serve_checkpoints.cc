#include "cli/serve_checkpoints.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <vector>

namespace ketavigil::cli {
namespace {

using events::minute_us;
using events::second_us;

constexpr std::chrono::seconds look_every{1};
// A shard without any checkpoint would be read from the beginning of the log: it gets one soon.
constexpr std::int64_t first_after_us = 10 * second_us;
constexpr std::int64_t again_after_failure_us = 5 * minute_us;

double seconds_of(std::int64_t microseconds) {
  return static_cast<double>(microseconds) / static_cast<double>(second_us);
}

}  // namespace

CheckpointWriter::CheckpointWriter(engine::Programme& programme, const engine::Clock& clock,
                                   spdlog::logger& logger)
    : programme_(programme),
      clock_(clock),
      logger_(logger),
      every_us_(programme.options().checkpoints->every_minutes * minute_us),
      thread_([this] { run(); }) {}

CheckpointWriter::~CheckpointWriter() { stop(); }

void CheckpointWriter::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

dashboards::CheckpointCounts CheckpointWriter::counts() const {
  dashboards::CheckpointCounts counts;
  counts.written = written_;
  counts.failures = failures_;
  counts.success_timestamp_seconds = seconds_of(success_us_);
  counts.seconds = seconds_of(took_us_);
  if (const std::int64_t oldest = oldest_us_; oldest > 0)
    counts.age_seconds = std::max(0.0, seconds_of(clock_.now() - oldest));
  return counts;
}

void CheckpointWriter::run() {
  while (!stopping_) {
    try {
      look();
    } catch (const std::exception& error) {
      ++failures_;
      logger_.error("checkpoints could not be looked at: {}", error.what());
    }
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, look_every, [this] { return stopping_.load(); });
  }
}

bool CheckpointWriter::has_moved(const engine::Shard& shard, const Known& known) {
  return shard.position() > 0 &&
         (known.position != shard.position() || known.events != shard.place(engine::Feed::events) ||
          known.backfill != shard.place(engine::Feed::backfill));
}

bool CheckpointWriter::is_due(const engine::Shard& shard, const Known& known) const {
  const std::int64_t now = clock_.now();
  if (!has_moved(shard, known) || now < known.not_before_us) return false;
  // One that was made later than now is of a clock that was wrong.
  const std::int64_t age = known.made_us > now ? every_us_ : now - known.made_us;
  return age >= (known.position ? every_us_ : std::min(first_after_us, every_us_));
}

CheckpointWriter::Known* CheckpointWriter::known_of(int number) {
  const auto [at, is_new] = known_.try_emplace(number);
  Known& known = at->second;
  if (!is_new) return &known;
  known.made_us = clock_.now();
  std::uint64_t position = 0;
  if (const auto shard = programme_.hold(number)) position = shard->position();
  const auto newest = programme_.newest_checkpoint(number, position);
  if (newest.ok() && newest.value()) {
    known.position = newest.value()->position;
    known.made_us = newest.value()->made_us;
  }
  return &known;
}

void CheckpointWriter::look() {
  const std::vector<int> owned = programme_.owned();
  std::erase_if(known_, [&](const auto& entry) {
    return std::find(owned.begin(), owned.end(), entry.first) == owned.end();
  });
  std::int64_t oldest = 0;
  for (const int number : owned) {
    Known* known = known_of(number);
    auto shard = programme_.hold(number);
    const bool due = shard && is_due(*shard, *known);
    shard.reset();  // it may have to go while the checkpoint is written
    if (due) write(number, known);
    if (stopping_) return;
    shard = programme_.hold(number);
    if (shard && has_moved(*shard, *known) && (oldest == 0 || known->made_us < oldest))
      oldest = known->made_us;
  }
  oldest_us_ = oldest;
}

void CheckpointWriter::write(int number, Known* known) {
  auto held = programme_.hold(number);
  if (!held) return;
  // As of before the copy: what comes meanwhile may be missing in it.
  const std::uint64_t events = held->place(engine::Feed::events);
  const std::uint64_t backfill = held->place(engine::Feed::backfill);
  held.reset();
  const std::int64_t began = clock_.now();
  const auto made = programme_.write_checkpoint(number, [this] { return stopping_.load(); });
  if (stopping_ && !made.ok()) return;
  if (!made.ok()) return note_failure(number, made.error(), known);
  known->position = made.value().position;
  known->events = events;
  known->backfill = backfill;
  known->made_us = made.value().made_us;
  ++written_;
  success_us_ = clock_.now();
  took_us_ = success_us_ - began;
  std::uint64_t bytes = 0;
  for (const auto& file : made.value().files) bytes += file.bytes;
  logger_.info("shard {}: checkpoint {} at position {}, {} bytes, {:.1f} s", number,
               made.value().path.string(), made.value().position, bytes, seconds_of(took_us_));
}

void CheckpointWriter::note_failure(int number, const Error& error, Known* known) {
  if (error.kind == ErrorKind::usage) return;  // released this moment
  ++failures_;
  known->not_before_us = clock_.now() + std::min(again_after_failure_us, every_us_);
  logger_.error(
      "shard {}: no checkpoint could be written, the worker goes on without: {}. It is tried again",
      number, error.message);
}

}  // namespace ketavigil::cli
