#include "routing/pages/alert_api.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ketavigil::routing::pages {
namespace {

using nlohmann::json;

constexpr std::size_t alerts_per_post_max = 100;
constexpr std::size_t error_bytes_max = 200;

}  // namespace

std::string alerts_address(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url + "/api/v2/alerts";
}

std::string alertmanager_body(const std::vector<Alert>& alerts, Microseconds now) {
  json body = json::array();
  for (const Alert& alert : alerts) {
    // It refuses an end before the start.
    const Microseconds ends =
        alert.ends ? std::max(*alert.ends, alert.starts + events::second_us) : now + alert.open_for;
    json one = {{"labels", alert.text.labels},
                {"annotations", alert.text.annotations},
                {"startsAt", events::print_utc(alert.starts)},
                {"endsAt", events::print_utc(ends)}};
    if (!alert.text.link.empty()) one["generatorURL"] = alert.text.link;
    body.push_back(std::move(one));
  }
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

AlertApi::AlertApi(std::string url, HttpPoster& poster) : url_(std::move(url)), poster_(poster) {}

Result<Sent> AlertApi::post(const std::vector<Alert>& alerts, Microseconds now, std::string* why) {
  auto reply = poster_.post(alerts_address(url_), alertmanager_body(alerts, now),
                            {{"Content-Type", "application/json"}});
  if (!reply.ok()) {
    ++failed;
    return reply.error();
  }
  const Sent sent = sent_by(reply.value().status);
  ++(sent == Sent::accepted ? accepted : failed);
  if (sent != Sent::accepted) {
    *why = "HTTP " + std::to_string(reply.value().status) + ": " +
           reply.value().body.substr(0, error_bytes_max);
  }
  return sent;
}

Status AlertApi::send(const std::vector<Alert>& alerts, Microseconds now,
                      std::vector<Refused>* never_taken) {
  // Also with nothing to say: that it answers is known before the page that needs it.
  std::size_t from = 0;
  do {
    const std::size_t to = std::min(from + alerts_per_post_max, alerts.size());
    const std::vector<Alert> part(alerts.begin() + static_cast<std::ptrdiff_t>(from),
                                  alerts.begin() + static_cast<std::ptrdiff_t>(to));
    std::string why;
    KETAVIGIL_TRY_ASSIGN(Sent sent, post(part, now, &why));
    if (sent == Sent::never) {
      // One of them is wrong: one by one the others come through.
      for (const Alert& alert : part) {
        KETAVIGIL_TRY_ASSIGN(sent, post({alert}, now, &why));
        if (sent == Sent::never) never_taken->push_back({alert, why});
        if (sent == Sent::not_now) return Status::failure(ErrorKind::broker, why);
      }
    }
    if (sent == Sent::not_now) return Status::failure(ErrorKind::broker, why);
    from = to;
  } while (from < alerts.size());
  return {};
}

}  // namespace ketavigil::routing::pages
