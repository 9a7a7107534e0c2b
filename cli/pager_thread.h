// Pages, from a thread of its own.
#pragma once

#include <spdlog/logger.h>

#include <atomic>
#include <functional>
#include <thread>

#include "routing/pages/curl_poster.h"
#include "routing/pages/pager.h"

namespace ketavigil::cli {

/// Looks at what is critical and tells it, until it is stopped. A way out that fails is waited for
/// and told in the log; a store that fails ends nothing here, since whoever writes ends the
/// process.
class PagerThread {
 public:
  /// The references must outlive it.
  PagerThread(engine::Programme& programme, routing::pages::PagerSettings settings,
              spdlog::logger& logger);
  PagerThread(const PagerThread&) = delete;
  PagerThread& operator=(const PagerThread&) = delete;
  ~PagerThread();

  /// Tells what is there, as far as it is taken at once, and ends.
  void stop();
  [[nodiscard]] routing::pages::PageCounts counts() const { return pager_.counts(); }

 private:
  void run();
  void tell_log(const Status& status);

  routing::pages::CurlPoster poster_;
  routing::pages::Pager pager_;
  spdlog::logger& logger_;
  std::string told_hindrance_;
  bool told_failure_ = false;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace ketavigil::cli
