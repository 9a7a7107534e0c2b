#include "dashboards/metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <utility>

#include "detectors/patient/catalogue.h"

namespace ketavigil::dashboards {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using Labels = prometheus::Labels;
using Buckets = Histogram::BucketBoundaries;

// Bounds of labels whose values come from configuration or from the decoder's tables.
constexpr std::size_t compounds_max = 20;
constexpr std::size_t reasons_max = 64;
constexpr std::array<std::string_view, 3> built_in_compounds = {"ketamine", "esketamine",
                                                                "arketamine"};

// Minutes where a page is due, days where a batch was late, up to a year of backlog.
const Buckets lag_buckets = {1,     10,      60,       300,      900,       3600,
                             21600, 86400.0, 259200.0, 604800.0, 2592000.0, 31536000.0};
const Buckets pass_buckets = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                              0.25,  0.5,    1,     2.5,  5,     10,   30};
const Buckets pass_event_buckets = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
const Buckets request_buckets = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                 0.25,  0.5,    1,     2.5,  5,     10,   60};

#if defined(__clang__)
constexpr std::string_view compiler = "clang " __clang_version__;
#else
constexpr std::string_view compiler = "g++ " __VERSION__;
#endif

double as_number(std::int64_t value) { return static_cast<double>(value); }

// Resident memory; 0 where the system does not tell.
double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t total_pages = 0;
  std::int64_t resident_pages = 0;
  const double page_bytes = static_cast<double>(::sysconf(_SC_PAGESIZE));
  return statm >> total_pages >> resident_pages ? as_number(resident_pages) * page_bytes : 0;
}

