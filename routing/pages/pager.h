// Tells on-call of critical cases, from rows that were written with the revisions: nothing is paged
// that is not durable, and nothing critical that is durable is left unlooked at. What is open is
// told again and again and what ended once more, so that a way out may fail, forget or come back.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/shard/programme.h"
#include "routing/pages/alert_api.h"
#include "routing/pages/page_rules.h"
#include "routing/pages/settings.h"
#include "routing/pages/webhooks.h"

namespace ketavigil::routing::pages {

/// By domain and decision.
using PagesOf = std::map<std::pair<std::string, engine::PageDecision>, std::int64_t>;

/// For metrics. Counts since the process began.
struct PageCounts {
  PagesOf decided;           ///< cases that became critical, by what was decided
  PagesOf open;              ///< now
  std::uint64_t floods = 0;  ///< sources whose unverified cases are folded, now
  struct Way {
    std::uint64_t accepted = 0;  ///< requests
    std::uint64_t failed = 0;
    std::uint64_t refused = 0;   ///< pages that it will never take
    bool is_up = true;           ///< the last attempt was accepted, by all of its kind
    double waiting_seconds = 0;  ///< since when something waits for it
  };
  std::map<std::string, Way> ways;  ///< `alertmanager`, `webhook`
  std::uint64_t dead_letters = 0;   ///< now
};

/// Thread-safety: one thread; `counts` from any.
class Pager {
 public:
  /// The references must outlive this.
  Pager(engine::Programme& programme, HttpPoster& poster, PagerSettings settings);

  /// Looks at what is new and tells what has to be told now. Returns how many revisions were
  /// looked at. A way out that fails is no error: it is waited for.
  [[nodiscard]] Result<std::size_t> step();
  [[nodiscard]] PageCounts counts() const;
  /// Why the last attempt of a way out failed; empty: none did.
  [[nodiscard]] std::string hindrance() const;

 private:
  using Decision = engine::PageDecision;
  struct OfShard {
    bool is_remembered = false;
    bool are_floods_remembered = false;
    std::string looked_at;          ///< the last row of news that was looked at
    engine::PageChanges unwritten;  ///< while the disk is too full
    PagesOf open;
    std::size_t ended = 0;  ///< rows of open pages that have ended, and wait for a way out
  };
  [[nodiscard]] Result<std::size_t> look(int number);
  [[nodiscard]] Status remember(const engine::Shard& shard, OfShard* of);
  [[nodiscard]] Status remember_floods(const engine::Shard& shard, OfShard* of);
  [[nodiscard]] Status take(const engine::Shard& shard, const engine::PageNews& news, OfShard* of);
  void take_ended(const CaseNow& now, std::optional<engine::Page> page, OfShard* of);
  void take_alarming(const CaseNow& now, const std::optional<engine::Page>& page,
                     const std::optional<engine::Page>& past, OfShard* of);
  [[nodiscard]] Decision decide(const CaseNow& now, const std::optional<engine::Page>& page);
  void tell_change(std::string_view event, const engine::Page& page, const PageText& text,
                   OfShard* of);
  [[nodiscard]] OfShard* any_shard();
  void note_refused(const AlertApi& by, const std::vector<AlertApi::Refused>& refused);
  [[nodiscard]] Status count_dead_letters();
  void tell_floods();
  [[nodiscard]] Status tell_alertmanagers();
  [[nodiscard]] Status send(AlertApi* to, const std::vector<Alert>& alerts);
  [[nodiscard]] Result<std::vector<Alert>> everything_open() const;
  [[nodiscard]] Status close_ended(int number, bool all_know);
  [[nodiscard]] Status forget_past(int number);
  [[nodiscard]] Status write_waiting(int number);
  [[nodiscard]] static Status write(engine::Shard* shard, OfShard* of);
  void note_counts();

  engine::Programme& programme_;
  PagerSettings settings_;
  std::vector<AlertApi> alertmanagers_;
  Webhooks webhooks_;
  UnverifiedFloods floods_;
  std::map<std::string, std::uint64_t> told_floods_;  ///< how many were folded when last told
  std::map<int, OfShard> shards_;
  std::vector<Alert> changed_;       ///< in this step
  std::vector<Alert> ended_floods_;  ///< in this step; they stand in no row
  Microseconds next_resend_ = 0;
  Microseconds next_forgetting_ = 0;
  Microseconds next_dead_count_ = 0;
  std::uint64_t dead_letters_ = 0;
  mutable std::mutex counting_;  // of what follows
  PageCounts counts_;
};

}  // namespace ketavigil::routing::pages
