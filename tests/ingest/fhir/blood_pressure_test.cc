#include <gtest/gtest.h>

#include "tests/ingest/fhir/reading.h"

namespace ketavigil::ingest::fhir::test {
namespace {

std::string coding(std::string_view system, std::string_view code, std::string_view display = "") {
  std::string json = "{'system':'" + std::string(system) + "','code':'" + std::string(code) + "'";
  if (!display.empty()) json += ",'display':'" + std::string(display) + "'";
  return json + "}";
}

std::string codes(std::string_view coding_list, std::string_view text = "") {
  std::string json = "'code':{'coding':[" + std::string(coding_list) + "]";
  if (!text.empty()) json += ",'text':'" + std::string(text) + "'";
  return json + "}";
}

std::string component(std::string_view loinc, std::string_view value) {
  return "{" + codes(coding("http://loinc.org", loinc)) + "," + std::string(value) + "}";
}

std::string mmhg(std::string_view value) {
  return "'valueQuantity':{'value':" + std::string(value) +
         ",'system':'http://unitsofmeasure.org','code':'mm[Hg]'}";
}

// A bare Observation of one pressure.
std::string bare(std::string_view code_member, std::string_view value) {
  return with(observation, std::string(code_member) + "," + std::string(value));
}

std::string panel(std::string_view components) {
  return with(pressure_panel, "'component':[" + std::string(components) + "]");
}

TEST(FhirBloodPressure, panel_gives_one_event_in_the_wire_format) {
  EXPECT_EQ(read(pressure_panel).event(),
            double_quoted("{'source':'file','id':'Observation/bp-1','patient':'p-1',"
                          "'kind':'blood_pressure','status':'final',"
                          "'effective':'2026-03-04T15:22:00+01:00',"
                          "'systolic':148,'diastolic':91,'unit':'mm[Hg]'}"));
  EXPECT_EQ(read(pressure_panel).verdict(), "accepted");
}

TEST(FhirBloodPressure, every_panel_code_is_followed) {
  for (const char* code : {"85354-9", "55284-4", "96607-7"}) {
    const auto panel_so_coded = with(pressure_panel, codes(coding("http://loinc.org", code)));
    EXPECT_EQ(read(panel_so_coded).verdict(), "accepted") << code;
  }
}

TEST(FhirBloodPressure, means_of_a_period_are_read_at_its_start) {
  const auto mean = with(
      pressure_panel,
      "'effectiveDateTime':null,'effectivePeriod':{'start':'2026-03-01T08:00:00Z','end':'2026-03-"
      "03T08:00:00Z'},'component':[" +
          component("96608-5", mmhg("131")) + "," + component("96609-3", mmhg("82")) + "]");
  const auto event = read(mean).event();
  EXPECT_EQ(member_of(event, "systolic"), "131");
  EXPECT_EQ(member_of(event, "diastolic"), "82");
  EXPECT_EQ(member_of(event, "effective"), "'2026-03-01T08:00:00Z'");
}

TEST(FhirBloodPressure, bare_systolic_or_diastolic_is_an_event_with_that_one) {
  auto event = read(bare(codes(coding("http://loinc.org", "8480-6")), mmhg("152"))).event();
  EXPECT_EQ(member_of(event, "systolic"), "152");
  EXPECT_EQ(member_of(event, "diastolic"), "");
  event = read(bare(codes(coding("http://loinc.org", "8462-4")), mmhg("97"))).event();
  EXPECT_EQ(member_of(event, "systolic"), "");
  EXPECT_EQ(member_of(event, "diastolic"), "97");
  EXPECT_EQ(judge(event).reason, "");
}

TEST(FhirBloodPressure, one_component_absent_leaves_the_other) {
  const auto half = panel(component("8480-6", mmhg("109")) + "," +
                          component("8462-4", "'dataAbsentReason':{'text':'Unknown'}"));
  const auto event = read(half).event();
  EXPECT_EQ(member_of(event, "systolic"), "109");
  EXPECT_EQ(member_of(event, "diastolic"), "");
  EXPECT_EQ(read(half).verdict(), "accepted");
}

TEST(FhirBloodPressure, without_any_value_is_not_followed) {
  EXPECT_EQ(read(panel(component("8480-6", "'dataAbsentReason':{'text':'x'}"))).verdict(),
            "not_followed Observation");
  EXPECT_EQ(read(with(pressure_panel, "'component':null")).verdict(), "not_followed Observation");
  EXPECT_EQ(read(panel(component("8480-6", "'valueQuantity':{'unit':'mmHg'}"))).verdict(),
            "not_followed Observation");
  EXPECT_EQ(
      read(with(pressure_panel, "'component':null,'hasMember':[{'reference':'Observation/1'}]"))
          .verdict(),
      "not_followed Observation");
}

TEST(FhirBloodPressure, value_and_reason_of_absence_together_are_refused) {
  const auto both =
      panel(component("8480-6", mmhg("109") + ",'dataAbsentReason':{'text':'error'}"));
  EXPECT_EQ(read(both).verdict(), "type systolic");
}

TEST(FhirBloodPressure, retraction_needs_no_value) {
  const auto retraction = with(pressure_panel, "'status':'entered-in-error','component':null");
  EXPECT_EQ(read(retraction).event(),
            double_quoted("{'source':'file','id':'Observation/bp-1','patient':'p-1',"
                          "'status':'entered-in-error'}"));
  EXPECT_EQ(read(retraction).verdict(), "accepted");
}

TEST(FhirBloodPressure, units_by_code_or_text_are_known) {
  const char* known[] = {
      "'unit':'mmHg'",
      "'unit':'mm[Hg]'",
      "'unit':'mm Hg'",
      "'code':'mm[Hg]'",
      "'code':'mm[Hg]','unit':'millimeter of mercury','system':'http://unitsofmeasure.org'",
      "'code':'266016','system':'urn:iso:std:iso:11073:10101'",
      "'code':'259018001','unit':'mmHg','system':'http://snomed.info/sct'",
      "'code':'mm[Hg]','system':'http://unitsofmeasure.org/'",
  };
  for (const char* unit : known) {
    const auto read_bp = read(bare(codes(coding("http://loinc.org", "8480-6")),
                                   "'valueQuantity':{'value':148," + std::string(unit) + "}"));
    EXPECT_EQ(read_bp.verdict(), "accepted") << unit;
    EXPECT_EQ(member_of(read_bp.event(), "unit"), "'mm[Hg]'") << unit;
  }
}

TEST(FhirBloodPressure, kilopascal_stays_for_the_native_decoder_to_convert) {
  const auto read_bp = read(
      bare(codes(coding("http://loinc.org", "8480-6")),
           "'valueQuantity':{'value':19.7,'system':'http://unitsofmeasure.org','code':'kPa'}"));
  EXPECT_EQ(member_of(read_bp.event(), "systolic"), "19.7");
  EXPECT_EQ(member_of(read_bp.event(), "unit"), "'kPa'");
  EXPECT_EQ(read_bp.verdict(), "accepted");
}

TEST(FhirBloodPressure, unknown_units_are_handed_on_as_written_and_refused) {
  struct Case {
    const char* quantity;
    const char* unit;
  };
  const Case cases[] = {
      {"'value':3,'unit':'psi'", "'psi'"},
      {"'value':148,'code':'fmm[Hg]','unit':'mmHg'", "'fmm[Hg]'"},
      {"'value':148,'code':'mm[Hg]{hg}','unit':'mmHg'", "'mm[Hg]{hg}'"},
      {"'value':148,'unit':'mmH'", "'mmH'"},
      {"'value':148", "'absent'"},
      {"'value':148,'code':'mm[Hg]','unit':'kPa'", "'mm[Hg] or kPa'"},
  };
  for (const Case& one : cases) {
    const auto read_bp = read(bare(codes(coding("http://loinc.org", "8480-6")),
                                   "'valueQuantity':{" + std::string(one.quantity) + "}"));
    EXPECT_EQ(read_bp.verdict(), "unknown-unit unit") << one.quantity;
    EXPECT_EQ(member_of(read_bp.event(), "unit"), one.unit);
  }
}

TEST(FhirBloodPressure, components_in_different_units_are_refused) {
  const auto mixed = panel(component("8480-6", mmhg("148")) + "," +
                           component("8462-4", "'valueQuantity':{'value':12,'code':'kPa'}"));
  EXPECT_EQ(read(mixed).verdict(), "unknown-unit unit");
}

TEST(FhirBloodPressure, numbers_are_passed_as_written) {
  struct Case {
    const char* written;
    const char* verdict;
  };
  const Case cases[] = {
      {"310", "implausible systolic"}, {"67.951", "accepted"},     {"148.0", "accepted"},
      {"-5", "implausible systolic"},  {"'148'", "type systolic"}, {"0", "implausible systolic"},
      {"true", "type systolic"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(read(bare(codes(coding("http://loinc.org", "8480-6")), mmhg(one.written))).verdict(),
              one.verdict)
        << one.written;
  }
  EXPECT_EQ(
      member_of(read(bare(codes(coding("LN", "8480-6")), mmhg("67.951"))).event(), "systolic"),
      "67.951");
}

TEST(FhirBloodPressure, comparator_makes_the_value_no_number) {
  const auto above = bare(codes(coding("http://loinc.org", "8480-6")),
                          "'valueQuantity':{'value':250,'comparator':'>','code':'mm[Hg]'}");
  EXPECT_EQ(member_of(read(above).event(), "systolic"), "'>250'");
  EXPECT_EQ(read(above).verdict(), "type systolic");
}

TEST(FhirBloodPressure, other_value_types_are_refused_not_lost) {
  const std::string code = codes(coding("http://loinc.org", "8480-6"));
  EXPECT_EQ(read(bare(code, "'valueString':'high'")).verdict(), "type systolic");
  EXPECT_EQ(read(bare(code, "'valueRange':{'low':{'value':120}}")).verdict(), "type systolic");
  EXPECT_EQ(read(bare(code, "'valueInteger':120")).verdict(), "unknown-unit unit");
  const auto pair = with(pressure_panel, "'component':null,'valueString':'120/80'");
  EXPECT_EQ(read(pair).verdict(), "type systolic");
  EXPECT_EQ(member_of(read(pair).event(), "systolic"), "'120/80'");
}

TEST(FhirBloodPressure, two_values_of_one_component_are_refused_unless_equal) {
  const auto equal =
      panel(component("8480-6", mmhg("148")) + "," + component("8480-6", mmhg("148.0")));
  EXPECT_EQ(read(equal).verdict(), "accepted");
  const auto unequal =
      panel(component("8480-6", mmhg("148")) + "," + component("8480-6", mmhg("131")));
  EXPECT_EQ(read(unequal).verdict(), "type systolic");
  EXPECT_EQ(member_of(read(unequal).event(), "systolic"), "'148, 131'");
}

TEST(FhirBloodPressure, any_recognised_coding_and_system_counts) {
  const std::string sets[] = {
      coding("urn:oid:2.16.840.1.113883.6.1", "8480-6"),
      coding("LN", "8480-6"),
      coding("http://snomed.info/sct", "271649006"),
      coding("urn:iso:std:iso:11073:10101", "150021"),
      coding("http://acme.org/devices", "bp-s", "Diastolic") + "," +
          coding("http://loinc.org", "8480-6"),
      coding("http://snomed.info/sct", "75367002") + "," + coding("http://loinc.org", "8480-6"),
      coding("http://loinc.org", "8480-6") + "," + coding("http://loinc.org", "85354-9"),
  };
  for (const std::string& set : sets) {
    const auto read_bp = read(bare(codes(set), mmhg("148")));
    EXPECT_EQ(read_bp.verdict(), "accepted") << set;
    EXPECT_EQ(member_of(read_bp.event(), "systolic"), "148") << set;
  }
  EXPECT_EQ(read(bare(codes(coding("http://example.org", "8480-6")), mmhg("148"))).verdict(),
            "not_followed Observation");
}

TEST(FhirBloodPressure, code_and_display_that_disagree_are_quarantined) {
  struct Case {
    std::string code;
    const char* verdict;
  };
  const Case cases[] = {
      {codes(coding("http://loinc.org", "8480-6", "Diastolic blood pressure")),
       "unknown-kind kind"},
      {codes(coding("http://loinc.org", "8480-6"), "Diastolic"), "unknown-kind kind"},
      {codes(coding("http://loinc.org", "8462-4", "Systolic blood pressure")), "unknown-kind kind"},
      {codes(coding("http://loinc.org", "8480-6", "Heart rate")), "unknown-kind kind"},
      {codes(coding("http://loinc.org", "8480-6", "Mean blood pressure")), "unknown-kind kind"},
      {codes(coding("http://loinc.org", "8480-6") + "," + coding("http://loinc.org", "8462-4")),
       "unknown-kind kind"},
      {codes(coding("http://loinc.org", "8480-6") + "," + coding("http://loinc.org", "8867-4")),
       "unknown-kind kind"},
      {codes(coding("http://loinc.org", "8480-6", "SYSTOLIC BP")), "accepted"},
      {codes(coding("http://loinc.org", "8480-6", "Blood pressure")), "accepted"},
      {codes(coding("http://loinc.org", "8480-6", "Systolischer Blutdruck")), "accepted"},
      {codes(coding("http://loinc.org", "8480-6", "Pression art\u00e9rielle")), "accepted"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(read(bare(one.code, mmhg("148"))).verdict(), one.verdict) << one.code;
  }
}

TEST(FhirBloodPressure, panel_text_may_name_other_signs_beside_the_pressure) {
  const auto named = with(pressure_panel, codes(coding("http://loinc.org", "85354-9"),
                                                "Blood pressure, heart rate and temperature"));
  EXPECT_EQ(read(named).verdict(), "accepted");
}

TEST(FhirBloodPressure, pulse_in_the_panel_is_a_further_event_with_its_code_in_the_id) {
  const auto with_pulse =
      panel(component("8480-6", mmhg("148")) + "," + component("8462-4", mmhg("91")) + "," +
            component("8867-4", "'valueQuantity':{'value':72,'unit':'bpm','code':'/min'}"));
  const auto both = read(with_pulse);
  ASSERT_EQ(both.events.size(), 2U);
  EXPECT_EQ(member_of(both.events[0], "id"), "'Observation/bp-1'");
  EXPECT_EQ(member_of(both.events[0], "kind"), "'blood_pressure'");
  EXPECT_EQ(member_of(both.events[1], "id"), "'Observation/bp-1#8867-4'");
  EXPECT_EQ(member_of(both.events[1], "name"), "'heart-rate'");
  EXPECT_TRUE(both.judged[0].fact && both.judged[1].fact);
  const auto retracted = read(with(with_pulse, "'status':'entered-in-error'"));
  ASSERT_EQ(retracted.events.size(), 2U);
  EXPECT_EQ(member_of(retracted.events[1], "id"), "'Observation/bp-1#8867-4'");
}

TEST(FhirBloodPressure, components_are_read_under_a_code_of_somebody_else) {
  const auto local = with(pressure_panel, codes(coding("http://loinc.org", "76534-7")));
  EXPECT_EQ(read(local).verdict(), "accepted");
  EXPECT_EQ(member_of(read(local).event(), "id"), "'Observation/bp-1'");
  EXPECT_EQ(read(with(pressure_panel, "'code':{'text':'BP'}")).verdict(), "accepted");
}

}  // namespace
}  // namespace ketavigil::ingest::fhir::test
