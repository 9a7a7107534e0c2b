#include "cli/quarantine_server.h"

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/common.h"
#include "cli/workers.h"
#include "dashboards/api/parameters.h"
#include "routing/pages/curl_poster.h"

namespace ketavigil::cli {
namespace {

using nlohmann::json;
namespace pages = routing::pages;

constexpr std::string_view quarantine_path = "/api/v1/quarantine";

Status refused(const std::string& url, long status, const std::string& body) {
  const auto document = json::parse(body, nullptr, false);
  const std::string why =
      document.is_object() && document.contains("error") ? document.at("error").dump() : body;
  const std::string token = status == 401 ? ": give --token-file" : "";
  return Status::failure(ErrorKind::broker,
                         url + " answers " + std::to_string(status) + token + ": " + why);
}

// What is not discarded, page by page.
Result<std::vector<std::string>> entries_of(const std::string& url, const std::string& token) {
  std::vector<std::string> ids;
  std::string cursor;
  do {
    KETAVIGIL_TRY_ASSIGN(const Fetched fetched,
                         fetch(url + std::string(quarantine_path) + "?limit=1000" + cursor, token));
    const auto page = json::parse(fetched.body, nullptr, false);
    if (fetched.status != 200 || !page.is_object() || !page.contains("quarantine"))
      return refused(url, fetched.status, fetched.body).error();
    for (const auto& entry : page.at("quarantine")) {
      if (!entry.at("discarded").get<bool>()) ids.push_back(entry.at("id"));
    }
    const auto& next = page.at("next");
    cursor = next.is_string() ? "&cursor=" + next.get<std::string>() : "";
  } while (!cursor.empty());
  // The oldest first: as they came.
  std::reverse(ids.begin(), ids.end());
  return ids;
}

}  // namespace

Status decide_at_server(const ServiceAddress& service, const std::string& id, bool retry) {
  std::string url = service.url;
  while (url.ends_with('/')) url.pop_back();
  KETAVIGIL_TRY_ASSIGN(const std::string token, read_token(service.token_file));
  std::vector<std::string> ids = {id};
  if (id.empty()) {
    KETAVIGIL_TRY_ASSIGN(ids, entries_of(url, token));
  }
  pages::HttpHeaders headers = {{"Content-Type", "application/json"}};
  if (!token.empty()) headers.emplace_back("Authorization", "Bearer " + token);
  pages::CurlPoster poster;
  for (const std::string& one : ids) {
    const std::string path = std::string(quarantine_path) + '/' +
                             dashboards::api::percent_encoded(one) +
                             (retry ? "/retry" : "/discard");
    KETAVIGIL_TRY_ASSIGN(const auto reply, poster.post(url + path, "", headers));
    if (reply.status == 404)
      return Status::failure(ErrorKind::usage, "nothing in quarantine is named " + one);
    const auto decision = json::parse(reply.body, nullptr, false);
    if (reply.status != 200 || !decision.is_object() || !decision.contains("outcome"))
      return refused(url, reply.status, reply.body);
    const std::string reason = decision.value("reason", "");
    std::cout << one << '\t' << decision.at("outcome").get<std::string>()
              << (retry ? "\t" + reason : "") << '\n';
  }
  return {};
}

}  // namespace ketavigil::cli