// A counter follows a number that is counted elsewhere and never falls.
void raise_to(Counter* counter, double value) {
  counter->Increment(std::max(0.0, value - counter->Value()));
}

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;

  Family<Counter>& counter(const std::string& name, const std::string& help) {
    return prometheus::BuildCounter().Name("ketavigil_" + name).Help(help).Register(registry);
  }
  Family<Gauge>& gauge(const std::string& name, const std::string& help) {
    return prometheus::BuildGauge().Name("ketavigil_" + name).Help(help).Register(registry);
  }
  Family<Histogram>& histogram(const std::string& name, const std::string& help) {
    return prometheus::BuildHistogram().Name("ketavigil_" + name).Help(help).Register(registry);
  }

  Family<Counter>& facts = counter("facts_total", "Facts answered, by kind and answer.");
  Family<Counter>& quarantined =
      counter("quarantined_total", "Events answered with a reason and kept in quarantine.");
  Histogram& lag = histogram("event_lag_seconds",
                             "From `recorded` at the source to `received`, of accepted facts.")
                       .Add({}, lag_buckets);
  Histogram& pass =
      histogram("pass_seconds", "One durable pass: append, fold, history, sync to the disk.")
          .Add({}, pass_buckets);
  Histogram& pass_events =
      histogram("pass_events", "Events that shared one pass.").Add({}, pass_event_buckets);
  Counter& folded =
      counter("patients_folded_total", "Patients folded again by passes and ticks.").Add({});
  Counter& entries = counter("log_entries_total", "Entries appended to the log.").Add({});
  Counter& ticks = counter("ticks_total", "Ticks appended to every shard.").Add({});
  Family<Counter>& refused =
      counter("intake_refused_events_total", "Events answered 503 and not taken, by reason.");
  Gauge& waiting = gauge("intake_waiting_events", "Events that wait for the next pass.").Add({});

  Family<Counter>& requests =
      counter("http_requests_total", "Requests answered, by listener, route and status code.");
  Family<Histogram>& request_time =
      histogram("http_request_seconds", "From the whole request to its answer, by listener.");
  Family<Gauge>& connections = gauge("http_connections", "Open connections, by listener.");
  Family<Counter>& refused_connections =
      counter("http_refused_connections_total", "Connections turned away at the limit.");
  Counter& failed_sign_ins =
      counter("failed_sign_ins_total", "Sign-ins with a token that does not hold.").Add({});

  Family<Gauge>& findings_open = gauge("findings_open", "Findings that hold and are not resolved.");
  Family<Counter>& findings_raised = counter("findings_raised_total",
                                             "Cases raised since the programme began, by what they "
                                             "were when they were raised.");
  Gauge& census_time =
      gauge("findings_count_seconds", "How long the last count of findings took.").Add({});

  Family<Gauge>& log_position = gauge("log_position", "Newest entry of a shard's log.");
  Family<Gauge>& log_acknowledged =
      gauge("log_acknowledged_position", "Entry up to which a shard has promised durability.");
  Gauge& received = gauge("log_received_timestamp_seconds",
                          "Newest `received` of the log, ticks included; 0: an empty log.")
                        .Add({});
  Family<Gauge>& store_bytes =
      gauge("store_bytes", "Bytes of a family of rows, on the disk and in memory.");
  Family<Gauge>& store_rows = gauge("store_rows", "Rows of a family, as RocksDB estimates them.");
  Gauge& write_ahead_log =
      gauge("store_write_ahead_log_bytes", "Bytes of the write-ahead logs on the disk.").Add({});
  Gauge& free =
      gauge("store_free_bytes", "Free bytes of the file system that holds the store.").Add({});
  Gauge& guard =
      gauge("store_free_guard_bytes", "With fewer free bytes nothing is taken; 0: no guard.")
          .Add({});

  Family<Counter>& topic_records =
      counter("topic_records_total", "Records read of the topics that carry the log.");
  Family<Gauge>& topic_lag = gauge("topic_lag_records", "Records of a lane not yet read.");
  Family<Counter>& topic_forwarded =
      counter("topic_forwarded_records_total", "Records sent on to the partition they belong to.");
  Family<Gauge>& topic_connected = gauge("topic_connected", "1 while the brokers answer, else 0.");
  Family<Counter>& topic_told =
      counter("topic_told_total", "Revisions and quarantined events told by topics.");
  Family<Gauge>& topic_telling = gauge("topic_telling", "1 while what is new can be told, else 0.");
  Family<Counter>& topic_placements =
      counter("topic_placements_total", "How often this worker was given its shards.");
  Family<Gauge>& inbox_events =
      gauge("inbox_events", "Came over HTTP, are acknowledged, and wait for the brokers.");
  Family<Counter>& inbox_sent =
      counter("inbox_sent_total", "Events that came over HTTP and are in the log.");
  Family<Counter>& history_compared =
      counter("history_compared_total",
              "Revisions told by any worker, compared with those of the shards here.");
  Family<Gauge>& topic_shards = gauge("topic_shards", "Shards that this worker has.");

  Family<Counter>& checkpoints_written =
      counter("checkpoint_written_total", "Checkpoints of shards written.");
  Family<Counter>& checkpoint_failures =
      counter("checkpoint_failures_total", "Checkpoints of shards that could not be written.");
  Family<Gauge>& checkpoint_success =
      gauge("checkpoint_last_success_timestamp_seconds",
            "When this worker wrote its last checkpoint; 0: none since it began.");
  Family<Gauge>& checkpoint_age =
      gauge("checkpoint_age_seconds",
            "Age of the newest checkpoint of a shard that moved since, of the shard with the "
            "oldest; 0: none moved.");
  Family<Gauge>& checkpoint_time =
      gauge("checkpoint_seconds", "How long the last checkpoint took to write.");

  Family<Counter>& cohort_accounts =
      counter("cohort_accounts_total", "Accounts of data lock points that shards gave.");
  Family<Gauge>& cohort_complete = gauge("cohort_lock_point_timestamp_seconds",
                                         "Newest data lock point that every shard accounts for.");
  Family<Gauge>& cohort_awaiting =
      gauge("cohort_awaiting_lock_points", "Data lock points for which shards are awaited.");
  Family<Gauge>& cohort_lag =
      gauge("cohort_lag_records", "Records of the cohort's log not yet read.");

  Family<Counter>& page_cases =
      counter("page_cases_total", "Cases that became critical, by what was decided of them.");
  Family<Gauge>& page_open_cases =
      gauge("page_open_cases", "Critical cases that are open, by what was decided of them.");
  Family<Gauge>& page_floods =
      gauge("page_floods", "Sources whose unverified critical cases share one page.");
  Family<Gauge>& page_dead_letters =
      gauge("page_dead_letters", "Deliveries of pages that were given up.");
  Family<Counter>& page_requests =
      counter("page_requests_total", "Requests by which pages went out, by what came of them.");
  Family<Gauge>& page_way_out_up =
      gauge("page_way_out_up", "1 while the last attempt of a way out was accepted, else 0.");
  Family<Gauge>& page_waiting =
      gauge("page_waiting_seconds", "Since when something waits for a way out; 0: nothing does.");

  Gauge& ready = gauge("ready", "1 while facts are taken, else 0.").Add({});
  Family<Gauge>& build = gauge("build_info", "1, with the version and the compiler.");
  Gauge& start =
      gauge("process_start_time_seconds", "When this process began, in seconds since 1970.")
          .Add({});
  Gauge& memory =
      gauge("process_resident_memory_bytes", "Resident memory of this process.").Add({});

  std::map<int, std::pair<Gauge*, Gauge*>> logs;  // of the shards that are open

  std::mutex mutex;  // guards what follows
  std::set<std::string, std::less<>> reasons;
};

