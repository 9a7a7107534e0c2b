// What the charts say of a stream: α, crossings, latching, clearing, evidence.
#include <gtest/gtest.h>

#include <cmath>

#include "detectors/statistics/passage.h"
#include "events/json_text.h"
#include "tests/detectors/drift_record.h"

namespace ketavigil::detectors {
namespace {

using namespace drift_test;
using statistics::DriftModel;

void scores(Patient* patient, const std::string& instrument, double from_day, double value,
            int count, double every = 28, Fields more = {}) {
  for (int i = 0; i < count; ++i) {
    patient->score(on_day(from_day + every * i), instrument, value, more);
  }
}
const Fields home = {{Field::location, std::string("home")}};

TEST(DriftAlpha, of_one_stream_is_nine_tenths_of_the_patients) {
  Patient patient = moca_patient({27});
  EXPECT_NEAR(patient.stream("moca").alpha, .045, 1e-16);
}

TEST(DriftAlpha, is_shared_by_domains_present_and_equally_within) {
  Patient patient;
  for (const char* name : {"moca", "mmse"}) patient.score(on_day(-20), name, 28);
  patient.score(on_day(-20), "moca", 28, home);
  patient.score(on_day(-20), "bpic-ss", 5);
  patient.session();
  for (const char* name : {"moca", "mmse"}) patient.score(on_day(20), name, 28);
  patient.score(on_day(20), "bpic-ss", 5);
  EXPECT_NEAR(patient.stream("moca").alpha, .045 * .5 / .8 / 3, 1e-16);
  EXPECT_NEAR(patient.stream("mmse").alpha, .045 * .5 / .8 / 3, 1e-16);
  EXPECT_NEAR(patient.stream("bpic-ss").alpha, .045 * .3 / .8, 1e-16);
}

TEST(DriftAlpha, both_resting_pressures_share_their_fifth) {
  Patient patient;
  patient.score(on_day(-20), "moca", 28);
  patient.score(on_day(-20), "bpic-ss", 5);
  patient.visit(on_day(0), 120);
  patient.visit(on_day(7), 120);
  patient.score(on_day(20), "moca", 28);
  EXPECT_NEAR(patient.stream("resting-systolic").alpha, .045 * .2 / 2, 1e-16);
  EXPECT_NEAR(patient.stream("resting-diastolic").alpha, .045 * .2 / 2, 1e-16);
  EXPECT_NEAR(patient.stream("moca").alpha, .045 * .5, 1e-16);
}

// A score that only comes at the first session's instant follows it in the order of facts.
TEST(DriftAlpha, a_stream_that_begins_at_the_first_sessions_instant_has_begun) {
  Patient patient;
  patient.visit(on_day(0), 120);
  patient.score(on_day(0), "moca", 28);
  patient.score(on_day(0), "icsi", 4);
  patient.visit(on_day(7), 120);
  EXPECT_NEAR(patient.stream("resting-systolic").alpha, .045 * .2 / 2, 1e-16);
}

TEST(DriftAlpha, what_is_not_eligible_does_not_begin_a_stream) {
  Patient patient;
  patient.score(on_day(-20), "moca", 28);
  patient.score(on_day(-20), "mmse", 28).eligible = false;
  patient.session();
  patient.score(on_day(20), "moca", 28);
  EXPECT_NEAR(patient.stream("moca").alpha, .045, 1e-16);
}

TEST(DriftAlpha, later_streams_halve_the_last_tenth_of_one_instant_by_name) {
  Patient patient;
  patient.score(on_day(-20), "moca", 28);
  patient.session();
  scores(&patient, "puf", 20, 5, 3);
  scores(&patient, "ipss", 20, 5, 3);  // the same instant: before puf
  scores(&patient, "icsi", 19, 3, 3);  // earlier than both
  scores(&patient, "bpic-ss", 21, 5, 3);
  scores(&patient, "puf", 20, 5, 3, 28, home);  // after puf
  EXPECT_DOUBLE_EQ(patient.stream("icsi").alpha, .005 / 2);
  EXPECT_DOUBLE_EQ(patient.stream("ipss").alpha, .005 / 4);
  EXPECT_DOUBLE_EQ(patient.stream("puf").alpha, .005 / 8);
  EXPECT_DOUBLE_EQ(patient.stream("puf:home").alpha, .005 / 16);
  EXPECT_DOUBLE_EQ(patient.stream("bpic-ss").alpha, .005 / 32);
}

TEST(DriftAlpha, later_streams_have_their_first_two_values_as_baseline) {
  Patient patient;
  patient.session();
  scores(&patient, "bpic-ss", 20, 5, 2);
  EXPECT_EQ(patient.stream("bpic-ss").exposed, 0);
  EXPECT_FALSE(patient.stream("bpic-ss").model.anchored);
  scores(&patient, "bpic-ss", 76, 38, 12);
  patient.fold();
  ASSERT_FALSE(patient.hits().empty());
  const Hit alert = patient.hits().back();
  EXPECT_EQ(alert.level, Level::alert);
  EXPECT_EQ(alert.annotations, std::vector<std::string>{"baseline-after-exposure"});
  EXPECT_EQ(input(alert.inputs, "baseline_values"), 2);
  EXPECT_EQ(alert.evidence.front().at, on_day(76));
}

TEST(DriftCharts, limits_are_those_of_alpha_and_of_five_times_it) {
  Patient patient = moca_patient({27});
  const DriftStream stream = patient.stream("moca");
  EXPECT_NEAR(statistics::passage_probability(stream.alert.a, stream.model.v_infinity), .85 * .045,
              1e-14);
  EXPECT_NEAR(statistics::passage_probability(stream.watch.a, stream.model.v_infinity), .85 * .225,
              1e-14);
  EXPECT_NEAR(stream.alert.late, 1 / (.15 * .045), 1e-10);
  EXPECT_NEAR(stream.watch.late, 1 / (.15 * .225), 1e-10);
}

// V∞ is the anchor's, also where another site widens the model later.
TEST(DriftCharts, what_v_may_reach_is_fixed_at_the_first_exposed_value) {
  Patient patient = moca_patient({27, 27, 27});
  const double at_anchor = patient.stream("moca").model.v_infinity;
  EXPECT_DOUBLE_EQ(at_anchor, 7.0 / 3 + .125);
  for (const RecordFact& fact : patient.facts.in_order()) {
    const_cast<RecordFact&>(fact).site = "north";
  }
  patient.score(on_day(200), "moca", 27).site = "south";
  EXPECT_EQ(patient.stream("moca").model.v_infinity, at_anchor);
}

TEST(DriftCharts, an_alert_is_latched_with_the_evidence_and_numbers_of_its_crossing) {
  Patient patient = moca_patient({21, 20});
  patient.fold();
  const auto at_crossing = patient.findings();
  ASSERT_EQ(at_crossing.size(), 1U);
  for (int i = 0; i < 12; ++i) patient.score(on_day(84 + 28 * i), "moca", i < 6 ? 10 : 30);
  EXPECT_EQ(patient.steps(), "WA");
  const auto later = patient.findings();
  ASSERT_EQ(later.size(), 1U);
  EXPECT_EQ(later[0].level, Level::alert);
  EXPECT_FALSE(later[0].resolved);
  EXPECT_EQ(later[0].value, 3.22365565613);
  EXPECT_EQ(later[0].threshold, 2.8591185665);
  EXPECT_EQ(later[0].id, at_crossing[0].id);
  EXPECT_EQ(later[0].inputs, at_crossing[0].inputs);
  EXPECT_EQ(ids(later[0].evidence), ids(at_crossing[0].evidence));
}

// What the watch before it showed is not the alert's evidence: that is of the crossing alone.
TEST(DriftCharts, an_alert_shows_its_own_evidence_and_not_that_of_the_watch_before_it) {
  Patient patient;
  patient.score(on_day(-20), "bpic-ss", 6);
  patient.session();
  const double values[] = {8, 9, 9, 10, 14, 17, 25, 24, 26, 26, 20, 22, 11, 27, 16};
  for (int i = 0; i < 15; ++i) patient.score(on_day(7 + 7 * i), "bpic-ss", values[i]);
  EXPECT_EQ(patient.steps(), "WWWA");
  const std::vector<Hit> hits = patient.hits();
  ASSERT_LT(hits[0].evidence.front().at, hits[3].evidence.front().at);
  const auto findings = patient.findings();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(ids(findings[0].evidence), ids(hits[3].evidence));
  EXPECT_EQ(findings[0].onset, hits[3].evidence.front().at);
}

TEST(DriftCharts, a_watch_clears_when_both_charts_are_under_nine_tenths) {
  Patient patient = moca_patient({22, 28, 27});
  EXPECT_EQ(patient.steps(), "WC");
  const DriftStream stream = patient.stream("moca");
  EXPECT_LT(stream.model.s - stream.model.v / 2, .9 * stream.watch.a);
  const auto findings = patient.findings();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].level, Level::watch);
  EXPECT_TRUE(findings[0].resolved);
}

