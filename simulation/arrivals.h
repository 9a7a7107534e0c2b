// Lines on their way, by the day of their arrival.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/calendar.h"

namespace ketavigil::simulation {

/// Holds lines until their day is complete, and gives them in the order of (arrival, order). What
/// it holds is bounded by what arrives in the 23 weeks that a line can take. Not thread-safe.
class Arrivals {
 public:
  explicit Arrivals(std::int64_t first_day) : first_day_(first_day) {}

  /// `arrival` may not lie before the days taken already. `order` decides between equal instants
  /// and is unique.
  void add(Seconds arrival, std::uint64_t order, std::string_view line);

  /// True while a line is held.
  [[nodiscard]] bool any() const { return held_ > 0; }

  /// Appends the lines of the next day to `out`, in order; gives their number.
  std::int64_t take_day(std::string& out);

 private:
  struct Line {
    Seconds arrival;
    std::uint64_t order;
    std::size_t begin;
    std::size_t size;
  };
  struct Day {
    std::string bytes;
    std::vector<Line> lines;
  };
  std::int64_t first_day_;  // the day of days_[taken_]
  std::size_t taken_ = 0;
  std::int64_t held_ = 0;
  std::vector<Day> days_;
};

}  // namespace ketavigil::simulation
