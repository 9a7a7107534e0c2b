// The one thread that writes to a running programme: it lets requests that come together share one
// pass and one sync (group commit), and appends the ticks between them.
#pragma once

#include <spdlog/logger.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

#include "dashboards/metrics/metrics.h"
#include "engine/shard/programme.h"
#include "ingest/http/event_sink.h"

namespace ketavigil::cli {

struct LiveWriterOptions {
  std::int64_t tick_seconds = 60;
  std::size_t waiting_events_max = 16'384;  ///< more are refused: 503, try again in a second
  /// A pass takes whole requests up to about so many events, so that nobody waits long for others.
  std::size_t pass_events_max = 512;
};

/// Thread-safe. Programme, metrics and logger must outlive it.
class LiveWriter : public ingest::EventSink {
 public:
  /// `on_failure` is called once, from the writing thread, when the store can no longer be written:
  /// the process should answer what it has and end.
  LiveWriter(engine::Programme& programme, dashboards::Metrics& metrics, spdlog::logger& logger,
             const LiveWriterOptions& options, std::function<void()> on_failure);
  ~LiveWriter() override;
  LiveWriter(const LiveWriter&) = delete;
  LiveWriter& operator=(const LiveWriter&) = delete;

  std::variant<std::vector<ingest::Receipt>, ingest::Refusal> take(
      std::vector<ingest::Delivery> events) override;
  void note_malformed(std::size_t events) override;

  /// Writes what waits and ends the thread; afterwards everything is refused.
  void stop();
  [[nodiscard]] bool failed() const { return failed_.load(); }

 private:
  using Taken = std::variant<std::vector<ingest::Receipt>, ingest::Refusal>;
  // Shared with the caller, who may be gone as soon as the answer is there.
  struct Waiting {
    std::vector<ingest::Delivery> events;
    std::promise<Taken> answer;
  };
  using Requests = std::vector<std::shared_ptr<Waiting>>;
  using Steady = std::chrono::steady_clock;

  void run();
  [[nodiscard]] Requests next_requests();  // with `mutex_` held
  void commit(const Requests& requests);
  Result<std::vector<engine::Answer>> append(std::vector<engine::Parsed> events);
  void answer(const Requests& requests, std::vector<engine::Answer> answers);
  void refuse(const Requests& requests, std::string_view reason, const ingest::Refusal& refusal);
  void tick();
  [[nodiscard]] Status check_room();
  void note_error(const Error& error);

  engine::Programme& programme_;
  dashboards::Metrics& metrics_;
  spdlog::logger& logger_;
  const LiveWriterOptions options_;
  const std::function<void()> on_failure_;
  std::atomic<bool> failed_{false};
  bool had_room_ = true;  // of the writing thread

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Waiting>> queue_;  // guarded by `mutex_`
  std::size_t waiting_events_ = 0;              // likewise
  bool stopping_ = false;                       // likewise
  std::thread thread_;                          // last: it uses all of the above
};

}  // namespace ketavigil::cli
