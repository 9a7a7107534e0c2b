#include "routing/pages/page_rules.h"

#include <algorithm>

namespace ketavigil::routing::pages {
namespace {

constexpr Microseconds hour = Microseconds{3600} * events::second_us;

}  // namespace

bool is_historic(const CaseNow& now, Microseconds clock, const PageRules& rules) {
  return now.updated - now.ended > rules.age_max || clock - now.updated > rules.age_max;
}

bool UnverifiedFloods::takes(const std::string& source, Microseconds when) {
  const auto flood = floods_.find(source);
  if (flood != floods_.end() && when - flood->second.last < hour) {
    remember_folded(source, when);
    return false;
  }
  auto& paged = paged_[source];
  while (!paged.empty() && when - paged.front() >= hour) paged.pop_front();
  if (paged.size() < static_cast<std::size_t>(per_hour_max_)) {
    paged.push_back(when);
    return true;
  }
  remember_folded(source, when);
  return false;
}

void UnverifiedFloods::remember_paged(const std::string& source, Microseconds when) {
  auto& paged = paged_[source];
  paged.insert(std::upper_bound(paged.begin(), paged.end(), when), when);
  while (paged.size() > static_cast<std::size_t>(per_hour_max_)) paged.pop_front();
}

void UnverifiedFloods::remember_folded(const std::string& source, Microseconds when) {
  auto [flood, is_new] = floods_.try_emplace(source, Flood{when, when, 0});
  flood->second.since = std::min(flood->second.since, when);
  flood->second.last = std::max(flood->second.last, when);
  ++flood->second.folded;
}

std::map<std::string, UnverifiedFloods::Flood> UnverifiedFloods::take_ended(Microseconds clock) {
  std::map<std::string, Flood> ended;
  for (auto it = floods_.begin(); it != floods_.end();) {
    if (clock - it->second.last < hour) {
      ++it;
      continue;
    }
    ended.insert(*it);
    it = floods_.erase(it);
  }
  std::erase_if(paged_, [&](const auto& of) {
    return of.second.empty() || clock - of.second.back() >= hour;
  });
  return ended;
}

}  // namespace ketavigil::routing::pages
