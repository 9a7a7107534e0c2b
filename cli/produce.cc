// `ketavigil produce`: files to the topics that carry a programme's log.
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/configuration.h"
#include "events/partition.h"
#include "ingest/files/pipeline.h"
#include "ingest/files/source.h"
#include "ingest/kafka/producer.h"

namespace ketavigil::cli {
namespace {

namespace kafka = ingest::kafka;
using std::chrono::milliseconds;

constexpr milliseconds brokers_timeout{30'000};
constexpr milliseconds deliver_timeout{300'000};

// A record with key and headers must be taken by a topic whose records may have 1 MiB.
constexpr std::size_t sent_bytes_max = 1'000'000;

struct ProduceOptions {
  std::vector<std::string> paths;
  std::string brokers;
  std::string config;
  std::string topic;
  std::string source;
  bool json = false;
};

// What was read and sent. What will be refused is sent too: the log is where it is kept.
struct Sent {
  std::string topic;
  std::int64_t read = 0;
  std::int64_t sent = 0;
  std::map<std::string, std::int64_t> not_followed;
  std::map<std::string, std::int64_t> refused;
  std::int64_t too_large = 0;  ///< not sent: no topic takes it
};

// As the Java client chooses it: by the pseudonym; without one, by the bytes.
int partition_for(const ingest::DecodedEntry& entry, int partitions, std::string* key) {
  if (const auto* fact = std::get_if<events::Fact>(&entry.decoded)) {
    *key = fact->kind == events::Kind::heartbeat ? fact->source : fact->patient;
  } else if (const auto& readable = std::get<events::Rejection>(entry.decoded).readable) {
    *key = readable->patient;
  } else {
    return events::partition_of(entry.bytes, partitions);
  }
  return events::partition_of(*key, partitions);
}

Status send_part(const std::string& topic, int partitions, const ingest::DecodedPart& part,
                 kafka::Producer* producer, kafka::SentRecords* records, Sent* sent) {
  for (const auto& entry : part.block.entries) {
    ++sent->read;
    if (!entry.not_followed.empty()) {
      ++sent->not_followed[entry.not_followed];
      continue;
    }
    if (entry.bytes.size() > sent_bytes_max) {
      ++sent->too_large;
      continue;
    }
    std::string key;
    kafka::OutgoingRecord record;
    record.to = {topic, partition_for(entry, partitions, &key)};
    if (!key.empty()) record.key = key;
    record.value = entry.bytes;
    record.headers.push_back({kafka::headers::source, entry.default_source});
    KETAVIGIL_TRY(producer->send(record, records));
    ++sent->sent;
    if (const auto* rejection = std::get_if<events::Rejection>(&entry.decoded))
      ++sent->refused[rejection->reason];
  }
  return {};
}

Result<Sent> run_produce(const ProduceOptions& options) {
  KETAVIGIL_TRY_ASSIGN(const auto files, ingest::files_to_read(options.paths));
  Configuration configuration;
  if (!options.config.empty()) {
    KETAVIGIL_TRY_ASSIGN(configuration, read_configuration(options.config));
  }
  kafka::ConnectionSettings connection;
  if (configuration.kafka) connection = configuration.kafka->connection;
  if (!options.brokers.empty()) connection.brokers = options.brokers;
  if (connection.brokers.empty()) {
    return Error{ErrorKind::usage,
                 "produce needs --brokers host:port, or --config FILE with a `kafka` section"};
  }
  const std::string prefix = configuration.kafka ? configuration.kafka->prefix : "ketavigil";
  const std::string topic = options.topic.empty() ? prefix + ".events" : options.topic;
  kafka::ProducerSettings settings;
  settings.linger = milliseconds(50);
  KETAVIGIL_TRY_ASSIGN(const auto producer, kafka::Producer::open(connection, settings));
  KETAVIGIL_TRY_ASSIGN(const int partitions, producer->partitions(topic, brokers_timeout));
  const ingest::EntrySettings entries{options.source};
  ingest::Pipeline pipeline(configuration.settings.decode, entries, configuration.workers);
  Progress progress("producing", ingest::total_bytes(files));
  Sent sent;
  sent.topic = topic;
  kafka::SentRecords records;
  KETAVIGIL_TRY(pipeline.run(
      files, [&](std::int64_t bytes) { progress.update(bytes); },
      [&](ingest::DecodedPart part) {
        return send_part(topic, partitions, part, producer.get(), &records, &sent);
      }));
  KETAVIGIL_TRY(producer->wait_for(&records, deliver_timeout));
  progress.finish();
  return sent;
}

void print_sent(const Sent& sent, bool json, double seconds) {
  if (json) {
    std::cout << nlohmann::ordered_json{{"read", sent.read},
                                        {"sent", sent.sent},
                                        {"not_followed", sent.not_followed},
                                        {"refused", sent.refused},
                                        {"too_large", sent.too_large},
                                        {"seconds", seconds}}
                     .dump()
              << '\n';
    return;
  }
  std::cout << "read " << sent.read << ", sent " << sent.sent << " to " << sent.topic
            << ", acknowledged by all in-sync replicas\n";
  for (const auto& [type, count] : sent.not_followed)
    std::cout << "  not followed " << type << ": " << count << '\n';
  if (sent.too_large > 0) {
    std::cout << "  NOT SENT, above " << sent_bytes_max << " bytes: " << sent.too_large
              << " (`ketavigil load --check` says which lines)\n";
  }
  for (const auto& [reason, count] : sent.refused)
    std::cout << "  will be quarantined " << reason << ": " << count << '\n';
}

}  // namespace

void add_produce(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<ProduceOptions>();
  auto* command =
      app.add_subcommand("produce", "Sends files to Kafka, for a programme whose log is there");
  command->footer(
      "Reads what `load` reads; FHIR becomes native events. Each event goes to the partition of "
      "its "
      "patient. Sending\n"
      "again is safe: a fact counts once. Ends when every record is acknowledged.\n\n"
      "  ketavigil produce export/ --brokers 127.0.0.1:19092\n"
      "  ketavigil produce old/*.ndjson --config ketavigil.yaml --topic ketavigil.backfill   # the "
      "bulk lane");
  command->add_option("paths", options->paths, "Files, folders, or -")
      ->required()
      ->type_name("PATH...");
  command->add_option("--brokers", options->brokers, "host:port, several separated by commas")
      ->type_name("LIST");
  command
      ->add_option("--config", options->config,
                   "Configuration: brokers and their security, and how events are read")
      ->type_name("FILE");
  command->add_option("--topic", options->topic,
                      "The topic (default: PREFIX.events of the configuration, ketavigil.events)");
  command->add_option("--source", options->source, "The source of events that name none")
      ->type_name("NAME");
  command->add_flag("--json", options->json, "The account as JSON on standard output");
  command->callback([options, exit_code] {
    const double started = steady_seconds();
    auto sent = run_produce(*options);
    if (!sent.ok()) {
      *exit_code = report(sent.error());
      return;
    }
    print_sent(sent.value(), options->json, steady_seconds() - started);
  });
}

}  // namespace ketavigil::cli
