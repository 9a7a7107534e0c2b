// Planted harms are in the truth, and the events show them from their onset on.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "simulation/calendar.h"
#include "simulation/harm.h"
#include "simulation/patient.h"
#include "tests/simulation/written.h"

namespace ketavigil::simulation {
namespace {

using nlohmann::json;

/// Half of the patients have a harm, each harm the same share.
const Written& planted() {
  static const Written written = [] {
    ProgrammeOptions options;
    options.patients = 160;
    options.months = 14;
    options.seed = 11;
    for (const HarmTraits& traits : harms()) {
      options.plantings.push_back({.harm = traits.harm, .share = 0.05});
    }
    return write(options);
  }();
  return written;
}

struct Case {
  std::int64_t onset;
  double size;
  std::vector<json> events;

  [[nodiscard]] std::vector<json> of(const std::string& kind, const std::string& name,
                                     const std::string& value) const {
    std::vector<json> found;
    for (const json& event : events) {
      if (event["kind"] == kind && (name.empty() || event.value(name, "") == value)) {
        found.push_back(event);
      }
    }
    return found;
  }
  [[nodiscard]] bool before(const json& event) const {
    return seconds_of(event["effective"]) < onset;
  }
};

std::vector<Case> cases_of(const char* harm) {
  std::vector<Case> cases;
  for (const json& entry : planted().truth["harms"]) {
    if (entry["harm"] != harm) continue;
    cases.push_back(
        {seconds_of(entry["onset"]), entry["size"], current(planted(), entry["patient"])});
  }
  EXPECT_GE(cases.size(), 3u) << harm;
  return cases;
}

double mmhg(const json& event, const char* component) {
  const double value = event[component];
  return event.value("unit", "") == "kPa" ? std::nearbyint(value * 7.50062) : value;
}

/// The mean of a field over those before and over those at least `days` after the onset.
std::pair<double, double> before_and_after(const Case& found, const std::vector<json>& events,
                                           int days, const char* field = "value") {
  double sums[2] = {0, 0};
  int counts[2] = {0, 0};
  for (const json& event : events) {
    const bool late = seconds_of(event["effective"]) >= found.onset + days * day_s;
    if (!found.before(event) && !late) continue;
    sums[late ? 1 : 0] += event[field].get<double>();
    ++counts[late ? 1 : 0];
  }
  EXPECT_GT(counts[0], 0);
  EXPECT_GT(counts[1], 0);
  return {sums[0] / counts[0], sums[1] / counts[1]};
}

TEST(Truth, names_the_programme_and_every_planted_harm) {
  const json& truth = planted().truth;
  EXPECT_EQ(truth["patients"], 160);
  EXPECT_EQ(truth["months"], 14);
  EXPECT_EQ(truth["seed"], 11);
  std::map<std::string, int> harm_counts;
  std::map<std::string, int> patients;
  const std::int64_t start = *parse_date("2023-01-02") * day_s;
  const std::int64_t end = *parse_date("2024-03-02") * day_s;
  for (const json& entry : truth["harms"]) {
    EXPECT_EQ(entry["scope"], "patient");
    EXPECT_EQ(entry["origin"], "planted");
    ++harm_counts[entry["harm"]];
    EXPECT_EQ(++patients[entry["patient"]], 1);
    EXPECT_GT(seconds_of(entry["onset"]), start);
    EXPECT_LT(seconds_of(entry["onset"]), end);
    EXPECT_EQ(entry["size"], traits_of(harm_named(entry["harm"].get<std::string>())->harm).size);
  }
  EXPECT_EQ(harm_counts.size(), harms().size());
}

TEST(Harms, a_decline_lowers_all_cognitive_scores) {
  for (const Case& found : cases_of("cognitive-decline")) {
    const auto moca = before_and_after(found, found.of("score", "instrument", "moca"), 60);
    EXPECT_GT(moca.first - moca.second, 3) << found.onset;
    const auto dsst = before_and_after(found, found.of("score", "instrument", "dsst"), 60);
    EXPECT_GT(dsst.first - dsst.second, 4);
    const auto hvlt = before_and_after(found, found.of("score", "instrument", "hvlt-r-total"), 60);
    EXPECT_GT(hvlt.first - hvlt.second, 3);
  }
}

TEST(Harms, a_bladder_syndrome_raises_the_scores_and_lasts_without_infection) {
  for (const Case& found : cases_of("bladder-syndrome")) {
    const auto bpic = before_and_after(found, found.of("score", "instrument", "bpic-ss"), 60);
    EXPECT_LT(bpic.first, 12);
    EXPECT_GT(bpic.second, 17);
    std::int64_t first = 0, last = 0;
    for (const json& event : found.of("symptom", "code", "urgency")) {
      if (found.before(event) || event["severity"] == 0) continue;
      last = seconds_of(event["effective"]);
      if (first == 0) first = last;
    }
    EXPECT_GT(last - first, 28 * day_s);
    for (const json& event : found.of("culture", "", "")) {
      if (!found.before(event)) {
        EXPECT_EQ(event["result"], "negative");
      }
    }
  }
}

TEST(Harms, surges_of_40_over_25_recur_after_the_dose) {
  for (const Case& found : cases_of("post-dose-surge")) {
    std::map<std::string, json> pre, peak;
    int surges_before = 0, surges = 0, sessions = 0;
    for (const json& session : found.of("session", "", "")) {
      const std::int64_t start = seconds_of(session["effective"]);
      double low = 0, high = 0;
      for (const json& reading : found.of("blood_pressure", "session", session["id"])) {
        const std::int64_t at = seconds_of(reading["effective"]);
        if (at <= start) low = mmhg(reading, "systolic");
        if (at > start && at <= start + hour_s) high = mmhg(reading, "systolic");
      }
      if (low == 0 || high == 0) continue;
      // Preference for tens can take 10 of a rise.
      const bool surge = high - low >= 35;
      if (start < found.onset) {
        surges_before += surge ? 1 : 0;
      } else {
        ++sessions;
        surges += surge ? 1 : 0;
      }
    }
    EXPECT_GT(sessions, 1);
    EXPECT_GE(surges, (sessions + 1) / 2) << surges_before;
  }
}

TEST(Harms, new_hypertension_raises_the_pressure_before_sessions) {
  for (const Case& found : cases_of("new-hypertension")) {
    double before = 0, after = 0;
    int count_before = 0, count_after = 0;
    for (const json& session : found.of("session", "", "")) {
      const std::int64_t start = seconds_of(session["effective"]);
      for (const json& reading : found.of("blood_pressure", "session", session["id"])) {
        const std::int64_t at = seconds_of(reading["effective"]);
        if (at > start) continue;
        if (at < found.onset) {
          before += mmhg(reading, "systolic");
          ++count_before;
        } else if (at > found.onset + 30 * day_s && at < found.onset + 88 * day_s) {
          after += mmhg(reading, "systolic");
          ++count_after;
        }
      }
    }
    ASSERT_GT(count_before, 2);
    ASSERT_GT(count_after, 2);
    EXPECT_LT(before / count_before, 132);
    EXPECT_GT(after / count_after, 142);
  }
}

TEST(Harms, a_crisis_has_a_reading_of_220_over_130_and_nobody_else_has) {
  std::map<std::string, std::int64_t> onsets;
  for (const json& entry : planted().truth["harms"]) {
    if (entry["harm"] == "hypertensive-crisis") {
      onsets[entry["patient"]] = seconds_of(entry["onset"]);
    }
  }
  std::map<std::string, int> readings;
  for (const json& event : planted().parsed) {
    if (event.value("kind", "") != "blood_pressure" || !event["systolic"].is_number()) continue;
    const bool crisis = mmhg(event, "systolic") >= 220;
    EXPECT_EQ(crisis, mmhg(event, "diastolic") >= 130) << event;
    if (!crisis) continue;
    ASSERT_TRUE(onsets.count(event["patient"])) << event;
    ++readings[event["patient"]];
    const std::int64_t after = seconds_of(event["effective"]) - onsets[event["patient"]];
    EXPECT_GE(after, 0);
    EXPECT_LE(after, 2 * hour_s);
  }
  EXPECT_EQ(readings.size(), onsets.size());
}

TEST(Harms, doses_grow_to_their_multiple) {
  for (const Case& found : cases_of("dose-escalation")) {
    const auto dose = before_and_after(found, found.of("session", "", ""), 90, "dose_mg");
    EXPECT_NEAR(dose.second / dose.first, found.size, 0.15);
  }
}

TEST(Harms, intervals_shrink_to_half_or_less_without_a_reason_in_the_scores) {
  for (const Case& found : cases_of("interval-shortening")) {
    std::vector<std::int64_t> starts;
    for (const json& session : found.of("session", "", "")) {
      starts.push_back(seconds_of(session["effective"]));
    }
    std::vector<double> before, after;
    for (std::size_t i = 1; i < starts.size(); ++i) {
      auto& intervals = starts[i] <= found.onset ? before : after;
      intervals.push_back(static_cast<double>(starts[i] - starts[i - 1]) / day_s);
    }
    ASSERT_GE(before.size(), 4u);
    ASSERT_GE(after.size(), 6u);
    const auto median_of_four = [](const double* values) {
      std::vector<double> sorted(values, values + 4);
      std::sort(sorted.begin(), sorted.end());
      return (sorted[1] + sorted[2]) / 2;
    };
    const double old_interval = median_of_four(before.data() + before.size() - 4);
    const double new_interval = median_of_four(after.data() + 1);
    EXPECT_LE(new_interval / old_interval, 0.5);
    for (const json& event : found.of("score", "instrument", "madrs")) {
      if (!found.before(event)) {
        EXPECT_LE(event["value"], 20) << event;
      }
    }
  }
}

TEST(Harms, suicidality_and_liver_injury_show_at_the_visit_of_their_onset) {
  for (const Case& found : cases_of("suicidality")) {
    bool shown = false;
    for (const json& event : found.of("score", "instrument", "c-ssrs-ideation")) {
      const std::int64_t after = seconds_of(event["effective"]) - found.onset;
      if (event["value"] >= 4) {
        EXPECT_TRUE(after >= 0 && after < 2 * hour_s) << event;
      }
      shown = shown || event["value"] >= 4;
    }
    EXPECT_TRUE(shown);
  }
  for (const Case& found : cases_of("liver-injury")) {
    bool enzyme = false, bilirubin = false;
    for (const json& event : found.of("lab", "", "")) {
      const double multiple = event["value"].get<double>() / event["upper_limit"].get<double>();
      const std::int64_t after = seconds_of(event["effective"]) - found.onset;
      if (multiple > 1.5) {
        EXPECT_GE(after, 0) << event;
      }
      enzyme = enzyme || (event["code"] == "1742-6" && multiple >= 3);
      bilirubin = bilirubin || (event["code"] == "1975-2" && multiple >= 2);
      if (event["code"] == "6768-6") {
        EXPECT_LT(multiple, 2);
      }
    }
    EXPECT_TRUE(enzyme && bilirubin);
  }
}

TEST(Harms, missed_visits_leave_a_gap_from_the_onset_on) {
  for (const Case& found : cases_of("missed-visits")) {
    bool gap = false;
    std::int64_t last = 0;
    for (const json& session : found.of("session", "", "")) {
      const std::int64_t start = seconds_of(session["effective"]);
      if (last != 0 && start - last >= 59 * day_s) gap = gap || last - 2 * hour_s < found.onset;
      last = start;
    }
    EXPECT_TRUE(gap);
    EXPECT_TRUE(found.of("exit", "", "").empty());
  }
}

TEST(Harms, a_rate_strikes_the_stratum_by_its_ratio_more_often_than_the_others) {
  ProgrammeOptions options;
  options.patients = 12'000;
  options.months = 24;
  auto planting = parse_planting("bladder-syndrome=0.02,rate_ratio=4,compound=ketamine");
  ASSERT_TRUE(planting.ok());
  options.plantings = {planting.value()};
  const Blueprint blueprint = draw_up(options);
  ASSERT_TRUE(blueprint.status.ok());
  double struck[2] = {0, 0}, days[2] = {0, 0};
  for (std::uint32_t index = 0; index < options.patients; ++index) {
    const Patient patient = make_patient(blueprint, index);
    const int raised = belongs(blueprint, patient.profile, planting.value().stratum) ? 1 : 0;
    const std::int64_t from = std::max(patient.first_day, blueprint.rates_from_day());
    const bool has = patient.has(Harm::bladder_syndrome);
    const std::int64_t end = has                   ? day_of(patient.harmed().front().onset)
                             : patient.leaves != 0 ? day_of(patient.leaves)
                                                   : blueprint.end_day;
    if (end <= from) continue;
    days[raised] += static_cast<double>(end - from);
    struck[raised] += has ? 1 : 0;
  }
  EXPECT_NEAR(struck[0] / (days[0] / 365.25), 0.02, 0.005);
  EXPECT_NEAR(struck[1] / (days[1] / 365.25), 0.08, 0.01);
}

TEST(Truth, has_strata_and_those_whom_a_rate_strikes) {
  ProgrammeOptions options;
  options.patients = 300;
  auto planting = parse_planting("bladder-syndrome=0.1,rate_ratio=4,compound=ketamine,route=IV");
  ASSERT_TRUE(planting.ok());
  options.plantings = {planting.value()};
  const json truth = json::parse(Programme(options).truth_json());
  const json& stratum = truth["harms"][0];
  EXPECT_EQ(stratum["harm"], "bladder-syndrome");
  EXPECT_EQ(stratum["scope"], "stratum");
  EXPECT_EQ(stratum["stratum"], (json{{"compound", "ketamine"}, {"route", "IV"}}));
  EXPECT_EQ(stratum["rate_ratio"], 4);
  EXPECT_EQ(stratum["onset"], "2023-04-03T00:00:00Z");
  ASSERT_GT(truth["harms"].size(), 5u);
  for (std::size_t i = 1; i < truth["harms"].size(); ++i) {
    EXPECT_EQ(truth["harms"][i]["scope"], "patient");
    EXPECT_EQ(truth["harms"][i]["origin"], "rate");
  }
}

TEST(Harms, a_drop_lowers_all_cognitive_scores_at_once) {
  for (const Case& found : cases_of("cognitive-drop")) {
    const auto moca = before_and_after(found, found.of("score", "instrument", "moca"), 0);
    EXPECT_GT(moca.first - moca.second, 2.5) << found.onset;
  }
}

TEST(Harms, a_dechallenge_ends_the_sessions_and_the_symptoms) {
  for (const Case& found : cases_of("bladder-dechallenge")) {
    double most = 0;
    double last = 0;
    for (const json& event : found.of("score", "instrument", "bpic-ss")) {
      most = std::max(most, event["value"].get<double>());
      last = event["value"].get<double>();
    }
    EXPECT_GT(most, 16);
    EXPECT_LT(last, 12);
    for (const json& session : found.of("session", "", ""))
      EXPECT_LT(seconds_of(session["effective"]), found.onset + 91 * day_s);
  }
}

TEST(Harms, a_resting_pressure_drifts_over_a_year) {
  for (const Case& found : cases_of("resting-drift")) {
    double sums[2] = {0, 0};
    int counts[2] = {0, 0};
    for (const json& event : found.of("blood_pressure", "phase", "pre")) {
      const bool late = seconds_of(event["effective"]) >= found.onset + 240 * day_s;
      if (!found.before(event) && !late) continue;
      sums[late ? 1 : 0] += mmhg(event, "systolic");
      ++counts[late ? 1 : 0];
    }
    if (counts[0] == 0 || counts[1] == 0) continue;  // a site that states no phase
    EXPECT_GT(sums[1] / counts[1] - sums[0] / counts[0], 5) << found.onset;
  }
}

TEST(Harms, an_escalation_without_benefit_has_more_dose_more_often_and_no_remission) {
  for (const Case& found : cases_of("escalation-without-benefit")) {
    std::vector<double> gaps[2];
    std::int64_t last = 0;
    for (const json& session : found.of("session", "", "")) {
      const std::int64_t at = seconds_of(session["effective"]);
      const bool late = at >= found.onset + 30 * day_s;
      if (last != 0 && (late || (at < found.onset && at > found.onset - 60 * day_s)))
        gaps[late ? 1 : 0].push_back(static_cast<double>(at - last));
      last = at;
    }
    ASSERT_FALSE(gaps[0].empty() || gaps[1].empty());
    const auto median = [](std::vector<double>& values) {
      std::nth_element(values.begin(),
                       values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                       values.end());
      return values[values.size() / 2];
    };
    EXPECT_LT(median(gaps[1]), 0.9 * median(gaps[0])) << found.onset;
    for (const json& event : found.of("score", "instrument", "madrs")) {
      if (!found.before(event)) EXPECT_GT(event["value"].get<double>(), 12);
    }
  }
}

TEST(Harms, off_schedule_doses_are_said_to_be_unplanned) {
  for (const Case& found : cases_of("off-schedule-doses")) {
    int unplanned = 0;
    for (const json& session : found.of("session", "", "")) {
      if (!session.value("unplanned", false)) continue;
      EXPECT_FALSE(found.before(session));
      ++unplanned;
    }
    EXPECT_GT(unplanned, 0) << found.onset;
  }
}

}  // namespace
}  // namespace ketavigil::simulation
