#include "cli/serve.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <future>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cli/access_guard.h"
#include "cli/cohort_worker.h"
#include "cli/common.h"
#include "cli/configuration.h"
#include "cli/history_reader.h"
#include "cli/listener_configuration.h"
#include "cli/page_endpoint.h"
#include "cli/pager_thread.h"
#include "cli/reading_service.h"
#include "cli/serve_checkpoints.h"
#include "cli/serve_operations.h"
#include "cli/serve_writer.h"
#include "cli/topic_intake.h"
#include "cli/topic_teller.h"
#include "cli/topic_worker.h"
#include "cli/workers.h"
#include "dashboards/metrics/programme_gauges.h"
#include "ingest/http/event_endpoint.h"

namespace ketavigil::cli {
namespace {

namespace http = ingest::http;
using std::chrono::milliseconds;

constexpr int intake_handler_threads = 16;  // as many requests can share one pass
constexpr int operations_handler_threads = 4;
constexpr std::size_t operations_body_bytes_max = std::size_t{64} << 10;
constexpr std::size_t bodies_bytes_max_least = std::size_t{64} << 20;
constexpr milliseconds brokers_timeout{30'000};
constexpr milliseconds stop_grace{10'000};
constexpr milliseconds failure_grace{2'000};

struct ServeOptions {
  std::string config;
  std::string data;
};

// The signals that end the service: blocked in every thread, so that only `wait` gets them.
class EndSignals {
 public:
  EndSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);  // a reader of our output that went away ends nothing
  }
  // Whether one came within `time`.
  [[nodiscard]] bool wait(milliseconds time) const {
    const timespec limit{time.count() / 1000, (time.count() % 1000) * 1'000'000};
    return sigtimedwait(&set_, nullptr, &limit) > 0;
  }
  void wait() const {
    int signal = 0;
    sigwait(&set_, &signal);
  }
  // From now on another one ends the process at once, which loses nothing that was acknowledged.
  void release() const { pthread_sigmask(SIG_UNBLOCK, &set_, nullptr); }

 private:
  sigset_t set_{};
};

Result<Configuration> read_options(const ServeOptions& options) {
  auto configuration = read_configuration(options.config);
  if (!configuration.ok()) return configuration;
  if (!options.data.empty()) configuration.value().storage_path = options.data;
  if (configuration.value().storage_path.empty()) {
    return Error{ErrorKind::configuration, "no data directory: give `storage.path` in " +
                                               options.config +
                                               ", KETAVIGIL_STORAGE__PATH or --data DIR"};
  }
  KETAVIGIL_TRY(check_listener("intake", configuration.value().intake));
  KETAVIGIL_TRY(check_listener("operations", configuration.value().operations));
  return configuration;
}

engine::ProgrammeOptions programme_options(const Configuration& configuration) {
  engine::ProgrammeOptions options;
  options.directory = configuration.storage_path;
  options.create = true;
  options.shards = configuration.shards;
  options.workers = configuration.workers;
  options.batch_entries = configuration.batch_entries;
  options.cache_bytes = configuration.cache_bytes;
  options.free_space_guard_bytes = configuration.free_space_guard_bytes;
  options.settings = configuration.settings;
  return options;
}

std::shared_ptr<spdlog::logger> make_logger() {
  auto logger = std::make_shared<spdlog::logger>("ketavigil",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  logger->flush_on(spdlog::level::info);
  return logger;
}

double unix_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

dashboards::PageMeasures page_measures(const routing::pages::PageCounts& counts) {
  dashboards::PageMeasures measures;
  const auto copy = [](const routing::pages::PagesOf& from, dashboards::PageMeasures::OfCases* to) {
    for (const auto& [of, count] : from)
      (*to)[{of.first, std::string(engine::name_of(of.second))}] += count;
  };
  copy(counts.decided, &measures.decided);
  copy(counts.open, &measures.open);
  measures.floods = counts.floods;
  measures.dead_letters = counts.dead_letters;
  for (const auto& [name, way] : counts.ways) {
    measures.ways[name] = {way.accepted, way.failed, way.refused, way.is_up, way.waiting_seconds};
  }
  return measures;
}

// The parts of a running service, put together.
class Service {
 public:
  explicit Service(Configuration configuration)
      : configuration_(std::move(configuration)),
        logger_(make_logger()),
        metrics_(configuration_.settings.decode.compounds, unix_seconds()),
        intake_metrics_(metrics_, *logger_, "intake"),
        operations_metrics_(metrics_, *logger_, "operations"),
        operations_(
            {metrics_, *logger_, [this] { return refresh(); }, [this] { return hindrance(); },
             [this](const http::Request& request) { return reading_->answer(request); },
             [this](const http::Request& request) { return reading_->news(request); },
             [this](const http::Request& request) { return answer_page(*programme_, request); },
             [this](const http::Request& request) {
               return answer_replay_pages(*programme_, request);
             },
             [this](const http::Request& request) {
               return answer_session(*operations_access_, request);
             }}) {}

  int run();

 private:
  Status open_access();
  Status listen();
  Status open();
  Status open_topics();
  Status start_intake();
  Status start_topics();
  Status start_topic_intake(const std::function<void(ErrorKind)>& on_failure);
  void start_endpoint(ingest::EventSink& sink, const events::DecodeSettings& decode);
  void start_pager();
  void start_reading();
  int close(bool failed);
  Status refresh();
  // Whether facts are taken; if not, why.
  [[nodiscard]] std::string hindrance() const;
  // Where the operations of the worker are that has a patient; empty: not known.
  [[nodiscard]] std::string worker_of(const std::string& patient) const;
  [[nodiscard]] http::Router intake_router();
  [[nodiscard]] std::string operations_address() const {
    return told_address(configuration_.operations, *operations_server_);
  }

  const Configuration configuration_;
  const std::shared_ptr<spdlog::logger> logger_;
  const engine::SystemClock clock_;
  const EndSignals signals_;
  dashboards::Metrics metrics_;
  ListenerMetrics intake_metrics_;
  ListenerMetrics operations_metrics_;
  std::unique_ptr<dashboards::access::Access> operations_access_;
  std::unique_ptr<dashboards::access::Access> intake_access_;  // null: nobody is asked
  Operations operations_;
  std::unique_ptr<engine::Programme> programme_;
  std::unique_ptr<dashboards::ProgrammeGauges> gauges_;
  std::unique_ptr<LiveWriter> writer_;
  std::unique_ptr<ingest::kafka::Producer> producer_;
  std::unique_ptr<ingest::kafka::Producer> teller_producer_;
  std::unique_ptr<TopicTeller> teller_;
  std::unique_ptr<TopicWorker> worker_;
  std::unique_ptr<CheckpointWriter> checkpoint_writer_;
  std::unique_ptr<TopicIntake> topic_intake_;
  std::unique_ptr<HistoryReader> history_reader_;
  std::unique_ptr<CohortWorker> cohort_;
  std::unique_ptr<PagerThread> pager_;
  std::unique_ptr<ReadingService> reading_;
  std::atomic<ErrorKind> failure_{ErrorKind::storage};
  std::atomic<bool> has_failed_{false};
  std::unique_ptr<http::EventEndpoint> endpoint_;
  std::unique_ptr<http::Server> operations_server_;
  std::unique_ptr<http::Server> intake_server_;
};

http::Router Service::intake_router() {
  http::Router router;
  router.add("POST", "/api/v1/events",
             [this](const http::Request& request) { return endpoint_->handle(request); });
  if (intake_access_) router.set_guard(guard_of(*intake_access_));
  return router;
}

// Operations always looks who asks, if only for where the request comes from.
Status Service::open_access() {
  KETAVIGIL_TRY_ASSIGN(operations_access_, open_access_of(configuration_.operations,
                                                          Askers::people_and_programs, clock_));
  operations_access_->on_failed_sign_in([this] { metrics_.count_failed_sign_in(); });
  if (configuration_.intake.tokens_file.empty()) return {};
  KETAVIGIL_TRY_ASSIGN(intake_access_,
                       open_access_of(configuration_.intake, Askers::programs, clock_));
  return {};
}

// Binds both; operations answers at once, so that probes see a store that is being opened.
Status Service::listen() {
  KETAVIGIL_TRY(open_access());
  http::ServerOptions options = server_options(configuration_.operations);
  options.handler_threads = operations_handler_threads;
  options.body_bytes_max = operations_body_bytes_max;
  http::Router operations_router = operations_.router();
  operations_router.set_guard(guard_of(*operations_access_));
  KETAVIGIL_TRY_ASSIGN(operations_server_,
                       http::Server::listen(options, operations_router, &operations_metrics_));
  options = server_options(configuration_.intake);
  options.handler_threads = intake_handler_threads;
  options.body_bytes_max = static_cast<std::size_t>(configuration_.body_bytes_max);
  options.bodies_bytes_max = std::max(bodies_bytes_max_least, 4 * options.body_bytes_max);
  KETAVIGIL_TRY_ASSIGN(intake_server_,
                       http::Server::listen(options, intake_router(), &intake_metrics_));
  operations_server_->start();
  return {};
}

std::string Service::hindrance() const {
  for (const int number : programme_->owned()) {
    // All shards lie in one directory.
    const auto shard = programme_->hold(number);
    if (shard && !shard->store().room()) return "the store has too little free space";
    if (shard) break;
  }
  if (worker_ && !worker_->counts().connected) return "no Kafka broker answers";
  if (worker_ && !worker_->is_placed()) return "the group has given no partitions yet";
  return "";
}

std::string Service::worker_of(const std::string& patient) const {
  if (!configuration_.kafka) return "";
  const auto workers = find_workers(*configuration_.kafka, patient);
  if (!workers.ok() || workers.value().front().operations == operations_address()) return "";
  return workers.value().front().operations;
}

// The number of partitions is the number of shards.
Status Service::open_topics() {
  const auto& kafka = *configuration_.kafka;
  KETAVIGIL_TRY_ASSIGN(producer_, ingest::kafka::Producer::open(kafka.connection));
  KETAVIGIL_TRY_ASSIGN(
      const auto topics,
      ingest::kafka::look_at_topics(*producer_, log_settings(configuration_), brokers_timeout));
  engine::ProgrammeOptions options = programme_options(configuration_);
  options.log = engine::LogOrigin::topics;
  options.ways_out = true;
  options.shards = topics.partitions;
  options.checkpoints = kafka.checkpoints;
  if (options.checkpoints) {
    // Another cluster counts its offsets otherwise, whatever its topics are called.
    KETAVIGIL_TRY_ASSIGN(const std::string cluster, producer_->cluster(brokers_timeout));
    options.checkpoints->log_name = cluster + "/" + kafka.prefix;
    options.checkpoints->tell = [this](bool warning, const std::string& text) {
      logger_->log(warning ? spdlog::level::warn : spdlog::level::info, "{}", text);
    };
  }
  KETAVIGIL_TRY_ASSIGN(programme_, engine::Programme::open(options, clock_));
  return {};
}

Status Service::start_topics() {
  const auto on_failure = [this](ErrorKind kind) {
    failure_ = kind;
    has_failed_ = true;
    operations_.set_phase(Phase::failed);
    ::kill(::getpid(), SIGTERM);
  };
  KETAVIGIL_TRY_ASSIGN(
      worker_, TopicWorker::start(configuration_, operations_address(), *programme_, *producer_,
                                  metrics_, *logger_, on_failure));
  if (configuration_.kafka->worker == cohort_worker) {
    KETAVIGIL_TRY_ASSIGN(
        cohort_, CohortWorker::start(configuration_, programme_->shards(), *logger_, on_failure));
  }
  // A producer of its own: what is told does not hold up what is read, nor the other way round.
  KETAVIGIL_TRY_ASSIGN(teller_producer_,
                       ingest::kafka::Producer::open(configuration_.kafka->connection));
  teller_ = std::make_unique<TopicTeller>(configuration_, *programme_, *teller_producer_, *logger_,
                                          on_failure);
  if (programme_->options().checkpoints)
    checkpoint_writer_ = std::make_unique<CheckpointWriter>(*programme_, clock_, *logger_);
  KETAVIGIL_TRY_ASSIGN(history_reader_,
                       HistoryReader::start(configuration_, *programme_, *producer_, *logger_));
  KETAVIGIL_TRY(start_topic_intake(on_failure));
  gauges_ = std::make_unique<dashboards::ProgrammeGauges>(*programme_, metrics_, steady_seconds);
  start_pager();  // before the first scrape, which asks it
  start_reading();
  operations_.set_phase(Phase::open);
  if (has_failed_) operations_.set_phase(Phase::failed);
  return {};
}

Status Service::start_topic_intake(const std::function<void(ErrorKind)>& on_failure) {
  const KafkaSettings& kafka = *configuration_.kafka;
  engine::InboxOptions options;
  options.directory = configuration_.storage_path;
  options.ordinal = kafka.worker;
  options.free_space_guard_bytes = configuration_.free_space_guard_bytes;
  KETAVIGIL_TRY_ASSIGN(auto inbox, engine::Inbox::open(options));
  std::error_code ignored;
  for (int other = kafka.workers; other < kafka_workers_max; ++other) {
    const auto left = engine::inbox_path(configuration_.storage_path, other);
    if (!std::filesystem::exists(left, ignored)) continue;
    logger_->error(
        "{} is the inbox of a worker that there is no more; facts may wait in it: start worker {} "
        "once more until ketavigil_inbox_events is 0",
        left.string(), other);
  }
  const std::string topic = kafka.prefix + ".events";
  KETAVIGIL_TRY_ASSIGN(const std::size_t event_bytes_max, event_bytes_max_of(*producer_, topic));
  topic_intake_ =
      std::make_unique<TopicIntake>(std::move(inbox), *producer_, topic, programme_->shards(),
                                    event_bytes_max, metrics_, *logger_, on_failure);
  start_endpoint(*topic_intake_, configuration_.settings.decode);
  return {};
}

void Service::start_endpoint(ingest::EventSink& sink, const events::DecodeSettings& decode) {
  http::EventEndpointSettings settings;
  settings.source_default = configuration_.source_default;
  settings.body_bytes_max = static_cast<std::size_t>(configuration_.body_bytes_max);
  endpoint_ = std::make_unique<http::EventEndpoint>(decode, settings, sink);
  intake_server_->start();
}

// Opening can take long after a crash or a change of configuration. Who is told to end meanwhile
// ends at once: what is half done is completed by the next start.
Status Service::open() {
  auto opening = std::async(std::launch::async, [this]() -> Status {
    if (configuration_.kafka) {
      KETAVIGIL_TRY(open_topics());
      return start_topics();
    }
    KETAVIGIL_TRY_ASSIGN(programme_,
                         engine::Programme::open(programme_options(configuration_), clock_));
    return {};
  });
  while (opening.wait_for(milliseconds(0)) != std::future_status::ready) {
    if (!signals_.wait(milliseconds(50))) continue;
    if (!has_failed_) logger_->info("told to end while the store was being opened");
    logger_->flush();
    std::_Exit(has_failed_ ? exit_code(failure_.load()) : 0);
  }
  KETAVIGIL_TRY(opening.get());
  for (const int number : programme_->owned()) {
    const auto shard = programme_->hold(number);  // a group may take it this moment
    const std::string note = shard ? shard->store().recovery_note() : "";
    if (!note.empty()) logger_->warn("shard {}: {}", number, note);
  }
  return {};
}

Status Service::start_intake() {
  gauges_ = std::make_unique<dashboards::ProgrammeGauges>(*programme_, metrics_, steady_seconds);
  LiveWriterOptions writer_options;
  writer_options.tick_seconds = configuration_.tick_seconds;
  writer_ = std::make_unique<LiveWriter>(*programme_, metrics_, *logger_, writer_options, [this] {
    operations_.set_phase(Phase::failed);
    ::kill(::getpid(), SIGTERM);
  });
  start_pager();  // before the first scrape, which asks it
  start_reading();
  operations_.set_phase(Phase::open);
  start_endpoint(*writer_, programme_->configured().settings.decode);
  return {};
}

Status Service::refresh() {
  metrics_.set_connections("intake", intake_server_->connections());
  metrics_.set_connections("operations", operations_server_->connections());
  if (worker_) {
    const auto& counts = worker_->counts();
    metrics_.set_topics(
        {counts.records, counts.backfill_records, counts.control, counts.forwarded,
         counts.lag_records, counts.backfill_lag_records, programme_->owned().size(),
         counts.connected, teller_->told(), teller_->is_telling(), counts.placements,
         topic_intake_->waiting(), topic_intake_->sent(), history_reader_->watch().compared(),
         history_reader_->watch().two_contents(), history_reader_->watch().not_compared()});
    if (checkpoint_writer_) metrics_.set_checkpoints(checkpoint_writer_->counts());
    if (cohort_) metrics_.set_cohort(cohort_->counts());
  }
  metrics_.set_pages(page_measures(pager_->counts()));
  return gauges_->refresh();
}

int Service::run() {
  Status status = listen();
  if (status.ok()) status = open();
  if (status.ok() && !worker_) status = start_intake();
  if (!status.ok()) return report(status.error());
  if (worker_) {
    logger_->info("follows the topics {}.* of {}", configuration_.kafka->prefix,
                  configuration_.kafka->connection.brokers);
  }
  std::cout << "listening intake " << intake_server_->url() << " operations "
            << operations_server_->url() << std::endl;
  logger_->info("ketavigil {} serves {} with {} shards, log at {}", dashboards::program_version(),
                configuration_.storage_path.string(), programme_->shards(),
                events::print_utc(programme_->newest_received()));
  signals_.wait();
  signals_.release();
  return close(worker_ ? has_failed_.load() : writer_->failed());
}

void Service::start_pager() {
  auto settings = configuration_.page;
  if (settings.link_base.empty())
    settings.link_base = operations_address() + std::string(pages_path);
  pager_ = std::make_unique<PagerThread>(*programme_, std::move(settings), *logger_);
}

void Service::start_reading() {
  ReadingServiceParts parts{
      *programme_, metrics_.deliveries(),
      *logger_,    nullptr,
      "",          [this](const std::string& patient) { return worker_of(patient); }};
  if (configuration_.kafka) {
    parts.producer = producer_.get();
    parts.events_topic = configuration_.kafka->prefix + ".events";
  }
  reading_ = std::make_unique<ReadingService>(std::move(parts));
}

int Service::close(bool failed) {
  if (!failed) {
    operations_.set_phase(Phase::stopping);
    logger_->info("stopping: what was begun is answered first");
  }
  if (intake_server_) intake_server_->stop(failed ? failure_grace : stop_grace);
  if (writer_) writer_->stop();
  if (topic_intake_) topic_intake_->stop();
  if (worker_) worker_->stop();
  if (checkpoint_writer_ && !failed) checkpoint_writer_->stop();
  if (cohort_) cohort_->stop();
  if (teller_ && !failed) teller_->stop();
  if (pager_ && !failed) pager_->stop();
  if (reading_) reading_->stop();
  const bool closes = !failed && !(writer_ && writer_->failed()) && !has_failed_;
  Status status = closes ? programme_->make_durable() : Status();
  operations_server_->stop(failed ? failure_grace : milliseconds(0));
  if (!closes || !status.ok()) {
    if (!status.ok())
      logger_->critical("the store could not be synced: {}", status.error().message);
    logger_->flush();
    // A store that failed is not closed but left as it is, for the next start to look at.
    std::_Exit(exit_code(status.ok() ? failure_.load() : ErrorKind::storage));
  }
  reading_.reset();
  pager_.reset();
  topic_intake_.reset();
  history_reader_.reset();
  teller_.reset();
  checkpoint_writer_.reset();
  cohort_.reset();
  worker_.reset();
  gauges_.reset();
  programme_.reset();
  logger_->info("stopped");
  return 0;
}

int serve(const ServeOptions& options) {
  auto configuration = read_options(options);
  if (!configuration.ok()) return report(configuration.error());
  Service service(std::move(configuration).value());
  return service.run();
}

}  // namespace

void add_serve(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand(
      "serve", "Runs the service: takes facts over HTTP, keeps the programme, exposes metrics");
  command->footer(
      "  ketavigil check-config --example > ketavigil.yaml\n"
      "  ketavigil serve --config ketavigil.yaml\n"
      "  curl --data-binary @facts.ndjson http://127.0.0.1:8410/api/v1/events     # an answer a "
      "line\n"
      "The console is at the address of `operations`, which is printed.");
  command->add_option("--config", options->config, "The configuration (YAML)")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--data", options->data,
                   "The data directory, made if absent (default: storage.path)")
      ->type_name("DIR");
  command->callback([options, exit_code] { *exit_code = serve(*options); });
}

}  // namespace ketavigil::cli
