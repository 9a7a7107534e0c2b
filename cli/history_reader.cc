#include "cli/history_reader.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace ketavigil::cli {
namespace {

namespace kafka = ingest::kafka;
using std::chrono::milliseconds;

constexpr milliseconds ask_timeout{30'000};
constexpr milliseconds failed_wait{1'000};
constexpr milliseconds look_again_every{1'000};
constexpr const char* digest_header = "ketavigil-digest";

}  // namespace

HistoryReader::HistoryReader(const engine::Programme& programme, spdlog::logger& logger)
    : logger_(logger), watch_(programme, [this](const routing::kafka::TwoContents& two) {
        logger_.error(
            "revision {} of case {} (shard {}) was told with two contents: two histories were "
            "written of one log. Compare the versions and configurations of the workers; "
            "`ketavigil verify` says whether the store here is whole",
            two.revision, two.case_name, two.shard);
      }) {}

Result<std::unique_ptr<HistoryReader>> HistoryReader::start(const Configuration& configuration,
                                                            const engine::Programme& programme,
                                                            kafka::Producer& producer,
                                                            spdlog::logger& logger) {
  const KafkaSettings& settings = *configuration.kafka;
  std::unique_ptr<HistoryReader> reader(new HistoryReader(programme, logger));
  reader->topic_ = settings.prefix + ".alerts.history";
  KETAVIGIL_TRY_ASSIGN(const int partitions, producer.partitions(reader->topic_, ask_timeout));
  KETAVIGIL_TRY(reader->begin(settings, partitions));
  reader->thread_ = std::thread([raw = reader.get()] { raw->run(); });
  return reader;
}

HistoryReader::~HistoryReader() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

// Each worker reads all of it: from where it was, as far as the topic still reaches back.
Status HistoryReader::begin(const KafkaSettings& settings, int partitions) {
  partitions_ = partitions;
  KETAVIGIL_TRY_ASSIGN(
      consumer_,
      kafka::Consumer::open(settings.connection, settings.group + "-history-" + settings.name()));
  std::vector<kafka::TopicPartition> all;
  for (int partition = 0; partition < partitions; ++partition) all.push_back({topic_, partition});
  KETAVIGIL_TRY_ASSIGN(const auto committed, consumer_->committed(all, ask_timeout));
  std::vector<kafka::Place> places;
  for (const auto& one : all) {
    KETAVIGIL_TRY_ASSIGN(const auto marks, consumer_->watermarks(one, ask_timeout));
    const auto told = committed.find(one);
    const std::int64_t from = told == committed.end() ? 0 : told->second.next_offset;
    places.push_back({one, std::clamp(from, marks.low, marks.high)});
  }
  return consumer_->assign(places);
}

void HistoryReader::run() {
  auto next_look = std::chrono::steady_clock::now();
  bool reading = true;
  while (!stopping_) {
    Status status = step();
    if (status.ok() && std::chrono::steady_clock::now() >= next_look) {
      status = watch_.look_again();
      tell_broker();
      next_look = std::chrono::steady_clock::now() + look_again_every;
    }
    if (status.ok() != reading && !status.ok())
      logger_.warn("the history of other workers is not compared: {}", status.error().message);
    reading = status.ok();
    if (consumer_->is_lost()) return;
    if (!reading) std::this_thread::sleep_for(failed_wait);
  }
}

Status HistoryReader::step() {
  std::vector<kafka::Record> records;
  KETAVIGIL_TRY(consumer_->poll({}, &records));
  for (const kafka::Record& record : records) {
    const auto digest = record.header(digest_header);
    if (digest) KETAVIGIL_TRY(watch_.take(record.value(), *digest));
  }
  return {};
}

void HistoryReader::tell_broker() {
  std::vector<kafka::Place> places;
  for (int partition = 0; partition < partitions_; ++partition) {
    const kafka::TopicPartition of{topic_, partition};
    places.push_back({of, consumer_->next_offset(of)});
  }
  consumer_->commit(places);
}

}  // namespace ketavigil::cli
