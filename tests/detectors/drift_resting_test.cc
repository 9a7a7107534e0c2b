// BP-7's values: resting pressures of days and sessions, and antihypertensive treatment.
#include <gtest/gtest.h>

#include "tests/detectors/drift_record.h"

namespace ketavigil::detectors {
namespace {

using namespace drift_test;

const std::string systolic = "resting-systolic";
const std::string diastolic = "resting-diastolic";

TEST(DriftResting, is_the_mean_of_the_readings_before_the_start) {
  Patient patient;
  RecordFact& session = patient.session();
  patient.before(session, 120, 80, -30);
  patient.before(session, 130, {}, 0);
  patient.before(session, 190, 99, 40).phase = Phase::peak;
  const DriftStream stream = patient.stream(systolic);
  EXPECT_EQ(stream.values, 1);
  EXPECT_EQ(stream.model.previous, 125);
  EXPECT_EQ(stream.last_used, start);
  EXPECT_EQ(patient.stream(diastolic).model.previous, 80);
}

TEST(DriftResting, is_used_every_20_hours_at_most) {
  Patient patient;
  patient.visit(start, 120);
  patient.visit(start + 20 * hour - 1, 130);
  EXPECT_EQ(patient.stream(systolic).values, 1);
  patient.visit(start + 20 * hour, 140);
  EXPECT_EQ(patient.stream(systolic).values, 2);
  EXPECT_EQ(patient.stream(systolic).model.previous, 140);
}

TEST(DriftResting, before_the_first_session_every_day_with_readings_is_a_value) {
  Patient patient;
  const Microseconds day_one = events::utc_midnight(on_day(-10));
  patient.reading(day_one + 1, 120, 80);
  patient.reading(day_one + day - 1, 130, {});
  patient.reading(day_one + 2 * day + 5 * hour, 140, 90);
  patient.session();
  patient.reading(start + hour, 200, 100);  // exposed readings of no session are not resting values
  const DriftStream stream = patient.stream(systolic);
  EXPECT_EQ(stream.values, 2);
  EXPECT_EQ(stream.last_used, day_one + 2 * day + 5 * hour);
  EXPECT_EQ(stream.model.previous, 140);
  EXPECT_FALSE(stream.later);
  EXPECT_EQ(patient.stream(diastolic).values, 2);
}

// The mean of a day and its time are those of the whole day; each component has its own last.
TEST(DriftResting, a_days_value_stands_at_the_days_last_reading) {
  Patient patient;
  const Microseconds midnight = events::utc_midnight(on_day(-10));
  patient.reading(midnight + hour, 120, 80);
  patient.reading(midnight + 9 * hour, 130, {});
  patient.session();
  EXPECT_EQ(patient.stream(systolic).last_used, midnight + 9 * hour);
  EXPECT_EQ(patient.stream(systolic).model.previous, 125);
  EXPECT_EQ(patient.stream(diastolic).last_used, midnight + hour);
}

// A day's value is known when the day is over: the next day's reading, or the first session.
TEST(DriftResting, the_first_sessions_own_day_closes_with_it) {
  Patient patient;
  patient.reading(start - 5 * hour, 120, 80);
  patient.visit(start, 140);  // 5 hours after the day's value: too near
  EXPECT_EQ(patient.stream(systolic).values, 1);
  EXPECT_EQ(patient.stream(systolic).model.previous, 120);
}

// A reading on a bare date stands at the start of that day in its source's zone: that can be the
// evening before in UTC, while the day before still gets readings.
TEST(DriftResting, days_that_overlap_are_taken_in_the_order_of_their_last_readings) {
  Patient patient;
  const Microseconds midnight = events::utc_midnight(on_day(-10));
  RecordFact& bare = patient.reading(midnight + 23 * hour, 150, 80);  // a bare date east of UTC
  bare.bare_date = true;
  bare.day = midnight + day;
  patient.reading(midnight + 23 * hour + 30 * minute, 120, 80);
  patient.reading(midnight + 2 * day + hour, 130, 80);
  const DriftStream stream = patient.stream(systolic);
  EXPECT_EQ(stream.values, 1);  // the day before is half an hour later: too near
  EXPECT_EQ(stream.model.previous, 150);
}

TEST(DriftResting, is_adjusted_while_an_antihypertensive_is_active) {
  Patient patient;
  patient.visit(start, 120, 80);
  patient.medication(on_day(5), "start", "amlodipine");
  patient.visit(on_day(7), 120, 80);
  EXPECT_EQ(patient.stream(systolic).model.previous, 130);
  EXPECT_EQ(patient.stream(diastolic).model.previous, 85);
  patient.medication(on_day(10), "stop", "amlodipine");
  patient.visit(on_day(14), 120, 80);
  EXPECT_EQ(patient.stream(systolic).model.previous, 120);
}

TEST(DriftResting, treatment_at_the_time_of_a_days_last_reading_counts) {
  Patient patient;
  const Microseconds midnight = events::utc_midnight(on_day(-10));
  patient.reading(midnight + hour, 120, 80);
  patient.medication(midnight + 2 * hour, "start");
  patient.session();
  EXPECT_EQ(patient.stream(systolic).model.previous, 120);
}

// Each of these widens by q = 1, once however many lie between two values.
TEST(DriftResting, start_stop_and_step_of_an_antihypertensive_widen_the_model_once) {
  const auto kappa = [](const std::vector<std::string>& actions) {
    Patient patient;
    patient.visit(start, 120);
    double at = 1;
    for (const std::string& action : actions) patient.medication(on_day(at += .5), action);
    patient.visit(on_day(7), 120);
    return patient.stream(systolic).model.kappa;
  };
  const double once = 4.0 / 3;
  EXPECT_DOUBLE_EQ(kappa({}), once + .5);
  for (const char* action : {"start", "stop", "increase", "decrease"})
    EXPECT_DOUBLE_EQ(kappa({action}), 1 / (1 / once + 1) + .5) << action;
  EXPECT_DOUBLE_EQ(kappa({"start", "increase", "stop"}), 1 / (1 / once + 1) + .5);
}

TEST(DriftResting, a_change_counts_once_over_values_that_are_not_used) {
  Patient patient;
  patient.visit(start, 120);
  patient.medication(start + hour, "start");
  patient.visit(start + 5 * hour, 120);  // too near: not used
  patient.visit(on_day(7), 120);
  patient.visit(on_day(14), 120);
  const double once = 4.0 / 3;
  EXPECT_DOUBLE_EQ(patient.stream(systolic).model.kappa, 1 / (1 / once + 1) + 1);
}

TEST(DriftResting, other_medication_and_a_first_value_change_nothing) {
  Patient patient;
  patient.medication(on_day(-1), "start");
  patient.visit(start, 120);
  patient.facts.add(
      Kind::medication, on_day(3),
      {{Field::medication_class, std::string("stimulant")}, {Field::action, std::string("start")}});
  patient.visit(on_day(7), 120);
  EXPECT_DOUBLE_EQ(patient.stream(systolic).model.kappa, 4.0 / 3 + .5);
}

TEST(DriftResting, treatment_does_not_widen_scores) {
  Patient patient;
  patient.score(on_day(-60), "moca", 28);
  patient.medication(on_day(-50), "start");
  patient.score(on_day(-40), "moca", 28);
  EXPECT_DOUBLE_EQ(patient.stream("moca").model.kappa, 4.0 / 3 + .5);
}

// Of a session on a bare date readings may come all that day; until then nobody later is taken.
TEST(DriftResting, a_session_on_a_bare_date_is_complete_at_that_days_end) {
  Patient patient;
  patient.visit(on_day(-1), 120);
  RecordFact& session = patient.session(on_day(6));
  Patient::make_bare(session);
  RecordFact& early = patient.before(session, 110, 70);
  Patient::make_bare(early);
  early.phase_stated = true;
  RecordFact& late = patient.before(session, 130, 90);
  late.at = session.at + 15 * hour;  // stated `pre` of that session, with a time
  late.phase_stated = true;
  patient.visit(session.at + 10 * hour, 200);  // within 20 hours of it
  const DriftStream stream = patient.stream(systolic);
  EXPECT_EQ(stream.values, 2);
  EXPECT_EQ(stream.last_used, session.at);
  EXPECT_EQ(stream.model.previous, 120);
}

// α depends on it: the first session's pressure, known only at its day's end, begins a stream.
TEST(DriftResting, scores_of_that_day_wait_for_it) {
  Patient patient;
  patient.score(on_day(-20), "bpic-ss", 5);
  RecordFact& session = patient.session();
  Patient::make_bare(session);
  patient.score(session.at + 2 * hour, "bpic-ss", 5);
  RecordFact& reading = patient.before(session, 120, {});
  reading.at = session.at + 8 * hour;
  reading.phase_stated = true;
  const DriftStream stream = patient.stream("bpic-ss");
  EXPECT_EQ(stream.exposed, 1);
  EXPECT_NEAR(stream.alpha, .045 * .3 / .5, 1e-16);
}

// Two sources say one date; it ends later in the zone of the one.
TEST(DriftResting, each_bare_date_ends_in_its_own_zone) {
  Patient patient;
  RecordFact& east = patient.session(on_day(6));
  Patient::make_bare(east);
  RecordFact& west = patient.session(on_day(6));
  Patient::make_bare(west);
  west.at += 5 * hour;
  west.day_ends += 5 * hour;
  RecordFact& reading = patient.before(west, 150, {});
  reading.at = west.day_ends - minute;
  reading.phase_stated = true;
  EXPECT_EQ(patient.stream(systolic).model.previous, 150);
}

TEST(DriftResting, evidence_are_all_readings_of_each_value) {
  Patient patient;
  for (int i = -3; i < 0; ++i) patient.reading(on_day(7 * i), 120, 80);
  patient.visit(start, 120);
  for (int i = 1; i <= 6; ++i) {
    RecordFact& session = patient.session(on_day(7 * i));
    patient.before(session, 178, 80, -20);
    patient.before(session, 182, {}, -10);
  }
  const auto findings = patient.findings();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].detector, "BP-7");
  EXPECT_EQ(findings[0].statistic, systolic);
  EXPECT_EQ(findings[0].level, Level::alert);
  EXPECT_EQ(findings[0].onset, on_day(7) - 20 * minute);
  EXPECT_EQ(findings[0].evidence.size(),
            2U * static_cast<std::size_t>(patient.stream(systolic).rising));
  EXPECT_EQ(input(findings[0].inputs, "value"), 180);
}

}  // namespace
}  // namespace ketavigil::detectors
