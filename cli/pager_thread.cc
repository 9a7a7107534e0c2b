#include "cli/pager_thread.h"

#include <chrono>

namespace ketavigil::cli {
namespace {

constexpr std::chrono::milliseconds idle_wait{50};
constexpr std::chrono::milliseconds failed_wait{1'000};

}  // namespace

PagerThread::PagerThread(engine::Programme& programme, routing::pages::PagerSettings settings,
                         spdlog::logger& logger)
    : pager_(programme, poster_, std::move(settings)),
      logger_(logger),
      thread_([this] { run(); }) {}

PagerThread::~PagerThread() { stop(); }

void PagerThread::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

// Each once, when it begins and when it is over.
void PagerThread::tell_log(const Status& status) {
  if (!status.ok() && !told_failure_)
    logger_.error("critical cases cannot be looked at: {}", status.error().message);
  told_failure_ = !status.ok();
  const std::string hindrance = pager_.hindrance();
  if (hindrance.empty() != told_hindrance_.empty()) {
    if (hindrance.empty()) {
      logger_.info("pages go out again");
    } else {
      logger_.error("pages cannot go out and wait: {}", hindrance);
    }
  }
  told_hindrance_ = hindrance;
}

void PagerThread::run() {
  while (true) {
    const bool last = stopping_.load();
    const auto looked = pager_.step();
    tell_log(looked.status());
    const bool idle = !looked.ok() || looked.value() == 0;
    if (last && idle) return;
    if (idle) std::this_thread::sleep_for(looked.ok() ? idle_wait : failed_wait);
  }
}

}  // namespace ketavigil::cli
