// What the operations listener answers, and whether the service is ready.
#pragma once

#include <spdlog/logger.h>

#include <atomic>
#include <functional>
#include <string>

#include "dashboards/console/console_files.h"
#include "dashboards/metrics/metrics.h"
#include "events/result.h"
#include "ingest/http/router.h"
#include "ingest/http/server.h"

namespace ketavigil::cli {

/// How far the service is. Thread-safe.
enum class Phase { opening, open, failed, stopping };

struct OperationsParts {
  dashboards::Metrics& metrics;
  spdlog::logger& logger;
  /// Brings the gauges up to date; called at each scrape while the phase is `open`.
  std::function<Status()> refresh;
  /// Why no facts are taken though the phase is `open`; empty: they are.
  std::function<std::string()> hindrance;
  /// Answer what is asked below `/api/v1/` of the programme, and for its news, while the phase is
  /// `open`.
  std::function<ingest::http::Response(const ingest::http::Request&)> read;
  std::function<ingest::http::Response(const ingest::http::Request&)> news;
  /// Answers `GET /api/v1/pages/CASE` while the phase is `open`.
  std::function<ingest::http::Response(const ingest::http::Request&)> page;
  /// Answers `POST /api/v1/pages/replay` while the phase is `open`.
  std::function<ingest::http::Response(const ingest::http::Request&)> replay_pages;
  /// Answers `/api/v1/session`: who asks, signing in and out.
  std::function<ingest::http::Response(const ingest::http::Request&)> session;
};

/// Readiness, and the routes `/metrics`, `/-/healthy`, `/-/ready`, `/api/v1/*` and the console's.
/// Thread-safe.
class Operations {
 public:
  explicit Operations(OperationsParts parts) : parts_(std::move(parts)) {}

  void set_phase(Phase phase) { phase_ = phase; }
  /// Empty when facts are taken, else why not.
  [[nodiscard]] std::string not_ready() const;
  /// Must not outlive this.
  [[nodiscard]] ingest::http::Router router();

 private:
  ingest::http::Response ready() const;
  ingest::http::Response scrape();

  OperationsParts parts_;
  const dashboards::console::ConsoleFiles console_;
  std::atomic<Phase> phase_{Phase::opening};
};

/// Counts what a listener serves, and logs when its new certificate cannot be used.
class ListenerMetrics : public ingest::http::ServerObserver {
 public:
  ListenerMetrics(dashboards::Metrics& metrics, spdlog::logger& logger, std::string listener)
      : metrics_(metrics), logger_(logger), listener_(std::move(listener)) {}
  void served(std::string_view route, int status, double seconds) override {
    metrics_.count_request(listener_, route, status, seconds);
  }
  void refused() override { metrics_.count_refused_connection(listener_); }
  void identity_refused(std::string_view why) override {
    logger_.error("{} goes on with the certificate from before: {}", listener_, why);
  }

 private:
  dashboards::Metrics& metrics_;
  spdlog::logger& logger_;
  std::string listener_;
};

}  // namespace ketavigil::cli
