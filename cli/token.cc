// `token`: who may ask a listener that asks for tokens.
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/common.h"
#include "dashboards/access/token_file.h"
#include "engine/shard/clock.h"

namespace ketavigil::cli {
namespace {

namespace access = dashboards::access;

struct TokenOptions {
  std::string name;
  std::string file;
  int expires_days = 0;  // 0: never
  bool json = false;
};

// To the second, as the file has it.
events::Microseconds now() {
  const auto us = engine::SystemClock().now();
  return us - us % events::second_us;
}

std::string time_or_dash(const std::optional<events::Microseconds>& time) {
  return time ? events::print_utc(*time) : "-";
}

const char* state_of(const access::Token& token) {
  if (token.revoked) return "revoked";
  return token.holds_at(now()) ? "holds" : "expired";
}

Status run_create(const TokenOptions& options) {
  std::optional<events::Microseconds> expires;
  if (options.expires_days > 0) expires = now() + options.expires_days * events::day_us;
  std::string secret;
  const auto add = [&](std::vector<access::Token>* tokens) -> Status {
    KETAVIGIL_TRY_ASSIGN(
        secret, access::add_token(tokens, options.name, now(), expires, &access::fill_from_system));
    return {};
  };
  KETAVIGIL_TRY(access::change_token_file(options.file, add));
  std::cerr << "Keep this token, it is shown only now; " << options.file
            << " holds nothing that it could be made from.\n";
  std::cout << secret << '\n';
  return {};
}

Status run_list(const TokenOptions& options) {
  KETAVIGIL_TRY_ASSIGN(const auto tokens, access::read_token_file(options.file));
  if (options.json) {
    auto rows = nlohmann::ordered_json::array();
    for (const access::Token& token : tokens) {
      const auto time = [](const std::optional<events::Microseconds>& us) {
        return us ? nlohmann::ordered_json(events::print_utc(*us)) : nlohmann::ordered_json();
      };
      rows.push_back({{"name", token.name},
                      {"state", state_of(token)},
                      {"created", events::print_utc(token.created)},
                      {"expires", time(token.expires)},
                      {"revoked", time(token.revoked)}});
    }
    std::cout << nlohmann::ordered_json{{"tokens", rows}}.dump() << '\n';
    return {};
  }
  TextTable table({"NAME", "STATE", "CREATED", "EXPIRES", "REVOKED"});
  for (const access::Token& token : tokens) {
    table.add({token.name, state_of(token), events::print_utc(token.created),
               time_or_dash(token.expires), time_or_dash(token.revoked)});
  }
  table.print();
  return {};
}

Status run_revoke(const TokenOptions& options) {
  KETAVIGIL_TRY_ASSIGN(const auto known, access::read_token_file(options.file));  // none is made
  KETAVIGIL_TRY(access::change_token_file(options.file, [&](std::vector<access::Token>* tokens) {
    return access::revoke_token(tokens, options.name, now());
  }));
  std::cerr << "revoked: " << options.name << " and every session that it began\n";
  return {};
}

}  // namespace

void add_token(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<TokenOptions>();
  auto* command = app.add_subcommand(
      "token", "Makes, lists and revokes the tokens of a service that asks for them");
  command->footer(
      "  ketavigil token create anna --file tokens --expires-days 90\n"
      "  ketavigil token list --file tokens\n"
      "  ketavigil token revoke anna --file tokens");
  command->require_subcommand(1);
  const auto add = [&](const char* name, const char* what, Status (*run)(const TokenOptions&)) {
    auto* subcommand = command->add_subcommand(name, what);
    subcommand->add_option("--file", options->file, "The tokens file (`operations.tokens_file`)")
        ->required()
        ->type_name("FILE");
    subcommand->callback([options, exit_code, run] {
      const Status status = run(*options);
      if (!status.ok()) *exit_code = report(status.error());
    });
    return subcommand;
  };
  auto* create = add("create", "Makes a token and prints it, once", &run_create);
  create->add_option("name", options->name, "Who it is for")->required();
  create
      ->add_option("--expires-days", options->expires_days,
                   "It holds for so many days (default: until it is revoked)")
      ->check(CLI::Range(1, 3650));
  auto* list = add("list", "Shows who has a token, and whether it holds", &run_list);
  list->add_flag("--json", options->json, "JSON on standard output, and nothing else");
  auto* revoke =
      add("revoke", "Ends a token, and every session that it began, at once", &run_revoke);
  revoke->add_option("name", options->name, "As `list` shows it")->required();
}

}  // namespace ketavigil::cli
