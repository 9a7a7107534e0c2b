// How facts travel, and the habits of sites.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "simulation/calendar.h"
#include "tests/simulation/event_rules.h"
#include "tests/simulation/written.h"

namespace ketavigil::simulation {
namespace {

using nlohmann::json;

const Written& year() {
  static const Written written = [] {
    ProgrammeOptions options;
    options.patients = 120;
    options.plant_nothing = true;
    return write(options);
  }();
  return written;
}

std::vector<json> of_source(const Written& written, const std::string& source,
                            const std::string& kind) {
  std::vector<json> events;
  for (const json& event : written.parsed) {
    if (event["source"] == source && event.value("kind", "") == kind &&
        reason_to_refuse(event).empty()) {
      events.push_back(event);
    }
  }
  EXPECT_FALSE(events.empty()) << source << ' ' << kind;
  return events;
}

TEST(Delivery, shares_are_those_asked_for) {
  const ProgrammeCounts& counts = year().counts;
  const auto facts = static_cast<double>(counts.facts);
  EXPECT_NEAR(static_cast<double>(counts.late) / facts, 0.10, 0.01);
  EXPECT_NEAR(static_cast<double>(counts.duplicates) / facts, 0.02, 0.004);
  EXPECT_NEAR(static_cast<double>(counts.refused_lines()) / facts, 0.002, 0.001);
  EXPECT_NEAR(static_cast<double>(counts.retractions) / facts, 0.003, 0.0015);
  EXPECT_GT(counts.corrections, counts.facts / 60);
}

TEST(Delivery, counts_add_up_to_the_lines_and_bytes) {
  const ProgrammeCounts& counts = year().counts;
  EXPECT_EQ(counts.lines, static_cast<std::int64_t>(year().lines.size()));
  EXPECT_EQ(counts.bytes, static_cast<std::int64_t>(year().events.size()));
  EXPECT_EQ(counts.lines, counts.facts + counts.heartbeats + counts.duplicates +
                              counts.corrections + counts.retractions + counts.refused_lines());
}

TEST(Delivery, with_all_shares_0_every_line_is_a_fact_or_a_heartbeat_or_final_after_preliminary) {
  ProgrammeOptions options;
  options.patients = 20;
  options.late_share = options.duplicate_share = options.corrected_share = 0;
  options.retracted_share = options.refused_share = 0;
  const Written written = write(options);
  EXPECT_EQ(written.counts.late + written.counts.duplicates + written.counts.retractions, 0);
  EXPECT_EQ(written.counts.refused_lines(), 0);
  for (const std::string& line : written.lines) {
    ASSERT_EQ(reason_to_refuse(line), "") << line;
    EXPECT_EQ(line.find("corrected"), std::string::npos);
  }
}

TEST(Delivery, a_late_fact_is_at_most_13_weeks_and_a_batch_late) {
  std::int64_t latest = 0;
  for (const json& event : year().parsed) {
    if (event.contains("status") || !event.contains("effective") || event.contains("replaces")) {
      continue;
    }
    const std::string effective = event["effective"];
    if (effective.size() <= 19) continue;
    latest = std::max(latest, seconds_of(event["recorded"]) - seconds_of(effective));
  }
  EXPECT_GT(latest, 60 * day_s);
  // A refused fact sent anew adds up to two weeks.
  EXPECT_LT(latest, (91 + 7 + 15) * day_s);
}

TEST(Delivery, a_correction_is_recorded_after_what_it_corrects_and_says_something_else) {
  std::map<std::string, json> first;
  int corrected = 0;
  for (const json& event : year().parsed) {
    if (!event.contains("patient")) continue;
    const std::string source = event["source"].get<std::string>() + '/';
    const std::string id = event["id"];
    const std::string status = event.value("status", "final");
    if (status == "final" && !event.contains("replaces")) first.emplace(source + id, event);
    if (status != "corrected" && !event.contains("replaces")) continue;
    const auto before = first.find(source + event.value("replaces", id));
    if (before == first.end()) continue;  // its first telling is a broken line
    ++corrected;
    EXPECT_GT(event["recorded"], before->second["recorded"]);
    json now = event, then = before->second;
    for (json* each : {&now, &then}) {
      for (const char* name : {"id", "status", "recorded", "replaces", "version"})
        each->erase(name);
    }
    EXPECT_NE(now, then) << event;
  }
  EXPECT_GT(corrected, 100);
}

TEST(Habits, a_monitor_sends_what_the_clinic_sends_within_five_minutes) {
  std::map<std::string, std::vector<std::int64_t>> by_content;
  const auto content = [](const json& event) {
    return event["patient"].get<std::string>() + ' ' + event["systolic"].dump() + '/' +
           event["diastolic"].dump();
  };
  for (const json& event : of_source(year(), "clinic-02", "blood_pressure")) {
    by_content[content(event)].push_back(seconds_of(event["effective"]));
  }
  int all = 0, twins = 0;
  for (const json& event : of_source(year(), "monitor-02", "blood_pressure")) {
    EXPECT_FALSE(event.contains("session"));
    const std::int64_t at = seconds_of(event["effective"]);
    const auto& times = by_content[content(event)];
    ++all;
    twins += std::any_of(times.begin(), times.end(),
                         [&](std::int64_t time) { return at >= time && at - time <= 300; });
  }
  EXPECT_GT(all, 300);
  // A few of the clinic's are refused for good.
  EXPECT_GT(twins, all * 97 / 100);
}

TEST(Habits, tens_are_preferred_at_one_site_only) {
  const auto share_of_tens = [](const std::string& source) {
    int tens = 0, all = 0;
    for (const json& event : of_source(year(), source, "blood_pressure")) {
      ++all;
      if (event["systolic"].get<int>() % 10 == 0) ++tens;
    }
    return static_cast<double>(tens) / all;
  };
  EXPECT_GT(share_of_tens("clinic-03"), 0.5);
  EXPECT_LT(share_of_tens("clinic-01"), 0.2);
}

TEST(Habits, kilopascals_are_those_of_pressures_in_life) {
  for (const json& event : of_source(year(), "clinic-04", "blood_pressure")) {
    EXPECT_EQ(event["unit"], "kPa");
    EXPECT_LT(event["systolic"].get<double>(), 30);
  }
}

TEST(Habits, batches_are_recorded_on_friday_evening) {
  for (const json& event : of_source(year(), "clinic-05", "session")) {
    // Late ones and those sent anew come on any day.
    const std::int64_t delay = seconds_of(event["recorded"]) - seconds_of(event["effective"]);
    if (delay > week_s || event.contains("status")) continue;
    const std::int64_t since = (seconds_of(event["recorded"]) - day_s - 17 * hour_s) % week_s;
    if (since >= hour_s) {
      EXPECT_GT(delay, day_s) << event;
    }
  }
}

TEST(Habits, phases_are_left_out_at_one_site) {
  for (const json& event : of_source(year(), "clinic-06", "blood_pressure")) {
    EXPECT_FALSE(event.contains("phase"));
  }
}

TEST(Habits, scores_have_bare_dates_without_a_session_on_them_at_one_site) {
  std::set<std::string> session_days;
  for (const json& event : of_source(year(), "clinic-07", "session")) {
    session_days.insert(event["patient"].get<std::string>() +
                        event["effective"].get<std::string>().substr(0, 10));
  }
  for (const json& event : of_source(year(), "clinic-07", "score")) {
    const std::string date = event["effective"];
    EXPECT_EQ(date.size(), 10u);
    if (event["instrument"] == "moca") {
      EXPECT_FALSE(session_days.count(event["patient"].get<std::string>() + date)) << event;
    }
  }
}

TEST(Habits, corrections_come_as_new_ids_or_with_versions_or_after_preliminary_values) {
  int renewed = 0;
  for (const json& event : of_source(year(), "clinic-08", "blood_pressure")) {
    EXPECT_NE(event.value("status", ""), "corrected");
    if (event.contains("replaces")) ++renewed;
  }
  EXPECT_GT(renewed, 0);
  for (const json& event : of_source(year(), "clinic-09", "vital")) {
    EXPECT_EQ(event.value("version", 0), event.value("status", "") == "corrected" ? 2 : 1);
  }
  int preliminary = 0;
  for (const json& event : of_source(year(), "clinic-10", "lab")) {
    if (event.value("status", "") == "preliminary") ++preliminary;
  }
  EXPECT_GT(preliminary, 0);
}

/// The rises at the peak of sessions by one route, from phases as stated.
std::vector<double> rises(const std::string& route, const char* component) {
  std::set<std::string> sessions;
  std::map<std::string, double> before, peak;
  for (const json& event : year().parsed) {
    if (event.value("status", "final") != "final" || !event.contains("patient")) continue;
    if (event.value("kind", "") == "session" && event.value("route", "") == route) {
      sessions.insert(event["id"]);
    }
    if (event.value("kind", "") != "blood_pressure" || event.contains("unit")) continue;
    if (!event.contains("phase") || !event[component].is_number()) continue;
    if (event["phase"] == "pre") before[event.value("session", "")] = event[component];
    if (event["phase"] == "peak") peak[event.value("session", "")] = event[component];
  }
  std::vector<double> found;
  for (const auto& [session, value] : peak) {
    if (sessions.count(session) && before.count(session)) found.push_back(value - before[session]);
  }
  return found;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double deviation(const std::vector<double>& values) {
  const double centre = mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - centre) * (value - centre);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

// Means and deviations of the literature (domain reference 1.4); 120 patients leave some play.
TEST(Pressures, rise_as_in_the_literature) {
  const auto nasal = rises("IN", "systolic"), infused = rises("IV", "systolic");
  ASSERT_GT(nasal.size(), 500u);
  ASSERT_GT(infused.size(), 200u);
  EXPECT_NEAR(mean(nasal), 13.3, 2.5);
  EXPECT_NEAR(mean(infused), 16.0, 3.5);
  EXPECT_NEAR(deviation(infused), 11.2, 2.5);
  EXPECT_NEAR(mean(rises("IN", "diastolic")), 8.7, 2);
  EXPECT_NEAR(mean(rises("IV", "diastolic")), 11.0, 2.5);
}

}  // namespace
}  // namespace ketavigil::simulation