TEST(DriftCharts, between_the_limit_and_nine_tenths_of_it_a_watch_stays_open) {
  Patient patient = moca_patient({22, 28});
  EXPECT_EQ(patient.steps(), "W");
  const DriftStream stream = patient.stream("moca");
  const double beyond = stream.model.s - stream.model.v / 2;
  EXPECT_LT(beyond, stream.watch.a);
  EXPECT_GE(beyond, .9 * stream.watch.a);
}

TEST(DriftCharts, evidence_is_what_came_after_the_last_value_with_s_of_zero_or_less) {
  Patient patient = moca_patient({28, 28, 29, 22, 20, 18, 18, 18});
  patient.fold();
  const DriftStream stream = patient.stream("moca");
  ASSERT_TRUE(stream.alerted);
  const auto findings = patient.findings();
  ASSERT_EQ(findings.size(), 1U);
  const auto& finding = findings[0];
  // The first three exposed scores are better than foretold.
  EXPECT_EQ(finding.onset, on_day(28 + 3 * 28));
  EXPECT_EQ(static_cast<std::int64_t>(finding.evidence.size()), stream.rising);
}

TEST(DriftCharts, keeps_nothing_to_show_while_neither_chart_rises) {
  Patient patient = moca_patient({30, 30, 30, 30, 30, 30});
  const DriftStream stream = patient.stream("moca");
  EXPECT_EQ(stream.rising, 0);
  EXPECT_EQ(stream.shown, 0);
  EXPECT_EQ(stream.newest, nullptr);
}

