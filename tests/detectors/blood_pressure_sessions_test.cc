// BP-1, BP-4, BP-5, BP-6: what is judged of a session.
#include <gtest/gtest.h>

#include "tests/detectors/blood_pressure_record.h"

namespace ketavigil::detectors::blood_pressure_test {
namespace {

// A gate of one reading 10 minutes before the n-th weekly session.
std::vector<Finding> gates(const std::vector<std::pair<double, double>>& weekly,
                           std::optional<double> birth_year = 1980) {
  Record record;
  record.enrolment(monday - days(30), birth_year);
  int week = 0;
  for (const auto& [systolic, diastolic] : weekly) {
    const std::string n = std::to_string(week);
    const auto& s = record.session("s" + n, monday + days(7 * week++));
    record.reading("r" + n, s, -10, systolic, diastolic);
  }
  return record.findings("BP-1");
}

TEST(Gate, is_exceeded_above_140_or_above_90) {
  EXPECT_TRUE(gates({{140, 90}}).empty());
  EXPECT_EQ(gates({{141, 80}}).at(0).level, Level::info);
  EXPECT_EQ(gates({{141, 80}}).at(0).statistic, "gate");
  EXPECT_EQ(gates({{141, 80}}).at(0).threshold, 140);
  EXPECT_EQ(gates({{120, 91}}).at(0).threshold, 90);
}

TEST(Gate, has_higher_limits_where_the_age_is_surely_65) {
  EXPECT_TRUE(gates({{150, 90}}, 1954).empty());
  EXPECT_EQ(gates({{151, 90}}, 1954).size(), 1U);
  EXPECT_EQ(gates({{141, 80}}, 1955).size(), 1U);  // 65 only if the birthday has passed
  const auto unknown = gates({{141, 80}}, std::nullopt);
  ASSERT_EQ(unknown.size(), 1U);
  EXPECT_EQ(unknown[0].annotations, std::vector<std::string>({"age-unknown"}));
  EXPECT_TRUE(gates({{141, 80}})[0].annotations.empty());
}

TEST(Gate, is_alert_at_160_or_100_and_critical_at_180_or_110) {
  EXPECT_EQ(gates({{159, 99}}).at(0).level, Level::info);
  EXPECT_EQ(gates({{160, 80}}).at(0).level, Level::alert);
  EXPECT_EQ(gates({{120, 100}}).at(0).level, Level::alert);
  EXPECT_EQ(gates({{179, 109}}).at(0).level, Level::alert);
  EXPECT_EQ(gates({{180, 80}}).at(0).level, Level::critical);
  EXPECT_EQ(gates({{120, 110}}).at(0).level, Level::critical);
  EXPECT_EQ(gates({{120, 110}}).at(0).threshold, 110);
}

TEST(Gate, is_watch_when_exceeded_in_two_of_the_last_four_gated_sessions) {
  const auto second = gates({{143, 80}, {130, 80}, {143, 80}});
  ASSERT_EQ(second.size(), 2U);
  EXPECT_EQ(second[0].level, Level::info);
  EXPECT_EQ(second[1].level, Level::watch);
  EXPECT_EQ(ids(second[1]), Ids({"r2"}));
  EXPECT_EQ(second[1].value, 2);
  EXPECT_EQ(second[1].threshold, 2);
  EXPECT_EQ(gates({{143, 80}, {130, 80}, {130, 80}, {143, 80}}).at(1).level, Level::watch);
  EXPECT_EQ(gates({{143, 80}, {130, 80}, {130, 80}, {130, 80}, {143, 80}}).at(1).level,
            Level::info);
}

TEST(Gate, sessions_without_a_gate_do_not_count_among_the_last_four) {
  Record record;
  record.enrolment(monday - days(30), 1980);
  for (int week = 0; week < 30; ++week) {
    const auto& s = record.session("s" + std::to_string(week), monday + days(7 * week));
    if (week == 0 || week == 29) record.reading("r" + std::to_string(week), s, -10, 143, 80);
  }
  EXPECT_EQ(record.findings("BP-1").at(1).level, Level::watch);
}

TEST(Gate, is_the_componentwise_greatest_of_readings_less_than_300_s_before_the_last) {
  Record record;
  record.enrolment(monday - days(30), 1980);
  const auto& s = record.session("s", monday);
  record.reading("old", s, -10, 175, 80);
  record.reading("a", s, -9, 141, 95);
  record.reading("b", s, -5, 150, 85);
  const Finding finding = record.only("BP-1");
  EXPECT_EQ(finding.level, Level::info);
  EXPECT_EQ(ids(finding), Ids({"a", "b"}));
  EXPECT_EQ(std::get<double>(finding.inputs.at("gate_systolic")), 150);
  EXPECT_EQ(std::get<double>(finding.inputs.at("gate_diastolic")), 95);
  EXPECT_EQ(finding.value, 150);  // 150/140 against 95/90
}

TEST(Gate, takes_readings_at_the_start_and_none_after_it) {
  Record record;
  record.enrolment(monday - days(30), 1980);
  const auto& s = record.session("s", monday);
  record.reading("at", s, 0, 141, 80);
  record.reading("after", s, 1, 200, 80, Phase::pre);
  EXPECT_EQ(ids(record.only("BP-1")), Ids({"at"}));
}

TEST(Gate, of_a_session_on_a_bare_date_takes_stated_readings_that_come_after_it) {
  Record record;
  record.enrolment(monday - days(30), 1980);
  RecordFact& s = record.session("s", monday);
  Record::make_bare(s);
  record.reading("a", s, 500, 145, 80, Phase::pre);
  record.reading("b", s, 520, 165, 80, Phase::pre);
  record.reading("c", s, 530, 200, 80);
  const auto& next = record.session("t", monday + days(7));
  record.reading("d", next, -5, 145, 80);
  const auto found = record.findings("BP-1");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(ids(found[0]), Ids({"b"}));  // `a` is 20 minutes older: no longer of the gate
  EXPECT_EQ(found[0].level, Level::alert);
  EXPECT_EQ(found[1].level, Level::watch);
}

TEST(Gate, a_late_reading_of_a_bare_date_also_revises_later_sessions) {
  Record record;
  record.enrolment(monday - days(30), 1980);
  RecordFact& s = record.session("s", monday);
  Record::make_bare(s);
  const auto& next = record.session("t", monday);
  record.reading("d", next, -5, 145, 80);
  record.reading("late", s, 900, 145, 80, Phase::pre);
  const auto found = record.findings("BP-1");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(ids(found[0]), Ids({"d"}));
  EXPECT_EQ(found[0].level, Level::watch);
  EXPECT_EQ(found[1].level, Level::info);
}

// Sessions with pre 120/75 and one reading 40 minutes after the start.
std::vector<Finding> surges(const std::vector<std::pair<double, double>>& weekly, double t = 40) {
  Record record;
  int week = 0;
  for (const auto& [systolic, diastolic] : weekly) {
    const std::string n = std::to_string(week);
    const auto& s = record.session("s" + n, monday + days(7 * week++));
    record.reading("pre" + n, s, -10, 120, 75);
    record.reading("r" + n, s, t, systolic, diastolic);
  }
  return record.findings("BP-4");
}

TEST(Surge, is_a_rise_of_40_or_of_25) {
  EXPECT_TRUE(surges({{159, 99}}).empty());
  EXPECT_EQ(surges({{160, 80}}).at(0).level, Level::watch);
  EXPECT_EQ(surges({{160, 80}}).at(0).statistic, "surge");
  EXPECT_EQ(surges({{160, 80}}).at(0).value, 40);
  EXPECT_EQ(surges({{125, 100}}).at(0).value, 25);
  EXPECT_EQ(surges({{125, 100}}).at(0).threshold, 25);
  EXPECT_EQ(ids(surges({{160, 80}}).at(0)), Ids({"r0"}));
}

TEST(Surge, is_read_after_the_start_and_up_to_90_minutes) {
  Record at_start;
  const auto& s = at_start.session("s", monday);
  at_start.reading("pre", s, -10, 120, 75);
  at_start.reading("r", s, 0, 170, 80, Phase::other);
  EXPECT_TRUE(at_start.findings("BP-4").empty());
  EXPECT_EQ(surges({{170, 80}}, 0.1).size(), 1U);
  EXPECT_EQ(surges({{170, 80}}, 90).size(), 1U);
  EXPECT_TRUE(surges({{170, 80}}, 90.1).empty());
}

TEST(Surge, is_also_read_in_a_reading_stated_peak_at_any_time) {
  Record record;
  const auto& s = record.session("s", monday);
  record.reading("early", s, -20, 170, 80,
                 Phase::peak);  // before the pre value and the session come
  record.reading("pre", s, -10, 120, 75);
  record.reading("late", s, 200, 170, 80, Phase::peak);
  EXPECT_EQ(ids(record.only("BP-4")), Ids({"early", "late"}));
}

TEST(Surge, needs_a_pre_value_of_the_component) {
  Record record;
  const auto& s = record.session("s", monday);
  record.reading("pre", s, -10, std::nullopt, 75);
  record.reading("r", s, 40, 200, 99);
  EXPECT_TRUE(record.findings("BP-4").empty());
}

TEST(Surge, takes_the_last_pre_reading_of_each_component) {
  Record record;
  const auto& s = record.session("s", monday);
  record.reading("a", s, -30, 100, 60);
  record.reading("b", s, -10, 130, std::nullopt);
  record.reading("r", s, 40, 169, 85);
  const Finding finding = record.only("BP-4");
  EXPECT_EQ(finding.value, 25);
  EXPECT_EQ(std::get<double>(finding.inputs.at("rise_systolic")), 39);
}

TEST(Surge, is_alert_when_so_in_two_of_the_last_four_sessions_with_a_rise) {
  const auto second = surges({{165, 80}, {130, 80}, {130, 80}, {165, 80}});
  ASSERT_EQ(second.size(), 2U);
  EXPECT_EQ(second[0].level, Level::watch);
  EXPECT_EQ(second[1].level, Level::alert);
  EXPECT_EQ(second[1].value, 2);
  EXPECT_EQ(second[1].threshold, 2);
  const auto fifth = surges({{165, 80}, {130, 80}, {130, 80}, {130, 80}, {165, 80}});
  EXPECT_EQ(fifth.at(1).level, Level::watch);
}

TEST(Surge, sessions_without_a_rise_do_not_count_among_the_last_four) {
  Record record;
  for (int week = 0; week < 30; ++week) {
    const std::string n = std::to_string(week);
    const auto& s = record.session("s" + n, monday + days(7 * week));
    if (week == 0 || week == 29) record.reading("pre" + n, s, -10, 120, 75);
    record.reading("r" + n, s, 40, 165, 80);
  }
  const auto found = record.findings("BP-4");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[1].level, Level::alert);
}

TEST(Surge, a_session_stays_one_that_surged_when_lower_readings_follow) {
  Record record;
  for (int week = 0; week < 2; ++week) {
    const std::string n = std::to_string(week);
    const auto& s = record.session("s" + n, monday + days(7 * week));
    record.reading("pre" + n, s, -10, 120, 75);
    record.reading("r" + n, s, 40, 165, 80);
    record.reading("low" + n, s, 80, 125, 80);
  }
  EXPECT_EQ(record.findings("BP-4").at(1).level, Level::alert);
}

TEST(Surge, is_judged_anew_when_a_pre_value_on_a_bare_date_comes_late) {
  Record record;
  RecordFact& s = record.session("s", monday);
  Record::make_bare(s);
  record.reading("p1", s, 480, 120, 75, Phase::pre);
  record.reading("r", s, 500, 165, 80, Phase::peak);
  EXPECT_EQ(record.findings("BP-4").size(), 1U);
  record.reading("p2", s, 510, 150, 75, Phase::pre);
  EXPECT_TRUE(record.findings("BP-4").empty());
}

TEST(Surge, a_late_reading_of_an_earlier_session_raises_the_later_one) {
  Record record;
  const auto& s = record.session("s", monday);
  record.reading("pre0", s, -10, 120, 75);
  const auto& t = record.session("t", monday + minutes(60));
  record.reading("pre1", t, -10, 120, 75);
  record.reading("r1", t, 10, 165, 80);
  EXPECT_EQ(record.only("BP-4").level, Level::watch);
  record.reading("r0", s, 80, 165, 80);
  const auto found = record.findings("BP-4");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(ids(found[0]), Ids({"r1"}));
  EXPECT_EQ(found[0].level, Level::alert);
  EXPECT_EQ(found[1].level, Level::watch);
}

// A session with pre 130/80 and one reading that leaves.
struct Leaving {
  double systolic;
  double diastolic;
  double t = 95;
  Phase stated = Phase::none;
  std::optional<double> monitored_min = std::nullopt;
  std::optional<double> ready_min = std::nullopt;
  bool with_pre = true;
};

std::vector<Finding> leaving(const Leaving& given, Microseconds at = never - 1) {
  Record record;
  const auto& s = record.session("s", monday);
  if (given.monitored_min) Record::set(s, Field::monitored_min, *given.monitored_min);
  if (given.ready_min) Record::set(s, Field::ready_min, *given.ready_min);
  if (given.with_pre) record.reading("pre", s, -10, 130, 80);
  RecordFact& last = record.reading("r", s, given.t, given.systolic, given.diastolic, given.stated);
  if (!last.phase_stated && given.t >= 90) last.phase = Phase::discharge;
  return record.findings("BP-5", at);
}

TEST(NonResolution, is_judged_at_the_deadline_and_not_before) {
  EXPECT_TRUE(leaving({170, 95}, monday + minutes(240) - 1).empty());
  const auto found = leaving({170, 95}, monday + minutes(240));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].level, Level::alert);
  EXPECT_EQ(found[0].statistic, "non-resolution");
  EXPECT_EQ(ids(found[0]), Ids({"r"}));
  EXPECT_EQ(found[0].onset, monday + minutes(95));
  EXPECT_EQ(found[0].ended, monday + minutes(95));
}

