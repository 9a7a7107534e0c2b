#include "cli/topic_worker.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/follow.h"

namespace ketavigil::cli {

ingest::kafka::LogSettings log_settings(const Configuration& configuration) {
  ingest::kafka::LogSettings log;
  log.events_topic = configuration.kafka->prefix + ".events";
  log.backfill_topic = configuration.kafka->prefix + ".backfill";
  log.cohort_topic = configuration.kafka->prefix + ".cohort";
  log.group_id = configuration.kafka->group;
  log.tick_every = std::chrono::seconds(configuration.tick_seconds);
  log.threads = configuration.workers;
  log.membership = configuration.kafka->membership;
  return log;
}

std::vector<int> fixed_assignment(int partitions, int worker, int workers) {
  std::vector<int> own;
  for (int partition = worker; partition < partitions; partition += workers)
    own.push_back(partition);
  return own;
}

std::string about_worker(const KafkaSettings& settings, const std::string& operations_url) {
  return nlohmann::json{{"worker", settings.name()}, {"operations", operations_url}}.dump();
}

Result<std::unique_ptr<TopicWorker>> TopicWorker::start(
    const Configuration& configuration, const std::string& operations_url,
    engine::Programme& programme, ingest::kafka::Producer& producer, dashboards::Metrics& metrics,
    spdlog::logger& logger, std::function<void(ErrorKind)> on_failure) {
  const KafkaSettings& settings = *configuration.kafka;
  std::unique_ptr<TopicWorker> worker(
      new TopicWorker(programme, configuration.settings, metrics, logger, std::move(on_failure)));
  if (settings.membership) {
    KETAVIGIL_TRY_ASSIGN(worker->directory_,
                         storage::DirectoryLock::take(programme.options().directory));
  }
  const std::vector<int> own =
      fixed_assignment(programme.shards(), settings.worker, settings.workers);
  ingest::kafka::LogSettings log = log_settings(configuration);
  log.about = about_worker(settings, operations_url);
  KETAVIGIL_TRY_ASSIGN(worker->reader_,
                       ingest::kafka::LogReader::open(settings.connection, log, programme.shards(),
                                                      own, worker->log_, producer));
  for (const int shard : worker->reader_->behind()) {
    logger.error(
        "shard {}: the store is behind what it had told the broker. It went back in time (a "
        "restored copy, or a damaged disk), and is read forward again from the log",
        shard);
  }
  worker->thread_ = std::thread([raw = worker.get()] { raw->run(); });
  return worker;
}

TopicWorker::~TopicWorker() { stop(); }

void TopicWorker::stop() {
  stopping_ = true;
  if (reader_) reader_->stop();
  if (thread_.joinable()) thread_.join();
}

void TopicWorker::run() {
  const Status status = follow(stopping_, [this] { return reader_->step(); });
  if (!status.ok()) {
    logger_.critical("the log cannot be followed: {}. The worker ends", status.error().message);
    return on_failure_(status.error().kind);
  }
  const Status ended = reader_->end();
  if (!ended.ok()) logger_.error("the end cannot be noted: {}", ended.error().message);
}

}  // namespace ketavigil::cli
