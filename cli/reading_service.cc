#include "cli/reading_service.h"

#include <chrono>

#include "cli/common.h"
#include "dashboards/api/news_stream.h"

namespace ketavigil::cli {
namespace {

namespace api = dashboards::api;
using ingest::http::Request;
using ingest::http::Response;
using std::chrono::milliseconds;

constexpr milliseconds pause{500};
constexpr milliseconds decision_timeout{30'000};
constexpr std::size_t entries_at_once = 50'000;
// Counting every patient takes long: at most so often, and at most one part in so many of the time.
constexpr double months_seconds_min = 60;
constexpr double months_share = 20;

// Decisions as entries of the shards' own logs.
class DecidesHere : public api::QuarantineDecider {
 public:
  explicit DecidesHere(engine::Programme& programme) : programme_(programme) {}
  Result<api::Decision> decide(const engine::QuarantineRow& row, bool retry) override {
    const auto shard = programme_.hold(row.shard);
    if (!shard) return Error{ErrorKind::storage, "the shard is not here any more"};
    if (!retry) {
      KETAVIGIL_TRY(shard->append_discard(programme_.stamp(row.shard), row.key));
      return api::Decision{"discarded", "", "", ""};
    }
    KETAVIGIL_TRY_ASSIGN(auto answer, shard->append_retry(programme_.stamp(row.shard), row.key));
    return api::Decision{std::string(engine::name_of(answer.outcome)), std::move(answer.reason),
                         std::move(answer.field), std::move(answer.expected)};
  }

 private:
  engine::Programme& programme_;
};

// Decisions as records of the topic: the worker that has the shard carries them out.
class DecidesByTopic : public api::QuarantineDecider {
 public:
  DecidesByTopic(ingest::kafka::Producer& producer, std::string topic)
      : producer_(producer), topic_(std::move(topic)) {}
  Result<api::Decision> decide(const engine::QuarantineRow& row, bool retry) override {
    ingest::kafka::SentRecords sent;
    ingest::kafka::OutgoingRecord record;
    record.to = {topic_, row.shard};
    record.value = row.key;
    record.headers = {{ingest::kafka::headers::entry, retry ? "retry" : "discard"}};
    KETAVIGIL_TRY(producer_.send(record, &sent));
    KETAVIGIL_TRY(producer_.wait_for(&sent, decision_timeout));
    return api::Decision{"in-the-log", "", "", ""};
  }

 private:
  ingest::kafka::Producer& producer_;
  const std::string topic_;
};

std::unique_ptr<api::QuarantineDecider> make_decider(const ReadingServiceParts& parts) {
  if (parts.producer == nullptr) return std::make_unique<DecidesHere>(parts.programme);
  return std::make_unique<DecidesByTopic>(*parts.producer, parts.events_topic);
}

class News : public ingest::http::ResponseStream {
 public:
  explicit News(api::NewsStream stream) : stream_(std::move(stream)) {}
  std::optional<std::string> take() override { return stream_.take(); }

 private:
  api::NewsStream stream_;
};

}  // namespace

ReadingService::ReadingService(ReadingServiceParts parts)
    : parts_(std::move(parts)),
      cases_(parts_.programme),
      log_(parts_.programme),
      decider_(make_decider(parts_)),
      api_({parts_.programme, cases_, log_, months_, parts_.deliveries, *decider_,
            parts_.find_worker}),
      thread_([this] { run(); }) {}

ReadingService::~ReadingService() { stop(); }

void ReadingService::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

// Whether it is to go on.
bool ReadingService::wait(milliseconds time) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, time, [this] { return stopping_.load(); });
}

void ReadingService::run() {
  double next_count_seconds = 0;
  do {
    refresh();
    if (!log_.is_complete() || steady_seconds() < next_count_seconds) continue;
    const double began = steady_seconds();
    count_months();
    const double took = steady_seconds() - began;
    next_count_seconds = began + took + std::max(months_seconds_min, months_share * took);
  } while (wait(log_.is_complete() ? pause : milliseconds(0)));
}

void ReadingService::refresh() {
  if (parts_.programme.owned().empty()) return;
  Status status = cases_.refresh();
  if (status.ok()) status = log_.refresh(entries_at_once);
  if (!status.ok() && !told_failure_)
    parts_.logger.error("what the console shows is behind: {}", status.error().message);
  told_failure_ = !status.ok();
}

void ReadingService::count_months() {
  auto months = engine::count_months(parts_.programme, stopping_);
  // It fails where a shard goes at this moment: the next count will do.
  if (months.ok() && !stopping_) months_.put(std::move(months).value());
}

Response ReadingService::answer(const Request& request) {
  auto answered = api_.answer({request.method, request.path, request.query});
  Response response;
  response.status = answered.status;
  response.body = std::move(answered.body);
  response.headers = std::move(answered.headers);
  return response;
}

Response ReadingService::news(const Request& request) {
  if (!request.query.empty()) {
    return ingest::http::error_response(400, "bad_parameter",
                                        "there are no parameters; the header Last-Event-ID says "
                                        "where to go on");
  }
  Response response;
  response.content_type = "text/event-stream";
  response.stream = std::make_shared<News>(api::NewsStream(
      parts_.programme, cases_, request.header("last-event-id"), [] { return steady_seconds(); }));
  return response;
}

}  // namespace ketavigil::cli
