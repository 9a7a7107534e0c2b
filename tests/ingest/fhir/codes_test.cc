#include "ingest/decode/fhir/codes.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "events/kinds.h"
#include "tests/ingest/fhir/reading.h"

namespace ketavigil::ingest::fhir::test {
namespace {

TEST(FhirCodes, each_code_has_one_meaning) {
  std::set<std::pair<System, std::string_view>> seen;
  for (const KnownCode& line : known_codes())
    EXPECT_TRUE(seen.emplace(line.system, line.code).second) << line.code;
}

TEST(FhirCodes, every_name_is_one_of_the_wire_formats) {
  for (const KnownCode& line : known_codes()) {
    if (line.role == Role::vital) {
      EXPECT_NE(events::vital_named(line.name), nullptr) << line.name;
    }
    if (line.role == Role::score) {
      EXPECT_NE(events::instrument_named(line.name), nullptr) << line.name;
    }
    if (line.role == Role::lab) {
      EXPECT_FALSE(events::lab_units(line.name).empty()) << line.name;
    }
  }
}

// LOINC's check digit is the Luhn sum of the digits before the hyphen: a transposed code fails.
TEST(FhirCodes, loinc_codes_have_their_check_digit) {
  for (const KnownCode& line : known_codes()) {
    if (line.system != System::loinc) continue;
    const std::size_t hyphen = line.code.find('-');
    ASSERT_NE(hyphen, std::string_view::npos) << line.code;
    int sum = 0;
    for (std::size_t i = 0; i < hyphen; ++i) {
      int digit = line.code[hyphen - 1 - i] - '0';
      if (i % 2 == 0) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
      sum += digit;
    }
    EXPECT_EQ((10 - sum % 10) % 10, line.code[hyphen + 1] - '0') << line.code;
  }
}

// SNOMED CT's is Verhoeff's.
TEST(FhirCodes, snomed_codes_have_their_check_digit) {
  constexpr int multiply[10][10] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 4, 0, 6, 7, 8, 9, 5},
                                    {2, 3, 4, 0, 1, 7, 8, 9, 5, 6}, {3, 4, 0, 1, 2, 8, 9, 5, 6, 7},
                                    {4, 0, 1, 2, 3, 9, 5, 6, 7, 8}, {5, 9, 8, 7, 6, 0, 4, 3, 2, 1},
                                    {6, 5, 9, 8, 7, 1, 0, 4, 3, 2}, {7, 6, 5, 9, 8, 2, 1, 0, 4, 3},
                                    {8, 7, 6, 5, 9, 3, 2, 1, 0, 4}, {9, 8, 7, 6, 5, 4, 3, 2, 1, 0}};
  constexpr int first[10] = {1, 5, 7, 6, 2, 8, 3, 0, 9, 4};
  for (const KnownCode& line : known_codes()) {
    if (line.system != System::snomed) continue;
    int check = 0;
    for (std::size_t i = 0; i < line.code.size(); ++i) {
      int digit = line.code[line.code.size() - 1 - i] - '0';
      for (std::size_t times = 0; times < i % 8; ++times) digit = first[digit];
      check = multiply[check][digit];
    }
    EXPECT_EQ(check, 0) << line.code;
  }
}

TEST(FhirCodes, configuration_adds_codes_of_any_system) {
  const ConfiguredCode added[] = {
      {"urn:clinic:codes", "BPIC", Role::score, "bpic-ss"},
      {"http://www.nlm.nih.gov/research/umls/rxnorm", "2119365", Role::compound, "esketamine"},
      {"http://standardterms.edqm.eu", "20049000", Role::route, "IN"},
      {"", "SYS", Role::systolic, ""},
      {"http://loinc.org", "1988-5", Role::lab, "1988-5"},
  };
  FhirContext context;
  context.codes = added;
  const auto score = read(with(observation,
                               "'valueInteger':12,'code':{'coding':[{'system':"
                               "'urn:clinic:codes','code':'BPIC'}]}"),
                          context);
  EXPECT_EQ(score.verdict(), "accepted");
  EXPECT_EQ(member_of(score.event(), "instrument"), "'bpic-ss'");
  const auto session = read(
      with(administration,
           "'medicationCodeableConcept':{'coding':[{'system':'http://www.nlm.nih.gov/research/umls/"
           "rxnorm','code':'2119365'}]},'dosage':{'route':{'coding':[{'system':"
           "'http://standardterms.edqm.eu','code':'20049000'}]},'dose':{'value':56,'code':'mg'}}"),
      context);
  EXPECT_EQ(session.verdict(), "accepted");
  const auto systolic = read(with(observation,
                                  "'code':{'coding':[{'code':'SYS'}]},"
                                  "'valueQuantity':{'value':148,'unit':'mmHg'}"),
                             context);
  EXPECT_EQ(systolic.verdict(), "accepted");
  const auto crp = read(with(observation,
                             "'code':{'coding':[{'system':'http://loinc.org','code':"
                             "'1988-5'}]},'valueQuantity':{'value':3,'code':'mg/L'}"),
                        context);
  EXPECT_EQ(crp.verdict(), "accepted");
  EXPECT_EQ(member_of(crp.event(), "unit"), "'mg/L'");
  EXPECT_EQ(
      read(with(observation, "'code':{'coding':[{'code':'SYS'}]},'valueInteger':1")).verdict(),
      "not_followed Observation");
}

TEST(FhirCodes, roles_have_names_for_configuration) {
  EXPECT_EQ(role_named("score"), Role::score);
  EXPECT_EQ(role_named("blood-pressure"), Role::pressure);
  EXPECT_EQ(role_named("scores"), std::nullopt);
}

TEST(FhirCodes, systems_are_known_with_and_without_a_last_slash) {
  EXPECT_EQ(system_of("http://loinc.org"), System::loinc);
  EXPECT_EQ(system_of("http://loinc.org/"), System::loinc);
  EXPECT_EQ(system_of("https://example.org/loinc"), std::nullopt);
  EXPECT_EQ(system_of(""), std::nullopt);
}

}  // namespace
}  // namespace ketavigil::ingest::fhir::test
