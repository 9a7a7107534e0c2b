#include "cli/workers.h"

#include <curl/curl.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/reading_service.h"
#include "events/partition.h"
#include "ingest/kafka/consumer.h"
#include "ingest/kafka/producer.h"

namespace ketavigil::cli {
namespace {

namespace kafka = ingest::kafka;
using std::chrono::milliseconds;

constexpr milliseconds ask_timeout{10'000};
constexpr long fetch_timeout_seconds = 60;
constexpr long connect_timeout_seconds = 10;
constexpr long redirections_max = 3;
constexpr std::size_t body_bytes_max = std::size_t{1} << 30;

struct WorkersOptions {
  std::string config;
  std::string patient;
  bool json = false;
};

void read_about(const std::string& about, WorkerOfShard* worker) {
  const auto said = nlohmann::json::parse(about, nullptr, false);
  if (!said.is_object()) return;
  worker->worker = said.value("worker", "");
  worker->operations = said.value("operations", "");
}

std::size_t append_body(const char* bytes, std::size_t size, std::size_t count, void* body) {
  auto* text = static_cast<std::string*>(body);
  if (text->size() + size * count > body_bytes_max) return 0;  // ends the transfer
  text->append(bytes, size * count);
  return size * count;
}

Status run_workers(const WorkersOptions& options) {
  KETAVIGIL_TRY_ASSIGN(const Configuration configuration, read_configuration(options.config));
  if (!configuration.kafka)
    return Status::failure(ErrorKind::usage, options.config + " has no `kafka` section");
  KETAVIGIL_TRY_ASSIGN(
      const auto workers,
      find_workers(*configuration.kafka, options.patient.empty()
                                             ? std::nullopt
                                             : std::optional<std::string>(options.patient)));
  if (options.json) {
    auto rows = nlohmann::ordered_json::array();
    for (const WorkerOfShard& one : workers) {
      rows.push_back({{"shard", one.shard},
                      {"worker", one.worker},
                      {"operations", one.operations},
                      {"next_offset", one.next_offset},
                      {"lag_records", one.lag_records}});
    }
    std::cout << nlohmann::ordered_json{{"workers", rows}}.dump() << '\n';
    return {};
  }
  TextTable table({"SHARD", "WORKER", "OPERATIONS", "NEXT OFFSET", "LAG"});
  for (const WorkerOfShard& one : workers) {
    table.add({std::to_string(one.shard), one.worker, one.operations,
               std::to_string(one.next_offset), std::to_string(one.lag_records)});
  }
  table.print();
  return {};
}

}  // namespace

Result<std::vector<WorkerOfShard>> find_workers(const KafkaSettings& settings,
                                                const std::optional<std::string>& patient) {
  const std::string topic = settings.prefix + ".events";
  KETAVIGIL_TRY_ASSIGN(const auto producer, kafka::Producer::open(settings.connection));
  KETAVIGIL_TRY_ASSIGN(const int shards, producer->partitions(topic, ask_timeout));
  KETAVIGIL_TRY_ASSIGN(const auto consumer,
                       kafka::Consumer::open(settings.connection, settings.group));
  std::vector<kafka::TopicPartition> asked;
  for (int shard = 0; shard < shards; ++shard) {
    if (!patient || events::partition_of(*patient, shards) == shard)
      asked.push_back({topic, shard});
  }
  KETAVIGIL_TRY_ASSIGN(const auto committed, consumer->committed(asked, ask_timeout));
  std::vector<WorkerOfShard> workers;
  for (const kafka::TopicPartition& one : asked) {
    WorkerOfShard& worker = workers.emplace_back();
    worker.shard = one.partition;
    KETAVIGIL_TRY_ASSIGN(const auto marks, consumer->watermarks(one, ask_timeout));
    if (const auto told = committed.find(one); told != committed.end()) {
      worker.next_offset = told->second.next_offset;
      read_about(told->second.about, &worker);
    }
    worker.lag_records = marks.high - worker.next_offset;
  }
  return workers;
}

Result<Fetched> fetch(const std::string& url, const std::string& token) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  if (!curl) return Error{ErrorKind::broker, "no HTTP client can be made"};
  Fetched fetched;
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_REDIR_PROTOCOLS_STR,
                   url.starts_with("https://") ? "https" : "http,https");
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(nullptr,
                                                                      &curl_slist_free_all);
  if (!token.empty()) {
    headers.reset(curl_slist_append(nullptr, ("Authorization: Bearer " + token).c_str()));
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl.get(), CURLOPT_UNRESTRICTED_AUTH, 1L);  // to the other worker too
  }
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_MAXREDIRS, redirections_max);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, connect_timeout_seconds);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, fetch_timeout_seconds);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &append_body);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &fetched.body);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) {
    return Error{ErrorKind::broker,
                 std::string("the worker does not answer: ") + curl_easy_strerror(code)};
  }
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &fetched.status);
  return fetched;
}

std::string patient_path(const std::string& patient) {
  char* escaped = curl_easy_escape(nullptr, patient.data(), static_cast<int>(patient.size()));
  std::string path = std::string(patients_path) + escaped;
  curl_free(escaped);
  return path;
}

void add_workers(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<WorkersOptions>();
  auto* command = app.add_subcommand(
      "workers", "Shows which worker has which shard of a programme whose log is on Kafka");
  command->footer(
      "As the workers told the brokers last. LAG is what they have not kept yet.\n"
      "  ketavigil workers --config ketavigil.yaml\n"
      "  ketavigil workers --config ketavigil.yaml --patient p-00000017    # the shard of one");
  command->add_option("--config", options->config, "The configuration of a worker (YAML)")
      ->required()
      ->type_name("FILE");
  command->add_option("--patient", options->patient, "A pseudonym");
  command->add_flag("--json", options->json, "JSON on standard output, and nothing else");
  command->callback([options, exit_code] {
    const Status status = run_workers(*options);
    if (!status.ok()) *exit_code = report(status.error());
  });
}

}  // namespace ketavigil::cli