Metrics::Metrics(const std::vector<std::string>& compounds, double start_timestamp_seconds)
    : compounds_(built_in_compounds.begin(), built_in_compounds.end()),
      families_(std::make_unique<Families>()) {
  for (const std::string& compound : compounds) {
    if (compounds_.size() < compounds_max) compounds_.insert(compound);
  }
  families_->start.Set(start_timestamp_seconds);
  families_->build
      .Add({{"version", std::string(program_version())}, {"compiler", std::string(compiler)}})
      .Set(1);
  // Series that are there from the start make rates and absences tell the truth.
  for (const auto answer : {"accepted", "duplicate", "conflict", "quarantined"}) {
    for (int kind = 0; kind < events::kind_count; ++kind) {
      count_fact(static_cast<events::Kind>(kind), answer, 0);
    }
  }
  count_fact(events::Kind::none, "malformed", 0);
  for (const auto reason : {"full", "no-room", "failed"}) count_refused(reason, 0);
}

Metrics::~Metrics() = default;

void Metrics::count_fact(events::Kind kind, std::string_view answer, std::size_t facts) {
  const bool is_unreadable = answer == "quarantined" || answer == "malformed";
  const std::string name = kind != events::Kind::none ? std::string(events::name_of(kind))
                           : is_unreadable            ? "unreadable"
                                                      : "retraction";
  families_->facts.Add({{"kind", name}, {"answer", std::string(answer)}})
      .Increment(static_cast<double>(facts));
}

void Metrics::count_quarantined(std::string_view reason) {
  std::string label(reason);
  {
    const std::lock_guard lock(families_->mutex);
    auto& known = families_->reasons;
    if (known.size() < reasons_max) known.insert(label);
    if (known.count(label) == 0) label = "other";
  }
  families_->quarantined.Add({{"reason", label}}).Increment();
}

void Metrics::observe_lag(double seconds) { families_->lag.Observe(std::max(0.0, seconds)); }

void Metrics::observe_pass(std::size_t events, double seconds) {
  families_->pass.Observe(seconds);
  families_->pass_events.Observe(static_cast<double>(events));
}

void Metrics::count_refused(std::string_view reason, std::size_t events) {
  families_->refused.Add({{"reason", std::string(reason)}}).Increment(static_cast<double>(events));
}

void Metrics::count_tick() { families_->ticks.Increment(); }

void Metrics::set_waiting_events(std::size_t events) {
  families_->waiting.Set(static_cast<double>(events));
}

void Metrics::count_request(std::string_view listener, std::string_view route, int status,
                            double seconds) {
  families_->requests
      .Add({{"listener", std::string(listener)},
            {"route", std::string(route)},
            {"code", std::to_string(status)}})
      .Increment();
  families_->request_time.Add({{"listener", std::string(listener)}}, request_buckets)
      .Observe(seconds);
}

void Metrics::count_refused_connection(std::string_view listener) {
  families_->refused_connections.Add({{"listener", std::string(listener)}}).Increment();
}

void Metrics::count_failed_sign_in() { families_->failed_sign_ins.Increment(); }

void Metrics::set_connections(std::string_view listener, int connections) {
  families_->connections.Add({{"listener", std::string(listener)}}).Set(connections);
}

