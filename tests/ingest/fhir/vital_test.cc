#include <gtest/gtest.h>

#include "tests/ingest/fhir/reading.h"

namespace ketavigil::ingest::fhir::test {
namespace {

std::string vital(std::string_view loinc, std::string_view quantity) {
  return with(observation, "'code':{'coding':[{'system':'http://loinc.org','code':'" +
                               std::string(loinc) + "'}]},'valueQuantity':{" +
                               std::string(quantity) + "}");
}

struct Case {
  const char* loinc;
  const char* quantity;
  const char* name;
  const char* value;
  const char* unit;
};

TEST(FhirVital, each_sign_comes_in_its_native_unit) {
  const Case cases[] = {
      {"8867-4", "'value':72,'code':'/min','unit':'beats/minute'", "'heart-rate'", "72", "'/min'"},
      {"8867-4", "'value':72,'code':'{beats}/min'", "'heart-rate'", "72", "'/min'"},
      {"8867-4", "'value':72,'unit':'bpm'", "'heart-rate'", "72", "'/min'"},
      {"9279-1", "'value':14,'code':'/min'", "'respiratory-rate'", "14", "'/min'"},
      {"59408-5", "'value':97,'code':'%'", "'spo2'", "97", "'%'"},
      {"2708-6", "'value':97,'unit':'%O2','code':'%'", "'spo2'", "97", "'%'"},
      {"29463-7", "'value':82.5,'code':'kg'", "'weight'", "82.5", "'kg'"},
      {"29463-7", "'value':82500,'code':'g'", "'weight'", "82.5", "'kg'"},
      {"29463-7", "'value':185,'unit':'lbs','code':'[lb_av]'", "'weight'", "83.91458845", "'kg'"},
      {"29463-7", "'value':185,'unit':'lb'", "'weight'", "83.91458845", "'kg'"},
      {"8310-5", "'value':36.5,'unit':'C','code':'Cel'", "'temperature'", "36.5", "'Cel'"},
      {"8310-5", "'value':98.6,'code':'[degF]'", "'temperature'", "37", "'Cel'"},
      {"8310-5", "'value':100.4,'unit':'\u00b0F'", "'temperature'", "38", "'Cel'"},
  };
  for (const Case& one : cases) {
    const auto read_vital = read(vital(one.loinc, one.quantity));
    EXPECT_EQ(read_vital.verdict(), "accepted") << one.loinc << ' ' << one.quantity;
    EXPECT_EQ(member_of(read_vital.event(), "kind"), "'vital'");
    EXPECT_EQ(member_of(read_vital.event(), "name"), one.name);
    EXPECT_EQ(member_of(read_vital.event(), "value"), one.value);
    EXPECT_EQ(member_of(read_vital.event(), "unit"), one.unit);
  }
}

TEST(FhirVital, unknown_unit_is_refused_and_not_converted) {
  const Case cases[] = {
      {"29463-7", "'value':13,'code':'[stone_av]'", "", "13", "'[stone_av]'"},
      {"29463-7", "'value':185,'code':'kg','unit':'lbs'", "", "185", "'kg or lbs'"},
      {"8310-5", "'value':310,'code':'K'", "", "310", "'K'"},
      {"8310-5", "'value':37,'code':'C'", "", "37", "'C'"},  // UCUM's coulomb
      {"8867-4", "'value':1.2,'code':'Hz'", "", "1.2", "'Hz'"},
  };
  for (const Case& one : cases) {
    const auto read_vital = read(vital(one.loinc, one.quantity));
    EXPECT_EQ(read_vital.verdict(), "unknown-unit unit") << one.quantity;
    EXPECT_EQ(member_of(read_vital.event(), "value"), one.value);
    EXPECT_EQ(member_of(read_vital.event(), "unit"), one.unit);
  }
}

TEST(FhirVital, no_unit_at_all_is_missing) {
  EXPECT_EQ(read(vital("8867-4", "'value':72")).verdict(), "missing unit");
}

TEST(FhirVital, impossible_values_go_through_for_the_native_decoder) {
  EXPECT_EQ(read(vital("8867-4", "'value':700,'code':'/min'")).verdict(), "implausible value");
  EXPECT_EQ(read(vital("29463-7", "'value':5,'code':'[lb_av]'")).verdict(), "implausible value");
}

TEST(FhirVital, comparator_of_a_converted_unit_stays_in_the_unit_written) {
  const auto read_vital = read(vital("29463-7", "'value':400,'comparator':'>','code':'[lb_av]'"));
  EXPECT_EQ(member_of(read_vital.event(), "value"), "'>400 [lb_av]'");
  EXPECT_EQ(read_vital.verdict(), "type value");
}

TEST(FhirVital, two_codings_of_one_sign_agree_and_of_two_signs_do_not) {
  const auto saturation = with(observation,
                               "'code':{'coding':[{'system':'http://loinc.org','code':'2708-6'},"
                               "{'system':'http://loinc.org','code':'59408-5'}]},"
                               "'valueQuantity':{'value':97,'code':'%'}");
  EXPECT_EQ(read(saturation).verdict(), "accepted");
  const auto neither = with(observation,
                            "'code':{'coding':[{'system':'http://loinc.org','code':'8867-4'},"
                            "{'system':'http://loinc.org','code':'9279-1'}]},"
                            "'valueQuantity':{'value':60,'code':'/min'}");
  EXPECT_EQ(read(neither).verdict(), "unknown-kind kind");
}

TEST(FhirVital, saturation_by_pulse_oximetry_is_not_mistaken_for_a_pulse) {
  const auto named =
      with(observation,
           "'code':{'coding':[{'system':'http://loinc.org','code':'59408-5',"
           "'display':'Oxygen saturation in Arterial blood by Pulse oximetry'}],'text':'SpO2'},"
           "'valueQuantity':{'value':97,'code':'%'}");
  EXPECT_EQ(read(named).verdict(), "accepted");
}

TEST(FhirVital, component_gets_the_same_id_whichever_code_it_has) {
  for (const char* loinc : {"2708-6", "59408-5"}) {
    const auto panel =
        with(observation,
             "'code':{'text':'Vital signs'},'component':[{'code':{'coding':[{'system':"
             "'http://loinc.org','code':'" +
                 std::string(loinc) + "'}]},'valueQuantity':{'value':97,'code':'%'}}]");
    EXPECT_EQ(member_of(read(panel).event(), "id"), "'Observation/o-1#59408-5'");
  }
}

TEST(FhirVital, pressure_beside_a_sign_that_is_the_observation_itself_is_suffixed) {
  const auto both =
      with(observation,
           "'code':{'coding':[{'system':'http://loinc.org','code':'8867-4'}]},"
           "'valueQuantity':{'value':72,'code':'/min'},'component':[{'code':{'coding':[{'system':"
           "'http://loinc.org','code':'8480-6'}]},'valueQuantity':{'value':148,'code':'mm[Hg]'}}]");
  const auto events = read(both).events;
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(member_of(events[0], "id"), "'Observation/o-1#85354-9'");
  EXPECT_EQ(member_of(events[1], "id"), "'Observation/o-1'");
}

}  // namespace
}  // namespace ketavigil::ingest::fhir::test
