// BP-2, BP-3, BP-9 and the ◆ rules: what one fact, or a reading and a symptom, say at once.
#include <gtest/gtest.h>

#include "tests/detectors/blood_pressure_record.h"

namespace ketavigil::detectors::blood_pressure_test {
namespace {

TEST(BloodPressureSevere, severe_is_at_180_or_at_110_each_by_itself) {
  Record record;
  const auto& s = record.session("s", monday);
  record.reading("below", s, 20, 179, 109);
  EXPECT_TRUE(record.findings("BP-2").empty());
  record.reading("systolic", s, 30, 180, 80);
  const Finding finding = record.only("BP-2");
  EXPECT_EQ(finding.level, Level::alert);
  EXPECT_EQ(finding.statistic, "severe");
  EXPECT_EQ(finding.domain, "cardiovascular");
  EXPECT_EQ(ids(finding), Ids({"systolic"}));
  EXPECT_EQ(finding.value, 180);
  EXPECT_EQ(finding.threshold, 180);
  record.reading("diastolic", s, 40, 140, 110);
  EXPECT_EQ(ids(record.only("BP-2")), Ids({"systolic", "diastolic"}));
}

TEST(BloodPressureSevere, of_two_components_the_greater_in_proportion_is_measured_ties_systolic) {
  Record tie;
  tie.loose("tie", monday, 180, 110);
  EXPECT_EQ(tie.only("BP-2").threshold, 180);
  Record diastolic;
  diastolic.loose("d", monday, 185, 120);
  EXPECT_EQ(diastolic.only("BP-2").value, 120);
  EXPECT_EQ(diastolic.only("BP-2").threshold, 110);
  Record alone;
  alone.loose("a", monday, std::nullopt, 110);
  EXPECT_EQ(alone.only("BP-2").value, 110);
}

TEST(BloodPressureSevere, readings_of_no_session_are_occasions_of_24_hours) {
  Record record;
  record.loose("a", monday, 190, 80);
  record.loose("b", monday + days(1) - 1, 190, 80);
  record.loose("c", monday + days(1), 190, 80);
  const auto found = record.findings("BP-2");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(ids(found[0]), Ids({"a", "b"}));
}

TEST(BloodPressureCrisis, crisis_alone_is_at_220_or_at_130) {
  Record below;
  below.loose("a", monday, 219, 129);
  EXPECT_TRUE(below.findings("BP-3").empty());
  Record systolic;
  systolic.loose("a", monday, 220, 100);
  const Finding finding = systolic.only("BP-3");
  EXPECT_EQ(finding.level, Level::critical);
  EXPECT_EQ(finding.statistic, "crisis");
  EXPECT_EQ(finding.threshold, 220);
  Record diastolic;
  auto& bare = diastolic.loose("a", monday, 200, 130);
  Record::make_bare(bare);
  EXPECT_EQ(diastolic.only("BP-3").threshold, 130);
}

TEST(BloodPressureCrisis, with_its_own_symptoms_crisis_is_at_180_or_at_120) {
  const auto crisis = [](double systolic, double diastolic, std::vector<std::string> symptoms) {
    Record record;
    Record::set(record.loose("a", monday, systolic, diastolic), Field::symptoms,
                std::move(symptoms));
    return record.findings("BP-3");
  };
  EXPECT_TRUE(crisis(179, 119, {"chest-pain"}).empty());
  EXPECT_TRUE(crisis(219, 129, {}).empty());
  ASSERT_EQ(crisis(180, 100, {"severe-headache"}).size(), 1U);
  EXPECT_EQ(crisis(180, 100, {"severe-headache"})[0].threshold, 180);
  ASSERT_EQ(crisis(150, 120, {"dyspnoea"}).size(), 1U);
  EXPECT_EQ(crisis(150, 120, {"dyspnoea"})[0].threshold, 120);
}

TEST(BloodPressureCrisis, a_symptom_within_60_minutes_completes_it_in_either_order) {
  for (const double symptom_at : {-60.0, 0.0, 60.0}) {
    Record record;
    record.loose("r", monday, 180, 100);
    record.symptom("y", monday + minutes(symptom_at), "syncope", 2);
    const Finding finding = record.only("BP-3");
    EXPECT_EQ(finding.level, Level::critical);
    EXPECT_EQ(ids(finding), symptom_at < 0 ? Ids({"y", "r"}) : Ids({"r", "y"})) << symptom_at;
    EXPECT_EQ(finding.value, 180);
  }
  for (const Microseconds beyond : {-minutes(60) - 1, minutes(60) + 1}) {
    Record record;
    record.loose("r", monday, 219, 129);
    record.symptom("y", monday + beyond, "syncope", 2);
    EXPECT_TRUE(record.findings("BP-3").empty()) << beyond;
  }
}

TEST(BloodPressureCrisis, only_present_chest_pain_seizure_and_syncope_count) {
  const auto count = [](const std::string& code, std::optional<double> severity) {
    Record record;
    record.loose("r", monday, 150, 120);
    record.symptom("y", monday, code, severity);
    return record.findings("BP-3").size();
  };
  EXPECT_EQ(count("chest-pain", std::nullopt), 1U);
  EXPECT_EQ(count("seizure", 1), 1U);
  EXPECT_EQ(count("syncope", 0), 0U);
  EXPECT_EQ(count("dissociation", 3), 0U);
}

TEST(BloodPressureCrisis, bare_dates_have_no_minutes_to_be_within) {
  Record record;
  Record::make_bare(record.loose("r", monday, 190, 100));
  record.symptom("y", events::utc_midnight(monday), "seizure");
  EXPECT_TRUE(record.findings("BP-3").empty());
}

TEST(BloodPressureCrisis, the_occasion_is_of_the_readings_session_else_of_the_first_facts) {
  Record record;
  const auto& s = record.session("s", monday);
  const auto& t = record.session("t", monday + minutes(100));
  record.reading("r", s, 50, 185, 90);
  record.symptom("y", monday + minutes(40), "seizure").session = Record::reference(t);
  Sink sink = record.fold();
  const auto joined = std::find_if(sink.occasions.begin(), sink.occasions.end(),
                                   [](const Hit& hit) { return hit.detector == "BP-3"; });
  ASSERT_NE(joined, sink.occasions.end());
  EXPECT_EQ(joined->session->id, "s");
  EXPECT_EQ(joined->completed_at, monday + minutes(50));

  Record loose;
  const auto& u = loose.session("s", monday);
  loose.symptom("y", monday + minutes(230), "seizure").session = Record::reference(u);
  loose.loose("r", monday + minutes(245), 185, 90);
  Sink second = loose.fold();
  const auto first_fact = std::find_if(second.occasions.begin(), second.occasions.end(),
                                       [](const Hit& hit) { return hit.detector == "BP-3"; });
  ASSERT_NE(first_fact, second.occasions.end());
  ASSERT_TRUE(first_fact->session);
  EXPECT_EQ(first_fact->session->id, "s");
}

struct VitalCase {
  const char* name;
  double value;
  std::optional<Level> level;
  double threshold;
};

TEST(HeartAndBreath, vitals_are_judged_at_their_limits) {
  const VitalCase cases[] = {
      {"spo2", 89.9, Level::critical, 90},  {"spo2", 90, Level::watch, 92},
      {"spo2", 91.9, Level::watch, 92},     {"spo2", 92, std::nullopt, 0},
      {"heart-rate", 44, Level::alert, 45}, {"heart-rate", 45, std::nullopt, 0},
      {"heart-rate", 130, std::nullopt, 0}, {"heart-rate", 131, Level::alert, 130},
      {"temperature", 44, std::nullopt, 0}};
  for (const VitalCase& expected : cases) {
    Record record;
    record.vital("v", monday, expected.name, expected.value);
    const auto found = record.findings("BP-9");
    ASSERT_EQ(found.size(), expected.level ? 1U : 0U) << expected.name << ' ' << expected.value;
    if (!expected.level) continue;
    EXPECT_EQ(found[0].level, *expected.level) << expected.value;
    EXPECT_EQ(found[0].statistic, expected.name);
    EXPECT_EQ(found[0].value, expected.value);
    EXPECT_EQ(found[0].threshold, expected.threshold);
  }
}

TEST(HeartAndBreath, sedation_is_critical_at_moaa_s_1) {
  const auto sedation = [](double value) {
    Record record;
    auto& score = record.add(Kind::score, "m", monday);
    Record::word(score, Field::instrument, "moaa-s");
    Record::set(score, Field::value, value);
    return record.findings("BP-9");
  };
  EXPECT_TRUE(sedation(2).empty());
  ASSERT_EQ(sedation(1).size(), 1U);
  EXPECT_EQ(sedation(0)[0].level, Level::critical);
  EXPECT_EQ(sedation(0)[0].statistic, "moaa-s");
}

TEST(HeartAndBreath, present_symptoms_and_named_events) {
  const auto symptom = [](const std::string& code, std::optional<double> severity) {
    Record record;
    record.symptom("y", monday, code, severity);
    return record.findings("BP-9");
  };
  EXPECT_EQ(symptom("seizure", std::nullopt).at(0).level, Level::critical);
  EXPECT_EQ(symptom("seizure", std::nullopt).at(0).value, 1);
  EXPECT_EQ(symptom("syncope", 3).at(0).level, Level::alert);
  EXPECT_EQ(symptom("syncope", 3).at(0).value, 3);
  EXPECT_EQ(symptom("chest-pain", 1).at(0).statistic, "chest-pain");
  EXPECT_TRUE(symptom("seizure", 0).empty());
  EXPECT_TRUE(symptom("sedation", 3).empty());
  const auto event = [](const std::string& name) {
    Record record;
    Record::word(record.add(Kind::adverse_event, "e", monday), Field::name, name);
    return record.findings("BP-9");
  };
  EXPECT_EQ(event("Electrocardiogram QT prolonged").at(0).statistic, "term");
  EXPECT_EQ(event("ARRHYTHMIA").at(0).level, Level::alert);
  EXPECT_TRUE(event("arrhythmia supraventricular").empty());
}

TEST(HeartAndBreath, two_dangers_of_one_session_are_two_findings) {
  Record record;
  const auto& s = record.session("s", monday);
  record.vital("v", monday + minutes(20), "spo2", 88).session = Record::reference(s);
  record.symptom("y", monday + minutes(50), "seizure", 3).session = Record::reference(s);
  EXPECT_EQ(record.findings("BP-9").size(), 2U);
}

TEST(SingleFact, only_critical_rules_of_one_fact_run_and_what_is_not_verified_is_doubtful) {
  const BloodPressureState state;
  const Background background;
  const BloodPressureParameters parameters;
  const auto run = [&](const RecordFact& fact, Certainty certainty) {
    Sink sink;
    single_fact(state, background, fact, certainty, parameters, &sink);
    return sink.occasions;
  };
  Record record;
  const auto& s = record.session("s", monday);
  const auto& crisis = record.reading("c", s, 130, 220, 100);
  ASSERT_EQ(run(crisis, Certainty::doubtful).size(), 1U);
  EXPECT_EQ(run(crisis, Certainty::doubtful)[0].detector, "BP-3");
  EXPECT_TRUE(run(crisis, Certainty::doubtful)[0].doubtful);
  EXPECT_TRUE(run(crisis, Certainty::unlowered)[0].doubtful);
  EXPECT_FALSE(run(crisis, Certainty::verified)[0].doubtful);
  EXPECT_TRUE(run(record.reading("b", s, 130, 219, 129), Certainty::verified).empty());
  EXPECT_TRUE(run(record.vital("w", monday, "spo2", 90), Certainty::verified).empty());
  EXPECT_EQ(run(record.vital("v", monday, "spo2", 89), Certainty::verified).size(), 1U);
  EXPECT_TRUE(run(record.symptom("y", monday, "syncope"), Certainty::verified).empty());
  EXPECT_EQ(run(record.symptom("z", monday, "seizure"), Certainty::verified).size(), 1U);
}

TEST(BloodPressureParameters, every_parameter_is_visited_once_with_its_default) {
  BloodPressureParameters parameters;
  std::set<std::pair<std::string, std::string>> names;
  std::size_t visited = 0;
  BloodPressureParameters::visit(parameters, [&](const ParameterInfo& info, double& value) {
    ++visited;
    names.emplace(info.detector, info.name);
    EXPECT_FALSE(info.unit.empty());
    EXPECT_FALSE(info.citation.empty());
    value = -1000;
  });
  EXPECT_EQ(names.size(), visited);
  EXPECT_EQ(visited * sizeof(double), sizeof(BloodPressureParameters));
  const auto* values = reinterpret_cast<const double*>(&parameters);
  EXPECT_TRUE(std::all_of(values, values + visited, [](double value) { return value == -1000; }));
}

TEST(BloodPressureParameters, a_changed_parameter_changes_what_is_found) {
  Record record;
  record.loose("a", monday, 175, 80);
  EXPECT_TRUE(record.findings("BP-2").empty());
  record.parameters.bp2_systolic_mmhg = 170;
  EXPECT_EQ(record.only("BP-2").threshold, 170);
}

}  // namespace
}  // namespace ketavigil::detectors::blood_pressure_test
