// One Alertmanager, by its API v2. It is told what is so, not what happened: every page that is
// open again and again, one that ended with its end. It knows pages by their labels, so that it
// makes no difference how often it is told.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "routing/pages/backoff.h"
#include "routing/pages/http_poster.h"
#include "routing/pages/page_text.h"

namespace ketavigil::routing::pages {

/// A page as Alertmanager gets it.
struct Alert {
  PageText text;
  Microseconds starts = 0;
  std::optional<Microseconds> ends = std::nullopt;  ///< nothing: it is open
  /// If nobody says for so long that it is still open, Alertmanager takes it for resolved. Long: a
  /// service that is away must not look as if all were well.
  Microseconds open_for = Microseconds{72} * 3600 * events::second_us;
};

/// Where one is told, of its root as a browser opens it.
[[nodiscard]] std::string alerts_address(std::string url);
/// The body of `POST /api/v2/alerts`.
[[nodiscard]] std::string alertmanager_body(const std::vector<Alert>& alerts, Microseconds now);

/// Thread-safety: one thread.
class AlertApi {
 public:
  /// `url`: its root, as a browser opens it.
  AlertApi(std::string url, HttpPoster& poster);

  struct Refused {
    Alert alert;
    std::string error;
  };
  /// Posts these, some at a time. A broker error if it does not take them now. What it will never
  /// take goes to `*never_taken`, and does not hold up the others.
  [[nodiscard]] Status send(const std::vector<Alert>& alerts, Microseconds now,
                            std::vector<Refused>* never_taken);

  [[nodiscard]] const std::string& url() const { return url_; }

  // When it is next told, by whoever tells it.
  Backoff backoff{Microseconds{30} * events::second_us};
  bool is_behind = true;          ///< it does not know everything that is so
  Microseconds behind_since = 0;  ///< 0: it is not, or nothing waits
  std::string error;              ///< of the last time it failed
  // Requests since the process began.
  std::uint64_t accepted = 0;
  std::uint64_t failed = 0;
  std::uint64_t refused = 0;  ///< pages

 private:
  [[nodiscard]] Result<Sent> post(const std::vector<Alert>& alerts, Microseconds now,
                                  std::string* error);

  std::string url_;
  HttpPoster& poster_;
};

}  // namespace ketavigil::routing::pages
