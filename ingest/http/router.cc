#include "ingest/http/router.h"

#include <algorithm>

#include "events/json_text.h"

namespace ketavigil::ingest::http {
namespace {

bool is_prefix_pattern(std::string_view pattern) { return pattern.ends_with("/*"); }

bool matches(std::string_view pattern, std::string_view path) {
  if (!is_prefix_pattern(pattern)) return pattern == path;
  pattern.remove_suffix(1);
  return path.size() > pattern.size() && path.starts_with(pattern);
}

// The better of two patterns that both match.
bool is_closer(std::string_view a, std::string_view b) {
  if (is_prefix_pattern(a) != is_prefix_pattern(b)) return !is_prefix_pattern(a);
  return a.size() > b.size();
}

Response no_handler_response(const Router::Match& match) {
  if (match.allow.empty()) return error_response(404, "not_found", "there is nothing at this path");
  Response response =
      error_response(405, "method_not_allowed", "this path answers " + match.allow + " only");
  response.headers.emplace_back("Allow", match.allow);
  return response;
}

}  // namespace

Response error_response(int status, std::string_view type, std::string_view message) {
  Response response;
  response.status = status;
  response.body = R"({"status":"error","errorType":)";
  events::append_json_string(&response.body, type);
  response.body += R"(,"error":)";
  events::append_json_string(&response.body, message);
  response.body += "}\n";
  return response;
}

Response unavailable_response(int retry_after_seconds, std::string_view message) {
  Response response = error_response(503, "unavailable", message);
  response.headers.emplace_back("Retry-After", std::to_string(retry_after_seconds));
  return response;
}

void Router::add(std::string method, std::string pattern, Handler handler) {
  routes_.push_back({std::move(method), std::move(pattern), std::move(handler)});
}

Router::Match Router::find(std::string_view method, std::string_view path) const {
  std::string_view best;
  for (const Route& route : routes_) {
    if (matches(route.pattern, path) && (best.empty() || is_closer(route.pattern, best))) {
      best = route.pattern;
    }
  }
  if (best.empty()) return {nullptr, "other", "", false};
  Match match{nullptr, best, "", at_once_.find(best) != at_once_.end()};
  std::vector<std::string_view> methods;
  for (const Route& route : routes_) {
    if (route.pattern != best) continue;
    if (route.method == "*" || route.method == method ||
        (route.method == "GET" && method == "HEAD")) {
      match.handler = &route.handler;
      return match;
    }
    methods.push_back(route.method);
    if (route.method == "GET") methods.push_back("HEAD");
  }
  std::sort(methods.begin(), methods.end());
  for (const auto name : methods) {
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += name;
  }
  return match;
}

Response Router::answer(const Request& request, const Match& match) const {
  const Handler next = [&match](const Request& admitted) {
    return match.handler == nullptr ? no_handler_response(match) : (*match.handler)(admitted);
  };
  return guard_ ? guard_(request, next) : next(request);
}

}  // namespace ketavigil::ingest::http
