#include "detectors/patient/adverse_events.h"

#include <gtest/gtest.h>

#include "tests/detectors/hand_made_facts.h"

namespace ketavigil::detectors {
namespace {

using namespace by_hand;
using Events = Folded<AdverseEventsState, AdverseEventsParameters>;

std::optional<Level> level_of(const Made& fact) {
  const Events events{fact};
  if (events.sink.occasions.empty()) return std::nullopt;
  return events.sink.occasions.front().level;
}
Hit hit_of(const Made& fact) {
  const Events events{fact};
  EXPECT_EQ(events.sink.occasions.size(), 1U);
  return events.sink.occasions.empty() ? Hit{} : events.sink.occasions.front();
}

TEST(SeriousEvent, death_and_a_threat_to_life_are_critical) {
  EXPECT_EQ(level_of(adverse_event(monday, "Fall", {"death"})), Level::critical);
  EXPECT_EQ(level_of(adverse_event(monday, "Fall", {"life-threatening"})), Level::critical);
  EXPECT_EQ(level_of(adverse_event(monday, "Fall", {"hospitalisation", "life-threatening"})),
            Level::critical);
}

TEST(SeriousEvent, every_other_seriousness_is_an_alert) {
  for (const char* word : {"hospitalisation", "disability", "congenital", "medically-important"}) {
    EXPECT_EQ(level_of(adverse_event(monday, "Fall", {word})), Level::alert) << word;
  }
}

TEST(SeriousEvent, grade_4_is_critical_and_grade_3_is_nothing) {
  EXPECT_EQ(level_of(adverse_event(monday, "Sepsis", {}, 3)), std::nullopt);
  EXPECT_EQ(level_of(adverse_event(monday, "Sepsis", {}, 4)), Level::critical);
  EXPECT_EQ(level_of(adverse_event(monday, "Sepsis", {}, 5)), Level::critical);
  EXPECT_EQ(level_of(adverse_event(monday, "Sepsis")), std::nullopt);
}

TEST(SeriousEvent, grade_4_raises_what_is_serious_otherwise) {
  EXPECT_EQ(level_of(adverse_event(monday, "Sepsis", {"hospitalisation"}, 4)), Level::critical);
  EXPECT_EQ(level_of(adverse_event(monday, "Sepsis", {"hospitalisation"}, 3)), Level::alert);
}

TEST(SeriousEvent, is_named_as_the_event_in_lower_case) {
  EXPECT_EQ(hit_of(adverse_event(monday, "Myocardial Infarction", {}, 5)).statistic,
            "myocardial infarction");
}

TEST(SeriousEvent, measures_the_grade_against_4_and_seriousness_against_1) {
  const Hit grade = hit_of(adverse_event(monday, "Sepsis", {}, 5));
  EXPECT_EQ(grade.measure.value, 5);
  EXPECT_EQ(grade.measure.threshold, 4);
  const Hit both = hit_of(adverse_event(monday, "Sepsis", {"death"}, 5));
  EXPECT_EQ(both.measure.value, 5);
  const Hit tie = hit_of(adverse_event(monday, "Sepsis", {"death"}, 4));
  EXPECT_EQ(tie.measure.value, 1);
  const Hit serious = hit_of(adverse_event(monday, "Sepsis", {"hospitalisation"}, 3));
  EXPECT_EQ(serious.measure.value, 1);
  EXPECT_EQ(serious.measure.threshold, 1);
}

TEST(SeriousEvent, an_exit_by_death_is_critical_by_pregnancy_an_alert_else_nothing) {
  EXPECT_EQ(level_of(exit_for(monday, "death")), Level::critical);
  EXPECT_EQ(level_of(exit_for(monday, "pregnancy")), Level::alert);
  for (const char* reason : {"completed", "withdrawn", "lost"}) {
    EXPECT_EQ(level_of(exit_for(monday, reason)), std::nullopt) << reason;
  }
  EXPECT_EQ(hit_of(exit_for(monday, "death")).statistic, "exit");
}

TEST(SeriousEvent, anaphylaxis_is_critical_if_present) {
  EXPECT_EQ(level_of(symptom(monday, "anaphylaxis")), Level::critical);
  EXPECT_EQ(level_of(symptom(monday, "anaphylaxis", 1)), Level::critical);
  EXPECT_EQ(level_of(symptom(monday, "anaphylaxis", 0)), std::nullopt);
  EXPECT_EQ(level_of(symptom(monday, "sedation", 5)), std::nullopt);
  EXPECT_EQ(hit_of(symptom(monday, "anaphylaxis", 3)).measure.value, 3);
  EXPECT_EQ(hit_of(symptom(monday, "anaphylaxis")).statistic, "anaphylaxis");
}

TEST(SeriousEvent, two_events_of_a_day_are_two_findings_and_one_twice_is_one) {
  Events two{adverse_event(monday, "Fall", {"hospitalisation"}),
             adverse_event(monday + 3 * hour_us, "Fracture", {"disability"}),
             adverse_event(monday + 5 * hour_us, "FALL", {"death"})};
  const auto findings = two.findings();
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].statistic, "fall");
  EXPECT_EQ(findings[0].level, Level::critical);
  EXPECT_EQ(findings[0].evidence.size(), 2U);
  EXPECT_EQ(findings[1].statistic, "fracture");
}

TEST(SeriousEvent, belongs_to_its_session) {
  const Hit hit = hit_of(symptom(monday + minute_us, "anaphylaxis").of_session(monday));
  ASSERT_TRUE(hit.session);
  EXPECT_EQ(hit.session->start, monday);
}

TEST(SeriousEvent, beside_the_fold_only_what_is_critical_speaks) {
  Events events;
  EXPECT_EQ(events.beside(adverse_event(monday, "Fall", {"death"}), Certainty::doubtful).size(),
            1U);
  EXPECT_TRUE(
      events.beside(adverse_event(monday, "Fall", {"disability"}), Certainty::doubtful).empty());
  EXPECT_TRUE(events.beside(exit_for(monday, "pregnancy"), Certainty::unlowered).empty());
  EXPECT_EQ(events.beside(exit_for(monday, "death"), Certainty::unlowered).size(), 1U);
}

TEST(SeriousEvent, beside_the_fold_it_is_doubtful_unless_a_verified_twin) {
  Events events;
  const Made grave = symptom(monday, "anaphylaxis");
  EXPECT_TRUE(events.beside(grave, Certainty::doubtful).at(0).doubtful);
  EXPECT_TRUE(events.beside(grave, Certainty::unlowered).at(0).doubtful);
  EXPECT_FALSE(events.beside(grave, Certainty::verified).at(0).doubtful);
}

}  // namespace
}  // namespace ketavigil::detectors
