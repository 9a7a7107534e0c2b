#include "ingest/kafka/cohort_reader.h"

#include <thread>

namespace ketavigil::ingest::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds ask_timeout{30'000};
constexpr milliseconds quick_ask_timeout{1'000};
constexpr seconds look_every{1};
constexpr milliseconds try_again_after{1'000};

std::uint64_t unsigned_offset(std::int64_t offset) { return static_cast<std::uint64_t>(offset); }

}  // namespace

Result<std::unique_ptr<CohortReader>> CohortReader::open(const ConnectionSettings& connection,
                                                         const std::string& topic,
                                                         const std::string& group_id,
                                                         CohortSink& sink) {
  std::unique_ptr<CohortReader> reader(new CohortReader(topic, sink));
  KETAVIGIL_TRY_ASSIGN(reader->consumer_, Consumer::open(connection, group_id));
  KETAVIGIL_TRY(reader->begin());
  return reader;
}

Status CohortReader::begin() {
  const std::uint64_t place = sink_.place();
  KETAVIGIL_TRY_ASSIGN(const Watermarks marks, consumer_->watermarks(of_, ask_timeout));
  if (place < unsigned_offset(marks.low) || place > unsigned_offset(marks.high)) {
    return broker_error(of_.topic + " has the offsets " + std::to_string(marks.low) + " to " +
                        std::to_string(marks.high) + ", the cohort's shard has read up to " +
                        std::to_string(place) +
                        ": the topic lost records or was made anew. Restore it and set its "
                        "retention to unlimited, or begin a new data directory");
  }
  lag_records_ = unsigned_offset(marks.high) - place;
  return consumer_->assign({{of_, static_cast<std::int64_t>(place)}});
}

Status CohortReader::step() {
  std::vector<Record> records;
  KETAVIGIL_TRY(consumer_->poll({}, &records));
  if (!records.empty()) KETAVIGIL_TRY(keep(records));
  if (Clock::now() >= next_look_) look();
  return {};
}

// A full disk is waited for.
Status CohortReader::keep(const std::vector<Record>& records) {
  std::vector<CohortRecord> given;
  for (const Record& record : records) {
    given.push_back(
        {record.value(), record.appended().value_or(0), unsigned_offset(record.offset())});
  }
  while (true) {
    const Status status = sink_.take(given, given.back().offset + 1);
    if (status.ok() || stopping_ || !sink_.lacks_room()) return status;
    std::this_thread::sleep_for(try_again_after);
  }
}

// What the broker is told comes after the sync, and is telemetry.
void CohortReader::look() {
  next_look_ = Clock::now() + look_every;
  const std::uint64_t place = sink_.place();
  const auto marks = consumer_->watermarks(of_, quick_ask_timeout);
  if (marks.ok()) {
    const std::uint64_t high = unsigned_offset(marks.value().high);
    lag_records_ = high > place ? high - place : 0;
  }
  if (place == told_) return;
  consumer_->commit({{of_, static_cast<std::int64_t>(place)}});
  told_ = place;
}

}  // namespace ketavigil::ingest::kafka