TEST(NonResolution, is_more_than_20_or_15_above_pre_or_at_160_or_100) {
  EXPECT_TRUE(leaving({150, 95}).empty());
  EXPECT_EQ(leaving({151, 80}).at(0).threshold, 150);
  EXPECT_EQ(leaving({130, 96}).at(0).threshold, 95);
  EXPECT_TRUE(leaving({.systolic = 159, .diastolic = 99, .with_pre = false}).empty());
  EXPECT_EQ(leaving({.systolic = 160, .diastolic = 80, .with_pre = false}).at(0).threshold, 160);
  EXPECT_EQ(leaving({.systolic = 120, .diastolic = 100, .with_pre = false}).at(0).threshold, 100);
}

TEST(NonResolution, is_critical_at_180_or_110) {
  EXPECT_EQ(leaving({179, 109}).at(0).level, Level::alert);
  EXPECT_EQ(leaving({180, 80}).at(0).level, Level::critical);
  EXPECT_EQ(leaving({130, 110}).at(0).level, Level::critical);
}

TEST(NonResolution, is_critical_at_once_from_120_minutes_or_stated_discharge) {
  const Microseconds before = monday + minutes(240) - 1;
  EXPECT_TRUE(leaving({185, 80, 119.9}, before).empty());
  EXPECT_EQ(leaving({185, 80, 120}, before).at(0).level, Level::critical);
  EXPECT_TRUE(leaving({179, 109, 120}, before).empty());
  EXPECT_EQ(leaving({185, 80, 60, Phase::discharge}, before).at(0).level, Level::critical);
}

