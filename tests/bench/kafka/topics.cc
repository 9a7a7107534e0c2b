// What the benchmark asks the broker, by librdkafka alone.
//
//   topics floor BROKERS RECORDS     reads ketavigil.events to its end and throws it away
//   topics wait BROKERS GROUP        waits until GROUP has committed the ends that the topic has
//   now topics newest BROKERS TOPIC      when the newest record of TOPIC was sent topics now the
//   same clock
//
// Times are seconds since 1970. `floor` prints records, seconds from the first to the last, CPU
// seconds and MiB.
#include <librdkafka/rdkafka.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr const char* events_topic = "ketavigil.events";
constexpr int ask_timeout_ms = 10'000;

double now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(since).count();
}

[[noreturn]] void die(const std::string& what) {
  fprintf(stderr, "topics: %s\n", what.c_str());
  exit(1);
}

rd_kafka_t* client(const char* brokers, const char* group) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  const auto set = [&](const char* name, const char* value) {
    char error[256];
    if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) die(error);
  };
  set("bootstrap.servers", brokers);
  set("group.id", group);
  set("enable.auto.commit", "false");
  set("auto.offset.reset", "error");
  set("check.crcs", "true");
  set("topic.metadata.refresh.interval.ms", "100");  // ends a sleep of librdkafka 2.0.2
  set("metadata.max.age.ms", "900000");
  char error[256];
  rd_kafka_t* consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
  if (consumer == nullptr) die(error);
  rd_kafka_poll_set_consumer(consumer);
  return consumer;
}

struct Ends {
  std::vector<int64_t> low;
  std::vector<int64_t> high;
};

Ends ends_of(rd_kafka_t* consumer, const char* topic) {
  const rd_kafka_metadata_t* metadata = nullptr;
  rd_kafka_topic_t* handle = rd_kafka_topic_new(consumer, topic, nullptr);
  if (rd_kafka_metadata(consumer, 0, handle, &metadata, ask_timeout_ms) != 0) die("no metadata");
  const int partitions = metadata->topics[0].partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  rd_kafka_topic_destroy(handle);
  Ends ends;
  for (int partition = 0; partition < partitions; ++partition) {
    int64_t low = 0;
    int64_t high = 0;
    if (rd_kafka_query_watermark_offsets(consumer, topic, partition, &low, &high, ask_timeout_ms))
      die(std::string("the ends of ") + topic + " are not told");
    ends.low.push_back(low);
    ends.high.push_back(high);
  }
  return ends;
}

void read_from(rd_kafka_t* consumer, const char* topic, const std::vector<int64_t>& offsets) {
  auto* list = rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size()));
  for (std::size_t i = 0; i < offsets.size(); ++i)
    rd_kafka_topic_partition_list_add(list, topic, static_cast<int>(i))->offset = offsets[i];
  if (rd_kafka_assign(consumer, list)) die("the partitions are not assigned");
  rd_kafka_topic_partition_list_destroy(list);
}

int floor_of(const char* brokers, int64_t records) {
  rd_kafka_t* consumer = client(brokers, "bench-floor");
  read_from(consumer, events_topic, ends_of(consumer, events_topic).low);
  int64_t read = 0;
  double first = 0;
  while (read < records) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 2000);
    if (message == nullptr) die("the topic ends early");
    if (!message->err && read++ == 0) first = now();
    rd_kafka_message_destroy(message);
  }
  const double seconds = now() - first;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto cpu = [](const timeval& t) { return t.tv_sec + t.tv_usec / 1e6; };
  printf("%lld %.3f %.2f %ld\n", static_cast<long long>(read), seconds,
         cpu(usage.ru_utime) + cpu(usage.ru_stime), usage.ru_maxrss / 1024);
  fflush(stdout);
  _Exit(0);
}

int wait_for(const char* brokers, const char* group) {
  rd_kafka_t* consumer = client(brokers, group);
  const std::vector<int64_t> high = ends_of(consumer, events_topic).high;
  printf("counted\n");  // what comes later is not waited for
  fflush(stdout);
  while (true) {
    auto* list = rd_kafka_topic_partition_list_new(static_cast<int>(high.size()));
    for (std::size_t i = 0; i < high.size(); ++i)
      rd_kafka_topic_partition_list_add(list, events_topic, static_cast<int>(i));
    bool all = rd_kafka_committed(consumer, list, ask_timeout_ms) == RD_KAFKA_RESP_ERR_NO_ERROR;
    for (int i = 0; all && i < list->cnt; ++i)
      all = list->elems[i].offset >= high[static_cast<std::size_t>(i)] ||
            high[static_cast<std::size_t>(i)] == 0;
    rd_kafka_topic_partition_list_destroy(list);
    if (all) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  printf("%.3f\n", now());
  fflush(stdout);
  _Exit(0);
}

int newest(const char* brokers, const char* topic) {
  rd_kafka_t* consumer = client(brokers, "bench-newest");
  const Ends ends = ends_of(consumer, topic);
  std::vector<int64_t> last;
  int64_t wanted = 0;
  for (std::size_t i = 0; i < ends.high.size(); ++i) {
    last.push_back(std::max(ends.low[i], ends.high[i] - 1));
    if (ends.high[i] > ends.low[i]) ++wanted;
  }
  read_from(consumer, topic, last);
  int64_t stamp = 0;
  while (wanted > 0) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 2000);
    if (message == nullptr) break;  // markers of transactions are not shown
    if (!message->err) {
      stamp = std::max(stamp, rd_kafka_message_timestamp(message, nullptr));
      --wanted;
    }
    rd_kafka_message_destroy(message);
  }
  printf("%.3f\n", static_cast<double>(stamp) / 1000);
  fflush(stdout);
  _Exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "floor" && argc == 4) return floor_of(argv[2], atoll(argv[3]));
  if (what == "wait" && argc == 4) return wait_for(argv[2], argv[3]);
  if (what == "newest" && argc == 4) return newest(argv[2], argv[3]);
  if (what == "now") return printf("%.3f\n", now()), 0;
  die("floor BROKERS RECORDS | wait BROKERS GROUP | newest BROKERS TOPIC | now");
}
