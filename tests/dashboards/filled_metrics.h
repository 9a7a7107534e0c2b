// Metrics with something in every family, and what they are called.
#pragma once

#include <regex>
#include <set>
#include <string>

#include "dashboards/metrics/metrics.h"

namespace ketavigil::test {

// Every family with something in it.
inline void fill(dashboards::Metrics* metrics) {
  metrics->count_fact(events::Kind::score, "accepted");
  metrics->count_quarantined("unknown-unit");
  metrics->observe_lag(12);
  metrics->observe_pass(3, 0.004);
  metrics->count_refused("full", 2);
  metrics->count_tick();
  metrics->set_waiting_events(1);
  metrics->count_request("intake", "/api/v1/events", 201, 0.002);
  metrics->count_refused_connection("intake");
  metrics->set_connections("intake", 4);
  dashboards::ProgrammeMeasures measures;
  measures.logs.push_back({0, 17, 16});
  measures.entries = 17;
  measures.patients_folded = 9;
  metrics->set_programme(measures);
  dashboards::FindingsCensus census;
  census.open[{"BP-3", detectors::Level::critical, "esketamine"}] = 2;
  census.raised[{"BP-3", detectors::Level::critical, "esketamine"}] = 5;
  metrics->set_findings(census, 0.01);
  metrics->set_ready(true);
  metrics->set_topics({7, 3, 2, 1, 5, 4, 12, true, 6, true});
  metrics->set_checkpoints({3, 1, 1.5e9, 60, 0.5});
  metrics->set_cohort({4, 3, 2, 1, 1.7e9, 5, 6});
  dashboards::PageMeasures pages;
  pages.decided[{"cardiovascular", "paged"}] = 3;
  pages.ways["alertmanager"] = {5, 2, 1, false, 12};
  pages.ways["webhook"] = {5, 2, 1, true, 0};
  metrics->set_pages(pages);
}

/// As queries ask for them: of a histogram its buckets, sum and count.
inline std::set<std::string> metric_names() {
  dashboards::Metrics metrics({}, 1.5e9);
  fill(&metrics);
  const std::string text = metrics.text();
  const std::regex series("(^|\\n)([a-z_]+)[{ ]");
  std::set<std::string> names;
  for (std::sregex_iterator it(text.begin(), text.end(), series), end; it != end; ++it)
    names.insert((*it)[2]);
  return names;
}

}  // namespace ketavigil::test
