// All metric families of the service in one place, with the bound of each label.
// docs/operation/metrics.md says what each means and what to watch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dashboards/metrics/deliveries.h"
#include "dashboards/metrics/findings_census.h"
#include "events/kinds.h"
#include "storage/store.h"

namespace ketavigil::dashboards {

/// Of one log.
struct LogPosition {
  int shard = 0;
  std::uint64_t position = 0;
  std::uint64_t acknowledged = 0;
};

/// What is counted of a log on topics, since the process began.
struct TopicCounts {
  std::uint64_t events_records = 0;
  std::uint64_t backfill_records = 0;
  std::uint64_t control_records = 0;
  std::uint64_t forwarded_records = 0;
  std::uint64_t events_lag_records = 0;  ///< now
  std::uint64_t backfill_lag_records = 0;
  std::uint64_t shards = 0;  ///< open here, now
  bool connected = false;
  std::uint64_t told = 0;          ///< revisions and quarantined events
  bool telling = false;            ///< now
  std::uint64_t placements = 0;    ///< how often this worker was given its shards
  std::uint64_t inbox_events = 0;  ///< came over HTTP and wait for the brokers, now
  std::uint64_t inbox_sent = 0;
  std::uint64_t history_compared = 0;  ///< revisions that were told, with those here
  std::uint64_t history_two_contents = 0;
  std::uint64_t history_not_compared = 0;
};

/// What is known of the checkpoints of this worker's shards, since the process began.
struct CheckpointCounts {
  std::uint64_t written = 0;
  std::uint64_t failures = 0;
  double success_timestamp_seconds = 0;  ///< of the last one; 0: none yet
  double age_seconds = 0;  ///< of the oldest newest one of a shard that moved since; 0: none moved
  double seconds = 0;      ///< that the last one took
};

/// What is counted of the cohort's shard, since the process began.
struct CohortCounts {
  std::uint64_t accepted = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t conflict = 0;
  std::uint64_t unreadable = 0;
  double complete_timestamp_seconds = 0;  ///< newest complete lock point; 0: none
  std::uint64_t awaiting_lock_points = 0;
  std::uint64_t lag_records = 0;
};

/// What is known of pages: counts since the process began, and what is so now.
struct PageMeasures {
  using OfCases = std::map<std::pair<std::string, std::string>, std::int64_t>;
  OfCases decided;  ///< by domain and decision
  OfCases open;     ///< likewise, now
  std::uint64_t floods = 0;
  std::uint64_t dead_letters = 0;
  struct Way {
    std::uint64_t accepted = 0;
    std::uint64_t failed = 0;
    std::uint64_t refused = 0;
    bool is_up = true;
    double waiting_seconds = 0;
  };
  std::map<std::string, Way> ways;
};

/// What is measured of the whole programme at a scrape.
struct ProgrammeMeasures {
  std::vector<LogPosition> logs;
  double received_timestamp_seconds = 0;  ///< newest `received`; 0: an empty log
  std::int64_t entries = 0;               ///< appended since the process began
  std::int64_t patients_folded = 0;       ///< likewise
  storage::StoreSizes sizes;              ///< of all shards together
  std::int64_t free_bytes = 0;
  std::int64_t guard_bytes = 0;
};

/// Thread-safe. No label ever holds a pseudonym, a source, a site or an identifier.
class Metrics {
 public:
  /// `compounds`: those configured beside the built-in ones; they are the only values of the label
  /// `compound`, with "none" and "other".
  Metrics(const std::vector<std::string>& compounds, double start_timestamp_seconds);
  ~Metrics();

  // --- Facts ---

  /// `kind`: the kind of a fact or of what could be read; none: "retraction", or "unreadable" where
  /// the answer is `quarantined` or `malformed`.
  void count_fact(events::Kind kind, std::string_view answer, std::size_t facts = 1);
  void count_quarantined(std::string_view reason);
  /// By source: for the feeds' page, in no metric.
  [[nodiscard]] Deliveries& deliveries() { return deliveries_; }
  /// Seconds from `recorded` to `received` of an accepted fact; below 0 counts as 0.
  void observe_lag(double seconds);
  void observe_pass(std::size_t events, double seconds);
  void count_refused(std::string_view reason, std::size_t events);
  void count_tick();
  void set_waiting_events(std::size_t events);

  // --- The listeners ---

  /// `listener` is `intake` or `operations`, `route` a pattern of the router.
  void count_request(std::string_view listener, std::string_view route, int status, double seconds);
  void count_refused_connection(std::string_view listener);
  void count_failed_sign_in();
  void set_connections(std::string_view listener, int connections);

  // --- The programme ---

  void set_programme(const ProgrammeMeasures& measures);
  void set_topics(const TopicCounts& counts);
  void set_checkpoints(const CheckpointCounts& counts);
  void set_cohort(const CohortCounts& counts);
  void set_pages(const PageMeasures& measures);
  void set_findings(const FindingsCensus& census, double seconds);
  void set_ready(bool ready);

  /// The exposition text, families and series in the order of their names.
  [[nodiscard]] std::string text() const;

  /// `Content-Type` of `text()`.
  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct Families;
  [[nodiscard]] std::string compound_label(const std::string& compound) const;

  std::set<std::string, std::less<>> compounds_;
  Deliveries deliveries_;
  std::unique_ptr<Families> families_;
};

/// The version of this program.
[[nodiscard]] std::string_view program_version();

}  // namespace ketavigil::dashboards
