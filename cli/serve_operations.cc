#include "cli/serve_operations.h"

#include "cli/access_guard.h"
#include "cli/page_endpoint.h"
#include "dashboards/access/sign_in_page.h"

namespace ketavigil::cli {
namespace {

using ingest::http::Request;
using ingest::http::Response;

Response healthy() {
  Response response;
  response.body = "{\"status\":\"healthy\"}\n";
  return response;
}

}  // namespace

std::string Operations::not_ready() const {
  switch (phase_.load()) {
    case Phase::opening:
      return "the store is being opened";
    case Phase::failed:
      return "the store cannot be written";
    case Phase::stopping:
      return "the service is stopping";
    case Phase::open:
      break;
  }
  return parts_.hindrance();
}

Response Operations::ready() const {
  const std::string reason = not_ready();
  Response response;
  if (reason.empty()) {
    response.body = "{\"status\":\"ready\"}\n";
    return response;
  }
  response.status = 503;
  response.body = "{\"status\":\"not ready\",\"reason\":\"" + reason + "\"}\n";
  return response;
}

Response Operations::scrape() {
  if (phase_ == Phase::open) {
    const Status status = parts_.refresh();
    if (!status.ok()) {
      parts_.logger.error("some metrics could not be measured: {}", status.error().message);
    }
  }
  parts_.metrics.set_ready(not_ready().empty());
  Response response;
  response.content_type = std::string(dashboards::Metrics::content_type);
  response.body = parts_.metrics.text();
  return response;
}

ingest::http::Router Operations::router() {
  ingest::http::Router router;
  for (const std::string_view pattern : dashboards::console::console_patterns) {
    router.add("GET", std::string(pattern),
               [this](const Request& request) { return answer_console(console_, request); });
  }
  router.add("GET", "/metrics", [this](const Request&) { return scrape(); });
  router.add("GET", "/-/healthy", [](const Request&) { return healthy(); });
  router.add("GET", "/-/ready", [this](const Request&) { return ready(); });
  router.answer_at_once("/-/healthy");
  router.answer_at_once("/-/ready");
  for (const char* method : {"GET", "POST", "DELETE"}) {
    router.add(method, std::string(dashboards::access::session_path),
               [this](const Request& request) { return parts_.session(request); });
  }
  router.add("*", "/api/v1/*", [this](const Request& request) {
    if (phase_ == Phase::open) return parts_.read(request);
    return ingest::http::unavailable_response(1, not_ready());
  });
  router.add("GET", "/api/v1/news", [this](const Request& request) {
    if (phase_ == Phase::open) return parts_.news(request);
    return ingest::http::unavailable_response(1, not_ready());
  });
  router.add("GET", std::string(pages_path) + "*", [this](const Request& request) {
    if (phase_ == Phase::open) return parts_.page(request);
    return ingest::http::unavailable_response(1, not_ready());
  });
  router.add("POST", std::string(replay_pages_path), [this](const Request& request) {
    if (phase_ == Phase::open) return parts_.replay_pages(request);
    return ingest::http::unavailable_response(1, not_ready());
  });
  return router;
}

}  // namespace ketavigil::cli
