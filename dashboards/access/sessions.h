// Who has signed in: in memory only, so a restart asks everybody again.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "dashboards/access/secret.h"
#include "dashboards/access/token_file.h"

namespace ketavigil::dashboards::access {

inline constexpr std::size_t sessions_max = 1'000;
inline constexpr events::Microseconds session_lifetime = 12 * events::hour_us;

struct Session {
  std::string name;        ///< of its token
  std::string token_hash;  ///< a session ends with its token
  std::string csrf;        ///< what the console sends with every change
  events::Microseconds begun = 0;
  events::Microseconds expires = 0;
};

/// Thread-safe.
class Sessions {
 public:
  explicit Sessions(Random random) : random_(std::move(random)) {}

  struct Begun {
    std::string id;  ///< the cookie's value, kept nowhere
    Session session;
  };
  /// A new session of a token. Of more than `sessions_max` the oldest goes.
  [[nodiscard]] Result<Begun> begin(const Token& token, events::Microseconds now);
  /// The session of a cookie, if it is not over.
  [[nodiscard]] std::optional<Session> find(std::string_view id, events::Microseconds now);
  void end(std::string_view id);
  [[nodiscard]] std::size_t size();

 private:
  void make_room(events::Microseconds now);

  const Random random_;
  std::mutex mutex_;
  std::map<std::string, Session, std::less<>> by_hash_;  // of the id; guarded by `mutex_`
};

}  // namespace ketavigil::dashboards::access