void Metrics::set_programme(const ProgrammeMeasures& measures) {
  Families& to = *families_;
  std::map<int, std::pair<Gauge*, Gauge*>> logs;
  for (const LogPosition& log : measures.logs) {
    const Labels shard = {{"shard", std::to_string(log.shard)}};
    Gauge& position = to.log_position.Add(shard);
    Gauge& acknowledged = to.log_acknowledged.Add(shard);
    position.Set(static_cast<double>(log.position));
    acknowledged.Set(static_cast<double>(log.acknowledged));
    logs[log.shard] = {&position, &acknowledged};
    to.logs.erase(log.shard);
  }
  for (const auto& [shard, gauges] : to.logs) {  // another worker has it now
    to.log_position.Remove(gauges.first);
    to.log_acknowledged.Remove(gauges.second);
  }
  to.logs = std::move(logs);
  to.received.Set(measures.received_timestamp_seconds);
  raise_to(&to.entries, as_number(measures.entries));
  raise_to(&to.folded, as_number(measures.patients_folded));
  for (std::size_t i = 0; i < storage::kFamilyCount; ++i) {
    const auto& family = measures.sizes.families[i];
    const Labels name = {{"family", std::string(storage::kFamilyNames[i])}};
    to.store_bytes.Add(name).Set(as_number(family.file_bytes + family.memtable_bytes));
    to.store_rows.Add(name).Set(as_number(family.rows));
  }
  to.write_ahead_log.Set(as_number(measures.sizes.log_bytes));
  to.free.Set(as_number(measures.free_bytes));
  to.guard.Set(as_number(measures.guard_bytes));
  to.memory.Set(resident_bytes());
}

std::string Metrics::compound_label(const std::string& compound) const {
  if (compound.empty()) return "none";
  return compounds_.count(compound) == 0 ? "other" : compound;
}

// Families without series are not shown: a service with its log in the directory has none of these.
void Metrics::set_topics(const TopicCounts& counts) {
  const auto records = [&](const char* lane, std::uint64_t value) {
    raise_to(&families_->topic_records.Add({{"lane", lane}}), static_cast<double>(value));
  };
  records("events", counts.events_records - counts.control_records);
  records("backfill", counts.backfill_records);
  records("control", counts.control_records);
  families_->topic_lag.Add({{"lane", "events"}})
      .Set(static_cast<double>(counts.events_lag_records));
  families_->topic_lag.Add({{"lane", "backfill"}})
      .Set(static_cast<double>(counts.backfill_lag_records));
  raise_to(&families_->topic_forwarded.Add({}), static_cast<double>(counts.forwarded_records));
  families_->topic_connected.Add({}).Set(counts.connected ? 1 : 0);
  raise_to(&families_->topic_told.Add({}), static_cast<double>(counts.told));
  families_->topic_telling.Add({}).Set(counts.telling ? 1 : 0);
  raise_to(&families_->topic_placements.Add({}), static_cast<double>(counts.placements));
  families_->inbox_events.Add({}).Set(static_cast<double>(counts.inbox_events));
  raise_to(&families_->inbox_sent.Add({}), static_cast<double>(counts.inbox_sent));
  const auto compared = [&](const char* result, std::uint64_t value) {
    raise_to(&families_->history_compared.Add({{"result", result}}), static_cast<double>(value));
  };
  compared("equal", counts.history_compared - counts.history_two_contents);
  compared("different", counts.history_two_contents);
  compared("forgotten", counts.history_not_compared);
  families_->topic_shards.Add({}).Set(static_cast<double>(counts.shards));
}

// Likewise.
void Metrics::set_checkpoints(const CheckpointCounts& counts) {
  raise_to(&families_->checkpoints_written.Add({}), static_cast<double>(counts.written));
  raise_to(&families_->checkpoint_failures.Add({}), static_cast<double>(counts.failures));
  families_->checkpoint_success.Add({}).Set(counts.success_timestamp_seconds);
  families_->checkpoint_age.Add({}).Set(counts.age_seconds);
  families_->checkpoint_time.Add({}).Set(counts.seconds);
}

