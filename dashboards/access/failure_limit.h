// How often sign-ins may fail.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>

#include "events/time.h"

namespace ketavigil::dashboards::access {

/// Counts failures of the last minute, from anywhere. Thread-safe.
class FailureLimit {
 public:
  static constexpr std::size_t failures_max = 10;
  static constexpr events::Microseconds window = events::minute_us;

  /// Another failure. Seconds to wait if there have been too many, else 0.
  int note(events::Microseconds now) {
    const std::lock_guard lock(mutex_);
    while (!recent_.empty() && recent_.front() + window <= now) recent_.pop_front();
    if (recent_.size() < failures_max) {
      recent_.push_back(now);
      return 0;
    }
    return static_cast<int>((recent_.front() + window - now) / events::second_us) + 1;
  }

 private:
  std::mutex mutex_;
  std::deque<events::Microseconds> recent_;  // guarded by `mutex_`; at most `failures_max`
};

}  // namespace ketavigil::dashboards::access
