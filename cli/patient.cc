// `patient`: everything that is known of one, or of all.
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/fact_text.h"
#include "cli/workers.h"
#include "engine/questions/deliveries.h"
#include "events/partition.h"

namespace ketavigil::cli {
namespace {

using nlohmann::ordered_json;

struct PatientOptions {
  ReadingOptions reading;
  std::string id;
  std::string config;
  std::string token_file;
  bool charts = false;
  bool history = false;
};

// For people: the facts in the order of R, then what they mean.
void print_text(const ordered_json& document) {
  std::cout << "Patient " << plain(document.at("patient")) << " at " << plain(document.at("at"))
            << "\n\n";
  TextTable facts({"EFFECTIVE", "KIND", "WHAT", "STATUS", "STATE", "FACT"});
  for (const auto& fact : document.at("facts")) {
    facts.add({plain(fact.value("effective", ordered_json(""))),
               plain(fact.value("kind", ordered_json(""))), values_of(fact),
               plain(fact.at("status")), plain(fact.at("state")), name_of_fact(fact)});
  }
  facts.print();
  std::cout << '\n';
  TextTable findings({"FINDING", "LEVEL", "DETECTOR", "ONSET", "ENDED", "STATE", "STATISTIC",
                      "VALUE / LIMIT", "NOTE"});
  for (const auto& finding : document.at("findings")) {
    const auto& statistic = finding.at("statistic");
    findings.add({plain(finding.at("id")), plain(finding.at("level")),
                  plain(finding.at("detector")), plain(finding.at("onset")),
                  plain(finding.at("ended")), plain(finding.at("state")),
                  plain(statistic.at("name")),
                  plain(statistic.at("value")) + " / " + plain(statistic.at("threshold")),
                  finding.at("unverified").get<bool>() ? "unverified" : ""});
  }
  findings.print();
  std::cerr << facts.size() << " facts, " << findings.size()
            << " findings; --json has all that is known, `ketavigil explain FINDING` why\n";
}

// Charts are numbers for a plot: JSON in any case.
void print_document(const std::string& document, const PatientOptions& options) {
  if (options.reading.json) {
    std::cout << document << '\n';
    return;
  }
  const auto parsed = ordered_json::parse(document);
  if (options.charts) {
    std::cout << parsed.dump(2) << '\n';
  } else {
    print_text(parsed);
  }
}

void print_deliveries(const std::vector<engine::Delivery>& deliveries) {
  TextTable table({"RECEIVED", "ENTRY", "LANE", "ANSWER", "KIND", "FACT", "WHY"});
  for (const engine::Delivery& one : deliveries) {
    const std::string version = one.version ? " v" + std::to_string(*one.version) : "";
    const std::string why =
        one.reason.empty() ? "" : one.reason + " " + one.field + ": expected " + one.expected;
    table.add({events::print_utc(one.received), one.entry, one.lane, one.answer, one.kind,
               one.source + " " + one.id + version, why});
  }
  table.print();
}

Status report_elsewhere(const engine::Reading& reading, const std::string& id) {
  const int shard = events::partition_of(id, reading.shards());
  for (const int held : reading.held()) {
    if (held == shard) return Status::failure(ErrorKind::usage, "nobody is known as " + id);
  }
  return Status::failure(ErrorKind::usage,
                         id + " belongs to shard " + std::to_string(shard) +
                             ", which is not in this directory: ask by --config FILE, which finds "
                             "the worker that has it");
}

Status print_history(const engine::Reading& reading, const PatientOptions& options,
                     events::Microseconds at) {
  KETAVIGIL_TRY_ASSIGN(const auto deliveries, engine::deliveries_of(reading, options.id, at));
  if (!deliveries) return report_elsewhere(reading, options.id);
  if (options.reading.json) {
    std::cout << engine::deliveries_json(*deliveries, options.id, at) << '\n';
  } else {
    print_deliveries(*deliveries);
  }
  return {};
}

Status print_here(const PatientOptions& options) {
  events::Microseconds at = 0;
  KETAVIGIL_TRY_ASSIGN(const auto reading, options.reading.open(&at));
  if (!options.id.empty()) {
    if (options.history) return print_history(*reading, options, at);
    KETAVIGIL_TRY_ASSIGN(const auto document,
                         options.charts ? engine::patient_charts(*reading, options.id, at)
                                        : engine::patient_document(*reading, options.id, at));
    if (!document) return report_elsewhere(*reading, options.id);
    print_document(*document, options);
    return {};
  }
  if (options.charts || options.history)
    return Status::failure(ErrorKind::usage, "--charts and --history are about one patient");
  for (const std::string& patient : reading->patients()) {
    KETAVIGIL_TRY_ASSIGN(const auto document, engine::patient_document(*reading, patient, at));
    if (document) std::cout << *document << '\n';
  }
  return {};
}

// Asks the worker that has the patient.
Status print_there(const PatientOptions& options) {
  if (options.id.empty() || !options.reading.as_of.empty()) {
    return Status::failure(ErrorKind::usage,
                           "with --config one patient is asked for, as of now or --at");
  }
  KETAVIGIL_TRY_ASSIGN(const std::string token, read_token(options.token_file));
  KETAVIGIL_TRY_ASSIGN(const Configuration configuration, read_configuration(options.config));
  if (!configuration.kafka)
    return Status::failure(ErrorKind::usage,
                           options.config + " has no `kafka` section: give --data DIR");
  KETAVIGIL_TRY_ASSIGN(const auto workers, find_workers(*configuration.kafka, options.id));
  const WorkerOfShard& worker = workers.front();
  if (worker.operations.empty()) {
    return Status::failure(ErrorKind::broker, "no worker has told that it has shard " +
                                                  std::to_string(worker.shard) +
                                                  ", to which this patient belongs");
  }
  std::string url = worker.operations + patient_path(options.id);
  if (!options.reading.at.empty()) {
    KETAVIGIL_TRY_ASSIGN(const auto at, parse_time_option("--at", options.reading.at));
    url += "?at=" + events::print_utc(at);
  }
  KETAVIGIL_TRY_ASSIGN(Fetched fetched, fetch(url, token));
  if (fetched.status == 404)
    return Status::failure(ErrorKind::usage, "nobody is known as " + options.id);
  if (fetched.status != 200) {
    return Status::failure(ErrorKind::broker,
                           "worker " + worker.worker + " at " + worker.operations + " answers " +
                               std::to_string(fetched.status) + ": " + fetched.body);
  }
  while (fetched.body.ends_with('\n')) fetched.body.pop_back();
  print_document(fetched.body, options);
  return {};
}

}  // namespace

void add_patient(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<PatientOptions>();
  auto* command = app.add_subcommand(
      "patient", "Shows everything that is known of a patient, and what it means");
  command->footer(
      "  ketavigil patient p-00000017 --data programme\n"
      "  ketavigil patient p-00000017 --data programme --charts           # scores over time\n"
      "  ketavigil patient p-00000017 --data programme --history          # what came when\n"
      "  ketavigil patient --data programme | jq -r .patient              # who there is\n"
      "  ketavigil patient p-00000017 --config ketavigil.yaml             # the worker that has "
      "it");
  command->add_option("id", options->id,
                      "A pseudonym; without it all of them, one JSON document a line");
  auto* config = command
                     ->add_option("--config", options->config,
                                  "Instead of --data, with the log on Kafka: a worker's "
                                  "configuration. The worker that has the patient is asked")
                     ->type_name("FILE");
  command
      ->add_option("--token-file", options->token_file,
                   "For workers that ask for a token: its first line is one")
      ->needs(config)
      ->type_name("FILE");
  command
      ->add_flag("--charts", options->charts,
                 "Instead of facts and findings: each score against reliable change, regression, "
                 "slope and CUSUM, which raise nothing, and the drift charts value by value")
      ->excludes(config);
  command
      ->add_flag("--history", options->history,
                 "Instead of facts and findings: what came when, by the log, and what became of it")
      ->excludes("--charts")
      ->excludes(config);
  options->reading.add_to(command);
  auto* data = command->get_option("--data")->required(false)->excludes(config);
  command->callback([options, data, config, exit_code] {
    if (data->empty() && config->empty()) throw CLI::RequiredError("--data DIR (or --config FILE)");
    const Status status = config->empty() ? print_here(*options) : print_there(*options);
    if (!status.ok()) *exit_code = report(status.error());
  });
}

}  // namespace ketavigil::cli
