// Which critical cases are paged: not what was old when it became known, and not everything that a
// feed with a wrong mapping sends.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "routing/pages/page_text.h"
#include "routing/pages/settings.h"

namespace ketavigil::routing::pages {

/// Whether a case was too old when this revision was cut, or the revision is old news by now.
[[nodiscard]] bool is_historic(const CaseNow& now, Microseconds clock, const PageRules& rules);

/// The unverified pages of each source within an hour. When there are more than the rules allow
/// the further ones are folded, until a whole hour has passed without one.
/// Thread-safety: one thread. Bound: as many sources as have unverified critical cases in an hour.
class UnverifiedFloods {
 public:
  explicit UnverifiedFloods(int per_hour_max) : per_hour_max_(per_hour_max) {}

  struct Flood {
    Microseconds since = 0;  ///< when the first and the last of them came
    Microseconds last = 0;
    std::uint64_t folded = 0;
    Microseconds seen = 0;  ///< when the last one was taken here, which may be long after it came
    /// It is over an hour after both.
    [[nodiscard]] Microseconds over_at() const;
  };

  /// Takes an unverified case that came at `when`; whether it is to be paged by itself. What shards
  /// have to say comes in the order of time for each of them only.
  [[nodiscard]] bool takes(const std::string& source, Microseconds when, Microseconds clock);
  /// What was decided before this process began.
  void remember_paged(const std::string& source, Microseconds when);
  void remember_folded(const std::string& source, Microseconds when);

  [[nodiscard]] const std::map<std::string, Flood>& floods() const { return floods_; }
  /// Forgets floods that have been over for an hour, and returns them.
  [[nodiscard]] std::map<std::string, Flood> take_ended(Microseconds clock);

 private:
  int per_hour_max_;
  std::map<std::string, std::deque<Microseconds>> paged_;  // ascending
  std::map<std::string, Flood> floods_;
};

}  // namespace ketavigil::routing::pages
