// What every line of a programme must be.
#include <gtest/gtest.h>

#include <set>

#include "tests/simulation/event_rules.h"
#include "tests/simulation/written.h"

namespace ketavigil::simulation {
namespace {

using nlohmann::json;

const Written& year() {
  static const Written written = [] {
    ProgrammeOptions options;
    options.patients = 80;
    options.refused_share = 0.02;
    return write(options);
  }();
  return written;
}

TEST(Lines, exactly_those_meant_to_be_refused_break_a_rule_and_for_the_reason_meant) {
  std::map<std::string, std::int64_t> refused;
  for (const std::string& line : year().lines) {
    const std::string reason = reason_to_refuse(line);
    if (!reason.empty()) ++refused[reason];
  }
  std::map<std::string, std::int64_t> meant;
  for (int i = 0; i < refusal_count; ++i) {
    meant[std::string(name_of(static_cast<Refusal>(i)))] = year().counts.refused[i];
  }
  EXPECT_EQ(refused, meant);
  for (const auto& [reason, count] : meant) EXPECT_GT(count, 0) << reason;
}

TEST(Lines, keep_the_rules_and_the_order_whatever_the_options) {
  for (const int sites : {1, 2, 5, 23}) {
    for (const int months : {1, 4, 9}) {
      ProgrammeOptions options;
      options.patients = 30;
      options.sites = sites;
      options.months = months;
      options.seed = static_cast<std::uint64_t>(sites * 100 + months);
      options.start_date = "2024-02-28";
      options.corrected_share = options.retracted_share = options.refused_share = 0.05;
      options.duplicate_share = 0.2;
      options.facts_per_patient_limit = months == 4 ? 60 : 0;
      const Written written = write(options);
      std::int64_t refused = 0, newest = 0;
      std::set<std::string> seen;
      for (const std::string& line : written.lines) {
        const json event = json::parse(line, nullptr, false);
        const bool broken = event.is_discarded();
        refused += broken || !reason_to_refuse(event).empty() ? 1 : 0;
        if (broken || !seen.insert(line).second) continue;
        const std::int64_t recorded = seconds_of(event["recorded"]);
        ASSERT_GE(recorded, newest) << line;
        newest = recorded;
      }
      EXPECT_EQ(refused, written.counts.refused_lines()) << sites << ' ' << months;
    }
  }
}

TEST(Lines, follow_one_another_in_the_order_of_recorded_but_for_repeated_bytes) {
  std::set<std::string> seen;
  std::int64_t newest = 0;
  std::int64_t repeated = 0;
  for (const std::string& line : year().lines) {
    if (!seen.insert(line).second) {
      ++repeated;
      continue;
    }
    const json event = json::parse(line, nullptr, false);
    if (event.is_discarded()) continue;
    const std::int64_t recorded = seconds_of(event["recorded"]);
    ASSERT_GE(recorded, newest) << line;
    newest = recorded;
  }
  EXPECT_EQ(repeated, year().counts.duplicates);
  EXPECT_GT(repeated, 100);
}

TEST(Lines, an_id_of_a_source_is_told_twice_only_as_a_duplicate_a_new_version_or_anew) {
  std::map<std::string, std::set<std::string>> tellings;
  for (const json& event : year().parsed) {
    if (event.value("kind", "") == "heartbeat" || !reason_to_refuse(event).empty()) continue;
    const std::string key =
        event["source"].get<std::string>() + '/' + event["id"].get<std::string>();
    const std::string version =
        std::to_string(event.value("version", 0)) + event.value("status", std::string("final"));
    tellings[key + ' ' + version].insert(event.dump());
  }
  for (const auto& [key, lines] : tellings) EXPECT_EQ(lines.size(), 1u) << key;
}

TEST(Lines, an_id_belongs_to_one_patient) {
  std::map<std::string, std::string> owner;
  for (const json& event : year().parsed) {
    if (!event.contains("patient")) continue;
    const std::string key =
        event["source"].get<std::string>() + '/' + event["id"].get<std::string>();
    const auto [known, first] = owner.emplace(key, event["patient"]);
    EXPECT_EQ(known->second, event["patient"]) << key;
  }
  EXPECT_GT(owner.size(), 10'000u);
}

TEST(Lines, sessions_and_plans_that_are_named_exist) {
  std::set<std::string> ids;
  for (const json& event : year().parsed) {
    ids.insert(event["source"].get<std::string>() + '/' + event["id"].get<std::string>());
  }
  std::int64_t named = 0;
  for (const json& event : year().parsed) {
    for (const char* field : {"session", "plan"}) {
      if (!event.contains(field)) continue;
      ++named;
      // The line of a session may be cut off in the middle; then it is sent anew.
      EXPECT_TRUE(
          ids.count(event["source"].get<std::string>() + '/' + event[field].get<std::string>()))
          << event;
    }
  }
  EXPECT_GT(named, 1000);
}

TEST(Lines, hold_every_kind_but_a_rare_one) {
  std::map<std::string, int> kinds;
  for (const json& event : year().parsed) ++kinds[event.value("kind", "retraction")];
  for (const char* kind : {"enrolment", "covariate", "medication", "plan", "dispense", "vital",
                           "blood_pressure", "session", "score", "symptom", "culture", "lab",
                           "adverse_event", "exit", "heartbeat", "retraction"}) {
    EXPECT_GT(kinds[kind], 0) << kind;
  }
}

}  // namespace
}  // namespace ketavigil::simulation
