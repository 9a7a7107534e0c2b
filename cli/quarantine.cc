// `quarantine`: what could not be understood or believed, and what to do about it.
#include "engine/questions/quarantine.h"

#include <iostream>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/configuration.h"
#include "cli/quarantine_server.h"
#include "ingest/kafka/producer.h"

namespace ketavigil::cli {
namespace {

Status run_list(const std::string& data, bool json) {
  KETAVIGIL_TRY_ASSIGN(const auto reading, engine::Reading::open(data));
  KETAVIGIL_TRY_ASSIGN(const auto rows, engine::quarantine_rows(*reading));
  if (json) {
    std::cout << "{\"at\":\"" << events::print_utc(reading->newest_received())
              << "\",\"quarantine\":[";
    const char* separator = "";
    for (const auto& row : rows) {
      std::cout << separator << engine::quarantine_json(row);
      separator = ",";
    }
    std::cout << "]}\n";
    return {};
  }
  TextTable table({"ID", "REASON", "FIELD", "SOURCE", "FACT", "RECEIVED", "EXPECTED", "STATE"});
  for (const auto& row : rows) {
    table.add({row.id, row.entry.reason, row.entry.field, row.source, row.fact,
               events::print_utc(row.entry.received), row.entry.expected,
               row.entry.discarded ? "discarded"
               : row.answered      ? "answered"
                                   : "waiting"});
  }
  table.print();
  return {};
}

Result<engine::QuarantineRow> find_row(const engine::Reading& reading, const std::string& id) {
  KETAVIGIL_TRY_ASSIGN(const auto rows, engine::quarantine_rows(reading));
  for (const auto& row : rows) {
    if (row.id == id) return row;
  }
  return Error{ErrorKind::usage, "nothing in quarantine is named " + id +
                                     ": `ketavigil quarantine list` shows what is"};
}

Status run_show(const std::string& data, const std::string& id) {
  KETAVIGIL_TRY_ASSIGN(const auto reading, engine::Reading::open(data));
  KETAVIGIL_TRY_ASSIGN(const auto row, find_row(*reading, id));
  std::cerr << row.entry.reason
            << (row.entry.field.empty() ? "" : ", field `" + row.entry.field + "`") << ": expected "
            << row.entry.expected << "; received " << events::print_utc(row.entry.received) << '\n';
  std::cout << row.entry.bytes << '\n';
  return {};
}

// The entry that was named, or every one that waits.
Result<std::vector<engine::QuarantineRow>> chosen_rows(const engine::Reading& reading,
                                                       const std::string& id, bool all) {
  std::vector<engine::QuarantineRow> chosen;
  KETAVIGIL_TRY_ASSIGN(const auto rows, engine::quarantine_rows(reading));
  for (const auto& row : rows) {
    if (row.id == id || (all && !row.entry.discarded)) chosen.push_back(row);
  }
  if (chosen.empty() && !all)
    return Error{ErrorKind::usage, "nothing in quarantine is named " + id};
  return chosen;
}

Status decide_here(const std::string& data, const std::string& id, bool all, bool retry) {
  engine::SystemClock clock;
  engine::ProgrammeOptions options;
  options.directory = data;
  auto opened = engine::Programme::open(options, clock);
  if (!opened.ok() && opened.error().message.find(" is in use by ") != std::string::npos) {
    return Status::failure(
        opened.error().kind,
        opened.error().message + ". While a service runs give --server URL instead of --data");
  }
  KETAVIGIL_TRY_ASSIGN(const auto programme, std::move(opened));
  std::vector<engine::QuarantineRow> chosen;
  {
    KETAVIGIL_TRY_ASSIGN(const auto reading, engine::Reading::over(*programme));
    KETAVIGIL_TRY_ASSIGN(chosen, chosen_rows(*reading, id, all));
  }
  for (const auto& row : chosen) {
    engine::Shard& shard = programme->shard(row.shard);
    if (!retry) {
      KETAVIGIL_TRY(shard.append_discard(programme->stamp(row.shard), row.key));
      std::cout << row.id << "\tdiscarded\n";
      continue;
    }
    KETAVIGIL_TRY_ASSIGN(const auto answer,
                         shard.append_retry(programme->stamp(row.shard), row.key));
    std::cout << row.id << '\t' << engine::name_of(answer.outcome) << '\t' << answer.reason << '\n';
  }
  return {};
}

// With the log on Kafka a decision is a record of it: the worker that has the shard carries it out.
Status decide_by_topic(const std::string& data, const std::string& config, const std::string& id,
                       bool all, bool retry) {
  if (config.empty()) {
    return Status::failure(ErrorKind::usage,
                           "the log of this programme is on Kafka: give --config FILE, whose "
                           "`kafka` section says where");
  }
  KETAVIGIL_TRY_ASSIGN(const auto configuration, read_configuration(config));
  if (!configuration.kafka)
    return Status::failure(ErrorKind::configuration, config + " has no `kafka` section");
  KETAVIGIL_TRY_ASSIGN(const auto reading, engine::Reading::open(data));
  KETAVIGIL_TRY_ASSIGN(const auto chosen, chosen_rows(*reading, id, all));
  KETAVIGIL_TRY_ASSIGN(const auto producer,
                       ingest::kafka::Producer::open(configuration.kafka->connection));
  ingest::kafka::SentRecords sent;
  for (const auto& row : chosen) {
    ingest::kafka::OutgoingRecord record;
    record.to = {configuration.kafka->prefix + ".events", row.shard};
    record.value = row.key;
    record.headers = {{ingest::kafka::headers::entry, retry ? "retry" : "discard"}};
    KETAVIGIL_TRY(producer->send(record, &sent));
  }
  KETAVIGIL_TRY(producer->wait_for(&sent, std::chrono::milliseconds(30'000)));
  for (const auto& row : chosen)
    std::cout << row.id << '\t' << (retry ? "retry" : "discard") << " is in the log\n";
  return {};
}

struct QuarantineOptions {
  std::string data;
  std::string id;
  std::string config;
  ServiceAddress service;
  bool json = false;
  bool all = false;
};

// Retries or discards one entry, or with `all` every one that waits.
Status run_decide(const QuarantineOptions& options, bool retry) {
  if (options.id.empty() != options.all)
    return Status::failure(
        ErrorKind::usage,
        "give the ID of an entry (`ketavigil quarantine list` shows them), or --all");
  if (options.data.empty() == options.service.url.empty())
    return Status::failure(ErrorKind::usage,
                           "give --data DIR, or --server URL of a service that runs");
  if (!options.service.url.empty()) return decide_at_server(options.service, options.id, retry);
  KETAVIGIL_TRY_ASSIGN(const auto file, engine::read_programme_file(options.data));
  return file.log == engine::LogOrigin::topics
             ? decide_by_topic(options.data, options.config, options.id, options.all, retry)
             : decide_here(options.data, options.id, options.all, retry);
}

}  // namespace

void add_quarantine(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<QuarantineOptions>();
  auto* command = app.add_subcommand(
      "quarantine", "Shows what could not be understood or believed, retries or discards it");
  command->footer(
      "  ketavigil quarantine list --data programme\n"
      "  ketavigil quarantine show 1fe7f40d652b30c0 --data programme      # the line, and what was "
      "expected\n"
      "  ketavigil quarantine retry --all --data programme               # after a change of "
      "configuration\n"
      "  ketavigil quarantine discard 1fe7f40d652b30c0 --server http://127.0.0.1:8411   # while "
      "the "
      "service runs");
  command->require_subcommand(1);
  const auto finish = [exit_code](const Status& status) {
    if (!status.ok()) *exit_code = report(status.error());
  };
  const auto add = [&](const char* name, const char* help, bool needs_id, bool takes_all) {
    auto* sub = command->add_subcommand(name, help);
    auto* data = sub->add_option("--data", options->data, "The data directory")->type_name("DIR");
    if (!takes_all) data->required();
    if (needs_id) {
      auto* id = sub->add_option("id", options->id, "As `list` shows it");
      if (takes_all) {
        sub->add_flag("--all", options->all, "Every entry that is not discarded");
        auto* server = sub->add_option("--server", options->service.url,
                                       "Instead of --data: the operations listener of a service "
                                       "that runs, which has the lock")
                           ->type_name("URL")
                           ->excludes(data);
        sub->add_option("--token-file", options->service.token_file,
                        "For a service that asks for a token: its first line is one")
            ->needs(server)
            ->type_name("FILE");
        sub->add_option("--config", options->config,
                        "Where Kafka is, for a programme whose log is there")
            ->type_name("FILE");
      } else {
        id->required();
      }
    }
    return sub;
  };
  auto* list = add("list", "One line an entry", false, false);
  list->add_flag("--json", options->json);
  list->callback([=] { finish(run_list(options->data, options->json)); });
  add("show", "The event as it was received", true, false)->callback([=] {
    finish(run_show(options->data, options->id));
  });
  add("retry", "Decodes again, under the configuration in force", true, true)->callback([=] {
    finish(run_decide(*options, true));
  });
  add("discard", "Sets aside: it counts no more", true, true)->callback([=] {
    finish(run_decide(*options, false));
  });
}

}  // namespace ketavigil::cli
