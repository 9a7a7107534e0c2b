// What becomes a value of a stream, and what it is worth: COG-8, URO-2.
#include <gtest/gtest.h>

#include "events/json_text.h"
#include "tests/detectors/drift_record.h"

namespace ketavigil::detectors {
namespace {

using namespace drift_test;
using events::round_to_12_digits;

double rounded(const Hit& hit, const std::string& name) {
  return round_to_12_digits(input(hit.inputs, name));
}

TEST(Drift, gives_the_published_check_to_all_its_digits) {
  Patient patient = moca_patient({21, 20});
  EXPECT_EQ(patient.steps(), "WA");
  const Hit watch = patient.hits().at(0);
  EXPECT_EQ(rounded(watch, "V_infinity"), 2.45833333333);
  EXPECT_EQ(rounded(watch, "S"), 2.4063335547);
  EXPECT_EQ(rounded(watch, "S_limit"), 2.74422886062);
  EXPECT_EQ(rounded(watch, "E"), 16.7151390822);
  EXPECT_EQ(rounded(watch, "M"), 1.20799533848);
  EXPECT_EQ(watch.measure.value, 2.4063335547);
  EXPECT_EQ(watch.measure.threshold, rounded(watch, "S_limit_watch"));
  const Hit alert = patient.hits().at(1);
  EXPECT_EQ(alert.measure.value, 3.22365565613);
  EXPECT_EQ(alert.measure.threshold, 2.8591185665);
  EXPECT_EQ(rounded(alert, "E"), 26.1437908497);
  EXPECT_EQ(rounded(alert, "E_limit"), 26.1437908497);
  EXPECT_EQ(alert.detector, "COG-8");
  EXPECT_EQ(alert.statistic, "moca");
  EXPECT_EQ(alert.evidence.size(), 2U);
}

TEST(Drift, cognition_is_used_every_14_days_at_most) {
  Patient patient;
  patient.score(on_day(-60), "moca", 28);
  patient.score(on_day(-46) - 1, "moca", 28);
  EXPECT_EQ(patient.stream("moca").values, 1);
  patient.score(on_day(-46), "moca", 28);  // 14 days after the last one used
  EXPECT_EQ(patient.stream("moca").values, 2);
}

TEST(Drift, bladder_scores_are_used_every_7_days_at_most) {
  for (const char* name : {"bpic-ss", "icsi", "icpi", "ipss", "puf"}) {
    Patient patient;
    patient.score(on_day(-60), name, 5);
    patient.score(on_day(-53) - 1, name, 5);
    EXPECT_EQ(patient.stream(name).values, 1) << name;
    patient.score(on_day(-53), name, 5);
    EXPECT_EQ(patient.stream(name).values, 2) << name;
  }
}

TEST(Drift, other_instruments_and_scores_too_near_a_dose_are_not_used) {
  Patient patient;
  patient.score(on_day(-60), "madrs", 28);
  patient.score(on_day(-50), "moca", 28).eligible = false;
  Facts::make_preliminary(&patient.score(on_day(-40), "moca", 28));
  EXPECT_TRUE(patient.fold().state.streams.empty());
}

TEST(Drift, home_and_clinic_are_streams_of_their_own) {
  Patient patient;
  patient.score(on_day(-60), "moca", 28, {{Field::location, std::string("home")}});
  patient.score(on_day(-59), "moca", 28);
  patient.score(on_day(-40), "moca", 28, {{Field::location, std::string("clinic")}});
  EXPECT_EQ(patient.stream("moca:home").values, 1);
  EXPECT_EQ(patient.stream("moca").values, 2);
}

// The first two gains are p and 4p/3, whichever way the number of the administration is known.
double mean_after(const std::vector<std::optional<double>>& administrations) {
  Patient patient;
  for (std::size_t i = 0; i < administrations.size(); ++i) {
    Fields more;
    if (administrations[i]) more.push_back({Field::administration, *administrations[i]});
    patient.score(on_day(-200 + 20 * static_cast<double>(i)), "dsst", 60, more);
  }
  return patient.stream("dsst").model.previous;
}
TEST(Drift, practice_is_taken_off_by_the_number_of_the_administration) {
  EXPECT_EQ(mean_after({std::nullopt}), -60);
  EXPECT_EQ(mean_after({std::nullopt, std::nullopt}), -58);
  EXPECT_DOUBLE_EQ(mean_after({{}, {}, {}}), -(60 - 8.0 / 3));
  EXPECT_DOUBLE_EQ(mean_after({{}, {}, {}, {}}), -(60 - 8.0 / 3));
  EXPECT_EQ(mean_after({2.0}), -58);
  EXPECT_DOUBLE_EQ(mean_after({2.0, {}}), -(60 - 8.0 / 3));  // one more than the previous
  EXPECT_EQ(mean_after({{}, {}, 1.0}), -60);                 // the field stands
}

TEST(Drift, administrations_count_scores_that_are_not_eligible_and_those_elsewhere) {
  Patient patient;
  patient.score(on_day(-60), "dsst", 60).eligible = false;
  patient.score(on_day(-59), "dsst", 60, {{Field::location, std::string("home")}});
  patient.score(on_day(-58), "dsst", 60);
  EXPECT_EQ(patient.stream("dsst:home").model.previous, -58);
  EXPECT_DOUBLE_EQ(patient.stream("dsst").model.previous, -(60 - 8.0 / 3));
}

TEST(Drift, worse_is_greater_whichever_way_the_instrument_counts) {
  Patient patient;
  patient.score(on_day(-60), "cogstate-det", 2.6);
  patient.score(on_day(-60), "cogstate-ocl", .9);
  patient.score(on_day(-60), "bpic-ss", 7);
  EXPECT_EQ(patient.stream("cogstate-det").model.previous, 2.6);
  EXPECT_EQ(patient.stream("cogstate-ocl").model.previous, -.9);
  EXPECT_EQ(patient.stream("bpic-ss").model.previous, 7);
}

TEST(Drift, of_cogstate_the_first_is_dropped_where_two_precede_exposure) {
  Patient patient;
  patient.score(on_day(-30), "cogstate-idn", 2.9);
  EXPECT_EQ(patient.stream("cogstate-idn").values, 1);
  patient.score(on_day(-25), "cogstate-idn", 2.7);  // within 14 days of the one that is dropped
  DriftStream stream = patient.stream("cogstate-idn");
  EXPECT_EQ(stream.values, 1);
  EXPECT_EQ(stream.model.previous, 2.7);
  patient.score(on_day(-12), "cogstate-idn", 2.6);  // within 14 days of the one that is used
  patient.score(on_day(-11), "cogstate-idn", 2.8);
  stream = patient.stream("cogstate-idn");
  EXPECT_EQ(stream.values, 2);
  EXPECT_EQ(stream.model.previous, 2.8);
}

TEST(Drift, of_cogstate_the_first_stays_where_one_precedes_exposure) {
  Patient patient;
  patient.score(on_day(-30), "cogstate-idn", 2.9);
  patient.session();
  patient.score(on_day(30), "cogstate-idn", 2.7);
  EXPECT_EQ(patient.stream("cogstate-idn").values, 2);
  Patient other;
  other.score(on_day(-30), "moca", 29);
  other.score(on_day(-10), "moca", 29);
  EXPECT_EQ(other.stream("moca").values, 2);
}

// At the first session's own instant a score still precedes exposure.
TEST(Drift, exposed_is_after_the_first_session) {
  Patient patient;
  patient.session();
  patient.score(start, "moca", 28);
  patient.score(start + 20 * day, "moca", 28);
  const DriftStream stream = patient.stream("moca");
  EXPECT_FALSE(stream.later);
  EXPECT_EQ(stream.values, 2);
  EXPECT_EQ(stream.exposed, 1);
}

TEST(Drift, another_site_widens_the_model_by_a_quarter_where_both_are_known) {
  const auto kappa = [](const char* first, const char* second) {
    Patient patient;
    patient.score(on_day(-60), "moca", 28).site = first;
    patient.score(on_day(-40), "moca", 28).site = second;
    return patient.stream("moca").model.kappa;
  };
  const double same = kappa("north", "north");
  const double once = 4.0 / 3;  // after the first value
  EXPECT_DOUBLE_EQ(same, once + .5);
  EXPECT_DOUBLE_EQ(kappa("north", "south"), 1 / (1 / once + .25) + .5);
  EXPECT_EQ(kappa("", "south"), same);
  EXPECT_EQ(kappa("north", ""), same);
}

TEST(Drift, says_where_the_site_or_the_form_changed) {
  const auto notes = [](const char* site, const char* form) {
    Patient patient;
    for (int i = 0; i < 3; ++i) {
      RecordFact& fact =
          patient.score(on_day(-60 + 20 * i), "moca", 29, {{Field::form, std::string("8.1")}});
      fact.site = "north";
    }
    patient.session();
    for (int i = 1; i <= 3; ++i) {
      RecordFact& fact =
          patient.score(on_day(28 * i), "moca", 17, {{Field::form, std::string(form)}});
      fact.site = site;
    }
    patient.fold();
    return patient.hits().back().annotations;
  };
  EXPECT_EQ(notes("north", "8.1"), std::vector<std::string>{});
  EXPECT_EQ(notes("south", "8.1"), std::vector<std::string>{"site-changed"});
  EXPECT_EQ(notes("north", "8.2"), std::vector<std::string>{"form-changed"});
}

TEST(Drift, says_that_its_baseline_is_a_single_reading) {
  Patient patient;
  patient.score(on_day(-20), "moca", 29);
  patient.session();
  for (int i = 1; i <= 12; ++i) patient.score(on_day(28 * i), "moca", 12);
  patient.fold();
  ASSERT_FALSE(patient.hits().empty());
  for (const Hit& hit : patient.hits()) {
    EXPECT_EQ(hit.annotations, std::vector<std::string>{"single-reading-baseline"});
    EXPECT_EQ(input(hit.inputs, "baseline_values"), 1);
  }
}

}  // namespace
}  // namespace ketavigil::detectors
