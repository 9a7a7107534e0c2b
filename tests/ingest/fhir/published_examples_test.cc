// HL7's and others' published resources, file by file: what each must give was read off the file.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "tests/ingest/fhir/reading.h"

namespace ketavigil::ingest::fhir::test {
namespace {

const std::filesystem::path feeds = KETAVIGIL_SOURCE_DIR "/../shared/data/feeds";

class FhirPublishedExamples : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(feeds))
      GTEST_SKIP() << "no published samples beside the checkout (shared/data/feeds)";
  }
};

std::string contents(const std::string& name) {
  std::ifstream file(feeds / name, std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

// Everything that a document says, however many entries: events, and resources not followed.
struct Account {
  std::vector<std::string> events;
  std::map<std::string, int> not_followed;
};

Account account_of(const std::string& json) {
  const simdjson::padded_string padded(json);
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  EXPECT_EQ(parser.parse(padded).get(document), simdjson::SUCCESS);
  Account account;
  const auto take = [&](std::size_t, FhirReading reading) {
    for (const FhirEvent& event : reading.events) {
      account.events.push_back(event.json);
      EXPECT_EQ(judge(event.json).reason, "") << event.json;
    }
    if (reading.events.empty()) ++account.not_followed[reading.not_followed];
  };
  if (is_bundle(document)) {
    read_bundle(document, {}, take);
  } else {
    take(0, read_resource(document, {}));
  }
  return account;
}

TEST_F(FhirPublishedExamples, resources_that_are_followed) {
  struct Case {
    const char* file;
    const char* after_patient;  // the event after `source`, `id` and `patient`
  };
  const Case cases[] = {
      {"r4-examples/Observation-blood-pressure.json",
       "'kind':'blood_pressure','status':'final','effective':'2012-09-17','systolic':107,"
       "'diastolic':60,'unit':'mm[Hg]'"},
      {"r4-examples/Observation-blood-pressure-dar.json",
       "'kind':'blood_pressure','status':'final','effective':'2012-09-17','systolic':107,"
       "'unit':'mm[Hg]'"},
      {"r4-examples/Observation-blood-pressure-cancel.json", "'status':'entered-in-error'"},
      {"r4-examples/Observation-body-temperature.json",
       "'kind':'vital','status':'final','effective':'1999-07-02','name':'temperature','value':36.5,"
       "'unit':'Cel'"},
      {"r4-examples/Observation-example.json",
       "'kind':'vital','status':'final','effective':'2016-03-28','name':'weight',"
       "'value':83.91458845,'unit':'kg'"},
      {"r4-examples/Observation-heart-rate.json",
       "'kind':'vital','status':'final','effective':'1999-07-02','name':'heart-rate','value':44,"
       "'unit':'/min'"},
      {"r4-examples/Observation-respiratory-rate.json",
       "'kind':'vital','status':'final','effective':'1999-07-02','name':'respiratory-rate',"
       "'value':26,'unit':'/min'"},
      {"r4-examples/Observation-satO2.json",
       "'kind':'vital','status':'final','effective':'2014-12-05T09:30:10+01:00','name':'spo2',"
       "'value':95,'unit':'%'"},
      {"us-core/blood-pressure.json",
       "'kind':'blood_pressure','status':'final','effective':'1999-07-02','systolic':109,"
       "'diastolic':44,'unit':'mm[Hg]'"},
      {"us-core/bp-data-absent.json",
       "'kind':'blood_pressure','status':'final','effective':'1999-07-02','systolic':109,"
       "'unit':'mm[Hg]'"},
      {"us-core/Observation-average-blood-pressure.json",
       "'kind':'blood_pressure','status':'final','effective':'2023-08-03T01:06:52.480Z',"
       "'systolic':109,'diastolic':72,'unit':'mm[Hg]'"},
      {"us-core/heart-rate.json",
       "'kind':'vital','status':'final','effective':'1999-07-02','name':'heart-rate','value':44,"
       "'unit':'/min'"},
      {"us-core/oxygen-saturation.json",
       "'kind':'vital','status':'final','effective':'1999-07-02','name':'spo2','value':99,"
       "'unit':'%'"},
      {"us-core/Observation-PHQ9-item-example-44261-6.json",
       "'kind':'score','status':'final','effective':'2022-11-29T20:50:32.718000+00:00',"
       "'instrument':'phq-9','value':12"},
      {"us-core/Observation-PHQ9-item-example-44260-8.json",
       "'kind':'score','status':'final','effective':'2022-11-29T20:50:32.718000+00:00',"
       "'instrument':'phq-9-item-9','value':0"},
  };
  for (const Case& one : cases) {
    const auto account = account_of(contents(one.file));
    ASSERT_EQ(account.events.size(), 1U) << one.file;
    std::string id = std::filesystem::path(one.file).stem().string();
    if (id.starts_with("Observation-")) id = id.substr(std::string("Observation-").size());
    EXPECT_EQ(account.events.front(),
              double_quoted("{'source':'file','id':'Observation/" + id + "','patient':'example'," +
                            one.after_patient + "}"));
  }
}

TEST_F(FhirPublishedExamples, resources_that_are_not_followed) {
  const char* observations[] = {
      "r4-examples/Observation-1minute-apgar-score.json",
      "r4-examples/Observation-20minute-apgar-score.json",
      "r4-examples/Observation-decimal.json",
      "r4-examples/Observation-gcs-qa.json",
      "r4-examples/Observation-glasgow.json",
      "r4-examples/Observation-map-sitting.json",
      "r4-examples/Observation-mbp.json",
      "r4-examples/Observation-trachcare.json",
      "r4-examples/Observation-unsat.json",
      "r4-examples/Observation-vitals-panel.json",
      "r4-examples/Observation-vomiting.json",
      "r4-examples/Observation-vp-oyster.json",
      "us-core/Observation-PHQ9-panel-example-44249-1.json",
      "us-core/heart-rate-rhythm.json",
  };
  for (const char* file : observations) {
    const auto account = account_of(contents(file));
    EXPECT_TRUE(account.events.empty()) << file;
    EXPECT_EQ(account.not_followed, (std::map<std::string, int>{{"Observation", 1}})) << file;
  }
  EXPECT_EQ(account_of(contents("us-core/QuestionnaireResponse-phq-9-example.json")).not_followed,
            (std::map<std::string, int>{{"QuestionnaireResponse", 1}}));
}

TEST_F(FhirPublishedExamples, every_other_example_is_counted_by_its_type) {
  int files = 0;
  for (const auto& file : std::filesystem::directory_iterator(feeds / "r4-examples")) {
    const std::string name = file.path().filename().string();
    const std::string type = name.substr(0, name.find('-'));
    if (type == "Observation" || type == "Bundle") continue;
    const auto account = account_of(contents("r4-examples/" + name));
    EXPECT_TRUE(account.events.empty()) << name;
    EXPECT_EQ(account.not_followed, (std::map<std::string, int>{{type, 1}})) << name;
    ++files;
  }
  EXPECT_EQ(files, 46);
}

TEST_F(FhirPublishedExamples, bundles_add_up) {
  struct Case {
    const char* file;
    std::map<std::string, int> not_followed;
  };
  const Case cases[] = {
      {"Bundle-bundle-example.json", {{"Medication", 1}, {"MedicationRequest", 1}}},
      {"Bundle-bundle-references.json", {{"Observation", 7}, {"Patient", 4}}},
      {"Bundle-bundle-request-simplesummary.json", {{"Bundle.entry", 4}}},
      {"Bundle-bundle-response-simplesummary.json",
       {{"Bundle", 2}, {"Condition", 4}, {"Patient", 1}}},
      {"Bundle-bundle-response.json",
       {{"Bundle", 1}, {"Bundle.entry", 7}, {"Parameters", 1}, {"Patient", 1}}},
      {"Bundle-bundle-search-warning.json", {{"OperationOutcome", 1}}},
      {"Bundle-bundle-transaction.json", {{"Bundle.entry", 4}, {"Parameters", 1}, {"Patient", 5}}},
  };
  for (const Case& one : cases) {
    const auto account = account_of(contents("r4-examples/" + std::string(one.file)));
    EXPECT_TRUE(account.events.empty()) << one.file;
    EXPECT_EQ(account.not_followed, one.not_followed) << one.file;
  }
}

TEST_F(FhirPublishedExamples, quality_measure_decks_give_their_one_pressure) {
  struct Case {
    const char* name;
    int systolic;
  };
  const Case cases[] = {
      {"NUMERPass-SBP139DBP89StartOfMP", 139},           {"NUMERPass-SBP139DBP89DuringMP", 139},
      {"NUMERFail-SBP139DBP89TakenDuringEMER", 139},     {"NUMERFail-SBP140DBP89DuringMP", 140},
      {"NUMERFail-SBP139DBP89DuringInpatientStay", 139},
  };
  for (const Case& one : cases) {
    const auto account = account_of(
        contents("cms-ecqm/CMS165/CMS165FHIR-v0.5.000-" + std::string(one.name) + ".json"));
    ASSERT_EQ(account.events.size(), 1U) << one.name;
    EXPECT_EQ(member_of(account.events.front(), "systolic"), std::to_string(one.systolic));
    EXPECT_EQ(member_of(account.events.front(), "diastolic"), "89");
    EXPECT_EQ(account.not_followed,
              (std::map<std::string, int>{
                  {"Condition", 1}, {"Encounter", 2}, {"MeasureReport", 1}, {"Patient", 1}}));
  }
}

TEST_F(FhirPublishedExamples, bulk_export_is_read_line_by_line) {
  std::ifstream lines(feeds / "bulk-ndjson/Observation.synthea-subset.ndjson");
  std::map<std::string, int> kinds;
  int not_followed = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto account = account_of(line);
    for (const auto& event : account.events) ++kinds[member_of(event, "kind")];
    if (account.events.empty()) ++not_followed;
  }
  EXPECT_EQ(kinds, (std::map<std::string, int>{{"'blood_pressure'", 5}, {"'vital'", 2}}));
  EXPECT_EQ(not_followed, 3);  // a mean pressure, and the PHQ-2 twice
}

TEST_F(FhirPublishedExamples, collection_of_another_release_is_read_and_not_followed) {
  const auto account = account_of(contents("bulk-ndjson/synthea.bundle.json"));
  EXPECT_TRUE(account.events.empty());
  int entries = 0;
  for (const auto& [type, count] : account.not_followed) entries += count;
  EXPECT_EQ(entries, 27);
}

TEST_F(FhirPublishedExamples, validators_samples) {
  const auto weight = account_of(contents("validator/observation401_ucum.json"));
  ASSERT_EQ(weight.events.size(), 1U);
  EXPECT_EQ(weight.events.front(),
            double_quoted("{'source':'file','id':'Observation/584','patient':'355','kind':'vital',"
                          "'version':1,'status':'final','effective':'1983-03-17T18:33:18-05:00',"
                          "'recorded':'1983-03-17T18:33:18.715-05:00','name':'weight','value':99.3,"
                          "'unit':'kg'}"));
  const auto pulse = account_of(contents("validator/obs-vital-signs-mdc.json"));
  ASSERT_EQ(pulse.events.size(), 1U);
  EXPECT_EQ(member_of(pulse.events.front(), "value"), "48");
  const auto average = account_of(contents("validator/obs-vs-2.json"));
  ASSERT_EQ(average.events.size(), 1U);
  EXPECT_EQ(member_of(average.events.front(), "systolic"), "136");
  EXPECT_EQ(member_of(average.events.front(), "diastolic"), "86");
}

}  // namespace
}  // namespace ketavigil::ingest::fhir::test
