// URO-8: a diagnosis of interstitial cystitis.
#include <gtest/gtest.h>

#include "detectors/patient/urological.h"
#include "tests/detectors/hand_made_facts.h"

namespace ketavigil::detectors {
namespace {

using namespace by_hand;
using Urology = Folded<UrologicalState, UrologicalParameters>;

Made condition(Microseconds at, std::string code) {
  return made(Kind::condition, at, {{Field::code, std::move(code)}});
}
Urology after_a_session(const Made& fact) { return Urology{session(monday), fact}; }

TEST(Diagnosis, by_code_is_an_alert) {
  for (const char* code : {"http://snomed.info/sct|197834003", "SNOMED|197834003", "197834003",
                           "icd-10-cm|N30.1", "icd-10-cm|N30.10", "icd-10-cm|n30.11"}) {
    const Urology urology = after_a_session(condition(monday + day_us, code));
    ASSERT_EQ(urology.steps(), "H") << code;
    const Hit& hit = *urology.sink.conditions[0].holds;
    EXPECT_EQ(hit.detector, "URO-8");
    EXPECT_EQ(hit.statistic, "diagnosis");
    EXPECT_EQ(hit.level, Level::alert);
    EXPECT_EQ(hit.measure.value, 1);
    EXPECT_EQ(hit.measure.threshold, 1);
  }
  for (const char* code : {"icd-10-cm|N30.0", "icd-10-cm|N30", "icd-10-cm|XN30.1", "sct|1978340031",
                           "sct|68566005", "sct|"}) {
    EXPECT_EQ(after_a_session(condition(monday + day_us, code)).steps(), "") << code;
  }
}

TEST(Diagnosis, by_the_name_of_an_event_is_an_alert) {
  for (const char* name : {"Cystitis interstitial", "interstitial CYSTITIS", "Cystitis ulcerative"})
    EXPECT_EQ(after_a_session(adverse_event(monday + day_us, name)).steps(), "H") << name;
  for (const char* name : {"cystitis", "interstitial cystitis suspected", "N30.1"})
    EXPECT_EQ(after_a_session(adverse_event(monday + day_us, name)).steps(), "") << name;
}

TEST(Diagnosis, a_condition_is_known_by_its_code_alone) {
  Made named = condition(monday + day_us, "icd-10-cm|F32.2");
  named.fact.fields.emplace_back(Field::name, std::string("interstitial cystitis"));
  EXPECT_EQ(after_a_session(named).steps(), "");
  EXPECT_EQ(after_a_session(condition(monday + day_us, "interstitial cystitis")).steps(), "");
}

TEST(Diagnosis, counts_after_exposure_only) {
  const std::string code = "sct|197834003";
  EXPECT_EQ(Urology({condition(monday - day_us, code), session(monday)}).steps(), "");
  EXPECT_EQ(after_a_session(condition(monday, code)).steps(), "");
  EXPECT_EQ(after_a_session(condition(monday + 1, code)).steps(), "H");
  EXPECT_EQ(Urology({condition(monday, code)}).steps(), "");
}

TEST(Diagnosis, never_clears_and_is_one_finding) {
  Urology urology{session(monday), condition(monday + day_us, "sct|197834003"),
                  adverse_event(monday + 400 * day_us, "Interstitial cystitis")};
  const auto findings = urology.findings();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_FALSE(findings[0].resolved);
  EXPECT_EQ(findings[0].evidence.size(), 2U);
  EXPECT_EQ(findings[0].onset, monday + day_us);
  EXPECT_EQ(findings[0].ended, monday + 400 * day_us);
  EXPECT_EQ(findings[0].domain, "urological");
}

}  // namespace
}  // namespace ketavigil::detectors