TEST(NonResolution, what_was_critical_at_once_is_not_taken_back_by_later_readings) {
  Record record;
  const auto& s = record.session("s", monday);
  record.reading("high", s, 125, 185, 80);
  record.reading("good", s, 150, 120, 75, Phase::discharge);
  const Finding finding = record.only("BP-5");
  EXPECT_EQ(finding.level, Level::critical);
  EXPECT_EQ(ids(finding), Ids({"high"}));
}

TEST(NonResolution, only_the_last_reading_with_phase_discharge_counts) {
  Record record;
  const auto& s = record.session("s", monday);
  record.reading("pre", s, -10, 130, 80);
  record.reading("a", s, 95, 170, 80, Phase::discharge);
  record.reading("b", s, 100, 135, 80, Phase::discharge);
  record.reading("c", s, 110, 175, 80);
  EXPECT_TRUE(record.findings("BP-5").empty());
}

TEST(NonResolution, who_left_early_is_judged_on_the_last_reading_after_the_start) {
  EXPECT_TRUE(leaving({170, 80, 60}).empty());
  EXPECT_EQ(leaving({.systolic = 170, .diastolic = 80, .t = 60, .monitored_min = 119}).size(), 1U);
  EXPECT_TRUE(leaving({.systolic = 170, .diastolic = 80, .t = 60, .monitored_min = 120}).empty());
  EXPECT_EQ(leaving({.systolic = 170, .diastolic = 80, .t = 60, .ready_min = 90}).size(), 1U);
  EXPECT_TRUE(
      leaving({.systolic = 170, .diastolic = 80, .t = 60, .monitored_min = 125, .ready_min = 90})
          .empty());
  EXPECT_TRUE(leaving({.systolic = 170, .diastolic = 80, .t = 0, .monitored_min = 60}).empty());
}

