// URO-4: blood in the urine, and retention.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "detectors/patient/patient.h"
#include "detectors/patient/urological.h"
#include "tests/detectors/facts_in_order.h"
#include "tests/detectors/hand_made_facts.h"

namespace ketavigil::detectors {
namespace {

using namespace by_hand;
using Urology = Folded<UrologicalState, UrologicalParameters>;
using Words = std::vector<std::string>;

Finding gross_of(Urology urology) {
  for (Finding& finding : urology.findings()) {
    if (finding.statistic == "gross") return finding;
  }
  ADD_FAILURE() << "no finding of gross haematuria";
  return {};
}
Made gross(Microseconds at = monday) { return symptom(at, "haematuria-gross", 2); }

TEST(GrossHaematuria, is_critical_if_present) {
  const Finding finding = gross_of({gross()});
  EXPECT_EQ(finding.level, Level::critical);
  EXPECT_EQ(finding.detector, "URO-4");
  EXPECT_EQ(finding.value, 2);
  EXPECT_EQ(finding.threshold, 1);
  EXPECT_TRUE(Urology{symptom(monday, "haematuria-gross", 0)}.sink.occasions.empty());
}

TEST(GrossHaematuria, a_positive_culture_within_7_d_before_lowers_it) {
  const Finding lowered = gross_of({culture(monday - 7 * day_us, "positive"), gross()});
  EXPECT_EQ(lowered.level, Level::alert);
  EXPECT_EQ(lowered.annotations, Words{"culture-positive"});
  EXPECT_EQ(lowered.value, 2);
  EXPECT_EQ(lowered.threshold, 1);
  EXPECT_EQ(gross_of({culture(monday - 7 * day_us - 1, "positive"), gross()}).level,
            Level::critical);
  EXPECT_EQ(gross_of({culture(monday - day_us, "negative"), gross()}).level, Level::critical);
}

TEST(GrossHaematuria, a_culture_afterwards_does_not_lower_it) {
  EXPECT_EQ(gross_of({gross(), culture(monday + 1, "positive")}).level, Level::critical);
  EXPECT_EQ(gross_of({gross(), culture(monday, "positive")}).level, Level::critical);
}

TEST(GrossHaematuria, an_active_anticoagulant_lowers_it) {
  const Finding lowered =
      gross_of({medication(monday - 400 * day_us, "anticoagulant", "start", "Apixaban"), gross()});
  EXPECT_EQ(lowered.level, Level::alert);
  EXPECT_EQ(lowered.annotations, Words{"anticoagulant"});
  EXPECT_EQ(gross_of({medication(monday - 9 * day_us, "anticoagulant", "start", "Apixaban"),
                      medication(monday - day_us, "anticoagulant", "stop", "apixaban"), gross()})
                .level,
            Level::critical);
  EXPECT_EQ(gross_of({medication(monday - 9 * day_us, "anticoagulant", "start", "apixaban"),
                      medication(monday - day_us, "anticoagulant", "stop", "warfarin"), gross()})
                .level,
            Level::alert);
  EXPECT_EQ(gross_of({medication(monday - 9 * day_us, "opioid", "start"), gross()}).level,
            Level::critical);
}

TEST(GrossHaematuria, both_flags_are_said) {
  EXPECT_EQ(gross_of({medication(monday - 9 * day_us, "anticoagulant", "start"),
                      culture(monday - day_us, "positive"), gross()})
                .annotations,
            (Words{"anticoagulant", "culture-positive"}));
}

Urology with_retention(Microseconds at) {
  Urology urology{culture(monday - 3 * day_us, "positive")};
  if (at <= monday) urology.take(symptom(at, "urinary-retention", 3));
  urology.take(gross());
  if (at > monday) urology.take(symptom(at, "urinary-retention", 3));
  return urology;
}

TEST(GrossHaematuria, retention_within_24_h_before_or_after_forbids_that) {
  EXPECT_EQ(gross_of(with_retention(monday - 24 * hour_us - 1)).level, Level::alert);
  EXPECT_EQ(gross_of(with_retention(monday - 24 * hour_us)).level, Level::critical);
  EXPECT_EQ(gross_of(with_retention(monday)).level, Level::critical);
  EXPECT_EQ(gross_of(with_retention(monday + 24 * hour_us)).level, Level::critical);
  EXPECT_EQ(gross_of(with_retention(monday + 24 * hour_us + 1)).level, Level::alert);
}

TEST(GrossHaematuria, retention_that_comes_later_raises_with_the_same_evidence) {
  const Finding before = gross_of(with_retention(monday - hour_us));
  const Finding after = gross_of(with_retention(monday + hour_us));
  EXPECT_EQ(after.evidence.size(), 1U);
  EXPECT_EQ(after.annotations, before.annotations);
  EXPECT_EQ(after.value, before.value);
  EXPECT_EQ(after.inputs.count("urinary_retention"), 1U);
}

TEST(GrossHaematuria, retention_asked_and_absent_forbids_nothing) {
  EXPECT_EQ(gross_of({culture(monday - day_us, "positive"),
                      symptom(monday - hour_us, "urinary-retention", 0), gross(),
                      symptom(monday + hour_us, "urinary-retention", 0)})
                .level,
            Level::alert);
}

TEST(GrossHaematuria, every_lowered_one_within_24_h_is_raised_and_no_other) {
  Urology urology{culture(monday - day_us, "positive"), gross(monday).named("a"),
                  gross(monday + 30 * hour_us).named("b"), gross(monday + 40 * hour_us).named("c"),
                  symptom(monday + 50 * hour_us, "urinary-retention")};
  Words raised;
  for (const Hit& hit : urology.occasions("gross")) {
    if (hit.level == Level::critical) raised.push_back(hit.evidence.at(0).id);
  }
  EXPECT_EQ(raised, (Words{"b", "c"}));
  EXPECT_TRUE(urology.state.lowered_gross.empty());
}

TEST(GrossHaematuria, beside_the_fold_quarantine_is_never_lowered_and_the_rest_is) {
  Urology urology{culture(monday - day_us, "positive")};
  EXPECT_EQ(urology.beside(gross(), Certainty::unlowered).size(), 1U);
  EXPECT_TRUE(urology.beside(gross(), Certainty::doubtful).empty());
  EXPECT_TRUE(urology.beside(gross(), Certainty::verified).empty());
  urology.take(symptom(monday - hour_us, "urinary-retention"));
  EXPECT_TRUE(urology.beside(gross(), Certainty::doubtful).at(0).doubtful);
  EXPECT_FALSE(urology.beside(gross(), Certainty::verified).at(0).doubtful);
}

TEST(GrossHaematuria, beside_the_fold_only_what_is_critical_speaks) {
  Urology urology;
  EXPECT_TRUE(urology.beside(symptom(monday, "urinary-retention"), Certainty::doubtful).empty());
  EXPECT_TRUE(urology.beside(symptom(monday, "haematuria-micro"), Certainty::unlowered).empty());
  EXPECT_TRUE(urology.beside(symptom(monday, "haematuria-gross", 0), Certainty::unlowered).empty());
}

TEST(Retention, is_an_alert_that_nothing_lowers) {
  const Urology urology{medication(monday - day_us, "anticoagulant", "start"),
                        culture(monday - hour_us, "positive"),
                        symptom(monday, "urinary-retention", 3)};
  const auto hits = urology.occasions("retention");
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].level, Level::alert);
  EXPECT_EQ(hits[0].measure.value, 3);
  EXPECT_TRUE(hits[0].annotations.empty());
}

