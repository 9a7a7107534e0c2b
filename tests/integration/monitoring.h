// Alertmanager and Prometheus as Debian packages them, as child processes, and a receiver that
// keeps the pages that come.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "ingest/http/server.h"
#include "tests/integration/service.h"

namespace ketavigil::test {

/// The long form: two minutes without Alertmanager, and the intervals of Prometheus as they are
/// shipped.
inline const bool in_campaign = std::getenv("KETAVIGIL_CAMPAIGN") != nullptr;

/// Asks again and again until it holds or time is up.
[[nodiscard]] bool comes_true(const std::function<bool()>& holds, std::chrono::milliseconds within);

/// A port where nobody listens now.
[[nodiscard]] std::uint16_t free_port();

/// A program that runs beside the test and dies with it.
class Beside {
 public:
  explicit Beside(std::vector<std::string> command) : command_(std::move(command)) {}
  ~Beside() { kill(); }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;

  /// Starts it and waits until `path` of `port` answers 200.
  bool start(std::uint16_t port, const std::string& path, const std::filesystem::path& log);
  void kill();

 private:
  std::vector<std::string> command_;
  pid_t child_ = 0;
};

/// What Alertmanager calls. Thread-safe.
class PageReceiver {
 public:
  PageReceiver();
  ~PageReceiver();
  [[nodiscard]] std::string url() const;
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  /// Of a webhook of the service itself.
  [[nodiscard]] std::string hook_url() const { return server_->url() + "/hook"; }
  /// What the webhook answers from now on.
  void answer_hooks(int status) { hook_status_ = status; }
  /// What it took.
  struct Hook {
    std::string body;
    std::string timestamp;
    std::string signature;
  };
  [[nodiscard]] std::vector<Hook> hooks() const;

  struct Page {
    std::string status;  ///< `firing`, `resolved`
    nlohmann::json labels;
    nlohmann::json annotations;
    std::string link;
    std::string whole;  ///< the body that brought it
    std::string to;     ///< the receiver's path
  };
  /// One for each alert of each call.
  [[nodiscard]] std::vector<Page> pages() const;
  /// Those of a case or, with `label`, of another label's value.
  [[nodiscard]] std::vector<Page> of(const std::string& value, const std::string& status,
                                     const std::string& label = "case") const;

 private:
  ingest::http::Response take(const ingest::http::Request& request);
  ingest::http::Response take_hook(const ingest::http::Request& request);

  class Silent : public ingest::http::ServerObserver {
   public:
    void served(std::string_view, int, double) override {}
    void refused() override {}
  };
  Silent observer_;
  mutable std::mutex mutex_;
  std::vector<Page> pages_;
  std::vector<Hook> hooks_;
  std::atomic<int> hook_status_{200};
  std::unique_ptr<ingest::http::Server> server_;
};

/// Alertmanager on a free port with a configuration that tells a receiver at once.
class AlertsBeside {
 public:
  AlertsBeside(std::filesystem::path folder, const std::string& receiver_url);
  bool start();
  void kill() { process_->kill(); }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  std::filesystem::path folder_;
  std::uint16_t port_;
  std::unique_ptr<Beside> process_;
};

}  // namespace ketavigil::test
