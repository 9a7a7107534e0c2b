// URO-3: urinary symptoms that persist.
#include <gtest/gtest.h>

#include "detectors/patient/urological.h"
#include "tests/detectors/hand_made_facts.h"

namespace ketavigil::detectors {
namespace {

using namespace by_hand;
using Urology = Folded<UrologicalState, UrologicalParameters>;
using Words = std::vector<std::string>;

// First positive fact of most tests: 2020-03-22T10:00Z, exposed.
constexpr Microseconds first = monday + 20 * day_us;
constexpr Microseconds midnight = first - 10 * hour_us;

Urology exposed(std::initializer_list<Made> facts) {
  Urology urology{session(monday)};
  for (const Made& fact : facts) urology.take(fact);
  return urology;
}
// A run that holds: two facts 14 d apart; the last at `first + 14 d`.
constexpr Microseconds last = first + 14 * day_us;
Urology holding(std::initializer_list<Made> facts = {}) {
  Urology urology = exposed({symptom(first, "frequency", 2), symptom(last, "nocturia")});
  for (const Made& fact : facts) urology.take(fact);
  return urology;
}
Finding only(std::vector<Finding> findings) {
  EXPECT_EQ(findings.size(), 1U);
  return findings.empty() ? Finding{} : findings.front();
}

TEST(Persistence, holds_from_14_d_exactly) {
  EXPECT_EQ(exposed({symptom(first, "dysuria"), symptom(last - 1, "dysuria")}).steps(), "");
  EXPECT_EQ(exposed({symptom(first, "dysuria"), symptom(last, "dysuria")}).steps(), "H");
}

TEST(Persistence, is_of_any_of_the_six_symptoms_present) {
  for (const char* code :
       {"frequency", "urgency", "nocturia", "dysuria", "suprapubic-pain", "incontinence"}) {
    EXPECT_EQ(exposed({symptom(first, code, 1), symptom(last, code)}).steps(), "H") << code;
  }
  EXPECT_EQ(exposed({symptom(first, "haematuria-micro"), symptom(last, "sedation")}).steps(), "");
}

TEST(Persistence, says_all_positive_facts_and_the_days) {
  Urology urology = exposed(
      {symptom(first, "frequency").named("a"), symptom(first + day_us, "urgency").named("b"),
       symptom(last, "dysuria").named("c"), symptom(last + 2 * day_us, "dysuria").named("d")});
  const Finding finding = only(urology.findings(last + 3 * day_us));
  EXPECT_EQ(finding.detector, "URO-3");
  EXPECT_EQ(finding.statistic, "persistence");
  EXPECT_EQ(finding.level, Level::alert);
  EXPECT_EQ(finding.evidence.size(), 4U);
  EXPECT_EQ(finding.onset, first);
  EXPECT_EQ(finding.ended, last + 2 * day_us);
  EXPECT_EQ(finding.value, 16);
  EXPECT_EQ(finding.threshold, 14);
  EXPECT_FALSE(finding.resolved);
}

TEST(Persistence, what_comes_before_exposure_does_not_count) {
  const Urology urology{symptom(monday - 20 * day_us, "frequency"), session(monday),
                        symptom(monday + day_us, "frequency"),
                        symptom(monday + 14 * day_us, "frequency")};
  EXPECT_EQ(urology.steps(), "");
}

TEST(Persistence, facts_90_d_apart_are_one_run) {
  EXPECT_EQ(exposed({symptom(first, "urgency"), symptom(first + 90 * day_us, "urgency")}).steps(),
            "H");
  EXPECT_EQ(
      exposed({symptom(first, "urgency"), symptom(first + 90 * day_us + 1, "urgency")}).steps(),
      "");
}

TEST(Persistence, is_resolved_by_90_d_of_silence_not_seen_before) {
  Urology urology = holding();
  EXPECT_EQ(next_deadline(urology.state), last + 90 * day_us);
  EXPECT_FALSE(only(urology.findings(last + 90 * day_us - 1)).resolved);
  const Finding finding = only(urology.findings(last + 90 * day_us));
  EXPECT_TRUE(finding.resolved);
  EXPECT_EQ(finding.ended, last);
  EXPECT_EQ(urology.sink.conditions.back().at, last + 90 * day_us);
  EXPECT_EQ(next_deadline(urology.state), std::nullopt);
}

TEST(Persistence, a_run_that_is_too_short_ends_without_a_word) {
  Urology urology = exposed({symptom(first, "urgency")});
  EXPECT_TRUE(urology.findings().empty());
  EXPECT_EQ(urology.steps(), "");
}

TEST(Persistence, a_day_without_symptoms_ends_it_at_that_days_end) {
  Urology urology = holding({symptom(last + day_us, "frequency", 0)});
  const Microseconds day_ends = midnight + 16 * day_us - 1;
  EXPECT_EQ(next_deadline(urology.state), day_ends);
  EXPECT_FALSE(only(urology.findings(day_ends - 1)).resolved);
  EXPECT_TRUE(only(urology.findings(day_ends)).resolved);
}

TEST(Persistence, a_symptom_on_the_same_day_before_or_after_keeps_the_run) {
  Urology after = holding(
      {symptom(last + day_us, "frequency", 0), symptom(last + day_us + hour_us, "dysuria", 1)});
  EXPECT_FALSE(only(after.findings(last + 3 * day_us)).resolved);
  Urology before = holding(
      {symptom(last + day_us, "dysuria", 1), symptom(last + day_us + hour_us, "frequency", 0)});
  EXPECT_FALSE(only(before.findings(last + 3 * day_us)).resolved);
}

TEST(Persistence, a_symptom_on_the_next_day_does_not_keep_the_run) {
  Urology urology = holding(
      {symptom(last + day_us, "frequency", 0), symptom(midnight + 16 * day_us, "dysuria", 1)});
  EXPECT_EQ(urology.steps(), "HC");
  EXPECT_EQ(urology.sink.conditions[1].at, midnight + 16 * day_us - 1);
}

TEST(Persistence, a_symptom_at_the_last_microsecond_of_the_day_keeps_the_run) {
  Urology urology = holding(
      {symptom(last + day_us, "frequency", 0), symptom(midnight + 16 * day_us - 1, "dysuria", 1)});
  EXPECT_EQ(urology.steps(), "HH");
}

TEST(Persistence, a_day_of_other_symptoms_does_not_end_it) {
  Urology urology = holding({symptom(last + day_us, "sedation", 0)});
  EXPECT_EQ(next_deadline(urology.state), last + 90 * day_us);
}

TEST(Persistence, a_symptom_that_infection_explains_is_present_on_its_day) {
  // Positive 8 d after the last: the run goes on. A symptom two days later is not positive, but
  // there.
  Urology urology =
      holding({culture(last + 8 * day_us, "positive"), symptom(last + 10 * day_us, "dysuria", 2),
               symptom(last + 10 * day_us + hour_us, "frequency", 0)});
  EXPECT_EQ(urology.steps(), "H");
  EXPECT_EQ(next_deadline(urology.state), last + 90 * day_us);
}

TEST(Persistence, a_bare_dates_day_ends_in_its_sources_zone) {
  // A day of a zone five hours behind: 05:00Z to 04:59:59.999999Z.
  const Microseconds day = midnight + 15 * day_us;
  const Microseconds begins = day + 5 * hour_us;
  Urology urology =
      holding({symptom(begins, "frequency", 0).on_bare_date(day, begins + day_us - 1)});
  EXPECT_EQ(next_deadline(urology.state), begins + day_us - 1);
}

TEST(Persistence, asked_and_absent_before_the_run_does_not_end_it) {
  const Urology urology = exposed({symptom(first - 2 * hour_us, "frequency", 0),
                                   symptom(first, "frequency", 1), symptom(last, "frequency", 1)});
  EXPECT_EQ(urology.steps(), "H");
}

TEST(Persistence, a_day_asked_before_the_run_began_does_not_end_it) {
  // The day of a zone five hours behind is still running when the first symptom comes.
  const Microseconds day = midnight - day_us;
  const Microseconds begins = day + 5 * hour_us;
  const Urology urology =
      exposed({symptom(begins, "frequency", 0).on_bare_date(day, begins + day_us - 1),
               symptom(midnight + hour_us, "frequency"),
               symptom(midnight + hour_us + 14 * day_us, "frequency")});
  EXPECT_EQ(urology.steps(), "H");
}

TEST(Persistence, a_positive_culture_within_7_d_ends_it) {
  Urology at_seven = holding({culture(last + 7 * day_us, "positive")});
  const Finding finding = only(at_seven.findings(last + 7 * day_us));
  EXPECT_TRUE(finding.resolved);
  EXPECT_EQ(finding.evidence.size(), 2U);
  EXPECT_EQ(finding.annotations, (Words{"culture-positive", "no-culture"}));
  Urology later = holding({culture(last + 7 * day_us + 1, "positive")});
  EXPECT_FALSE(only(later.findings(last + 30 * day_us)).resolved);
}

TEST(Persistence, a_negative_culture_does_not_end_it) {
  Urology urology = holding({culture(last + day_us, "negative")});
  EXPECT_FALSE(only(urology.findings(last + 30 * day_us)).resolved);
}

TEST(Persistence, a_symptom_up_to_7_d_after_a_positive_culture_does_not_count) {
  EXPECT_EQ(exposed({culture(first - 7 * day_us, "positive"), symptom(first, "urgency"),
                     symptom(last, "urgency")})
                .steps(),
            "");
  EXPECT_EQ(exposed({culture(first - 7 * day_us - 1, "positive"), symptom(first, "urgency"),
                     symptom(last, "urgency")})
                .steps(),
            "H");
}

TEST(Persistence, a_culture_of_the_same_instant_comes_after_the_symptom) {
  Urology urology = holding({culture(last, "positive")});
  const Finding finding = only(urology.findings(last));
  EXPECT_TRUE(finding.resolved);
  EXPECT_EQ(finding.annotations, Words{"culture-positive"});  // it lies in [first − 7 d, last]
}

TEST(Persistence, no_culture_if_none_from_7_d_before_the_first_to_the_last) {
  const auto annotations = [](Microseconds at) {
    Urology urology =
        exposed({culture(at, "negative"), symptom(first, "urgency"), symptom(last, "urgency")});
    return only(urology.findings(last)).annotations;
  };
  EXPECT_EQ(annotations(first - 7 * day_us - 1), Words{"no-culture"});
  EXPECT_EQ(annotations(first - 7 * day_us), Words{});
  EXPECT_EQ(annotations(first - 1), Words{});
}

TEST(Persistence, no_culture_is_of_the_run_as_it_stands) {
  Urology urology = holding();
  EXPECT_EQ(only(urology.findings(last)).annotations, Words{"no-culture"});

  Urology after_last = holding({culture(last + day_us, "negative")});
  EXPECT_EQ(only(after_last.findings(last + day_us)).annotations, Words{"no-culture"});

  Urology longer =
      holding({culture(last + day_us, "negative"), symptom(last + 2 * day_us, "urgency")});
  EXPECT_EQ(only(longer.findings(last + 2 * day_us)).annotations, Words{});

  Urology at_last = holding({culture(last, "negative")});
  EXPECT_EQ(only(at_last.findings(last)).annotations, Words{});
}

TEST(Persistence, no_culture_is_of_a_run_with_long_pauses_too) {
  Urology urology =
      holding({culture(last + 40 * day_us, "negative"), symptom(last + 60 * day_us, "urgency")});
  EXPECT_EQ(only(urology.findings(last + 60 * day_us)).annotations, Words{});
}

TEST(Persistence, a_run_that_holds_again_within_30_d_re_opens_and_speaks_of_itself) {
  // Ends by a free day; the next run begins a day later and has a culture.
  Urology urology =
      holding({symptom(last + day_us, "urgency", 0), symptom(last + 2 * day_us, "urgency"),
               culture(last + 3 * day_us, "negative"), symptom(last + 16 * day_us, "urgency")});
  EXPECT_EQ(urology.steps(), "HCH");
  const Finding finding = only(urology.findings(last + 16 * day_us));
  EXPECT_FALSE(finding.resolved);
  EXPECT_EQ(finding.evidence.size(), 4U);
  EXPECT_EQ(finding.annotations, Words{});
}

TEST(Persistence, a_run_that_holds_later_is_a_new_finding_and_leaves_the_old_its_words) {
  Urology urology =
      holding({symptom(last + day_us, "urgency", 0), symptom(last + 20 * day_us, "urgency"),
               culture(last + 21 * day_us, "negative"), symptom(last + 34 * day_us, "urgency")});
  const auto findings = urology.findings(last + 34 * day_us);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].annotations, Words{"no-culture"});
  EXPECT_TRUE(findings[0].resolved);
  EXPECT_EQ(findings[1].annotations, Words{});
  EXPECT_FALSE(findings[1].resolved);
}

TEST(Persistence, a_culture_ends_a_run_that_is_too_short_too) {
  const Urology urology =
      exposed({symptom(first, "urgency"), culture(first + day_us, "positive"),
               symptom(first + 8 * day_us + 1, "urgency"), symptom(last + day_us, "urgency")});
  EXPECT_EQ(urology.steps(), "");
}

TEST(Persistence, a_diary_of_thousands_of_entries_is_bounded) {
  Urology urology{session(monday)};
  for (int i = 0; i < 3000; ++i) urology.take(symptom(first + i * minute_us, "urgency"));
  EXPECT_EQ(urology.state.run->unsaid.size(), run_facts_kept);
  EXPECT_LE(urology.state.days.size(), 3U);
  urology.take(symptom(last, "urgency").named("z"));
  EXPECT_EQ(only(urology.findings(last)).onset, first);
  EXPECT_EQ(only(urology.findings(last)).ended, last);
}

}  // namespace
}  // namespace ketavigil::detectors
