// Open loop: sends the facts of FILE (patient <TAB> fact) at RATE a second for SECONDS, and reads
// the alerts that come of them; prints the percentiles of (now - stamp of the record that made the
// alert), as a read_committed consumer sees it.
//
//   latency BROKERS events.tsv RATE SECONDS [WARM-UP SECONDS]
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>
using Clock = std::chrono::steady_clock;
static void set(rd_kafka_conf_t* c, const char* k, const char* v) {
  char e[256];
  if (rd_kafka_conf_set(c, k, v, e, sizeof e)) {
    fprintf(stderr, "%s\n", e);
    exit(1);
  }
}
static std::atomic<bool> done{false};

// Both programs raise these; ours raises others too, which are not compared.
static bool is_compared(std::string_view alert) {
  for (std::string_view name :
       {"\"detector\":\"BP-2\"", "\"detector\":\"BP-4\"", "\"detector\":\"URO-1\""})
    if (alert.find(name) != std::string_view::npos) return true;
  return false;
}

// `updated`, the stamp of the record that made the revision, in milliseconds since 1970: a number,
// or RFC 3339 in UTC.
static double received_of(std::string_view alert) {
  constexpr std::string_view name = "\"updated\":";
  const std::size_t at = alert.find(name);
  if (at == std::string_view::npos) return 0;
  const std::string value(alert.substr(at + name.size(), 40));
  if (value[0] != '"') return atof(value.c_str());
  tm utc{};
  double seconds = 0;
  if (sscanf(value.c_str(), "\"%d-%d-%dT%d:%d:%lf", &utc.tm_year, &utc.tm_mon, &utc.tm_mday,
             &utc.tm_hour, &utc.tm_min, &seconds) != 6)
    return 0;
  utc.tm_year -= 1900;
  utc.tm_mon -= 1;
  return static_cast<double>(timegm(&utc)) * 1000 + seconds * 1000;
}

int main(int argc, char** argv) {
  if (argc < 5) return fprintf(stderr, "BROKERS FILE RATE SECONDS [WARM-UP]\n"), 1;
  double rate = atof(argv[3]), seconds = atof(argv[4]), warm = argc > 5 ? atof(argv[5]) : 10;
  char err[256];
  rd_kafka_conf_t* pc = rd_kafka_conf_new();
  set(pc, "bootstrap.servers", argv[1]);
  set(pc, "compression.type", "lz4");
  set(pc, "linger.ms", "5");
  set(pc, "acks", "all");
  set(pc, "partitioner", "murmur2");
  set(pc, "queue.buffering.max.messages", "1000000");
  rd_kafka_t* p = rd_kafka_new(RD_KAFKA_PRODUCER, pc, err, sizeof err);
  rd_kafka_conf_t* cc = rd_kafka_conf_new();
  set(cc, "bootstrap.servers", argv[1]);
  set(cc, "group.id", "latency");
  set(cc, "isolation.level", "read_committed");
  set(cc, "fetch.wait.max.ms", "5");
  set(cc, "enable.auto.commit", "false");
  set(cc, "auto.offset.reset", "latest");
  rd_kafka_t* c = rd_kafka_new(RD_KAFKA_CONSUMER, cc, err, sizeof err);
  rd_kafka_poll_set_consumer(c);
  rd_kafka_topic_partition_list_t* l = rd_kafka_topic_partition_list_new(8);
  for (int i = 0; i < 8; ++i) {
    int64_t lo, hi;
    rd_kafka_query_watermark_offsets(c, "ketavigil.alerts", i, &lo, &hi, 10000);
    rd_kafka_topic_partition_list_add(l, "ketavigil.alerts", i)->offset = hi;
  }
  rd_kafka_assign(c, l);
  std::vector<double> taken;
  auto began = Clock::now();
  std::thread reader([&] {
    while (!done) {
      rd_kafka_message_t* m = rd_kafka_consumer_poll(c, 10);
      if (!m) continue;
      if (!m->err && m->len) {
        std::string_view s(static_cast<char*>(m->payload), m->len);
        double now = std::chrono::duration<double, std::milli>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
        double received = received_of(s);
        if (received > 0 && is_compared(s) &&
            std::chrono::duration<double>(Clock::now() - began).count() > warm)
          taken.push_back(now - received);
      }
      rd_kafka_message_destroy(m);
    }
  });
  std::ifstream in(argv[2]);
  std::string line;
  long sent = 0;
  double worst = 0;
  while (std::getline(in, line)) {
    double due = sent / rate, now = std::chrono::duration<double>(Clock::now() - began).count();
    if (due > seconds) break;
    if (due > now) {
      rd_kafka_poll(p, 0);
      std::this_thread::sleep_for(std::chrono::duration<double>(std::max(due - now, .001)));
    } else
      worst = std::max(worst, now - due);
    size_t tab = line.find('\t');
    while (rd_kafka_producev(p, RD_KAFKA_V_TOPIC("ketavigil.events"),
                             RD_KAFKA_V_KEY(line.data(), tab),
                             RD_KAFKA_V_VALUE(&line[tab + 1], line.size() - tab - 1),
                             RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END))
      rd_kafka_poll(p, 10);
    if (++sent % 256 == 0) rd_kafka_poll(p, 0);
  }
  rd_kafka_flush(p, 20000);
  std::this_thread::sleep_for(std::chrono::seconds(5));
  done = true;
  reader.join();
  std::sort(taken.begin(), taken.end());
  auto q = [&](double x) {
    return taken.empty() ? 0.0
                         : taken[std::min(taken.size() - 1, static_cast<size_t>(x * taken.size()))];
  };
  printf(
      "sent=%ld rate=%.0f/s sender-late-max=%.0fms alerts=%zu p50=%.0f p90=%.0f p99=%.0f max=%.0f "
      "ms\n",
      sent, rate, worst * 1000, taken.size(), q(.5), q(.9), q(.99), q(1));
  fflush(stdout);
  _Exit(0);
}
