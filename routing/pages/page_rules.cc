#include "routing/pages/page_rules.h"

#include <algorithm>

namespace ketavigil::routing::pages {
namespace {

constexpr Microseconds hour = Microseconds{3600} * events::second_us;
// Shards may be so far behind each other that what is paged now came before what was paged then.
// Older than that is historic by default.
constexpr Microseconds paged_kept_for = 73 * hour;
constexpr std::size_t paged_kept = 1000;

}  // namespace

bool is_historic(const CaseNow& now, Microseconds clock, const PageRules& rules) {
  return now.updated - now.ended > rules.age_max || clock - now.updated > rules.age_max;
}

Microseconds UnverifiedFloods::Flood::over_at() const { return std::max(last, seen) + hour; }

bool UnverifiedFloods::takes(const std::string& source, Microseconds when, Microseconds clock) {
  const auto flood = floods_.find(source);
  const bool belongs = flood != floods_.end() && when > flood->second.since - hour &&
                       when < flood->second.last + hour;
  const auto& paged = paged_[source];
  const auto near = std::count_if(paged.begin(), paged.end(), [&](Microseconds other) {
    return other > when - hour && other < when + hour;
  });
  if (!belongs && near < per_hour_max_) {
    remember_paged(source, when);
    return true;
  }
  remember_folded(source, when);
  floods_.at(source).seen = clock;
  return false;
}

void UnverifiedFloods::remember_paged(const std::string& source, Microseconds when) {
  auto& paged = paged_[source];
  paged.insert(std::upper_bound(paged.begin(), paged.end(), when), when);
  while (paged.size() > paged_kept) paged.pop_front();
}

void UnverifiedFloods::remember_folded(const std::string& source, Microseconds when) {
  auto [flood, is_new] = floods_.try_emplace(source, Flood{when, when, 0, 0});
  flood->second.since = std::min(flood->second.since, when);
  flood->second.last = std::max(flood->second.last, when);
  ++flood->second.folded;
}

std::map<std::string, UnverifiedFloods::Flood> UnverifiedFloods::take_ended(Microseconds clock) {
  std::map<std::string, Flood> ended;
  for (auto it = floods_.begin(); it != floods_.end();) {
    if (clock < it->second.over_at()) {
      ++it;
      continue;
    }
    ended.insert(*it);
    it = floods_.erase(it);
  }
  std::erase_if(paged_, [&](const auto& of) {
    return of.second.empty() || clock - of.second.back() >= paged_kept_for;
  });
  return ended;
}

}  // namespace ketavigil::routing::pages
