#include <gtest/gtest.h>

#include "ingest/decode/fhir/elements.h"
#include "tests/ingest/fhir/reading.h"

namespace ketavigil::ingest::fhir::test {
namespace {

std::string bundle(std::string_view entries, std::string_view type = "collection") {
  return "{'resourceType':'Bundle','type':'" + std::string(type) + "','entry':[" +
         std::string(entries) + "]}";
}

std::string entry(std::string_view resource, std::string_view more = "") {
  return "{'resource':" + std::string(resource) + std::string(more) + "}";
}

// An administration of the drug that a Medication elsewhere says.
std::string administration_of(std::string_view reference) {
  return with(administration,
              "'medicationCodeableConcept':null,'medicationReference':{'reference':'" +
                  std::string(reference) + "'}");
}

constexpr std::string_view esketamine =
    "{'resourceType':'Medication','id':'m1','code':{'coding':[{'system':"
    "'http://www.whocc.no/atc','code':'N06AX27'}]}}";
constexpr std::string_view ketamine =
    "{'resourceType':'Medication','id':'m1','code':{'coding':[{'system':"
    "'http://www.whocc.no/atc','code':'N01AX03'}]}}";

std::string compound_in(const std::vector<ReadEntry>& entries, std::size_t at) {
  if (at >= entries.size() || entries[at].reading.events.empty()) return "not followed";
  return member_of(entries[at].reading.events.front().json, "compound");
}

TEST(FhirBundle, every_type_of_bundle_is_read_entry_by_entry) {
  for (const char* type : {"collection", "transaction", "batch", "searchset", "history", "document",
                           "message", "batch-response"}) {
    const auto entries = read_entries(
        bundle(entry(pressure_panel) + "," + entry("{'resourceType':'Patient'}"), type));
    ASSERT_EQ(entries.size(), 2U) << type;
    EXPECT_EQ(entries[0].entry, 0U);
    EXPECT_EQ(entries[0].reading.events.size(), 1U);
    EXPECT_EQ(entries[1].entry, 1U);
    EXPECT_EQ(entries[1].reading.not_followed, "Patient");
  }
}

TEST(FhirBundle, entry_without_a_resource_is_counted_as_such) {
  const auto entries = read_entries(bundle(
      "{'request':{'method':'DELETE','url':'Observation/bp-1'}},{'response':{'status':'201'}},"
      "{'resource':{'id':'1'}},7,null,{}",
      "transaction"));
  ASSERT_EQ(entries.size(), 6U);
  for (const ReadEntry& one : entries) EXPECT_EQ(one.reading.not_followed, "Bundle.entry");
}

TEST(FhirBundle, deletion_states_nothing_even_with_a_resource) {
  const auto entries = read_entries(bundle(
      entry(pressure_panel, ",'request':{'method':'DELETE','url':'Observation/bp-1'}"), "history"));
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].reading.not_followed, "Bundle.entry");
}

TEST(FhirBundle, outcomes_of_a_search_are_counted) {
  const auto entries = read_entries(bundle(
      entry("{'resourceType':'OperationOutcome'}", ",'search':{'mode':'outcome'}"), "searchset"));
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].reading.not_followed, "OperationOutcome");
}

TEST(FhirBundle, empty_bundle_is_counted_once) {
  for (const char* empty : {"{'resourceType':'Bundle','type':'searchset','total':0}",
                            "{'resourceType':'Bundle','entry':[]}",
                            "{'resourceType':'Bundle','entry':{'resource':{}}}"}) {
    const auto entries = read_entries(empty);
    ASSERT_EQ(entries.size(), 1U) << empty;
    EXPECT_EQ(entries[0].reading.not_followed, "Bundle");
  }
}

TEST(FhirBundle, bundle_in_a_bundle_is_read_under_the_outer_entry) {
  const auto inner = bundle(entry(pressure_panel) + "," + entry(administration), "searchset");
  const auto entries = read_entries(
      bundle(entry("{'resourceType':'Patient'}") + "," + entry(inner), "batch-response"));
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[1].entry, 1U);
  EXPECT_EQ(entries[2].entry, 1U);
  EXPECT_EQ(entries[1].reading.events.size(), 1U);
  EXPECT_EQ(entries[2].reading.events.size(), 1U);
}

TEST(FhirBundle, nesting_is_bounded) {
  std::string nested = bundle(entry(pressure_panel));
  for (int i = 0; i < 12; ++i) nested = bundle(entry(nested));
  const auto entries = read_entries(nested);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].reading.not_followed, "Bundle");
}

