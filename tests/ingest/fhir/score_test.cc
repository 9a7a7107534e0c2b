#include <gtest/gtest.h>

#include "tests/ingest/fhir/reading.h"

namespace ketavigil::ingest::fhir::test {
namespace {

std::string score(std::string_view loinc, std::string_view value) {
  return with(observation, "'code':{'coding':[{'system':'http://loinc.org','code':'" +
                               std::string(loinc) + "'}]}," + std::string(value));
}

std::string component(std::string_view loinc, std::string_view value) {
  return "{'code':{'coding':[{'system':'http://loinc.org','code':'" + std::string(loinc) + "'}]}," +
         std::string(value) + "}";
}

// The nine items of the PHQ-9 with the ninth as given.
std::string nine_items(std::string_view ninth) {
  std::string components;
  for (const char* item :
       {"44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3"}) {
    components += component(item, "'valueInteger':1") + ",";
  }
  return components + component("44260-8", ninth);
}

TEST(FhirScore, totals_and_panels_carry_the_score) {
  struct Case {
    const char* loinc;
    const char* instrument;
  };
  const Case cases[] = {
      {"72172-0", "'moca'"}, {"72133-2", "'moca'"},  {"72106-8", "'mmse'"},
      {"72107-6", "'mmse'"}, {"80976-4", "'ipss'"},  {"80883-2", "'ipss'"},
      {"80891-5", "'ipss'"}, {"44249-1", "'phq-9'"}, {"44261-6", "'phq-9'"},
  };
  for (const Case& one : cases) {
    const auto read_score = read(score(one.loinc, "'valueInteger':18"));
    EXPECT_EQ(read_score.verdict(), "accepted") << one.loinc;
    EXPECT_EQ(member_of(read_score.event(), "instrument"), one.instrument);
    EXPECT_EQ(member_of(read_score.event(), "value"), "18");
    EXPECT_EQ(member_of(read_score.event(), "id"), "'Observation/o-1'");
  }
  EXPECT_EQ(member_of(read(score("44260-8", "'valueInteger':2")).event(), "instrument"),
            "'phq-9-item-9'");
}

TEST(FhirScore, value_may_be_quantity_integer_or_text) {
  const char* values[] = {
      "'valueQuantity':{'value':18}",
      "'valueQuantity':{'value':18,'code':'{score}','system':'http://unitsofmeasure.org'}",
      "'valueQuantity':{'value':18.0,'unit':'points'}",
      "'valueQuantity':{'value':18,'code':'1'}",
      "'valueInteger':18",
      "'valueString':'18'",
      "'valueString':' 18 '",
      "'valueCodeableConcept':{'text':'18'}",
  };
  for (const char* value : values) {
    const auto read_score = read(score("72133-2", value));
    EXPECT_EQ(read_score.verdict(), "accepted") << value;
    EXPECT_EQ(member_of(read_score.event(), "value"), "18") << value;
  }
}

TEST(FhirScore, text_that_is_no_plain_number_is_refused_as_written) {
  struct Case {
    const char* value;
    const char* written;
  };
  const Case cases[] = {
      {"'valueString':'26/30'", "'26/30'"},
      {"'valueString':'twenty'", "'twenty'"},
      {"'valueCodeableConcept':{'text':'normal'}", "'normal'"},
      {"'valueCodeableConcept':{'coding':[{'display':'Not at all'}]}", "'Not at all'"},
      {"'valueQuantity':{'value':60,'unit':'%'}", "'60 %'"},
      {"'valueQuantity':{'value':26,'comparator':'>='}", "'>=26'"},
      {"'valueBoolean':true", "'valueBoolean'"},
      {"'valueString':'1e1'", "'1e1'"},
  };
  for (const Case& one : cases) {
    const auto read_score = read(score("72172-0", one.value));
    EXPECT_EQ(read_score.verdict(), "type value") << one.value;
    EXPECT_EQ(member_of(read_score.event(), "value"), one.written);
  }
}

TEST(FhirScore, out_of_range_goes_through_for_the_native_decoder) {
  EXPECT_EQ(read(score("72172-0", "'valueInteger':31")).verdict(), "implausible value");
}

TEST(FhirScore, panel_of_members_without_value_is_not_followed) {
  EXPECT_EQ(read(score("44249-1", "'hasMember':[{'reference':'Observation/i1'}]")).verdict(),
            "not_followed Observation");
}

TEST(FhirScore, codes_labelled_as_something_else_are_quarantined) {
  const auto labelled = [](std::string_view loinc, std::string_view display) {
    return read(with(observation,
                     "'valueInteger':18,'code':{'coding':[{'system':'http://loinc.org',"
                     "'code':'" +
                         std::string(loinc) + "','display':'" + std::string(display) + "'}]}"))
        .verdict();
  };
  EXPECT_EQ(labelled("72133-2", "Montreal Cognitive Assessment [MoCA]"), "accepted");
  EXPECT_EQ(labelled("72172-0", "Total score [MoCA]"), "accepted");
  EXPECT_EQ(labelled("72133-2", "DASS-21"), "unknown-kind kind");
  EXPECT_EQ(labelled("72133-2", "BI-RADS assessment"), "unknown-kind kind");
  EXPECT_EQ(labelled("72133-2", "Mini-mental state examination"), "unknown-kind kind");
  EXPECT_EQ(labelled("44261-6", "PHQ-2 total score"), "unknown-kind kind");
  EXPECT_EQ(labelled("44261-6", "Patient Health Questionnaire 9 item (PHQ-9) total score"),
            "accepted");
  EXPECT_EQ(labelled("80891-5", "American Urological Association Symptom Index"), "accepted");
}

TEST(FhirScore, answer_of_item_9_is_read_from_its_code) {
  const auto answered = [](std::string_view concept_json) {
    return read(score("44260-8", "'valueCodeableConcept':" + std::string(concept_json)));
  };
  const auto several_days = answered(
      "{'coding':[{'system':'http://loinc.org','code':'LA6569-3'}],'text':'Several days'}");
  EXPECT_EQ(several_days.verdict(), "accepted");
  EXPECT_EQ(member_of(several_days.event(), "value"), "1");
  const auto ordinal = answered(
      "{'coding':[{'system':'http://acme.org','code':'x','extension':[{'url':"
      "'http://hl7.org/fhir/StructureDefinition/ordinalValue','valueDecimal':3}]}]}");
  EXPECT_EQ(member_of(ordinal.event(), "value"), "3");
  // Text and code that give different numbers are not believed.
  EXPECT_EQ(
      answered("{'coding':[{'system':'http://loinc.org','code':'LA6571-9'}],'text':'0'}").verdict(),
      "type value");
  EXPECT_EQ(answered("{'coding':[{'system':'http://acme.org','code':'LA6571-9'}]}").verdict(),
            "type value");
}

TEST(FhirScore, answer_codes_mean_nothing_to_another_instrument) {
  EXPECT_EQ(read(score("72172-0",
                       "'valueCodeableConcept':{'coding':[{'system':'http://loinc.org',"
                       "'code':'LA6571-9'}]}"))
                .verdict(),
            "type value");
}

TEST(FhirScore, nine_items_of_the_panel_go_into_the_score) {
  const auto panel = score("44249-1", "'component':[" + component("44261-6", "'valueInteger':11") +
                                          "," + nine_items("'valueInteger':3") + "]");
  const auto read_score = read(panel);
  EXPECT_EQ(read_score.verdict(), "accepted");
  EXPECT_EQ(member_of(read_score.event(), "value"), "11");
  EXPECT_EQ(member_of(read_score.event(), "items"), "[1,1,1,1,1,1,1,1,3]");
  EXPECT_EQ(member_of(read_score.event(), "id"), "'Observation/o-1'");
}

TEST(FhirScore, nine_items_without_a_total_are_summed) {
  const auto panel =
      score("44249-1",
            "'component':[" +
                nine_items("'valueCodeableConcept':{'coding':[{'system':'http://loinc.org','code':"
                           "'LA6570-1'}]}") +
                "]");
  EXPECT_EQ(member_of(read(panel).event(), "value"), "10");
  EXPECT_EQ(member_of(read(panel).event(), "items"), "[1,1,1,1,1,1,1,1,2]");
}

TEST(FhirScore, item_9_of_an_incomplete_panel_is_an_event_of_its_own) {
  const auto panel = score("44249-1", "'valueInteger':11,'component':[" +
                                          component("44250-9", "'valueInteger':2") + "," +
                                          component("44260-8", "'valueInteger':2") + "]");
  const auto both = read(panel);
  ASSERT_EQ(both.events.size(), 2U);
  EXPECT_EQ(member_of(both.events[0], "value"), "11");
  EXPECT_EQ(member_of(both.events[0], "items"), "");
  EXPECT_EQ(member_of(both.events[1], "id"), "'Observation/o-1#44260-8'");
  EXPECT_EQ(member_of(both.events[1], "instrument"), "'phq-9-item-9'");
  EXPECT_EQ(member_of(both.events[1], "value"), "2");
}

TEST(FhirScore, item_out_of_range_is_left_to_the_native_decoder) {
  const auto panel =
      score("44249-1", "'valueInteger':15,'component':[" + nine_items("'valueInteger':7") + "]");
  EXPECT_EQ(read(panel).verdict(), "implausible items[8]");
}

TEST(FhirScore, item_1_to_8_by_itself_is_not_followed) {
  EXPECT_EQ(read(score("44250-9", "'valueInteger':2")).verdict(), "not_followed Observation");
}

TEST(FhirScore, own_value_and_total_component_must_agree) {
  EXPECT_EQ(read(score("44249-1", "'valueInteger':11,'component':[" +
                                      component("44261-6", "'valueInteger':11") + "]"))
                .verdict(),
            "accepted");
  EXPECT_EQ(read(score("44249-1", "'valueInteger':11,'component':[" +
                                      component("44261-6", "'valueInteger':12") + "]"))
                .verdict(),
            "type value");
}

}  // namespace
}  // namespace ketavigil::ingest::fhir::test