TEST(NonResolution, a_reading_after_the_deadline_does_not_count) {
  Record record;
  const auto& s = record.session("s", monday);
  record.reading("late", s, 241, 170, 95, Phase::discharge);
  EXPECT_TRUE(record.findings("BP-5").empty());
  record.reading("at", s, 240, 170, 95, Phase::discharge);
  EXPECT_EQ(ids(record.only("BP-5")), Ids({"at"}));
}

TEST(NonResolution, of_a_session_on_a_bare_date_is_judged_at_that_days_end) {
  Record record;
  RecordFact& s = record.session("s", monday);
  Record::make_bare(s);
  record.reading("r", s, 1000, 170, 80, Phase::discharge);
  EXPECT_TRUE(record.findings("BP-5", s.day_ends - 1).empty());
  EXPECT_EQ(record.findings("BP-5", s.day_ends).size(), 1U);
}

// A session that was watched well.
Record watched(const std::string& setting = "clinic") {
  Record record;
  const auto& s = record.session("s", monday, setting);
  record.reading("pre", s, -10, 120, 75);
  record.reading("peak", s, 40, 125, 80);
  record.reading("out", s, 120, 120, 75, Phase::discharge);
  Record::set(s, Field::monitored_min, 120.0);
  return record;
}

TEST(MonitoringGap, a_session_watched_as_asked_has_none) {
  EXPECT_TRUE(watched().findings("BP-6").empty());
}

