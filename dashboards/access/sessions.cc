#include "dashboards/access/sessions.h"

#include <algorithm>

namespace ketavigil::dashboards::access {

void Sessions::make_room(events::Microseconds now) {
  std::erase_if(by_hash_, [now](const auto& one) { return one.second.expires <= now; });
  while (by_hash_.size() >= sessions_max) {
    by_hash_.erase(std::min_element(
        by_hash_.begin(), by_hash_.end(),
        [](const auto& a, const auto& b) { return a.second.begun < b.second.begun; }));
  }
}

Result<Sessions::Begun> Sessions::begin(const Token& token, events::Microseconds now) {
  Begun begun;
  KETAVIGIL_TRY_ASSIGN(begun.id, new_secret(random_));
  KETAVIGIL_TRY_ASSIGN(begun.session.csrf, new_secret(random_));
  begun.session.name = token.name;
  begun.session.token_hash = token.hash;
  begun.session.begun = now;
  begun.session.expires = now + session_lifetime;
  if (token.expires) begun.session.expires = std::min(begun.session.expires, *token.expires);
  const std::lock_guard lock(mutex_);
  make_room(now);
  by_hash_.emplace(hash_of(begun.id), begun.session);
  return begun;
}

std::optional<Session> Sessions::find(std::string_view id, events::Microseconds now) {
  const std::string hash = hash_of(id);
  const std::lock_guard lock(mutex_);
  const auto found = by_hash_.find(hash);
  if (found == by_hash_.end() || found->second.expires <= now) return std::nullopt;
  return found->second;
}

void Sessions::end(std::string_view id) {
  const std::string hash = hash_of(id);
  const std::lock_guard lock(mutex_);
  by_hash_.erase(hash);
}

std::size_t Sessions::size() {
  const std::lock_guard lock(mutex_);
  return by_hash_.size();
}

}  // namespace ketavigil::dashboards::access
