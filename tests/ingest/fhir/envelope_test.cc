#include "ingest/decode/fhir/envelope.h"

#include <gtest/gtest.h>

#include "tests/ingest/fhir/reading.h"

namespace ketavigil::ingest::fhir::test {
namespace {

std::string field(std::string_view members, std::string_view key, const FhirContext& context = {}) {
  return member_of(read(with(pressure_panel, members), context).event(), key);
}

std::string verdict(std::string_view members) {
  return read(with(pressure_panel, members)).verdict();
}

TEST(FhirEnvelope, source_is_the_feeds_name_else_meta_source_else_file) {
  EXPECT_EQ(field("'meta':{}", "source"), "'file'");
  EXPECT_EQ(field("'meta':{'source':'urn:clinic-7'}", "source"), "'urn:clinic-7'");
  // The fragment is the request's (HAPI): another one for each delivery of the same fact.
  EXPECT_EQ(field("'meta':{'source':'urn:clinic-7#iLFSV7OL'}", "source"), "'urn:clinic-7'");
  EXPECT_EQ(field("'meta':{'source':'#iLFSV7OL'}", "source"), "'file'");
  FhirContext named;
  named.source = "clinic-07";
  EXPECT_EQ(field("'meta':{'source':'urn:clinic-7'}", "source", named), "'clinic-07'");
}

TEST(FhirEnvelope, id_is_type_and_id_else_the_first_identifier) {
  EXPECT_EQ(field("'identifier':[{'system':'urn:s','value':'v'}]", "id"), "'Observation/bp-1'");
  EXPECT_EQ(field("'id':null,'identifier':[{'system':'urn:s','value':'v'},{'value':'w'}]", "id"),
            "'urn:s|v'");
  EXPECT_EQ(field("'id':null,'identifier':[{'value':'v'}]", "id"), "'v'");
  EXPECT_EQ(verdict("'id':null"), "missing id");
}

TEST(FhirEnvelope, patient_is_the_last_part_of_the_reference) {
  struct Case {
    const char* subject;
    const char* patient;
  };
  const Case cases[] = {
      {"{'reference':'Patient/p-9'}", "'p-9'"},
      {"{'reference':'p-9'}", "'p-9'"},
      {"{'reference':'https://ehr.example.org/fhir/Patient/p-9'}", "'p-9'"},
      {"{'reference':'Patient/p-9/_history/4'}", "'p-9'"},
      {"{'reference':'urn:uuid:9da6b890-7d75'}", "'9da6b890-7d75'"},
      {"{'identifier':{'system':'urn:mrn','value':'p-9'}}", "'p-9'"},
      {"{'reference':'Patient?identifier=http://mrn.example.org/a|p-9'}", "'p-9'"},
      {"{'reference':'Patient/p-9','type':'Patient'}", "'p-9'"},
  };
  for (const Case& one : cases)
    EXPECT_EQ(field("'subject':" + std::string(one.subject), "patient"), one.patient);
}

TEST(FhirEnvelope, subject_that_is_nobody_we_know_is_missing) {
  const char* subjects[] = {
      "null",
      "{'display':'Amy Shaw'}",
      "{'reference':'Group/1'}",
      "{'reference':'https://ehr.example.org/fhir/Device/1'}",
      "{'reference':'x','type':'Location'}",
      "{'reference':'Device?identifier=a|b'}",
      "{'reference':'#p'}",
      "'Patient/1'",
  };
  for (const char* subject : subjects)
    EXPECT_EQ(verdict("'subject':" + std::string(subject)), "missing patient") << subject;
}

TEST(FhirEnvelope, contained_patient_is_known_by_its_identifier_not_its_local_id) {
  EXPECT_EQ(field("'subject':{'reference':'#p'},'contained':[{'resourceType':'Patient','id':'p',"
                  "'identifier':[{'system':'urn:mrn','value':'12345'}]}]",
                  "patient"),
            "'12345'");
  EXPECT_EQ(verdict("'subject':{'reference':'#p'},"
                    "'contained':[{'resourceType':'Patient','id':'p'}]"),
            "missing patient");
}

TEST(FhirEnvelope, observation_about_something_else_than_its_subject_is_not_followed) {
  EXPECT_EQ(verdict("'focus':[{'reference':'Patient/mother'}]"), "not_followed Observation");
}

TEST(FhirEnvelope, version_is_the_integer_version_id_else_last_updated_else_left_to_the_status) {
  const char* updated = "'lastUpdated':'2026-03-04T15:00:00.123456Z'";
  EXPECT_EQ(field("'meta':{'versionId':'3'," + std::string(updated) + "}", "version"), "3");
  EXPECT_EQ(field("'meta':{'versionId':'W/3'," + std::string(updated) + "}", "version"),
            "1772636400123");
  EXPECT_EQ(field("'meta':{'versionId':'0'," + std::string(updated) + "}", "version"),
            "1772636400123");
  EXPECT_EQ(
      field("'meta':{'versionId':'9007199254740992'," + std::string(updated) + "}", "version"),
      "1772636400123");
  EXPECT_EQ(field("'meta':{'versionId':'9007199254740991'}", "version"), "9007199254740991");
  EXPECT_EQ(field("'meta':{" + std::string(updated) + "}", "version"), "1772636400123");
  EXPECT_EQ(field("'meta':{'versionId':'x'}", "version"), "");
  EXPECT_EQ(field("'meta':{'lastUpdated':'2026-03-04'}", "version"), "");
}

TEST(FhirEnvelope, effective_is_date_time_instant_or_start_of_period) {
  EXPECT_EQ(
      field("'effectiveDateTime':null,'effectiveInstant':'2026-03-04T15:22:00Z'", "effective"),
      "'2026-03-04T15:22:00Z'");
  EXPECT_EQ(field("'effectiveDateTime':null,'effectivePeriod':{'start':'2026-03-04T15:22:00Z',"
                  "'end':'2026-03-05T15:22:00Z'}",
                  "effective"),
            "'2026-03-04T15:22:00Z'");
  EXPECT_EQ(verdict("'effectiveDateTime':'2026-03-04'"), "accepted");
}

TEST(FhirEnvelope, times_that_are_none_are_refused_by_the_native_decoder) {
  EXPECT_EQ(verdict("'effectiveDateTime':'2013'"), "type effective");
  EXPECT_EQ(verdict("'effectiveDateTime':'2013-05'"), "type effective");
  EXPECT_EQ(verdict("'effectiveDateTime':'2026-03-04T15:22:00'"), "type effective");
  EXPECT_EQ(verdict("'effectiveDateTime':20260304"), "type effective");
  EXPECT_EQ(verdict("'effectiveDateTime':null"), "missing effective");
  EXPECT_EQ(verdict("'effectiveDateTime':null,'effectivePeriod':{'end':'2026-03-04'}"),
            "missing effective");
  EXPECT_EQ(verdict("'issued':'yesterday'"), "type recorded");
  EXPECT_EQ(verdict("'issued':'2020-01-01T00:00:00Z'"), "future effective");
}

TEST(FhirEnvelope, recorded_is_issued_else_last_updated) {
  const char* updated = "'meta':{'lastUpdated':'2026-03-05T00:00:00Z'}";
  EXPECT_EQ(field("'issued':'2026-03-04T16:00:00.5Z'," + std::string(updated), "recorded"),
            "'2026-03-04T16:00:00.5Z'");
  EXPECT_EQ(field(updated, "recorded"), "'2026-03-05T00:00:00Z'");
  EXPECT_EQ(field("'meta':{}", "recorded"), "");
}

TEST(FhirEnvelope, every_status_of_an_observation_has_its_native_one) {
  struct Case {
    const char* fhir;
    const char* native;
  };
  const Case cases[] = {
      {"registered", "'preliminary'"},
      {"preliminary", "'preliminary'"},
      {"final", "'final'"},
      {"amended", "'corrected'"},
      {"corrected", "'corrected'"},
      {"cancelled", "'entered-in-error'"},
      {"entered-in-error", "'entered-in-error'"},
  };
  for (const Case& one : cases) {
    const std::string members = "'status':'" + std::string(one.fhir) + "'";
    EXPECT_EQ(field(members, "status"), one.native) << one.fhir;
    EXPECT_EQ(verdict(members), "accepted") << one.fhir;
  }
}

TEST(FhirEnvelope, every_status_of_an_administration_has_its_native_one) {
  struct Case {
    const char* fhir;
    const char* native;
  };
  const Case cases[] = {
      {"in-progress", "'preliminary'"},   {"on-hold", "'preliminary'"},
      {"completed", "'final'"},           {"stopped", "'final'"},
      {"not-done", "'entered-in-error'"}, {"entered-in-error", "'entered-in-error'"},
  };
  for (const Case& one : cases) {
    const auto session = read(with(administration, "'status':'" + std::string(one.fhir) + "'"));
    EXPECT_EQ(member_of(session.event(), "status"), one.native) << one.fhir;
    EXPECT_EQ(session.verdict(), "accepted") << one.fhir;
  }
}

TEST(FhirEnvelope, status_unknown_missing_or_of_another_type_is_refused) {
  EXPECT_EQ(verdict("'status':'unknown'"), "unknown-status status");
  EXPECT_EQ(verdict("'status':null"), "unknown-status status");
  EXPECT_EQ(verdict("'status':7"), "unknown-status status");
  EXPECT_EQ(verdict("'status':'Final'"), "unknown-status status");
  EXPECT_EQ(verdict("'status':'completed'"), "unknown-status status");
  EXPECT_EQ(read(with(administration, "'status':'unknown'")).verdict(), "unknown-status status");
}

TEST(FhirEnvelope, extension_that_may_change_the_meaning_is_refused) {
  const char* modifier = "'modifierExtension':[{'url':'http://example.org/negated'}]";
  EXPECT_EQ(verdict(modifier), "unknown-status status");
  const auto in_component =
      "'component':[{'code':{'coding':[{'system':'http://loinc.org','code':'8480-6'}]},"
      "'valueQuantity':{'value':148,'code':'mm[Hg]'}," +
      std::string(modifier) + "}]";
  EXPECT_EQ(verdict(in_component), "unknown-status status");
  EXPECT_EQ(verdict("'status':'entered-in-error'," + std::string(modifier)), "accepted");
}

TEST(FhirEnvelope, retraction_says_only_what_it_retracts) {
  EXPECT_EQ(read(with(pressure_panel,
                      "'status':'entered-in-error','meta':{'versionId':'4',"
                      "'lastUpdated':'2026-03-06T08:00:00Z'}"))
                .event(),
            double_quoted("{'source':'file','id':'Observation/bp-1','patient':'p-1','version':4,"
                          "'status':'entered-in-error','recorded':'2026-03-06T08:00:00Z'}"));
}

TEST(FhirEnvelope, retraction_of_what_is_not_followed_is_not_followed) {
  EXPECT_EQ(verdict("'status':'cancelled','component':null,"
                    "'code':{'coding':[{'system':'http://loinc.org','code':'15074-8'}]}"),
            "not_followed Observation");
}

TEST(FhirEnvelope, retraction_that_says_no_code_is_one) {
  EXPECT_EQ(verdict("'status':'entered-in-error','component':null,'code':null"), "accepted");
  EXPECT_EQ(verdict("'status':'final','component':null,'code':null"), "not_followed Observation");
}

TEST(FhirEnvelope, session_is_the_administration_that_it_is_part_of) {
  EXPECT_EQ(field("'partOf':[{'reference':'Procedure/1'},"
                  "{'reference':'MedicationAdministration/s-1'}]",
                  "session"),
            "'MedicationAdministration/s-1'");
  EXPECT_EQ(field("'partOf':[{'reference':'Procedure/1'}]", "session"), "");
}

TEST(FhirEnvelope, free_text_is_ignored) {
  EXPECT_EQ(read(with(pressure_panel,
                      "'text':{'status':'generated','div':'<div>Amy</div>'},"
                      "'note':[{'text':'Amy was upset'}]"))
                .event(),
            read(pressure_panel).event());
}

TEST(FhirEnvelope, resource_is_kept_whole_when_asked_for) {
  FhirContext keeping;
  keeping.keep_resource = true;
  const auto kept = read(with(pressure_panel, "'note':[{'text':'a \\\"b\\\"'}]"), keeping);
  EXPECT_EQ(kept.verdict(), "accepted");
  const auto resource = member_of(kept.event(), "fhir");
  EXPECT_NE(resource.find("'resourceType':'Observation'"), std::string::npos);
  EXPECT_NE(resource.find("note"), std::string::npos);
  EXPECT_EQ(kept.only().fact->id, "Observation/bp-1");
}

TEST(FhirEnvelope, words_of_a_sender_cannot_break_the_event) {
  const auto odd =
      read(with(pressure_panel, "'id':'a\\\"}\\n','subject':{'reference':'Patient/\\\\\\\"x'}"));
  EXPECT_EQ(odd.only().reason, "type");  // a control character in the id
  EXPECT_EQ(odd.only().field, "id");
}

TEST(FhirTarget, parts_of_references) {
  EXPECT_EQ(target_of("Medication/1").type, "Medication");
  EXPECT_EQ(target_of("Medication/1").id, "1");
  EXPECT_EQ(target_of("http://a.b/fhir/Medication/1/_history/2").id, "1");
  EXPECT_EQ(target_of("urn:uuid:abc").type, "");
  EXPECT_EQ(target_of("urn:uuid:abc").id, "abc");
  EXPECT_EQ(target_of("").id, "");
  EXPECT_EQ(target_of("Patient/").id, "");
}

}  // namespace
}  // namespace ketavigil::ingest::fhir::test
