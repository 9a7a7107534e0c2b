// The score card: what counts as found, what as a false alarm, and how exact its intervals are.
#include "simulation/score_card.h"

#include <gtest/gtest.h>

#include "simulation/harm.h"

namespace ketavigil::simulation {
namespace {

using events::day_us;

constexpr events::Microseconds month = 30 * day_us + day_us / 16 * 7;  // 30.4375 days

ScoredCourse afflicted(std::vector<ScoredFinding> findings) {
  ScoredCourse course;
  course.patient = "p-1";
  course.harms = {{"p-1", "bladder-syndrome", 10 * month, 18}};
  for (int i = 0; i < 24; ++i) {
    course.observations.emplace_back(i * month, "score bpic-ss");
    course.observations.emplace_back(i * month, "blood-pressure");
    course.sessions.push_back(i * month);
  }
  course.findings = std::move(findings);
  return course;
}

const Detection* row_of(const std::vector<Detection>& rows, const std::string& detector,
                        int level) {
  for (const Detection& row : rows) {
    if (row.detector == detector && row.level == level) return &row;
  }
  return nullptr;
}

TEST(ScoreCard, a_harm_is_found_by_its_own_detectors_from_its_onset_on) {
  ScoreCard card;
  card.add(afflicted({{"URO-1", 2, 9 * month, "score bpic-ss"},   // too early to be it
                      {"BP-2", 2, 11 * month, "blood-pressure"},  // of another harm
                      {"URO-3", 2, 12 * month, "score bpic-ss"}}));
  card.add(afflicted({}));
  const auto rows = card.detections();
  EXPECT_EQ(row_of(rows, "URO-1", 2), nullptr);
  EXPECT_EQ(row_of(rows, "BP-2", 2), nullptr);
  const Detection* any = row_of(rows, "any", 2);
  ASSERT_NE(any, nullptr);
  EXPECT_EQ(any->found.count, 1);
  EXPECT_EQ(any->found.of, 2);
  EXPECT_EQ(any->months, std::vector<double>{2});
  EXPECT_EQ(any->observations,
            std::vector<double>{3});  // of bladder scores, that of the onset counted
  EXPECT_EQ(any->sessions, std::vector<double>{3});
  EXPECT_EQ(row_of(rows, "any", 3)->found.count, 0);
}

TEST(ScoreCard, of_two_harms_each_is_found_by_its_own_detectors_from_its_own_onset_on) {
  ScoreCard card;
  ScoredCourse course = afflicted({{"BP-8", 2, 11 * month, "blood-pressure"},  // before its onset
                                   {"URO-3", 2, 12 * month, "score bpic-ss"},
                                   {"BP-7", 2, 15 * month, "blood-pressure"}});
  course.harms.push_back({"p-1", "resting-drift", 13 * month, 12});
  card.add(course);
  EXPECT_EQ(card.patients(), 1);
  std::map<std::pair<std::string, std::string>, std::vector<double>> months;
  for (const auto& row : card.detections())
    if (row.level == 2) months[{row.harm, row.detector}] = row.months;
  const std::map<std::pair<std::string, std::string>, std::vector<double>> expected = {
      {{"bladder-syndrome", "any"}, {2}},
      {{"bladder-syndrome", "URO-3"}, {2}},
      {{"resting-drift", "any"}, {2}},
      {{"resting-drift", "BP-7"}, {2}}};
  EXPECT_EQ(months, expected);
}

TEST(ScoreCard, a_level_is_reached_by_what_is_above_it_and_the_first_counts) {
  ScoreCard card;
  card.add(afflicted(
      {{"URO-2", 1, 11 * month, "score bpic-ss"}, {"URO-2", 2, 14 * month, "score bpic-ss"}}));
  const auto rows = card.detections();
  EXPECT_EQ(row_of(rows, "any", 1)->months, std::vector<double>{1});
  EXPECT_EQ(row_of(rows, "any", 2)->months, std::vector<double>{4});
  // Found as often at the level above: one row says both.
  EXPECT_EQ(row_of(rows, "URO-2", 1), nullptr);
  EXPECT_NE(row_of(rows, "URO-2", 2), nullptr);
}

TEST(ScoreCard, what_is_said_without_a_harm_is_false_by_detector_and_kind) {
  ScoreCard card;
  ScoredCourse course = afflicted({{"COG-8", 2, month, ""},
                                   {"COG-8", 1, month, ""},
                                   {"BP-2", 2, month, ""},
                                   {"BP-2", 2, 2 * month, ""}});
  course.harms.clear();
  card.add(course);
  course.findings.clear();
  card.add(course);
  EXPECT_DOUBLE_EQ(card.patient_months_without_harm(), 46);
  std::map<std::pair<std::string, int>, FalseFindings> rows;
  for (const auto& row : card.false_findings()) rows[{row.detector, row.level}] = row;
  EXPECT_EQ((rows[{"rules", 2}].findings), 2);
  EXPECT_EQ((rows[{"rules", 2}].patients.count), 1);
  EXPECT_EQ((rows[{"statistics", 2}].findings), 1);
  EXPECT_EQ((rows[{"statistics", 1}].findings), 1);
  EXPECT_DOUBLE_EQ((rows[{"BP-2", 2}].per_100_patient_months()), 200.0 / 46);
  EXPECT_EQ(card.lifetime_false_alarms(1).count, 1);
  EXPECT_EQ(card.lifetime_false_alarms(2).of, 2);
}

// Clopper and Pearson's interval of 1 of 10 (0.00253 to 0.44502), of none and of all; Garwood's of
// 3 events (0.61867 to 8.76727): the values that every table of them has.
TEST(ScoreCard, intervals_are_the_published_exact_ones) {
  const auto one_of_ten = Share{1, 10}.interval();
  EXPECT_NEAR(one_of_ten.first, 0.00253, 5e-6);
  EXPECT_NEAR(one_of_ten.second, 0.44502, 5e-6);
  EXPECT_EQ((Share{0, 10}.interval().first), 0);
  EXPECT_NEAR((Share{0, 10}.interval().second), 0.30850, 5e-6);
  EXPECT_EQ((Share{10, 10}.interval().second), 1);
  const FalseFindings three{"BP-2", 2, 3, {1, 1}, 100};
  EXPECT_NEAR(three.interval().first, 0.61867, 5e-6);
  EXPECT_NEAR(three.interval().second, 8.76727, 5e-6);
  EXPECT_EQ((FalseFindings{"BP-2", 2, 0, {0, 1}, 100}.interval().first), 0);
}

TEST(ScoreCard, a_slow_harm_stands_beside_what_an_oracle_of_the_same_visits_finds) {
  ScoreCard card;
  card.add(afflicted({{"URO-2", 2, 13 * month, "score bpic-ss"}}));
  card.add(afflicted({{"URO-2", 2, 15 * month, "score bpic-ss"}}));
  card.add(afflicted({}));
  const auto rows = card.oracles({std::nullopt, std::nullopt, .05, std::nullopt});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].harm, "bladder-syndrome");
  EXPECT_EQ(rows[0].detector, "URO-2");
  EXPECT_EQ(rows[0].level, 2);
  EXPECT_EQ(rows[0].patients, 3);
  // 18 points grow in 60 days: none at the onset's visit, 9 at the next, six deviations.
  EXPECT_DOUBLE_EQ(rows[0].knows_baseline_too.found, 1);
  EXPECT_DOUBLE_EQ(rows[0].knows_baseline_too.median_months.value(), 1);
  EXPECT_DOUBLE_EQ(rows[0].knows_size.median_months.value(), 1);
  EXPECT_DOUBLE_EQ(rows[0].method.found, 2. / 3);
  EXPECT_DOUBLE_EQ(rows[0].method.median_months.value(), 5);  // who was not found is the last
  EXPECT_DOUBLE_EQ(rows[0].times().value(), 5);
}