// ---- micro

Made micro(Microseconds at) { return symptom(at, "haematuria-micro", 1); }
Level last_micro(const Urology& urology) { return urology.occasions("micro").back().level; }

TEST(MicroHaematuria, is_a_symptom_or_3_red_cells_per_field) {
  EXPECT_EQ(last_micro({micro(monday)}), Level::watch);
  EXPECT_EQ(last_micro({lab(monday, "13945-1", 3, "/[HPF]")}), Level::watch);
  EXPECT_TRUE(Urology{lab(monday, "13945-1", 2.9, "/[HPF]")}.sink.occasions.empty());
  EXPECT_EQ(last_micro({lab(monday, "13945-1", 2.9999999999999, "/[HPF]")}), Level::watch);
  EXPECT_TRUE(Urology{symptom(monday, "haematuria-micro", 0)}.sink.occasions.empty());
  const Urology urology{lab(monday, "13945-1", 12, "/[HPF]")};
  EXPECT_EQ(urology.sink.occasions.at(0).measure.value, 12);
  EXPECT_EQ(urology.sink.occasions.at(0).measure.threshold, 3);
}

TEST(MicroHaematuria, another_from_14_to_365_d_before_makes_it_an_alert) {
  const auto level_after = [](Microseconds gap) {
    return last_micro({micro(monday), lab(monday + gap, "13945-1", 5, "/[HPF]")});
  };
  EXPECT_EQ(level_after(14 * day_us - 1), Level::watch);
  EXPECT_EQ(level_after(14 * day_us), Level::alert);
  EXPECT_EQ(level_after(365 * day_us), Level::alert);
  EXPECT_EQ(level_after(365 * day_us + 1), Level::watch);
}

