#include "dashboards/grafana/boards.h"

#include <initializer_list>

namespace ketavigil::dashboards::grafana {
namespace {

// The series of a metric that the reader has chosen, and what else they must be.
std::string of(const std::string& metric, const std::string& more = "") {
  return "ketavigil_" + metric + "{job=~\"$job\",instance=~\"$instance\"" +
         (more.empty() ? "" : "," + more) + "}";
}

std::string rate(const std::string& metric, const std::string& more = "") {
  return "rate(" + of(metric, more) + "[$__rate_interval])";
}

std::string sum(const std::string& by, const std::string& expr) {
  return by.empty() ? "sum(" + expr + ")" : "sum by (" + by + ") (" + expr + ")";
}

std::string quantile(const std::string& q, const std::string& histogram,
                     const std::string& by = "") {
  return "histogram_quantile(" + q + ", " +
         sum(by.empty() ? "le" : "le, " + by, rate(histogram + "_bucket")) + ")";
}

Panel series(const std::string& title, const std::string& description, Unit unit,
             std::vector<Query> queries) {
  return {title, description, unit, std::move(queries)};
}

Panel number(const std::string& title, const std::string& description, Unit unit,
             const Query& query) {
  return {title, description, unit, {query}, Kind::stat, 6, 5};
}

Board programme() {
  return {
      "ketavigil-programme",
      "Ketavigil: programme",
      "What the programme holds, and what is found in it. Counts, no patients: each finding is a "
      "record with its evidence (ketavigil alerts, explain).",
      {{"Now",
        {number("Critical findings open", "Findings of level critical that hold.", Unit::count,
                {sum("", of("findings_open", "level=\"critical\"")), "critical"}),
         number("Alerts open", "Findings of level alert that hold.", Unit::count,
                {sum("", of("findings_open", "level=\"alert\"")), "alert"}),
         number("Facts are taken", "What /-/ready says.", Unit::yes_no,
                {"min(" + of("ready") + ")", "ready"}),
         number("Age of the log", "Since the newest entry; ticks come every minute.", Unit::seconds,
                {"time() - max(" + of("log_received_timestamp_seconds") + ")", "log"})}},
       {"Findings",
        {series("Open, by domain and level", "Findings that hold and are not resolved.",
                Unit::count, {{sum("domain, level", of("findings_open")), "{{domain}} {{level}}"}}),
         series("Open, by detector", "Likewise.", Unit::count,
                {{sum("detector", of("findings_open")), "{{detector}}"}}),
         series("Open, by compound", "Likewise; other: beyond the configured ones.", Unit::count,
                {{sum("compound", of("findings_open")), "{{compound}}"}}),
         series(
             "Raised within a day, by level", "Cases by the level of their first revision.",
             Unit::count,
             {{sum("level", "increase(" + of("findings_raised_total") + "[1d])"), "{{level}}"}})}},
       {"The record",
        {series("Facts accepted, by kind", "New to the record.", Unit::per_second,
                {{sum("kind", rate("facts_total", "answer=\"accepted\"")), "{{kind}}"}}),
         series("Rows, by family", "As RocksDB estimates them.", Unit::count,
                {{sum("family", of("store_rows")), "{{family}}"}})}}}};
}

Board alerts() {
  return {
      "ketavigil-alerts",
      "Ketavigil: pages and alerts",
      "Critical cases, what was decided of them, and whether the ways out work.",
      {{"Critical cases",
        {number("Open and paged", "Told to every way out until they end.", Unit::count,
                {sum("", of("page_open_cases", "decision=\"paged\"")), "paged"}),
         number("Sources in flood", "Their unverified cases share one page.", Unit::count,
                {sum("", of("page_floods")), "sources"}),
         number("Dead letters", "Deliveries that were given up.", Unit::count,
                {sum("", of("page_dead_letters")), "dead letters"}),
         number("Longest wait", "Since when something waits for a way out.", Unit::seconds,
                {"max(" + of("page_waiting_seconds") + ")", "waits"}),
         series("Open, by domain and decision", "Critical cases that are open.", Unit::count,
                {{sum("domain, decision", of("page_open_cases")), "{{domain}} {{decision}}"}}),
         series(
             "New within an hour, by decision", "Cases that became critical.", Unit::count,
             {{sum("decision", "increase(" + of("page_cases_total") + "[1h])"), "{{decision}}"}})}},
       {"Ways out",
        {series("Up", "1 while the last attempt was accepted.", Unit::yes_no,
                {{"min by (way) (" + of("page_way_out_up") + ")", "{{way}}"}}),
         series("Waiting", "Since when something waits.", Unit::seconds,
                {{"max by (way) (" + of("page_waiting_seconds") + ")", "{{way}}"}}),
         series("Requests", "By what came of them.", Unit::per_second,
                {{sum("way, result", rate("page_requests_total")), "{{way}} {{result}}"}})}},
       {"All levels",
        {series("Raised within an hour, by domain and level", "Cases of every level.", Unit::count,
                {{sum("domain, level", "increase(" + of("findings_raised_total") + "[1h])"),
                  "{{domain}} {{level}}"}}),
         series("How long counting took", "Of findings, at most every 15 s.", Unit::seconds,
                {{"max(" + of("findings_count_seconds") + ")", "count"}})}}}};
}

Board feeds() {
  return {
      "ketavigil-feeds",
      "Ketavigil: feeds",
      "What comes in, what is answered, what is not understood. Deliveries, not facts.",
      {{"Answers",
        {series("Answers", "Facts answered, by outcome.", Unit::per_second,
                {{sum("answer", rate("facts_total")), "{{answer}}"}}),
         series("Quarantined, by reason", "Kept, with a reason a clinic can act on.",
                Unit::per_second, {{sum("reason", rate("quarantined_total")), "{{reason}}"}}),
         series("Share that is quarantined", "Of all that was answered.", Unit::ratio,
                {{sum("", rate("facts_total", "answer=\"quarantined\"")) + " / " +
                      sum("", rate("facts_total")),
                  "quarantined"}}),
         series("Refused", "Answered 503 and not taken.", Unit::per_second,
                {{sum("reason", rate("intake_refused_events_total")), "{{reason}}"}})}},
       {"Lateness",
        {series("From recorded to received",
                "Of accepted facts. Criticals older than 72 h are listed, not paged.",
                Unit::seconds,
                {{quantile("0.5", "event_lag_seconds"), "half"},
                 {quantile("0.9", "event_lag_seconds"), "nine in ten"}}),
         series("Facts with a time of recording", "Accepted ones.", Unit::per_second,
                {{sum("", rate("event_lag_seconds_count")), "facts"}})}},
       {"Requests",
        {series("By status", "Of the intake.", Unit::per_second,
                {{sum("code", rate("http_requests_total", "listener=\"intake\"")), "{{code}}"}}),
         series("How long", "From the whole request to its answer.", Unit::seconds,
                {{quantile("0.5", "http_request_seconds", "listener"), "{{listener}} half"},
                 {quantile("0.99", "http_request_seconds", "listener"), "{{listener}} 99 %"}}),
         series("Connections", "Open now.", Unit::count,
                {{sum("listener", of("http_connections")), "{{listener}}"}}),
         series("Turned away", "Connections beyond the limit. Empty: none ever was.",
                Unit::per_second,
                {{sum("listener", rate("http_refused_connections_total")) + " or on() vector(0)",
                  "{{listener}}"}})}}}};
}

std::vector<Row> engine_rows() {
  return {
      {"Passes",
       {series("How long a pass takes", "Append, fold, history, sync to the disk.", Unit::seconds,
               {{quantile("0.5", "pass_seconds"), "half"},
                {quantile("0.99", "pass_seconds"), "99 %"}}),
        series("Events a pass", "That share one sync.", Unit::count,
               {{sum("", rate("pass_events_sum")) + " / " + sum("", rate("pass_events_count")),
                 "mean"}}),
        series("Waiting for the writer", "Bound: 16,384.", Unit::count,
               {{sum("instance", of("intake_waiting_events")), "{{instance}}"}}),
        series("Work", "Entries appended, patients folded, ticks.", Unit::per_second,
               {{sum("", rate("log_entries_total")), "entries"},
                {sum("", rate("patients_folded_total")), "patients folded"},
                {sum("", rate("ticks_total")), "ticks"}})}},
      {"The store",
       {series("Bytes, by family", "On the disk and in memory.", Unit::bytes,
               {{sum("family", of("store_bytes")), "{{family}}"}}),
        series(
            "Room", "Below the guard nothing is taken.", Unit::bytes,
            {{"min by (instance) (" + of("store_free_bytes") + ")", "{{instance}} free"},
             {"max by (instance) (" + of("store_free_guard_bytes") + ")", "{{instance}} guard"}}),
        series("Write-ahead logs", "On the disk.", Unit::bytes,
               {{sum("instance", of("store_write_ahead_log_bytes")), "{{instance}}"}}),
        series("Not yet acknowledged", "Entries of all shards.", Unit::count,
               {{sum("instance", of("log_position") + " - " + of("log_acknowledged_position")),
                 "{{instance}}"}}),
        series("Memory", "Resident.", Unit::bytes,
               {{sum("instance", of("process_resident_memory_bytes")), "{{instance}}"}}),
        series("Running since", "Restarts show as steps.", Unit::seconds,
               {{"time() - " + of("process_start_time_seconds"), "{{instance}}"}})}}};
}

std::vector<Row> topic_rows() {
  return {
      {"The log on Kafka",
       {series("Behind", "Records not read yet.", Unit::count,
               {{sum("instance, lane", of("topic_lag_records")), "{{instance}} {{lane}}"}}),
        series("Read", "Records, by lane.", Unit::per_second,
               {{sum("lane", rate("topic_records_total")), "{{lane}}"}}),
        series("Brokers answer, what is new is told", "1: yes.", Unit::yes_no,
               {{"min(" + of("topic_connected") + ")", "connected"},
                {"min(" + of("topic_telling") + ")", "telling"}}),
        series("Inbox", "Came over HTTP and wait for the brokers.", Unit::count,
               {{sum("instance", of("inbox_events")), "{{instance}}"}}),
        series("Shards", "That each worker has.", Unit::count,
               {{sum("instance", of("topic_shards")), "{{instance}}"}}),
        series("Histories compared", "`different` must never be.", Unit::per_second,
               {{sum("result", rate("history_compared_total")), "{{result}}"}}),
        series("Age of checkpoints", "The oldest newest one of a shard that moved.", Unit::seconds,
               {{"max by (instance) (" + of("checkpoint_age_seconds") + ")", "{{instance}}"}}),
        series("Data lock points awaited", "By the cohort's shard.", Unit::count,
               {{sum("", of("cohort_awaiting_lock_points")), "awaited"}})}}};
}

Board engine() {
  std::vector<Row> rows = engine_rows();
  for (Row& row : topic_rows()) rows.push_back(std::move(row));
  return {"ketavigil-engine", "Ketavigil: engine",
          "The pipeline: passes, the store, the log on Kafka where there is one.", std::move(rows)};
}

}  // namespace

std::vector<Board> boards() { return {programme(), alerts(), feeds(), engine()}; }

}  // namespace ketavigil::dashboards::grafana
