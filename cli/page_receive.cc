// `page receive`: shows the pages that an Alertmanager or a webhook sends here. For trying out.
#include "cli/page_receive.h"

#include <signal.h>

#include <iostream>
#include <mutex>
#include <nlohmann/json.hpp>

#include "cli/common.h"
#include "ingest/http/server.h"

namespace ketavigil::cli {
namespace {

using ingest::http::Request;
using ingest::http::Response;
using nlohmann::json;

constexpr int handler_threads = 2;

std::string word(const json& of, const char* name) {
  return of.contains(name) && of.at(name).is_string() ? of.at(name).get<std::string>() : "";
}

void show_alert(const std::string& to, const std::string& status, const json& alert) {
  const json labels = alert.value("labels", json::object());
  const json annotations = alert.value("annotations", json::object());
  std::cout << to << ": " << status << " " << word(labels, "alertname") << '\n';
  for (const char* name : {"summary", "measured", "since", "verified", "description", "explain"}) {
    const std::string said = word(annotations, name);
    if (!said.empty()) std::cout << "  " << name << ": " << said << '\n';
  }
  for (const char* name : {"site", "case"}) {
    const std::string said = word(labels, name);
    if (!said.empty()) std::cout << "  " << name << ": " << said << '\n';
  }
  const std::string link = word(alert, "generatorURL") + word(alert, "link");
  if (!link.empty()) std::cout << "  link: " << link << '\n';
  std::cout << std::flush;
}

// Bodies of Alertmanager's webhooks hold several alerts, those of the service one.
Response show(const Request& request, std::mutex* printing) {
  const json body = json::parse(request.body, nullptr, false);
  if (!body.is_object()) return ingest::http::error_response(400, "bad_data", "no JSON object");
  const std::string to = request.path.substr(1);
  const std::lock_guard lock(*printing);
  if (body.contains("alerts") && body.at("alerts").is_array()) {
    for (const json& alert : body.at("alerts")) {
      if (alert.is_object()) show_alert(to, word(alert, "status"), alert);
    }
  } else {
    show_alert(to, word(body, "event"), body);
  }
  return {};
}

}  // namespace

Status run_page_receiver(std::uint16_t port) {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  ingest::http::ServerOptions options;
  options.port = port;
  options.handler_threads = handler_threads;
  std::mutex printing;
  ingest::http::Router router;
  router.add("POST", "/*",
             [&printing](const Request& request) { return show(request, &printing); });
  KETAVIGIL_TRY_ASSIGN(const auto server,
                       ingest::http::Server::listen(options, std::move(router), nullptr));
  server->start();
  std::cout << "listening " << server->url() << std::endl;
  int signal = 0;
  sigwait(&ending, &signal);
  return {};
}

}  // namespace ketavigil::cli
