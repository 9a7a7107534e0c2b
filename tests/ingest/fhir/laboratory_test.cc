#include <gtest/gtest.h>

#include "tests/ingest/fhir/reading.h"

namespace ketavigil::ingest::fhir::test {
namespace {

std::string lab(std::string_view loinc, std::string_view quantity, std::string_view more = "") {
  return with(observation, "'code':{'coding':[{'system':'http://loinc.org','code':'" +
                               std::string(loinc) + "'}]},'valueQuantity':{" +
                               std::string(quantity) + "}" + std::string(more));
}

TEST(FhirLaboratory, codes_that_a_detector_reads_are_followed_in_their_units) {
  struct Case {
    const char* loinc;
    const char* quantity;
    const char* unit;
  };
  const Case cases[] = {
      {"13945-1", "'value':12,'code':'/[HPF]'", "'/[HPF]'"},
      {"13945-1", "'value':12,'unit':'/HPF'", "'/[HPF]'"},
      {"2160-0", "'value':1.1,'code':'mg/dL'", "'mg/dL'"},
      {"2160-0", "'value':97,'unit':'\u00b5mol/L','code':'umol/L'", "'umol/L'"},
      {"1975-2", "'value':0.7,'unit':'mg/dl'", "'mg/dL'"},
      {"1742-6", "'value':31,'code':'U/L'", "'U/L'"},
      {"1920-8", "'value':31,'code':'U/L'", "'U/L'"},
      {"6768-6", "'value':80,'code':'U/L'", "'U/L'"},
      {"2324-2", "'value':40,'code':'U/L'", "'U/L'"},
  };
  for (const Case& one : cases) {
    const auto read_lab = read(lab(one.loinc, one.quantity));
    EXPECT_EQ(read_lab.verdict(), "accepted") << one.loinc;
    EXPECT_EQ(member_of(read_lab.event(), "code"), "'" + std::string(one.loinc) + "'");
    EXPECT_EQ(member_of(read_lab.event(), "unit"), one.unit);
  }
}

TEST(FhirLaboratory, other_analytes_are_not_followed) {
  EXPECT_EQ(read(lab("15074-8", "'value':6.3,'code':'mmol/L'")).verdict(),
            "not_followed Observation");
}

TEST(FhirLaboratory, unit_of_another_analyte_or_none_is_refused) {
  EXPECT_EQ(read(lab("1742-6", "'value':0.5,'code':'ukat/L'")).verdict(), "unknown-unit unit");
  EXPECT_EQ(read(lab("1742-6", "'value':31,'code':'mg/dL'")).verdict(), "unknown-unit unit");
  EXPECT_EQ(read(lab("1742-6", "'value':31")).verdict(), "missing unit");
  EXPECT_EQ(read(lab("2160-0", "'value':97,'code':'mg/dL','unit':'umol/L'")).verdict(),
            "unknown-unit unit");
}

TEST(FhirLaboratory, below_the_limit_of_detection_is_no_number) {
  EXPECT_EQ(read(lab("1742-6", "'value':5,'comparator':'<','code':'U/L'")).verdict(), "type value");
}

TEST(FhirLaboratory, upper_limit_comes_from_the_reference_range_in_the_same_unit) {
  const auto limit = [](std::string_view ranges) {
    return member_of(read(lab("1742-6", "'value':130,'code':'U/L'",
                              ",'referenceRange':[" + std::string(ranges) + "]"))
                         .event(),
                     "upper_limit");
  };
  EXPECT_EQ(limit("{'low':{'value':7,'code':'U/L'},'high':{'value':45,'code':'U/L'}}"), "45");
  EXPECT_EQ(limit("{'high':{'value':45,'unit':'U/L'}}"), "45");
  EXPECT_EQ(limit("{'high':{'value':45,'code':'U/L'}},{'high':{'value':45,'unit':'U/L'}}"), "45");
  EXPECT_EQ(limit("{'high':{'value':45,'code':'U/L'}},{'high':{'value':35,'code':'U/L'}}"), "");
  EXPECT_EQ(limit("{'high':{'value':0.75,'code':'ukat/L'}}"), "");
  EXPECT_EQ(limit("{'high':{'value':45}}"), "");
  EXPECT_EQ(limit("{'low':{'value':7,'code':'U/L'}}"), "");
  EXPECT_EQ(limit("{'type':{'coding':[{'code':'normal'}]},'high':{'value':45,'code':'U/L'}},"
                  "{'type':{'coding':[{'code':'treatment'}]},'high':{'value':90,'code':'U/L'}}"),
            "45");
}

TEST(FhirLaboratory, display_of_another_analyte_is_quarantined) {
  const auto swapped = with(observation,
                            "'code':{'coding':[{'system':'http://loinc.org','code':'1742-6',"
                            "'display':'Aspartate aminotransferase'}]},"
                            "'valueQuantity':{'value':31,'code':'U/L'}");
  EXPECT_EQ(read(swapped).verdict(), "unknown-kind kind");
}

}  // namespace
}  // namespace ketavigil::ingest::fhir::test
