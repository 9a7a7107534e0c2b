// Measures a running programme for its metrics, beside the thread that writes.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <mutex>

#include "dashboards/metrics/metrics.h"
#include "engine/shard/programme.h"

namespace ketavigil::dashboards {

/// Findings are counted at most so often, and so seldom that counting takes at most one part in
/// `census_share` of the time.
inline constexpr double census_seconds_min = 15;
inline constexpr double census_share = 20;

/// A scrape waits so long for a count. One that takes longer goes on beside it and is shown by the
/// next scrape.
inline constexpr std::chrono::milliseconds census_patience_default{20};

/// Thread-safe: reads only what may be read beside a writer. Programme and metrics must outlive it.
class ProgrammeGauges {
 public:
  /// `steady_seconds`: seconds of a clock that never goes back; asked from any thread.
  ProgrammeGauges(const engine::Programme& programme, Metrics& metrics,
                  std::function<double()> steady_seconds,
                  std::chrono::milliseconds census_patience = census_patience_default);

  /// Brings the gauges up to date; called at a scrape.
  Status refresh();

 private:
  Status count_findings();

  const engine::Programme& programme_;
  Metrics& metrics_;
  std::function<double()> steady_seconds_;
  std::chrono::milliseconds census_patience_;
  std::mutex mutex_;
  bool counted_ = false;
  double next_census_ = 0;  // written by a count, read when none runs
  std::future<Status> counting_;
};

}  // namespace ketavigil::dashboards