TEST(ScoreCard, where_fewer_than_half_were_found_there_is_no_median) {
  ScoreCard card;
  card.add(afflicted({{"URO-2", 2, 13 * month, "score bpic-ss"}}));
  card.add(afflicted({}));
  card.add(afflicted({}));
  const auto rows = card.oracles({std::nullopt, .25, std::nullopt, std::nullopt});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_FALSE(rows[0].method.median_months.has_value());
  EXPECT_FALSE(rows[0].times().has_value());
}

TEST(ScoreCard, every_harm_has_a_detector_that_is_there_for_it) {
  for (const HarmTraits& traits : harms())
    EXPECT_FALSE(detectors_for(traits.name).empty()) << traits.name;
}

TEST(Truth, what_cannot_be_read_is_told_with_what_was_expected) {
  const auto told = [](std::string_view text) {
    const auto read = read_truth(text);
    return read.ok() ? std::string() : read.error().message;
  };
  EXPECT_NE(told("no json").find("`harms`"), std::string::npos);
  EXPECT_NE(told(R"({"harms":[{"scope":"patient","harm":"suicidality","onset":"2023-01-01"}]})")
                .find("`patient`"),
            std::string::npos);
  EXPECT_NE(
      told(R"({"harms":[{"scope":"patient","harm":"flu","patient":"p-1","onset":"2023-01-01"}]})")
          .find("cognitive-decline"),
      std::string::npos);
  EXPECT_NE(
      told(R"({"harms":[{"scope":"patient","harm":"suicidality","patient":"p-1","onset":"soon"}]})")
          .find("soon"),
      std::string::npos);
  EXPECT_EQ(told(R"({"harms":[{"scope":"stratum","harm":"suicidality"}]})"), "");
}

}  // namespace
}  // namespace ketavigil::simulation
