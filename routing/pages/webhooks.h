// Signed webhooks: what happened, once each if all goes well, again until it is taken. What is not
// taken within a day, or never will be, becomes a dead letter that can be replayed.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "engine/shard/programme.h"
#include "routing/pages/alert_api.h"
#include "routing/pages/settings.h"

namespace ketavigil::routing::pages {

/// `v1=` and the HMAC-SHA256 of TIMESTAMP.BODY in lower-case hex.
[[nodiscard]] std::string signature_of(std::string_view secret, std::string_view timestamp,
                                       std::string_view body);
/// What is sent with a body, at `now`.
[[nodiscard]] HttpHeaders signed_headers(const WebhookSettings& to, const std::string& body,
                                         Microseconds now);
/// `event` is `opened`, `changed`, `resolved` or `test`. Equal contents have equal bodies.
[[nodiscard]] std::string webhook_body(std::string_view event, const Alert& alert);

/// Thread-safety: one thread.
class Webhooks {
 public:
  /// The references must outlive this.
  Webhooks(engine::Programme& programme, HttpPoster& poster, std::vector<WebhookSettings> settings);

  /// Rows that make every webhook be told.
  void put(std::string_view event, const Alert& alert, engine::PageChanges* rows);
  /// Sends what waits in the shards that are open, as far as it is taken now. An error is one of a
  /// store.
  [[nodiscard]] Status deliver();

  [[nodiscard]] bool empty() const { return webhooks_.empty(); }
  [[nodiscard]] bool is_up() const;
  [[nodiscard]] double waiting_seconds() const { return waiting_seconds_; }
  [[nodiscard]] std::string error() const;
  // Since the process began.
  std::uint64_t accepted = 0;
  std::uint64_t failed = 0;
  std::uint64_t refused = 0;  ///< became dead letters

 private:
  struct Webhook {
    WebhookSettings settings;
    Backoff backoff{Microseconds{300} * events::second_us};
    std::string error;
  };
  /// A row and what it says.
  struct Waiting {
    std::string row;
    engine::PageDelivery delivery;
  };
  [[nodiscard]] Status read_waiting(int number, const Webhook& to,
                                    std::deque<Waiting>* waiting) const;
  [[nodiscard]] Status deliver_of(int number, Microseconds until, Webhook* to,
                                  std::deque<Waiting>* waiting);
  [[nodiscard]] Sent send(Webhook* to, const engine::PageDelivery& delivery, std::string* why);

  engine::Programme& programme_;
  HttpPoster& poster_;
  std::vector<Webhook> webhooks_;
  std::size_t first_ = 0;  // whose turn it is
  std::uint64_t last_sequence_ = 0;
  double waiting_seconds_ = 0;
};

}  // namespace ketavigil::routing::pages
