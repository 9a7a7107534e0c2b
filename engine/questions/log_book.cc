#include "engine/questions/log_book.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>

#include "engine/shard/codec.h"
#include "engine/shard/rows.h"
#include "storage/keys.h"

namespace ketavigil::engine {
namespace {

constexpr std::size_t sources_max = 10'000;
constexpr std::size_t lateness_max = 1'000;
constexpr std::size_t days_max = 400;
constexpr std::size_t days_for_a_rhythm = 5;
constexpr double microseconds_per_hour = events::hour_us;
constexpr double silent_after_hours = 24;
constexpr double usual_gaps_of_silence = 2;

// The smallest value that at least this share of them does not exceed; sorts them.
std::optional<double> percentile(std::vector<double> values, double share) {
  if (values.empty()) return std::nullopt;
  const auto rank = static_cast<std::size_t>(
      std::max(1.0, std::ceil(share * static_cast<double>(values.size()))));
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

std::optional<double> usual_gap_hours(const std::set<std::int64_t>& days) {
  if (days.size() < days_for_a_rhythm) return std::nullopt;
  std::vector<double> gaps;
  for (auto day = std::next(days.begin()); day != days.end(); ++day)
    gaps.push_back(24.0 * static_cast<double>(*day - *std::prev(day)));
  return percentile(std::move(gaps), 0.95);
}

}  // namespace

struct LogBook::Reader {
  simdjson::dom::parser json;

  // What an event says; empty where it cannot be read.
  struct Said {
    std::string_view source;
    std::string_view kind;
    std::optional<Microseconds> effective;
  };
  Said read(const Entry& entry) {
    Said said;
    said.source = entry.default_source;
    simdjson::dom::element event;
    if (json.parse(entry.bytes.data(), entry.bytes.size(), true).get(event) != simdjson::SUCCESS)
      return said;
    std::string_view text;
    if (event["source"].get(text) == simdjson::SUCCESS) said.source = text;
    if (event["kind"].get(text) == simdjson::SUCCESS) said.kind = text;
    if (event["effective"].get(text) != simdjson::SUCCESS) return said;
    const auto time = events::parse_time(text);
    if (time) said.effective = time->us;
    return said;
  }
};

Status LogBook::refresh(std::size_t entries_max) {
  const std::lock_guard one_at_a_time(refreshing_);
  std::size_t left = entries_max;
  for (const int number : programme_->owned()) {
    const auto shard = programme_->hold(number);
    if (shard) KETAVIGIL_TRY(read(number, shard->store(), &left));
  }
  const std::lock_guard lock(mutex_);
  complete_ = left > 0;
  return {};
}

Status LogBook::read(int shard, const storage::Store& store, std::size_t* left) {
  std::uint64_t& position = read_[shard];
  const bool counts_heartbeats = shard == read_.begin()->first;  // they go to every shard
  Reader reader;
  auto cursor = store.scan(storage::Family::log, storage::encode_u64(position + 1), "");
  for (; cursor.valid() && *left > 0; cursor.next()) {
    Entry entry;
    KETAVIGIL_TRY(decode(cursor.value(), &entry));
    --*left;
    if (!storage::decode_u64(cursor.key(), &position))
      return Status::failure(ErrorKind::storage, "a key is damaged. Run `ketavigil verify`");
    note_place(shard, position, entry);
    if (entry.type == EntryType::event) take(entry, counts_heartbeats, &reader);
  }
  return cursor.status();
}

void LogBook::take(const Entry& entry, bool counts_heartbeats, Reader* reader) {
  const auto said = reader->read(entry);
  if (said.source.empty() || (said.kind == "heartbeat" && !counts_heartbeats)) return;
  const std::lock_guard lock(mutex_);
  auto found = sources_.find(said.source);
  if (found == sources_.end()) {
    if (sources_.size() >= sources_max) return;
    found = sources_.emplace(said.source, Source()).first;
  }
  Source& source = found->second;
  ++source.entries;
  source.last_received = std::max(source.last_received, entry.received);
  source.days.insert(entry.received / events::day_us);
  if (source.days.size() > days_max) source.days.erase(source.days.begin());
  if (!said.effective) return;
  source.last_effective =
      std::max(source.last_effective.value_or(*said.effective), *said.effective);
  source.lateness_hours.push_back(static_cast<double>(entry.received - *said.effective) /
                                  microseconds_per_hour);
  if (source.lateness_hours.size() > lateness_max) source.lateness_hours.pop_front();
}

void LogBook::note_place(int shard, std::uint64_t position, const Entry& entry) {
  const std::lock_guard lock(mutex_);
  PatientBlocks& blocks = blocks_[shard];
  blocks.extend(position);
  if (entry.type == EntryType::epoch) blocks.add_for_all(position);
  if (!entry.patient.empty()) blocks.add(position, entry.patient);
  if (entry.type != EntryType::retry && entry.type != EntryType::discard) return;
  if (const auto patient = rows::patient_of(entry.bytes)) blocks.add(position, *patient);
}

std::vector<LogRange> LogBook::ranges_of(int shard, const std::string& patient) const {
  const std::lock_guard lock(mutex_);
  const auto blocks = blocks_.find(shard);
  return blocks != blocks_.end() ? blocks->second.ranges_of(patient) : std::vector{whole_log};
}

bool LogBook::is_complete() const {
  const std::lock_guard lock(mutex_);
  return complete_;
}

std::vector<SourceAccount> LogBook::sources(Microseconds at) const {
  const std::lock_guard lock(mutex_);
  std::vector<SourceAccount> out;
  for (const auto& [name, source] : sources_) {
    SourceAccount account;
    account.source = name;
    account.last_received = source.last_received;
    account.last_effective = source.last_effective;
    account.entries = source.entries;
    const std::vector<double> lateness(source.lateness_hours.begin(), source.lateness_hours.end());
    account.lateness_median_hours = percentile(lateness, 0.5);
    account.lateness_95_hours = percentile(lateness, 0.95);
    account.usual_gap_hours = usual_gap_hours(source.days);
    const double silence_hours =
        static_cast<double>(at - source.last_received) / microseconds_per_hour;
    account.silent = account.usual_gap_hours && silence_hours > silent_after_hours &&
                     silence_hours > usual_gaps_of_silence * *account.usual_gap_hours;
    out.push_back(std::move(account));
  }
  return out;
}

}  // namespace ketavigil::engine
