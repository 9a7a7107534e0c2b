// When a way out that failed is tried again: after 1 s, then twice as long each time, up to a
// bound.
#pragma once

#include <algorithm>

#include "events/time.h"

namespace ketavigil::routing::pages {

class Backoff {
 public:
  explicit Backoff(events::Microseconds wait_max) : wait_max_(wait_max) {}

  [[nodiscard]] bool is_due(events::Microseconds now) const { return now >= next_; }
  [[nodiscard]] bool has_failed() const { return wait_ > 0; }
  void failed(events::Microseconds now) {
    wait_ = wait_ == 0 ? events::second_us : std::min(2 * wait_, wait_max_);
    next_ = now + wait_;
  }
  void succeeded() {
    wait_ = 0;
    next_ = 0;
  }

 private:
  events::Microseconds wait_max_;
  events::Microseconds wait_ = 0;
  events::Microseconds next_ = 0;
};

}  // namespace ketavigil::routing::pages
