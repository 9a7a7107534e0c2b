// The newest of something a patient had, oldest first.
#pragma once

#include <vector>

namespace ketavigil::detectors {

/// As a std::deque that grows at its end and loses its front, but takes no memory while it is
/// empty, and is copied as one block: states are copied at every fold, and most of their windows
/// are empty. Losing the front moves the rest, which is bounded. Nothing may be referred to while
/// something is added or lost. A plain value.
template <typename Value>
class Window : public std::vector<Value> {
 public:
  using std::vector<Value>::vector;
  void pop_front() { this->erase(this->begin()); }
};

}  // namespace ketavigil::detectors
