// What is configured of pages. Plain values.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "events/time.h"

namespace ketavigil::routing::pages {

using events::Microseconds;

/// Which critical cases are paged.
struct PageRules {
  Microseconds age_max = Microseconds{72} * 3600 * events::second_us;
  int unverified_per_hour_max = 3;  ///< of one source
};

struct WebhookSettings {
  std::string name;  ///< letters, digits, `-`, `_`; a row of what waits is known by it
  std::string url;
  std::string secret_file;
  std::string secret;  ///< its first line, at least 16 bytes; never printed
};

struct PagerSettings {
  std::vector<std::string> alertmanagers;  ///< each is told everything; empty: none
  std::vector<WebhookSettings> webhooks;
  Microseconds resend_every = Microseconds{60} * events::second_us;
  PageRules rules;
  std::string link_base;            ///< gets the case's name appended; empty: no link
  std::size_t step_rows_max = 500;  ///< revisions looked at in a shard at once, 1 to 10,000
};

}  // namespace ketavigil::routing::pages
