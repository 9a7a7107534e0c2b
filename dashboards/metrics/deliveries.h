// What became of deliveries, by source, since the process began. Deliveries are counted here and in
// metrics only: duplicates show in no finding and in no log.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace ketavigil::engine {
enum class Outcome : std::uint8_t;
}

namespace ketavigil::dashboards {

/// By `engine::Outcome`.
using OutcomeCounts = std::array<std::int64_t, 4>;

/// Thread-safe. Bounded: sources beyond the 10,000th are not counted.
class Deliveries {
 public:
  void count(std::string_view source, engine::Outcome outcome) {
    const std::lock_guard lock(mutex_);
    auto found = counts_.find(source);
    if (found == counts_.end()) {
      if (source.empty() || counts_.size() >= sources_max) return;
      found = counts_.emplace(std::string(source), OutcomeCounts{}).first;
    }
    ++found->second[static_cast<std::size_t>(outcome)];
  }
  [[nodiscard]] std::map<std::string, OutcomeCounts, std::less<>> counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  static constexpr std::size_t sources_max = 10'000;
  mutable std::mutex mutex_;
  std::map<std::string, OutcomeCounts, std::less<>> counts_;
};

}  // namespace ketavigil::dashboards