// After years without change the anchored chart has seen all it may see; the late one finds it.
TEST(DriftCharts, a_late_fall_is_found_by_the_late_chart_alone) {
  Patient patient;
  for (int i = 0; i < 4; ++i) patient.score(on_day(-120 + 28 * i), "moca", i % 2 == 0 ? 27 : 28);
  patient.session();
  for (int i = 0; i < 60; ++i) patient.score(on_day(28 + 28 * i), "moca", i % 2 == 0 ? 28 : 27);
  for (int i = 60; i < 66; ++i) patient.score(on_day(28 + 28 * i), "moca", 20);
  patient.fold();
  const DriftStream stream = patient.stream("moca");
  ASSERT_TRUE(stream.alerted);
  const Hit alert = patient.hits().back();
  EXPECT_LT(input(alert.inputs, "S"), input(alert.inputs, "S_limit"));
  EXPECT_EQ(alert.measure.value, events::round_to_12_digits(input(alert.inputs, "M")));
  EXPECT_EQ(alert.measure.threshold, events::round_to_12_digits(1 / (.15 * .05 * .9)));
  EXPECT_EQ(static_cast<std::int64_t>(alert.evidence.size()), stream.likely);
  EXPECT_GE(alert.evidence.front().at, on_day(28 + 28 * 58));
}

