// Who entered and what was given, month by month, by site: what the programme's page shows beside
// the cohort's tables.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>

#include "engine/questions/reading.h"

namespace ketavigil::engine {

struct GivenInMonth {
  std::int64_t patients = 0;
  std::int64_t sessions = 0;
  std::int64_t micrograms = 0;
};

/// What sessions are grouped by.
enum class Grouping : std::uint8_t { compound, route, site };
[[nodiscard]] std::string_view name_of(Grouping grouping);

/// By UTC month, `2026-03`. A patient is counted once: in the month and at the site of the first
/// active enrolment.
struct MonthsOfProgramme {
  Microseconds at = 0;  ///< the newest `received` when counting began
  std::map<std::pair<std::string, std::string>, std::int64_t> enrolled;  ///< month, site
  /// Of active sessions: month, what they are grouped by, and the group. A patient counts once in
  /// each.
  std::map<std::tuple<std::string, Grouping, std::string>, GivenInMonth> given;
};

/// Counts every patient of the shards that are open, beside the writer; `stop` is asked now and
/// then. Long: about a tenth of a millisecond each. No shard is held longer than for some hundred
/// patients, so that others can release it; what comes meanwhile may be counted or not.
[[nodiscard]] Result<MonthsOfProgramme> count_months(const Programme& programme,
                                                     const std::atomic<bool>& stop);

/// The last count, for whoever shows it. Thread-safe.
class ProgrammeMonths {
 public:
  void put(MonthsOfProgramme months) {
    auto made = std::make_shared<const MonthsOfProgramme>(std::move(months));
    const std::lock_guard lock(mutex_);
    months_ = std::move(made);
  }
  /// Null: not yet counted.
  [[nodiscard]] std::shared_ptr<const MonthsOfProgramme> get() const {
    const std::lock_guard lock(mutex_);
    return months_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const MonthsOfProgramme> months_;
};

}  // namespace ketavigil::engine
