#include "cli/cohort_worker.h"

#include <utility>

#include "cli/follow.h"
#include "cli/topic_worker.h"

namespace ketavigil::cli {

using engine::AccountOutcome;
using ingest::kafka::CohortRecord;

CohortLog::CohortLog(engine::CohortShard& cohort, int shards, spdlog::logger& logger)
    : cohort_(cohort), shards_(shards), logger_(logger) {
  if (const Status status = note_lock_points(); !status.ok())
    logger_.error("the lock points cannot be listed: {}", status.error().message);
}

Status CohortLog::take(const std::vector<CohortRecord>& records, std::uint64_t next_offset) {
  std::vector<engine::IncomingAccount> accounts;
  accounts.reserve(records.size());
  for (const CohortRecord& record : records) accounts.push_back({record.text, record.appended});
  KETAVIGIL_TRY_ASSIGN(const auto outcomes, cohort_.take(accounts, next_offset));
  for (std::size_t i = 0; i < outcomes.size(); ++i) tell(records[i], outcomes[i]);
  return note_lock_points();
}

// What must never be is told: two histories were written of one log, or somebody else writes here.
void CohortLog::tell(const CohortRecord& record, AccountOutcome outcome) {
  ++outcomes_[static_cast<std::size_t>(outcome)];
  if (outcome == AccountOutcome::unreadable) {
    logger_.error(
        "the cohort's log, offset {}: no account of this programme's {} shards. It is passed over",
        record.offset, shards_);
  } else if (outcome == AccountOutcome::conflict) {
    const auto sent = engine::read_account_text(record.text);
    if (!sent.ok()) return;
    logger_.error(
        "the cohort's log, offset {}: shard {} gives another account of the lock point {} than it "
        "gave before. The first stands, and this one is kept beside it",
        record.offset, sent.value().shard, events::print_utc(sent.value().account.lock_point));
  }
}

Status CohortLog::note_lock_points() {
  KETAVIGIL_TRY_ASSIGN(const auto points, engine::lock_points(cohort_.store(), shards_));
  std::uint64_t awaiting = 0;
  for (const auto& point : points) {
    if (point.is_complete()) complete_ = point.lock_point;
    if (!point.awaited.empty()) ++awaiting;
  }
  awaiting_ = awaiting;
  return {};
}

dashboards::CohortCounts CohortLog::counts() const {
  const auto count = [this](AccountOutcome outcome) {
    return outcomes_[static_cast<std::size_t>(outcome)].load();
  };
  dashboards::CohortCounts counts;
  counts.accepted = count(AccountOutcome::accepted);
  counts.duplicate = count(AccountOutcome::duplicate);
  counts.conflict = count(AccountOutcome::conflict);
  counts.unreadable = count(AccountOutcome::unreadable);
  counts.complete_timestamp_seconds =
      static_cast<double>(complete_.load()) / static_cast<double>(events::second_us);
  counts.awaiting_lock_points = awaiting_.load();
  return counts;
}

Result<std::unique_ptr<CohortWorker>> CohortWorker::start(
    const Configuration& configuration, int shards, spdlog::logger& logger,
    std::function<void(ErrorKind)> on_failure) {
  std::unique_ptr<CohortWorker> worker(new CohortWorker(logger, std::move(on_failure)));
  KETAVIGIL_TRY_ASSIGN(
      worker->cohort_,
      engine::CohortShard::open(configuration.storage_path, shards,
                                configuration.free_space_guard_bytes, worker->resources_));
  worker->log_ = std::make_unique<CohortLog>(*worker->cohort_, shards, logger);
  const auto settings = log_settings(configuration);
  KETAVIGIL_TRY_ASSIGN(worker->reader_, ingest::kafka::CohortReader::open(
                                            configuration.kafka->connection, settings.cohort_topic,
                                            settings.group_id + "-cohort", *worker->log_));
  worker->thread_ = std::thread([raw = worker.get()] { raw->run(); });
  return worker;
}

CohortWorker::~CohortWorker() { stop(); }

void CohortWorker::stop() {
  stopping_ = true;
  if (reader_) reader_->stop();
  if (thread_.joinable()) thread_.join();
}

dashboards::CohortCounts CohortWorker::counts() const {
  dashboards::CohortCounts counts = log_->counts();
  counts.lag_records = reader_->lag_records();
  return counts;
}

void CohortWorker::run() {
  const Status status = follow(stopping_, [this] { return reader_->step(); });
  if (status.ok()) return;
  logger_.critical("the cohort's log cannot be followed: {}. The worker ends",
                   status.error().message);
  on_failure_(status.error().kind);
}

}  // namespace ketavigil::cli
