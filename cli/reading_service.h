// What the operations listener answers about the programme itself: the reading API, and what keeps
// its answers quick.
#pragma once

#include <spdlog/logger.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "dashboards/api/api.h"
#include "ingest/http/message.h"
#include "ingest/kafka/producer.h"

namespace ketavigil::cli {

inline constexpr std::string_view patients_path = "/api/v1/patients/";

struct ReadingServiceParts {
  engine::Programme& programme;
  const dashboards::Deliveries& deliveries;
  spdlog::logger& logger;
  /// Of a log on topics: where decisions about what is in quarantine go. Null: into the shards.
  ingest::kafka::Producer* producer = nullptr;
  std::string events_topic;
  /// Where the operations of the worker are that has a patient; empty: not known.
  std::function<std::string(const std::string& patient)> find_worker;
};

/// Thread-safe. One thread of its own reads what was written since, a second or less ago. The
/// parts must outlive it.
class ReadingService {
 public:
  explicit ReadingService(ReadingServiceParts parts);
  ReadingService(const ReadingService&) = delete;
  ReadingService& operator=(const ReadingService&) = delete;
  ~ReadingService();

  [[nodiscard]] ingest::http::Response answer(const ingest::http::Request& request);
  /// Server-sent events. They refer to this: the listener must stop before it ends.
  [[nodiscard]] ingest::http::Response news(const ingest::http::Request& request);
  void stop();

 private:
  void run();
  void refresh();
  void count_months();
  [[nodiscard]] bool wait(std::chrono::milliseconds time);

  const ReadingServiceParts parts_;
  engine::CaseBook cases_;
  engine::LogBook log_;
  engine::ProgrammeMonths months_;
  std::unique_ptr<dashboards::api::QuarantineDecider> decider_;
  dashboards::api::Api api_;
  std::atomic<bool> stopping_{false};
  bool told_failure_ = false;  // of the thread
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace ketavigil::cli