TEST(FhirBundle, medication_of_the_bundle_is_found_by_address_or_name) {
  const auto by_address = read_entries(bundle(entry(administration_of("urn:uuid:aa")) + "," +
                                              entry(esketamine, ",'fullUrl':'urn:uuid:aa'")));
  EXPECT_EQ(compound_in(by_address, 0), "'esketamine'");
  EXPECT_EQ(by_address[1].reading.not_followed, "Medication");
  const auto by_name =
      read_entries(bundle(entry(administration_of("Medication/m1")) + "," + entry(esketamine)));
  EXPECT_EQ(compound_in(by_name, 0), "'esketamine'");
  const auto by_version = read_entries(bundle(
      entry(administration_of("http://a.b/Medication/m1/_history/2")) + "," + entry(esketamine)));
  EXPECT_EQ(compound_in(by_version, 0), "'esketamine'");
  EXPECT_EQ(compound_in(read_entries(bundle(entry(administration_of("Medication/m2")) + "," +
                                            entry(esketamine))),
                        0),
            "not followed");
}

TEST(FhirBundle, relative_reference_is_completed_with_the_entrys_own_base) {
  const auto two_servers = [](std::string_view address) {
    return read_entries(bundle(
        entry(administration_of("Medication/m1"), ",'fullUrl':'" + std::string(address) + "'") +
        "," + entry(ketamine, ",'fullUrl':'http://a.org/fhir/Medication/m1'") + "," +
        entry(esketamine, ",'fullUrl':'http://b.org/fhir/Medication/m1'")));
  };
  EXPECT_EQ(compound_in(two_servers("http://a.org/fhir/MedicationAdministration/s-1"), 0),
            "'ketamine'");
  EXPECT_EQ(compound_in(two_servers("http://b.org/fhir/MedicationAdministration/s-1"), 0),
            "'esketamine'");
  EXPECT_EQ(compound_in(two_servers("urn:uuid:cc"), 0), "not followed");
}

TEST(FhirBundle, versions_of_one_medication_are_one_drug) {
  const auto history = read_entries(bundle(entry(administration_of("Medication/m1")) + "," +
                                           entry(ketamine) + "," + entry(ketamine)));
  EXPECT_EQ(compound_in(history, 0), "'ketamine'");
}

TEST(FhirBundle, caller_may_know_resources_outside_the_bundle) {
  const simdjson::padded_string json(double_quoted(ketamine));
  simdjson::dom::parser parser;
  simdjson::dom::element known;
  ASSERT_EQ(parser.parse(json).get(known), simdjson::SUCCESS);
  FhirContext context;
  context.find = [&](std::string_view reference) {
    return reference == "Medication/elsewhere" ? std::optional(known) : std::nullopt;
  };
  EXPECT_EQ(compound_in(
                read_entries(bundle(entry(administration_of("Medication/elsewhere"))), context), 0),
            "'ketamine'");
  EXPECT_EQ(member_of(read(administration_of("Medication/elsewhere"), context).event(), "compound"),
            "'ketamine'");
}

TEST(FhirResource, what_is_fhir_and_what_a_bundle) {
  const auto is = [](std::string_view json, bool (*question)(const simdjson::dom::element&)) {
    const simdjson::padded_string padded(double_quoted(json));
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    EXPECT_EQ(parser.parse(padded).get(document), simdjson::SUCCESS);
    return question(document);
  };
  EXPECT_TRUE(is("{'resourceType':'Patient'}", looks_like_fhir));
  EXPECT_FALSE(is("{'kind':'score'}", looks_like_fhir));
  EXPECT_FALSE(is("{'resourceType':7}", looks_like_fhir));
  EXPECT_FALSE(is("[1]", looks_like_fhir));
  EXPECT_FALSE(is("'resourceType'", looks_like_fhir));
  EXPECT_TRUE(is("{'resourceType':'Bundle'}", is_bundle));
  EXPECT_FALSE(is("{'resourceType':'Patient'}", is_bundle));
}

TEST(FhirResource, type_is_counted_by_name_only_if_it_is_one) {
  EXPECT_EQ(read("{'resourceType':'QuestionnaireResponse'}").not_followed, "QuestionnaireResponse");
  EXPECT_EQ(read("{'resourceType':'Ob servation'}").not_followed, "unknown");
  EXPECT_EQ(read("{'resourceType':''}").not_followed, "unknown");
  EXPECT_EQ(read("{'resourceType':'" + std::string(65, 'A') + "'}").not_followed, "unknown");
}

}  // namespace
}  // namespace ketavigil::ingest::fhir::test
