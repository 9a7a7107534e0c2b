#include <gtest/gtest.h>

#include "tests/ingest/fhir/reading.h"

namespace ketavigil::ingest::fhir::test {
namespace {

std::string drug(std::string_view system, std::string_view code, std::string_view display = "") {
  std::string json = "'medicationCodeableConcept':{'coding':[{'system':'" + std::string(system) +
                     "','code':'" + std::string(code) + "'";
  if (!display.empty()) json += ",'display':'" + std::string(display) + "'";
  return json + "}]}";
}

std::string dosage(std::string_view dose, std::string_view route = "{'text':'IN'}") {
  return "'dosage':{'route':" + std::string(route) + ",'dose':{" + std::string(dose) + "}}";
}

Read session(std::string_view members) { return read(with(administration, members)); }

constexpr std::string_view rxnorm = "http://www.nlm.nih.gov/research/umls/rxnorm";
constexpr std::string_view atc = "http://www.whocc.no/atc";
constexpr std::string_view ndc = "http://hl7.org/fhir/sid/ndc";
constexpr std::string_view snomed = "http://snomed.info/sct";

TEST(FhirSession, administration_gives_a_session_in_the_wire_format) {
  EXPECT_EQ(
      read(administration).event(),
      double_quoted("{'source':'file','id':'MedicationAdministration/s-1','patient':'p-1',"
                    "'kind':'session','status':'final','effective':'2026-03-04T14:41:00+01:00',"
                    "'compound':'esketamine','route':'IN','dose_mg':84}"));
  EXPECT_EQ(read(administration).verdict(), "accepted");
}

TEST(FhirSession, drugs_of_the_class_are_known_by_their_codes) {
  struct Case {
    std::string_view system;
    const char* code;
    const char* compound;
  };
  const Case cases[] = {
      {rxnorm, "6130", "'ketamine'"},        {rxnorm, "2201623", "'esketamine'"},
      {rxnorm, "2201625", "'esketamine'"},   {snomed, "373464007", "'ketamine'"},
      {atc, "N01AX03", "'ketamine'"},        {atc, "N01AX14", "'esketamine'"},
      {atc, "N06AX27", "'esketamine'"},      {ndc, "50458-028-00", "'esketamine'"},
      {ndc, "50458-028-03", "'esketamine'"}, {ndc, "50458-0028-02", "'esketamine'"},
      {ndc, "50458002803", "'esketamine'"},
  };
  for (const Case& one : cases) {
    const auto read_session = session(drug(one.system, one.code));
    EXPECT_EQ(member_of(read_session.event(), "compound"), one.compound) << one.code;
    EXPECT_EQ(read_session.verdict(), "accepted") << one.code;
  }
}

TEST(FhirSession, other_drugs_are_not_followed) {
  EXPECT_EQ(session(drug(atc, "N06AX14", "Tianeptine")).verdict(),
            "not_followed MedicationAdministration");
  EXPECT_EQ(session(drug(rxnorm, "6103")).verdict(), "not_followed MedicationAdministration");
  EXPECT_EQ(session(drug(ndc, "50458-029-00")).verdict(), "not_followed MedicationAdministration");
  EXPECT_EQ(session("'medicationCodeableConcept':null").verdict(),
            "not_followed MedicationAdministration");
  EXPECT_EQ(session(drug(rxnorm, "1594660") + ",'status':'not-done'").verdict(),
            "not_followed MedicationAdministration");
}

TEST(FhirSession, drug_named_only_in_words_is_quarantined_not_lost) {
  const auto local = session(drug("urn:local", "K50", "Ketamine 50 mg/mL injection"));
  EXPECT_EQ(local.verdict(), "unknown-compound compound");
  EXPECT_EQ(member_of(local.event(), "compound"), "'ketamine?'");
  // 387458008 is aspirin and has been seen labelled so.
  EXPECT_EQ(session(drug(snomed, "387458008", "Ketamine")).verdict(), "unknown-compound compound");
  EXPECT_EQ(session("'medicationCodeableConcept':{'text':'Spravato 28 mg'}").verdict(),
            "unknown-compound compound");
  EXPECT_EQ(session("'medicationCodeableConcept':null,"
                    "'medicationReference':{'reference':'Medication/9','display':'Esketamine'}")
                .verdict(),
            "unknown-compound compound");
}

TEST(FhirSession, code_and_display_of_different_compounds_are_quarantined) {
  EXPECT_EQ(session(drug(rxnorm, "6130", "Esketamine")).verdict(), "unknown-compound compound");
  EXPECT_EQ(session(drug(atc, "N06AX27", "ketamine")).verdict(), "unknown-compound compound");
  EXPECT_EQ(session(drug(rxnorm, "6130", "Ketamine")).verdict(), "accepted");
  EXPECT_EQ(session(drug(atc, "N01AX03", "Calypsol")).verdict(), "accepted");
  EXPECT_EQ(session("'medicationCodeableConcept':{'coding':[{'system':'http://www.whocc.no/atc',"
                    "'code':'N01AX03'},{'system':'http://www.whocc.no/atc','code':'N06AX27'}]}")
                .verdict(),
            "unknown-compound compound");
}

TEST(FhirSession, contained_medication_gives_drug_and_lot) {
  const auto contained = session(
      "'medicationCodeableConcept':null,'medicationReference':{'reference':'#m'},"
      "'contained':[{'resourceType':'Medication','id':'m','code':{'coding':[{'system':"
      "'http://hl7.org/fhir/sid/ndc','code':'50458-028-03'}]},'batch':{'lotNumber':'21BG'}}]");
  EXPECT_EQ(contained.verdict(), "accepted");
  EXPECT_EQ(member_of(contained.event(), "compound"), "'esketamine'");
  EXPECT_EQ(member_of(contained.event(), "lot"), "'21BG'");
}

TEST(FhirSession, only_ingredient_of_a_medication_is_the_drug) {
  const auto made_of = [](std::string_view ingredients) {
    return session(
        "'medicationCodeableConcept':null,'medicationReference':{'reference':'#m'},"
        "'contained':[{'resourceType':'Medication','id':'m','ingredient':[" +
        std::string(ingredients) + "]}]");
  };
  const std::string ketamine =
      "{'itemCodeableConcept':{'coding':[{'system':'http://snomed.info/sct','code':'373464007'}]}}";
  const std::string saline = "{'itemCodeableConcept':{'text':'Sodium chloride 0.9%'}}";
  EXPECT_EQ(made_of(ketamine).verdict(), "accepted");
  EXPECT_EQ(made_of(saline + "," + ketamine).verdict(), "unknown-compound compound");
  EXPECT_EQ(made_of(saline).verdict(), "not_followed MedicationAdministration");
}

TEST(FhirSession, routes_are_known_by_code_or_abbreviation) {
  struct Case {
    const char* route;
    const char* native;
  };
  const Case cases[] = {
      {"{'coding':[{'system':'http://snomed.info/sct','code':'47625008'}]}", "'IV'"},
      {"{'coding':[{'system':'http://snomed.info/sct','code':'255560000',"
       "'display':'Intravenous'}]}",
       "'IV'"},
      {"{'coding':[{'system':'http://snomed.info/sct','code':'46713006','display':'Nasal use'}]}",
       "'IN'"},
      {"{'coding':[{'system':'http://snomed.info/sct','code':'78421000'}]}", "'IM'"},
      {"{'coding':[{'system':'http://snomed.info/sct','code':'37839007'}]}", "'SL'"},
      {"{'coding':[{'system':'http://snomed.info/sct','code':'26643006'}]}", "'PO'"},
      {"{'coding':[{'system':'http://snomed.info/sct','code':'34206005'}]}", "'SC'"},
      {"{'coding':[{'system':'http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration',"
       "'code':'NASAL','display':'Topical application, nasal'}]}",
       "'IN'"},
      {"{'coding':[{'system':'http://standardterms.edqm.eu','code':'20045000'}]}", "'IV'"},
      {"{'text':'IV'}", "'IV'"},
      {"{'text':'po'}", "'PO'"},
      {"{'text':'Intranasal'}", "'IN'"},
  };
  for (const Case& one : cases) {
    const auto read_session = session(dosage("'value':84,'code':'mg'", one.route));
    EXPECT_EQ(read_session.verdict(), "accepted") << one.route;
    EXPECT_EQ(member_of(read_session.event(), "route"), one.native);
  }
}

TEST(FhirSession, unknown_route_is_handed_on_as_written_and_none_is_missing) {
  EXPECT_EQ(session(dosage("'value':84,'code':'mg'", "{'text':'rectal'}")).verdict(),
            "unknown-route route");
  EXPECT_EQ(session(dosage("'value':84,'code':'mg'",
                           "{'coding':[{'system':'http://snomed.info/sct','code':'37161004'}]}"))
                .verdict(),
            "unknown-route route");
  EXPECT_EQ(session("'dosage':{'dose':{'value':84,'code':'mg'}}").verdict(), "missing route");
}

TEST(FhirSession, route_code_and_display_that_disagree_are_quarantined) {
  // As in CMS's own test deck.
  const auto mislabelled = session(dosage("'value':84,'code':'mg'",
                                          "{'coding':[{'system':'http://snomed.info/"
                                          "sct','code':'34206005','display':'Intravenous'}]}"));
  EXPECT_EQ(mislabelled.verdict(), "unknown-route route");
}

TEST(FhirSession, doses_are_milligrams_exactly) {
  struct Case {
    const char* dose;
    const char* mg;
  };
  const Case cases[] = {
      {"'value':84,'code':'mg'", "84"},
      {"'value':37.5,'unit':'mg'", "37.5"},
      {"'value':0.084,'code':'g'", "84"},
      {"'value':0.0351,'code':'g'", "35.1"},
      {"'value':56500,'code':'ug'", "56.5"},
      {"'value':56500,'unit':'mcg'", "56.5"},
      {"'value':32.3,'code':'mg','unit':'mg'", "32.3"},
  };
  for (const Case& one : cases) {
    const auto read_session = session(dosage(one.dose));
    EXPECT_EQ(read_session.verdict(), "accepted") << one.dose;
    EXPECT_EQ(member_of(read_session.event(), "dose_mg"), one.mg) << one.dose;
  }
}

TEST(FhirSession, dose_that_is_no_mass_is_refused_and_none_is_missing) {
  struct Case {
    const char* dose;
    const char* written;
  };
  const Case cases[] = {
      {"'value':5,'code':'mL'", "'5 mL'"},
      {"'value':0.5,'code':'mg/kg'", "'0.5 mg/kg'"},
      {"'value':84", "'84 without unit'"},
      {"'value':84,'code':'mg','unit':'g'", "'84 mg or g'"},
      {"'value':84,'comparator':'<','code':'mg'", "'<84'"},
      {"'value':'84','code':'mg'", "'84'"},
  };
  for (const Case& one : cases) {
    const auto read_session = session(dosage(one.dose));
    EXPECT_EQ(read_session.verdict(), "type dose_mg") << one.dose;
    EXPECT_EQ(member_of(read_session.event(), "dose_mg"), one.written);
  }
  EXPECT_EQ(session(dosage("'unit':'mg'")).verdict(), "missing dose_mg");
  EXPECT_EQ(session("'dosage':null").verdict(), "missing route");
}

TEST(FhirSession, period_gives_start_and_duration) {
  const auto period = [](std::string_view start, std::string_view end) {
    return session("'effectiveDateTime':null,'effectivePeriod':{'start':'" + std::string(start) +
                   "','end':'" + std::string(end) + "'}");
  };
  const auto infusion = period("2026-03-04T14:41:00+01:00", "2026-03-04T14:21:30Z");
  EXPECT_EQ(member_of(infusion.event(), "effective"), "'2026-03-04T14:41:00+01:00'");
  EXPECT_EQ(member_of(infusion.event(), "duration_min"), "40.5");
  EXPECT_EQ(infusion.verdict(), "accepted");
  const auto moment = period("2026-03-04T14:41:00+01:00", "2026-03-04T14:41:00+01:00");
  EXPECT_EQ(member_of(moment.event(), "duration_min"), "");
  EXPECT_EQ(period("2026-03-04", "2026-03-05").verdict(), "accepted");
  EXPECT_EQ(period("2026-03-04T14:41:00Z", "2026-03-04T14:00:00Z").verdict(),
            "implausible duration_min");
}

TEST(FhirSession, retraction_needs_the_drug_only) {
  EXPECT_EQ(session("'status':'not-done','dosage':null").event(),
            double_quoted("{'source':'file','id':'MedicationAdministration/s-1','patient':'p-1',"
                          "'status':'entered-in-error'}"));
}

TEST(FhirSession, error_withdrawn_without_its_drug_at_hand_is_a_retraction) {
  const std::string elsewhere =
      "'medicationCodeableConcept':null,'medicationReference':{'reference':'Medication/9'}";
  EXPECT_EQ(session("'status':'entered-in-error'," + elsewhere).verdict(), "accepted");
  EXPECT_EQ(session("'status':'entered-in-error','medicationCodeableConcept':null").verdict(),
            "accepted");
  EXPECT_EQ(session("'status':'not-done'," + elsewhere).verdict(),
            "not_followed MedicationAdministration");
  EXPECT_EQ(session("'status':'completed'," + elsewhere).verdict(),
            "not_followed MedicationAdministration");
  EXPECT_EQ(session("'status':'entered-in-error'," + drug(rxnorm, "1594660")).verdict(),
            "not_followed MedicationAdministration");
}

}  // namespace
}  // namespace ketavigil::ingest::fhir::test
