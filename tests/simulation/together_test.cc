// Several harms in one patient: each is in the truth, and each shows.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "simulation/calendar.h"
#include "simulation/planting.h"
#include "tests/simulation/written.h"

namespace ketavigil::simulation {
namespace {

using nlohmann::json;

ProgrammeOptions together(const char* text) {
  ProgrammeOptions options;
  options.patients = 30;
  options.months = 20;
  options.seed = 12;
  auto planting = parse_planting(text);
  EXPECT_TRUE(planting.ok()) << planting.error().message;
  options.plantings = {planting.value()};
  return options;
}

// By patient: harm to its onset and size.
using Truth = std::map<std::string, std::map<std::string, std::pair<std::int64_t, double>>>;
Truth truth_of(const Written& written) {
  Truth truth;
  for (const json& entry : written.truth["harms"]) {
    EXPECT_EQ(entry["scope"], "patient");
    truth[entry["patient"]][entry["harm"]] = {seconds_of(entry["onset"]), entry["size"]};
  }
  return truth;
}

TEST(Together, harms_of_one_planting_strike_the_same_patients_each_with_its_onset_and_size) {
  const Written written = write(together("cognitive-decline+resting-drift=0.2,size=7+20"));
  const Truth truth = truth_of(written);
  EXPECT_GE(truth.size(), 5u);
  std::set<std::int64_t> apart;
  for (const auto& [patient, harms] : truth) {
    ASSERT_EQ(harms.size(), 2u) << patient;
    EXPECT_EQ(harms.at("cognitive-decline").second, 7);
    EXPECT_EQ(harms.at("resting-drift").second, 20);
    apart.insert(harms.at("cognitive-decline").first - harms.at("resting-drift").first);
  }
  EXPECT_GT(apart.size(), 2u) << "the onsets are not drawn apart";
}

TEST(Together, each_harm_shows_as_it_does_alone) {
  const Written written = write(together("cognitive-drop+resting-drift=0.2,size=8+30"));
  for (const auto& [patient, harms] : truth_of(written)) {
    const std::int64_t dropped = harms.at("cognitive-drop").first;
    const std::int64_t rises = harms.at("resting-drift").first;
    double moca[2] = {0, 0}, resting[2] = {0, 0};
    int scores[2] = {0, 0}, readings[2] = {0, 0};
    for (const json& event : current(written, patient)) {
      const std::int64_t at = seconds_of(event["effective"]);
      if (event.value("instrument", "") == "moca") {
        moca[at >= dropped] += event["value"].get<double>();
        ++scores[at >= dropped];
      }
      const bool grown = at >= rises + 240 * day_s;
      if (event["kind"] != "blood_pressure" || event.value("phase", "") != "pre" ||
          event.contains("unit") || (at >= rises && !grown))
        continue;
      resting[grown] += event["systolic"].get<double>();
      ++readings[grown];
    }
    ASSERT_TRUE(scores[0] > 0 && scores[1] > 0) << patient;
    EXPECT_GT(moca[0] / scores[0] - moca[1] / scores[1], 5) << patient;
    if (readings[0] == 0 || readings[1] == 0) continue;  // a site of another unit, or no phase
    EXPECT_GT(resting[1] / readings[1] - resting[0] / readings[0], 12) << patient;
  }
}

TEST(Together, two_acute_harms_each_have_their_visit) {
  const Written written = write(together("hypertensive-crisis+liver-injury+suicidality=0.2"));
  for (const auto& entry : truth_of(written)) {
    const auto& patient = entry.first;
    const auto& onsets = entry.second;
    ASSERT_EQ(onsets.size(), 3u);
    std::set<std::string> shown;
    for (const json& event : current(written, patient)) {
      const std::int64_t at = seconds_of(event["effective"]);
      const auto is_of = [&](const char* harm) {
        return at >= onsets.at(harm).first && at < onsets.at(harm).first + 3 * hour_s;
      };
      if (event["kind"] == "blood_pressure" && !event.contains("unit") &&
          event["systolic"] >= 220 && is_of("hypertensive-crisis"))
        shown.insert("crisis");
      if (event["kind"] == "blood_pressure" && event.contains("unit") &&
          event["systolic"] >= 29.3 && is_of("hypertensive-crisis"))
        shown.insert("crisis");
      if (event.value("code", "") == "1742-6" && event["value"] >= 200 && is_of("liver-injury"))
        shown.insert("liver");
      if (event.value("instrument", "") == "c-ssrs-ideation" && event["value"] >= 4 &&
          is_of("suicidality"))
        shown.insert("suicidality");
    }
    EXPECT_EQ(shown, (std::set<std::string>{"crisis", "liver", "suicidality"})) << patient;
  }
}

TEST(Together, the_same_seed_gives_the_same_bytes) {
  const auto options = together("cognitive-decline+resting-drift=0.2,size=7+20");
  EXPECT_EQ(write(options).events, write(options).events);
}

TEST(Together, what_would_hide_each_other_or_is_not_understood_is_refused_by_name) {
  const std::pair<const char*, const char*> wrong[] = {
      {"suicidality+suicidality=0.1", "together"},
      {"missed-visits+suicidality=0.1", "missed-visits"},
      {"bladder-syndrome+bladder-dechallenge=0.1", "together"},
      {"resting-drift+bladder-dechallenge=0.1", "together"},
      {"dose-escalation+escalation-without-benefit=0.1", "together"},
      {"suicidality+baldness=0.1", "baldness"},
      {"suicidality+=0.1", "no harm"},
      {"suicidality+liver-injury=0.1,size=4", "each harm"},
      {"suicidality+liver-injury=0.1,size=4+99", "liver-injury"},
      {"suicidality+liver-injury=0.1,rate_ratio=2,route=IV", "rate_ratio"},
      {"suicidality+liver-injury+hypertensive-crisis+post-dose-surge+cognitive-drop=0.1",
       "at most 4"},
  };
  for (const auto& [text, named] : wrong) {
    const auto planting = parse_planting(text);
    ASSERT_FALSE(planting.ok()) << text;
    EXPECT_EQ(planting.error().kind, ErrorKind::usage);
    EXPECT_NE(planting.error().message.find(named), std::string::npos)
        << text << ": " << planting.error().message;
  }
}

}  // namespace
}  // namespace ketavigil::simulation