void Metrics::set_cohort(const CohortCounts& counts) {
  const auto accounts = [&](const char* answer, std::uint64_t value) {
    raise_to(&families_->cohort_accounts.Add({{"answer", answer}}), static_cast<double>(value));
  };
  accounts("accepted", counts.accepted);
  accounts("duplicate", counts.duplicate);
  accounts("conflict", counts.conflict);
  accounts("unreadable", counts.unreadable);
  families_->cohort_complete.Add({}).Set(counts.complete_timestamp_seconds);
  families_->cohort_awaiting.Add({}).Set(static_cast<double>(counts.awaiting_lock_points));
  families_->cohort_lag.Add({}).Set(static_cast<double>(counts.lag_records));
}

void Metrics::set_pages(const PageMeasures& measures) {
  const auto labels = [](const std::pair<std::string, std::string>& of) {
    return Labels{{"domain", of.first}, {"decision", of.second}};
  };
  // All there can be are there from the start: an alert on their increase sees the first one too.
  for (const auto& entry : detectors::catalogue()) {
    for (const char* decision : {"paged", "folded", "historic", "unsent"}) {
      const auto of = labels({std::string(entry.domain), decision});
      families_->page_cases.Add(of);
      families_->page_open_cases.Add(of);
    }
  }
  for (const auto& [of, count] : measures.decided)
    raise_to(&families_->page_cases.Add(labels(of)), as_number(count));
  for (const auto& [of, count] : measures.open)
    families_->page_open_cases.Add(labels(of)).Set(as_number(count));
  families_->page_floods.Add({}).Set(static_cast<double>(measures.floods));
  families_->page_dead_letters.Add({}).Set(static_cast<double>(measures.dead_letters));
  for (const auto& named : measures.ways) {
    const std::string& name = named.first;
    const PageMeasures::Way& way = named.second;
    const auto requests = [&](const char* result, std::uint64_t count) {
      raise_to(&families_->page_requests.Add({{"way", name}, {"result", result}}),
               static_cast<double>(count));
    };
    requests("accepted", way.accepted);
    requests("failed", way.failed);
    requests("refused", way.refused);
    families_->page_way_out_up.Add({{"way", name}}).Set(way.is_up ? 1 : 0);
    families_->page_waiting.Add({{"way", name}}).Set(way.waiting_seconds);
  }
}

void Metrics::set_findings(const FindingsCensus& census, double seconds) {
  const auto labels_of = [&](const FindingClass& of) {
    const auto* entry = detectors::catalogue_entry(of.detector);
    return Labels{{"domain", entry == nullptr ? "other" : std::string(entry->domain)},
                  {"detector", entry == nullptr ? "other" : of.detector},
                  {"level", std::string(detectors::name_of(of.level))},
                  {"compound", compound_label(of.compound)}};
  };
  // Different classes can have one label: compounds beyond the known.
  std::map<Labels, std::int64_t> open;
  std::map<Labels, std::int64_t> raised;
  for (const auto& [of, count] : census.open) open[labels_of(of)] += count;
  for (const auto& [of, count] : census.raised) raised[labels_of(of)] += count;
  const std::lock_guard lock(families_->mutex);
  // What was open once and is no more reads 0, not its last number.
  for (const auto& [labels, count] : raised) open.emplace(labels, 0);
  for (const auto& family : families_->findings_open.Collect()) {
    for (const auto& metric : family.metric) {
      Labels labels;
      for (const auto& label : metric.label) labels[label.name] = label.value;
      open.emplace(std::move(labels), 0);
    }
  }
  for (const auto& [labels, count] : open) {
    families_->findings_open.Add(labels).Set(as_number(count));
  }
  for (const auto& [labels, count] : raised) {
    raise_to(&families_->findings_raised.Add(labels), as_number(count));
  }
  families_->census_time.Set(seconds);
}

void Metrics::set_ready(bool ready) { families_->ready.Set(ready ? 1 : 0); }

std::string Metrics::text() const {
  auto collected = families_->registry.Collect();
  std::sort(collected.begin(), collected.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  for (auto& family : collected) {
    for (auto& metric : family.metric) std::sort(metric.label.begin(), metric.label.end());
    std::sort(family.metric.begin(), family.metric.end(),
              [](const auto& a, const auto& b) { return a.label < b.label; });
  }
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, collected);
  return out.str();
}

std::string_view program_version() { return KETAVIGIL_VERSION; }

}  // namespace ketavigil::dashboards
