#include "cli/programme_log.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace ketavigil::cli {
namespace {

using engine::Feed;
using ingest::kafka::Appended;
using ingest::kafka::Lane;
using ingest::kafka::LoggedEvent;

constexpr std::string_view working_mark = "working";
constexpr std::string_view attempt_mark = "attempt";

Feed feed_of(Lane lane) { return lane == Lane::events ? Feed::events : Feed::backfill; }

Appended count(const std::vector<engine::Answer>& answers, dashboards::Metrics* metrics) {
  Appended counted;
  for (const engine::Answer& answer : answers) {
    metrics->count_fact(answer.kind, engine::name_of(answer.outcome));
    metrics->deliveries().count(answer.source, answer.outcome);
    if (answer.outcome == engine::Outcome::quarantined) metrics->count_quarantined(answer.reason);
    switch (answer.outcome) {
      case engine::Outcome::accepted:
        ++counted.accepted;
        break;
      case engine::Outcome::duplicate:
        ++counted.duplicate;
        break;
      case engine::Outcome::conflict:
        ++counted.conflict;
        break;
      case engine::Outcome::quarantined:
        ++counted.quarantined;
        break;
    }
  }
  return counted;
}

}  // namespace

ProgrammeLog::ProgrammeLog(engine::Programme& programme, const engine::Settings& wanted,
                           dashboards::Metrics& metrics)
    : programme_(programme), wanted_(wanted), metrics_(metrics) {}

std::uint64_t ProgrammeLog::place(int shard, Lane lane) const {
  return programme_.shard(shard).place(feed_of(lane));
}

const events::DecodeSettings& ProgrammeLog::decode_settings(int shard) const {
  return programme_.shard(shard).configured().settings.decode;
}

// The broker's clock can step back when another leads the partition; the log's does not.
events::Microseconds ProgrammeLog::received(int shard, events::Microseconds appended) const {
  return std::max(programme_.shard(shard).received(), appended);
}

Result<Appended> ProgrammeLog::append(int number, Lane lane, std::vector<LoggedEvent> events) {
  engine::Shard& shard = programme_.shard(number);
  std::vector<engine::Incoming> incoming;
  incoming.reserve(events.size());
  for (LoggedEvent& event : events) {
    incoming.push_back({event.bytes, event.default_source, std::move(event.decoded),
                        std::move(event.digest), event.appended, event.next_offset, event.offset});
  }
  auto answers = lane == Lane::events ? shard.append_live(incoming) : shard.append_bulk(incoming);
  if (!answers.ok()) return answers.error();
  return count(answers.value(), &metrics_);
}

Status ProgrammeLog::tick(int number, events::Microseconds appended, std::uint64_t next_offset) {
  engine::Shard& shard = programme_.shard(number);
  KETAVIGIL_TRY(shard.settle());
  shard.note_place(Feed::events, next_offset);
  KETAVIGIL_TRY(shard.append_tick(received(number, appended)));
  return shard.make_durable();
}

Status ProgrammeLog::epoch(int number, events::Microseconds appended, std::string_view text,
                           std::uint64_t next_offset) {
  engine::Shard& shard = programme_.shard(number);
  auto settings = engine::settings_of_text(std::string(text));
  if (!settings.ok()) return Status::failure(ErrorKind::configuration, settings.error().message);
  // The same from a second worker, or after a restart, is no change; by a program with another
  // version of a detector it is one.
  KETAVIGIL_TRY_ASSIGN(const std::string in_force, programme_.identity_in_force(number));
  if (engine::fold_identity(settings.value()) == in_force)
    return pass(number, Lane::events, next_offset);
  KETAVIGIL_TRY(shard.settle());
  shard.note_place(Feed::events, next_offset);
  KETAVIGIL_TRY(
      shard.append_epoch(received(number, appended),
                         std::make_shared<const engine::Configured>(std::move(settings).value())));
  return shard.make_durable();
}

Status ProgrammeLog::decide(int number, bool retry, events::Microseconds appended,
                            std::string_view quarantine_key, std::uint64_t next_offset) {
  engine::Shard& shard = programme_.shard(number);
  KETAVIGIL_TRY(shard.settle());
  shard.note_place(Feed::events, next_offset);
  const std::string key(quarantine_key);
  const events::Microseconds when = received(number, appended);
  const Status status =
      retry ? shard.append_retry(when, key).status() : shard.append_discard(when, key);
  // Decided twice, or nothing any more: the second finds no entry.
  if (!status.ok() && status.error().kind == ErrorKind::usage)
    return pass(number, Lane::events, next_offset);
  return status;
}

Status ProgrammeLog::cut(int number, events::Microseconds appended, std::uint64_t next_offset) {
  engine::Shard& shard = programme_.shard(number);
  KETAVIGIL_TRY(shard.settle());
  shard.note_place(Feed::events, next_offset);
  KETAVIGIL_TRY(shard.append_cut(received(number, appended), true));
  return shard.make_durable();
}

bool ProgrammeLog::has_uncut(int number) const { return programme_.shard(number).has_uncut(); }

// A place that is noted stands in the next write, which must be that of its own entry.
Status ProgrammeLog::settle(int number) { return programme_.shard(number).settle(); }

Status ProgrammeLog::pass(int number, Lane lane, std::uint64_t next_offset) {
  engine::Shard& shard = programme_.shard(number);
  KETAVIGIL_TRY(shard.settle());
  shard.note_place(feed_of(lane), next_offset);
  KETAVIGIL_TRY(shard.write_places());
  return shard.make_durable();  // what the broker is told of is synced
}

Result<bool> ProgrammeLog::begin_work(int number) {
  engine::Shard& shard = programme_.shard(number);
  KETAVIGIL_TRY_ASSIGN(const std::string working, shard.mark(working_mark));
  KETAVIGIL_TRY(shard.put_mark(working_mark, "1"));
  return working == "1";
}

Status ProgrammeLog::end_work(int number) {
  return programme_.shard(number).put_mark(working_mark, "");
}

// `offset count`: the record that is being tried, and how often in a row.
Result<int> ProgrammeLog::note_attempt(int number, std::uint64_t offset) {
  engine::Shard& shard = programme_.shard(number);
  KETAVIGIL_TRY_ASSIGN(const std::string before, shard.mark(attempt_mark));
  const std::string name = std::to_string(offset) + " ";
  const int attempt = before.starts_with(name) ? std::atoi(before.c_str() + name.size()) + 1 : 1;
  KETAVIGIL_TRY(shard.put_mark(attempt_mark, name + std::to_string(attempt)));
  return attempt;
}

std::optional<std::string> ProgrammeLog::pending_epoch(int number) const {
  const auto in_force = programme_.identity_in_force(number);
  if (in_force.ok() && in_force.value() == engine::fold_identity(wanted_)) return std::nullopt;
  return engine::settings_text(wanted_);
}

std::string ProgrammeLog::way_back(int number, Lane lane, std::uint64_t begins) const {
  return programme_.way_back(number, feed_of(lane), begins);
}

bool ProgrammeLog::lacks_room(int number) const { return !programme_.shard(number).store().room(); }

}  // namespace ketavigil::cli
