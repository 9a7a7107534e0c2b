// The machine's clock, asked only where the log stamps `received`.
#pragma once

#include "events/time.h"

namespace ketavigil::engine {

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual events::Microseconds now() const = 0;
};

/// The system's clock. Thread-safe.
class SystemClock : public Clock {
 public:
  [[nodiscard]] events::Microseconds now() const override;
};

}  // namespace ketavigil::engine
