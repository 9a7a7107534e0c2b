// `page`: a test page, what is paged and what waits, and another try for what was given up.
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/configuration.h"
#include "cli/page_endpoint.h"
#include "cli/page_receive.h"
#include "routing/pages/curl_poster.h"
#include "routing/pages/dead_letters.h"
#include "routing/pages/webhooks.h"

namespace ketavigil::cli {
namespace {

using nlohmann::ordered_json;
namespace pages = routing::pages;

constexpr events::Microseconds test_lasts = events::Microseconds{300} * events::second_us;

// What a way out said to a test page.
bool tell_test(const std::string& way, const Result<pages::HttpReply>& reply) {
  const bool accepted = reply.ok() && pages::sent_by(reply.value().status) == pages::Sent::accepted;
  std::cout << way << '\t';
  if (reply.ok()) {
    std::cout << "HTTP " << reply.value().status << '\t'
              << reply.value().body.substr(0, reply.value().body.find('\n')) << '\n';
  } else {
    std::cout << "no answer\t" << reply.error().message << '\n';
  }
  return accepted;
}

Status run_test(const std::string& config) {
  if (config.empty())
    return Status::failure(ErrorKind::usage, "give --config FILE, whose `page` section says where");
  KETAVIGIL_TRY_ASSIGN(const Configuration configuration, read_configuration(config));
  const auto& settings = configuration.page;
  if (settings.alertmanagers.empty() && settings.webhooks.empty()) {
    return Status::failure(ErrorKind::configuration,
                           config + ": `page` names no way out: nobody would be paged");
  }
  const engine::SystemClock clock;
  const auto now = clock.now();
  const pages::Alert test{pages::text_of_test(now), now, now + test_lasts};
  pages::CurlPoster poster;
  bool all_accepted = true;
  for (const std::string& url : settings.alertmanagers) {
    const auto reply =
        poster.post(pages::alerts_address(url), pages::alertmanager_body({test}, now),
                    {{"Content-Type", "application/json"}});
    all_accepted = tell_test("alertmanager " + url, reply) && all_accepted;
  }
  for (const auto& webhook : settings.webhooks) {
    const std::string body = pages::webhook_body("test", test);
    const auto reply = poster.post(webhook.url, body, pages::signed_headers(webhook, body, now));
    all_accepted = tell_test("webhook " + webhook.name, reply) && all_accepted;
  }
  if (all_accepted) return {};
  return Status::failure(ErrorKind::broker, "a way out did not take the test page");
}

std::string state_of(const pages::ListedPage& listed) {
  if (!listed.page.ended) return std::string(engine::name_of(listed.page.decision));
  return std::string(engine::name_of(listed.page.decision)) +
         (listed.is_past ? ", ended" : ", ended, not yet told everywhere");
}

ordered_json as_json(const pages::ListedDelivery& listed) {
  return {{"id", listed.id},
          {"way", listed.delivery.way},
          {"dead", listed.is_dead},
          {"since", events::print_utc(listed.delivery.since)},
          {"attempts", listed.delivery.attempts},
          {"error", listed.delivery.error},
          {"body", listed.delivery.body}};
}

Status print_json(const engine::Reading& reading, const pages::PagesOfStore& listed) {
  ordered_json out = {{"at", events::print_utc(reading.newest_received())},
                      {"pages", ordered_json::array()},
                      {"deliveries", ordered_json::array()}};
  for (const auto& one : listed.pages) {
    KETAVIGIL_TRY_ASSIGN(const std::string text, pages::to_json(one));
    out["pages"].push_back(ordered_json::parse(text));
  }
  for (const auto& one : listed.deliveries) out["deliveries"].push_back(as_json(one));
  std::cout << out.dump(-1, ' ', false, ordered_json::error_handler_t::replace) << '\n';
  return {};
}

Status run_list(const std::string& data, bool json) {
  KETAVIGIL_TRY_ASSIGN(const auto reading, engine::Reading::open(data));
  pages::PagesOfStore listed;
  for (const int number : reading->held())
    KETAVIGIL_TRY(pages::list_pages(reading->store(number), &listed));
  if (json) return print_json(*reading, listed);
  TextTable cases({"CASE", "DETECTOR", "SITE", "SINCE", "STATE", "MEASURED"});
  for (const auto& one : listed.pages) {
    KETAVIGIL_TRY_ASSIGN(auto text, pages::from_json(one.page.text));
    cases.add({one.name.case_name, one.name.detector, text.labels["site"],
               text.annotations["since"], state_of(one), text.annotations["measured"]});
  }
  cases.print();
  if (listed.deliveries.empty()) return {};
  std::cout << '\n';
  TextTable deliveries({"ID", "WAY", "SINCE", "ATTEMPTS", "STATE", "ERROR"});
  for (const auto& one : listed.deliveries) {
    deliveries.add({one.id, one.delivery.way, events::print_utc(one.delivery.since),
                    std::to_string(one.delivery.attempts), one.is_dead ? "dead" : "waits",
                    one.delivery.error});
  }
  deliveries.print();
  return {};
}

Status replay_at(const std::string& server, const std::string& id, const std::string& token_file) {
  KETAVIGIL_TRY_ASSIGN(const std::string token, read_token(token_file));
  pages::HttpHeaders headers = {{"Content-Type", "application/json"}};
  if (!token.empty()) headers.emplace_back("Authorization", "Bearer " + token);
  pages::CurlPoster poster;
  KETAVIGIL_TRY_ASSIGN(const auto reply, poster.post(server + std::string(replay_pages_path) +
                                                         (id.empty() ? "" : "?id=" + id),
                                                     "", headers));
  std::cout << reply.body;
  if (reply.status == 200) return {};
  return Status::failure(ErrorKind::broker, server + " answers " + std::to_string(reply.status));
}

Status run_replay(const std::string& data, const std::string& server, const std::string& token_file,
                  const std::string& id, bool all) {
  if (id.empty() == !all)
    return Status::failure(ErrorKind::usage,
                           "give the ID of a dead letter (`ketavigil page list`), or --all");
  if (server.empty() == data.empty())
    return Status::failure(ErrorKind::usage,
                           "give --server URL of a running service, or --data DIR");
  if (!server.empty()) return replay_at(server, id, token_file);
  const engine::SystemClock clock;
  engine::ProgrammeOptions options;
  options.directory = data;
  KETAVIGIL_TRY_ASSIGN(const auto programme, engine::Programme::open(options, clock));
  KETAVIGIL_TRY_ASSIGN(const std::size_t replayed, pages::replay_dead_letters(programme.get(), id));
  std::cout << "{\"replayed\":" << replayed << "}\n";
  return programme->make_durable();
}

}  // namespace

void add_page(CLI::App& app, int* exit_code) {
  struct Options {
    std::string config, data, server, token_file, id;
    bool test = false, json = false, all = false;
    std::uint16_t port = 0;
  };
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand(
      "page", "Sends a test page, lists what is paged, tries again what was given up");
  command->footer(
      "  ketavigil page --test --config ketavigil.yaml\n"
      "  ketavigil page list --data data\n"
      "  ketavigil page replay --all --server http://127.0.0.1:8411");
  command->require_subcommand(0, 1);
  const auto finish = [exit_code](const Status& status) {
    if (!status.ok()) *exit_code = report(status.error());
  };
  command->add_flag("--test", options->test,
                    "Sends a test page to every way out, and says what came back");
  command->add_option("--config", options->config, "The configuration (YAML), for --test")
      ->type_name("FILE");
  command->callback([=] {
    if (!command->get_subcommands().empty()) return;
    if (!options->test) {
      return finish(
          Status::failure(ErrorKind::usage, "give --test, or one of the subcommands list, replay"));
    }
    finish(run_test(options->config));
  });
  auto* list = command->add_subcommand("list",
                                       "Cases that are paged, folded, historic or unsent; "
                                       "what waits for webhooks; dead letters");
  list->add_option("--data", options->data, "The data directory")->required()->type_name("DIR");
  list->add_flag("--json", options->json, "JSON on standard output, and nothing else");
  list->callback([=] { finish(run_list(options->data, options->json)); });
  auto* replay = command->add_subcommand("replay", "Dead letters wait again");
  replay->add_option("id", options->id, "As `list` shows it");
  replay->add_flag("--all", options->all, "Every dead letter");
  replay->add_option("--server", options->server, "The operations listener of a running service")
      ->type_name("URL");
  replay
      ->add_option("--token-file", options->token_file,
                   "For a service that asks for a token: its first line is one")
      ->type_name("FILE");
  replay->add_option("--data", options->data, "The data directory, of a service that is stopped")
      ->type_name("DIR");
  replay->callback([=] {
    finish(
        run_replay(options->data, options->server, options->token_file, options->id, options->all));
  });
  auto* receive = command->add_subcommand(
      "receive", "Listens on this machine and shows the pages that come, for trying out");
  receive->add_option("--port", options->port, "0: any that is free (default)");
  receive->callback([=] { finish(run_page_receiver(options->port)); });
}

}  // namespace ketavigil::cli