TEST(MonitoringGap, what_is_missing_is_annotated_and_withheld_for_seven_days) {
  Record record;
  record.session("s", monday);
  const Microseconds closes = monday + minutes(240);
  EXPECT_TRUE(record.findings("BP-6", closes + days(7) - 1).empty());
  const Finding finding = record.only("BP-6", closes + days(7));
  EXPECT_EQ(finding.level, Level::info);
  EXPECT_EQ(finding.statistic, "monitoring-gap");
  EXPECT_EQ(ids(finding), Ids({"s"}));
  EXPECT_EQ(finding.onset, closes);
  EXPECT_EQ(finding.ended, closes);
  EXPECT_EQ(finding.annotations, Ids({"no-discharge", "no-peak", "no-pre"}));
  EXPECT_FALSE(finding.resolved);
  EXPECT_TRUE(record.only("BP-6", closes + days(30)).resolved);
}

TEST(MonitoringGap, sessions_at_home_are_not_asked) {
  Record record;
  record.session("s", monday, "home");
  EXPECT_TRUE(record.findings("BP-6").empty());
}

TEST(MonitoringGap, monitored_short_is_below_120_minutes_and_unknown_is_no_gap) {
  Record record;
  const auto& s = record.session("s", monday);
  record.reading("pre", s, -10, 120, 75);
  record.reading("peak", s, 40, 125, 80);
  record.reading("out", s, 120, 120, 75, Phase::discharge);
  EXPECT_TRUE(record.findings("BP-6").empty());
  Record::set(s, Field::monitored_min, 119.0);
  EXPECT_EQ(record.only("BP-6").annotations, Ids({"monitored-short"}));
}

