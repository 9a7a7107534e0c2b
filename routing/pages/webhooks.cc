#include "routing/pages/webhooks.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/shard/pages.h"
#include "events/json_text.h"
#include "storage/keys.h"

namespace ketavigil::routing::pages {
namespace {

using nlohmann::json;
using storage::Family;
namespace rows = engine::rows;

constexpr std::size_t deliveries_per_step_max = 50;
// No further request is begun after it.
constexpr Microseconds deliver_time_max = events::second_us;
constexpr Microseconds given_up_after = Microseconds{24} * 3600 * events::second_us;
constexpr std::size_t error_bytes_max = 200;
constexpr std::size_t id_characters = 32;
constexpr double microseconds_per_second = 1e6;

}  // namespace

std::string signature_of(std::string_view secret, std::string_view timestamp,
                         std::string_view body) {
  const std::string text = std::string(timestamp) + "." + std::string(body);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
  return "v1=" + events::hexadecimal({reinterpret_cast<const char*>(mac), size});
}

HttpHeaders signed_headers(const WebhookSettings& to, const std::string& body, Microseconds now) {
  const std::string timestamp = std::to_string(now / events::second_us);
  return {{"Content-Type", "application/json"},
          {"Ketavigil-Timestamp", timestamp},
          {"Ketavigil-Signature", signature_of(to.secret, timestamp, body)}};
}

std::string webhook_body(std::string_view event, const Alert& alert) {
  json body = {{"version", 1},
               {"event", event},
               {"labels", alert.text.labels},
               {"annotations", alert.text.annotations},
               {"link", alert.text.link},
               {"starts", events::print_utc(alert.starts)}};
  if (alert.ends) body["ends"] = events::print_utc(*alert.ends);
  const auto text = [&] { return body.dump(-1, ' ', false, json::error_handler_t::replace); };
  // Told again after a crash it has the same id.
  body["id"] = events::hexadecimal(events::sha256(text())).substr(0, id_characters);
  return text();
}

Webhooks::Webhooks(engine::Programme& programme, HttpPoster& poster,
                   std::vector<WebhookSettings> settings)
    : programme_(programme), poster_(poster) {
  for (WebhookSettings& one : settings) webhooks_.emplace_back().settings = std::move(one);
}

void Webhooks::put(std::string_view event, const Alert& alert, engine::PageChanges* changes) {
  if (webhooks_.empty()) return;
  const Microseconds now = programme_.now();
  const std::string body = webhook_body(event, alert);
  for (const Webhook& one : webhooks_) {
    last_sequence_ = std::max(last_sequence_ + 1, static_cast<std::uint64_t>(now));
    (*changes)[rows::waiting_delivery(one.settings.name, last_sequence_)] =
        engine::encode(engine::PageDelivery{one.settings.name, body, now, 0, ""});
  }
}

// Pages by other ways wait for the end of this: it takes about as long as one request may, whatever
// waits. The webhook that was first is last the next time, so that a slow one takes no other's
// turn.
Status Webhooks::deliver() {
  waiting_seconds_ = 0;
  const Microseconds begun = programme_.now();
  for (std::size_t i = 0; i < webhooks_.size(); ++i) {
    Webhook& to = webhooks_[(first_ + i) % webhooks_.size()];
    for (const int number : programme_.owned()) {
      std::deque<Waiting> waiting;
      KETAVIGIL_TRY(read_waiting(number, to, &waiting));
      const bool has_time = programme_.now() - begun < deliver_time_max;
      if (!waiting.empty() && has_time && to.backoff.is_due(programme_.now()))
        KETAVIGIL_TRY(deliver_of(number, begun + deliver_time_max, &to, &waiting));
      if (waiting.empty()) continue;
      const auto since = static_cast<double>(programme_.now() - waiting.front().delivery.since);
      waiting_seconds_ = std::max(waiting_seconds_, since / microseconds_per_second);
    }
  }
  if (!webhooks_.empty()) first_ = (first_ + 1) % webhooks_.size();
  return {};
}

// Without room it could not be noted what was taken, and it would be sent without end.
Status Webhooks::read_waiting(int number, const Webhook& to, std::deque<Waiting>* waiting) const {
  const auto held = programme_.hold(number);
  if (!held || !held->store().room()) return {};
  const std::string prefix = rows::waiting_of(to.settings.name);
  auto cursor = held->store().scan(Family::pages, prefix, storage::prefix_end(prefix));
  for (; cursor.valid() && waiting->size() < deliveries_per_step_max; cursor.next()) {
    waiting->push_back({std::string(cursor.key()), {}});
    KETAVIGIL_TRY(engine::decode(cursor.value(), &waiting->back().delivery));
  }
  return cursor.status();
}

// The shard is not held while somebody else answers: who takes it over tells it again.
Status Webhooks::deliver_of(int number, Microseconds until, Webhook* to,
                            std::deque<Waiting>* waiting) {
  engine::PageChanges changes;
  for (bool goes_on = true; goes_on && !waiting->empty();) {
    Waiting& one = waiting->front();
    std::string why;
    const Sent sent = send(to, one.delivery, &why);
    if (sent == Sent::accepted) {
      changes[one.row] = std::nullopt;
    } else {
      ++one.delivery.attempts;
      one.delivery.error = why;
    }
    const bool is_given_up =
        sent == Sent::never ||
        (sent == Sent::not_now && programme_.now() - one.delivery.since > given_up_after);
    if (is_given_up) {
      // The same key among the dead.
      changes[std::string(rows::dead_letters) + one.row.substr(rows::waiting_deliveries.size())] =
          engine::encode(one.delivery);
      changes[one.row] = std::nullopt;
      ++refused;
    }
    const bool waits = sent == Sent::not_now && !is_given_up;
    if (waits) changes[one.row] = engine::encode(one.delivery);
    goes_on = sent != Sent::not_now && programme_.now() < until;
    if (!waits) waiting->pop_front();
  }
  const auto held = programme_.hold(number);
  return held ? held->change_pages(changes) : Status();
}

Sent Webhooks::send(Webhook* to, const engine::PageDelivery& delivery, std::string* why) {
  const Microseconds now = programme_.now();
  const auto reply = poster_.post(to->settings.url, delivery.body,
                                  signed_headers(to->settings, delivery.body, now));
  const Sent sent = reply.ok() ? sent_by(reply.value().status) : Sent::not_now;
  *why = reply.ok() ? "HTTP " + std::to_string(reply.value().status) + ": " +
                          reply.value().body.substr(0, error_bytes_max)
                    : reply.error().message;
  if (sent == Sent::accepted) {
    ++accepted;
  } else {
    ++failed;
  }
  if (sent == Sent::not_now) {
    to->backoff.failed(now);
    to->error = "webhook " + to->settings.name + ": " + *why;
  } else {
    to->backoff.succeeded();
    to->error.clear();
  }
  return sent;
}

bool Webhooks::is_up() const {
  return std::none_of(webhooks_.begin(), webhooks_.end(),
                      [](const Webhook& one) { return one.backoff.has_failed(); });
}

std::string Webhooks::error() const {
  for (const Webhook& one : webhooks_) {
    if (!one.error.empty()) return one.error;
  }
  return "";
}

}  // namespace ketavigil::routing::pages