TEST(DriftCharts, a_stable_patient_is_never_found) {
  Patient patient;
  const double values[] = {27, 28, 26, 27, 28, 27, 25, 28};
  for (int i = 0; i < 100; ++i) {
    patient.score(on_day(-70 + 28 * i), "moca", values[i % 8]);
    patient.score(on_day(-70 + 28 * i), "bpic-ss", 5 + (i * 7) % 5);
  }
  patient.session();
  EXPECT_EQ(patient.steps(), "");
}

// The watch is open for years: what it holds grows with its values, not with their square.
TEST(DriftCharts, a_long_watch_shows_every_value_once) {
  Patient patient;
  patient.score(on_day(-20), "bpic-ss", 6);
  patient.session();
  for (int i = 0; i < 200; ++i) patient.score(on_day(7 + 7 * i), "bpic-ss", i < 3 ? 14 : 11);
  patient.fold();
  std::size_t shown = 0;
  for (const Hit& hit : patient.hits()) shown += hit.evidence.size();
  const auto findings = patient.findings();
  ASSERT_EQ(findings.size(), 1U);
  ASSERT_EQ(findings[0].level, Level::watch);
  EXPECT_EQ(findings[0].evidence.size(), shown);
  EXPECT_GE(shown, 190U);
  // The numbers are those of the value farthest beyond its limit.
  double farthest = 0;
  for (const Hit& hit : patient.hits()) farthest = std::max(farthest, hit.measure.excess());
  EXPECT_EQ((Measure{findings[0].value, findings[0].threshold}.excess()), farthest);
  EXPECT_NEAR(input(findings[0].inputs, "S_limit_watch"), findings[0].threshold, 1e-11);
}

TEST(DriftCharts, what_is_kept_to_show_is_bounded) {
  Patient patient;
  patient.score(on_day(-20), "bpic-ss", 6);
  patient.session();
  for (int i = 0; i < 3000; ++i) patient.score(on_day(7 + 7 * i), "bpic-ss", i < 1 ? 12 : 7);
  const DriftStream stream = patient.stream("bpic-ss");
  ASSERT_FALSE(stream.alerted);
  ASSERT_GT(stream.rising, 2 * shown_values_kept);
  EXPECT_LE(stream.shown, shown_values_kept);
  EXPECT_GE(stream.shown, shown_values_kept / 2);
}

// explain's promise: the statistic again from the printed inputs alone.
TEST(DriftCharts, the_inputs_alone_give_the_statistic_again) {
  Patient patient = moca_patient({21, 20});
  patient.fold();
  for (const Hit& hit : patient.hits()) {
    const auto in = [&](const char* name) { return input(hit.inputs, name); };
    EXPECT_EQ(in("y"), -(in("value") - in("practice")));
    const double a = std::sqrt((1 - in("f")) / (1 + in("f")));
    const double g = std::sqrt(1 - in("f") * in("f"));
    const double r = (in("y") - in("f") * in("y_before")) / g - a * in("mu_before");
    const double u = std::sqrt(1 + a * a / in("kappa_before"));
    const double t = r / (u * std::sqrt(in("SS_before") / in("nu_before")));
    EXPECT_NEAR(t, in("T"), 1e-12);
    const double d = (in("b") - a * in("C_before") / in("kappa_before")) / u;
    EXPECT_NEAR(in("S_before") + d * in("U"), in("S"), 1e-12);
    EXPECT_NEAR(in("V_before") + d * d, in("V"), 1e-12);
    double m = in("L_before") * .98;
    for (int j = 1; j <= 3; ++j) {
      const double h = j * a / u;
      const double before = in(("R" + std::to_string(j) + "_before").c_str());
      m += (before + .02 * in("L_before")) * std::exp(h * in("U") - h * h / 2) / 3;
    }
    EXPECT_NEAR(m, in("M"), 1e-12);
    EXPECT_NEAR(statistics::passage_probability(in("A"), in("V_infinity")), .85 * in("alpha"),
                1e-14);
  }
}

}  // namespace
}  // namespace ketavigil::detectors
