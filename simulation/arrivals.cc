#include "simulation/arrivals.h"

#include <algorithm>
#include <tuple>

namespace ketavigil::simulation {

void Arrivals::add(Seconds arrival, std::uint64_t order, std::string_view line) {
  const auto index = taken_ + static_cast<std::size_t>(day_of(arrival) - first_day_);
  if (index >= days_.size()) days_.resize(index + 1);
  Day& day = days_[index];
  day.lines.push_back({arrival, order, day.bytes.size(), line.size()});
  day.bytes += line;
  ++held_;
}

std::int64_t Arrivals::take_day(std::string& out) {
  ++first_day_;
  if (taken_ == days_.size()) return 0;
  Day day = std::move(days_[taken_]);
  days_[taken_] = Day();
  ++taken_;
  std::sort(day.lines.begin(), day.lines.end(), [](const Line& a, const Line& b) {
    return std::tie(a.arrival, a.order) < std::tie(b.arrival, b.order);
  });
  for (const Line& line : day.lines) out.append(day.bytes, line.begin, line.size);
  const auto count = static_cast<std::int64_t>(day.lines.size());
  held_ -= count;
  return count;
}

}  // namespace ketavigil::simulation
