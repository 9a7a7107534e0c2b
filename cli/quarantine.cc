// `quarantine`: what could not be understood or believed, and what to do about it.
#include "engine/questions/quarantine.h"

#include <iostream>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/configuration.h"
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
  KETAVIGIL_TRY_ASSIGN(const auto programme, engine::Programme::open(options, clock));
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

// Retries or discards one entry, or with `all` every one that waits.
Status run_decide(const std::string& data, const std::string& config, const std::string& id,
                  bool all, bool retry) {
  if (id.empty() && !all)
    return Status::failure(
        ErrorKind::usage,
        "give the ID of an entry (`ketavigil quarantine list` shows them), or --all");
  KETAVIGIL_TRY_ASSIGN(const auto file, engine::read_programme_file(data));
  return file.log == engine::LogOrigin::topics ? decide_by_topic(data, config, id, all, retry)
                                               : decide_here(data, id, all, retry);
}

}  // namespace

void add_quarantine(CLI::App& app, int* exit_code) {
  struct Options {
    std::string data;
    std::string id;
    std::string config;
    bool json = false;
    bool all = false;
  };
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand(
      "quarantine", "Shows what could not be understood or believed, retries or discards it");
  command->footer(
      "  ketavigil quarantine list --data programme\n"
      "  ketavigil quarantine show 1fe7f40d652b30c0 --data programme      # the line, and what was "
      "expected\n"
      "  ketavigil quarantine retry --all --data programme               # after a change of "
      "configuration\n"
      "  ketavigil quarantine discard 1fe7f40d652b30c0 --data programme");
  command->require_subcommand(1);
  const auto finish = [exit_code](const Status& status) {
    if (!status.ok()) *exit_code = report(status.error());
  };
  const auto add = [&](const char* name, const char* help, bool needs_id, bool takes_all) {
    auto* sub = command->add_subcommand(name, help);
    sub->add_option("--data", options->data, "The data directory")->required()->type_name("DIR");
    if (needs_id) {
      auto* id = sub->add_option("id", options->id, "As `list` shows it");
      if (takes_all) {
        sub->add_flag("--all", options->all, "Every entry that waits");
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
    finish(run_decide(options->data, options->config, options->id, options->all, true));
  });
  add("discard", "Sets aside: it counts no more", true, true)->callback([=] {
    finish(run_decide(options->data, options->config, options->id, options->all, false));
  });
}

}  // namespace ketavigil::cli
