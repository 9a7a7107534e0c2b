// Server-sent events of what is new.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "engine/questions/case_book.h"

namespace ketavigil::dashboards::api {

/// `revision` with a case for each that changed, `at` with the newest `received` every 15 s at
/// least, `reload` where so much came, or the service was started anew, that everything has to be
/// asked anew. Each has an id, with which a client goes on. Not thread-safe; the parts must outlive
/// it.
class NewsStream {
 public:
  /// `last` is the id of the last event seen; empty: from now on. `steady_seconds`: of a clock that
  /// never goes back.
  NewsStream(const engine::Programme& programme, const engine::CaseBook& cases,
             std::string_view last, std::function<double()> steady_seconds);

  /// What came since the last call; empty: nothing. Quick: somebody else refreshes the book.
  [[nodiscard]] std::string take();

 private:
  void append_event(std::string* out, std::string_view name, std::string_view data) const;

  const engine::Programme& programme_;
  const engine::CaseBook& cases_;
  std::function<double()> steady_seconds_;
  std::uint64_t last_ = 0;
  bool reloads_ = false;
  std::optional<double> told_seconds_;
};

}  // namespace ketavigil::dashboards::api