TEST(MicroHaematuria, evidence_is_the_later_one) {
  const Urology urology{micro(monday).named("a"), micro(monday + 20 * day_us).named("b")};
  const auto hits = urology.occasions("micro");
  ASSERT_EQ(hits.size(), 2U);
  ASSERT_EQ(hits[1].evidence.size(), 1U);
  EXPECT_EQ(hits[1].evidence[0].id, "b");
}

TEST(MicroHaematuria, a_flag_lowers_it_one_level) {
  EXPECT_EQ(last_micro({culture(monday - 7 * day_us, "positive"), micro(monday)}), Level::info);
  EXPECT_EQ(last_micro({medication(monday - day_us, "anticoagulant", "start"), micro(monday)}),
            Level::info);
  const Urology twice{micro(monday), culture(monday + 14 * day_us, "positive"),
                      micro(monday + 15 * day_us)};
  EXPECT_EQ(last_micro(twice), Level::watch);
  EXPECT_EQ(twice.occasions("micro").back().annotations, Words{"culture-positive"});
}

TEST(MicroHaematuria, two_flags_lower_it_no_further) {
  EXPECT_EQ(last_micro({medication(monday - day_us, "anticoagulant", "start"), micro(monday),
                        culture(monday + 14 * day_us, "positive"), micro(monday + 15 * day_us)}),
            Level::watch);
}

TEST(MicroHaematuria, what_is_forgotten_never_decides) {
  std::mt19937 random(20200302);
  for (int round = 0; round < 200; ++round) {
    std::vector<Microseconds> times;
    Urology urology;
    Microseconds at = monday;
    for (int i = 0; i < 40; ++i) {
      // Gaps of every size around the windows' bounds.
      const int days =
          std::array{0, 1, 5, 13, 14, 15, 60, 200, 350, 351, 352, 364, 365, 366}[random() % 14];
      at += days * day_us + static_cast<Microseconds>(random() % 3) - (days > 0 ? 1 : 0);
      const bool another = std::any_of(times.begin(), times.end(), [&](Microseconds earlier) {
        return earlier >= at - 365 * day_us && earlier <= at - 14 * day_us;
      });
      urology.take(micro(at));
      ASSERT_EQ(last_micro(urology), another ? Level::alert : Level::watch) << round << ' ' << i;
      ASSERT_LE(urology.state.micro_at.size(), 5U);
      times.push_back(at);
    }
  }
}

// ---- beside the fold

// The loser of a conflict at `monday`, perhaps under an anticoagulant, and a retention so long
// after.
std::vector<Hit> lost_with_retention(Microseconds after, Certainty certainty,
                                     bool anticoagulant = true) {
  facts_in_order::Facts facts;
  if (anticoagulant) {
    facts.add(Kind::medication, monday - day_us,
              {{Field::medication_class, std::string("anticoagulant")},
               {Field::action, std::string("start")}});
  }
  facts.symptom(monday + after, "urinary-retention");
  facts_in_order::Facts others;
  const RecordFact lost = others.symptom(monday, "haematuria-gross");
  const Beside beside{lost, certainty, std::nullopt};
  return facts_in_order::occasions(fold(facts.in_order(), {beside}, PatientParameters()), "gross");
}

TEST(GrossHaematuria, that_lost_a_conflict_is_raised_by_a_retention_that_comes_later) {
  const auto hits = lost_with_retention(24 * hour_us, Certainty::doubtful);
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].level, Level::critical);
  EXPECT_TRUE(hits[0].doubtful);
  EXPECT_EQ(hits[0].annotations, std::vector<std::string>{"anticoagulant"});
  EXPECT_TRUE(lost_with_retention(24 * hour_us + 1, Certainty::doubtful).empty());
  // In quarantine nothing lowers it: said once, at its place.
  EXPECT_EQ(lost_with_retention(hour_us, Certainty::unlowered).size(), 1U);
  EXPECT_EQ(lost_with_retention(hour_us, Certainty::doubtful, false).size(), 1U);
}

}  // namespace
}  // namespace ketavigil::detectors