TEST(MonitoringGap, a_phase_stated_against_the_clock_is_one) {
  const auto contradicts = [](Phase phase, double t) {
    Record record = watched();
    const SessionReference s{"clinic", "s", monday, false, monday + minutes(240)};
    RecordFact& extra = record.loose("x", monday + minutes(t), 120, 75);
    extra.session = s;
    extra.minutes = t;
    extra.phase = phase;
    extra.phase_stated = true;
    const auto found = record.findings("BP-6");
    return !found.empty() && found[0].annotations == Ids({"phase-contradicts-clock"});
  };
  EXPECT_FALSE(contradicts(Phase::pre, -60));
  EXPECT_TRUE(contradicts(Phase::pre, -60.1));
  EXPECT_FALSE(contradicts(Phase::pre, 0));
  EXPECT_TRUE(contradicts(Phase::pre, 0.1));
  EXPECT_TRUE(contradicts(Phase::peak, 24.9));
  EXPECT_FALSE(contradicts(Phase::peak, 25));
  EXPECT_FALSE(contradicts(Phase::peak, 60));
  EXPECT_TRUE(contradicts(Phase::peak, 60.1));
  EXPECT_TRUE(contradicts(Phase::discharge, 89.9));
  EXPECT_FALSE(contradicts(Phase::discharge, 90));
}

TEST(MonitoringGap, each_session_has_its_own_finding) {
  Record record;
  record.session("s", monday);
  record.session("t", monday + minutes(120));
  const auto found = record.findings("BP-6");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].onset, monday + minutes(240));
  EXPECT_EQ(found[1].onset, monday + minutes(360));
}

TEST(Tracks, stay_bounded_however_many_sessions_and_readings_come) {
  Record record;
  for (int week = 0; week < 100; ++week) {
    const std::string n = std::to_string(week);
    const auto& s = record.session("s" + n, monday + days(7 * week));
    for (int i = 0; i < 300 && week == 99; ++i) {
      record.reading("r" + std::to_string(i), s, i * 0.5 - 10, 130, 80);
    }
  }
  record.fold();
  EXPECT_LE(record.state.sessions.size(), closed_tracks_kept + 1);
  EXPECT_LE(record.state.sessions.back().vitals.seen.readings.size(), readings_of_session_kept);
  EXPECT_TRUE(record.state.sessions.back().vitals.any_pre);
  EXPECT_TRUE(record.state.awaited.empty());
  EXPECT_EQ(*pre_value(record.state.sessions.back().vitals.seen).systolic, 130);
}

}  // namespace
}  // namespace ketavigil::detectors::blood_pressure_test
