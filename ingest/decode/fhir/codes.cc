#include "ingest/decode/fhir/codes.h"

#include <algorithm>

#include "ingest/decode/fhir/display.h"
#include "ingest/decode/fhir/elements.h"

namespace ketavigil::ingest::fhir {
namespace {

struct SystemName {
  std::string_view uri;
  System system;
};

// Addresses as feeds write them. LOINC's three: HL7 v2's own short name and the OID come through
// interface engines. The rest: HL7's R4 examples and the FHIR terminology pages.
constexpr SystemName system_names[] = {
    {"http://loinc.org", System::loinc},
    {"LN", System::loinc},
    {"urn:oid:2.16.840.1.113883.6.1", System::loinc},
    {"http://snomed.info/sct", System::snomed},
    {"urn:iso:std:iso:11073:10101", System::mdc},
    {"MDC", System::mdc},
    {"http://www.nlm.nih.gov/research/umls/rxnorm", System::rxnorm},
    {"http://www.whocc.no/atc", System::atc},
    {"http://hl7.org/fhir/sid/ndc", System::ndc},
    {"http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration", System::v3_route},
    {"http://standardterms.edqm.eu", System::edqm},
};

// The first line of each (role, name) is the canonical code.
constexpr KnownCode codes[] = {
    // Pressures. Source: US Core 9 examples; CMS22 and CMS165 test decks.
    {System::loinc, "85354-9", Role::pressure, ""},
    {System::loinc, "96607-7", Role::pressure, ""},  // panel of means
    {System::loinc, "55284-4", Role::pressure, ""},  // the panel before 85354-9; IHE and VA MHV
    {System::loinc, "8480-6", Role::systolic, ""},
    {System::loinc, "96608-5", Role::systolic, ""},
    {System::loinc, "8462-4", Role::diastolic, ""},
    {System::loinc, "96609-3", Role::diastolic, ""},
    // SNOMED CT beside LOINC in HL7's R4 examples; diastolic: national profiles (NHS, MedCom).
    {System::snomed, "75367002", Role::pressure, ""},
    {System::snomed, "271649006", Role::systolic, ""},
    {System::snomed, "271650006", Role::diastolic, ""},
    // IEEE 11073-10101, non-invasive pressure: IHE PCD-01 and monitors' own messages.
    {System::mdc, "150020", Role::pressure, ""},
    {System::mdc, "150021", Role::systolic, ""},
    {System::mdc, "150022", Role::diastolic, ""},
    // Vital signs. Source: HL7's R4 vital-signs profile and its examples.
    {System::loinc, "8867-4", Role::vital, "heart-rate"},
    {System::loinc, "9279-1", Role::vital, "respiratory-rate"},
    {System::loinc, "59408-5", Role::vital, "spo2"},  // by pulse oximetry
    {System::loinc, "2708-6", Role::vital, "spo2"},   // arterial blood; the profile's own code
    {System::loinc, "29463-7", Role::vital, "weight"},
    {System::loinc, "8310-5", Role::vital, "temperature"},
    // Laboratory codes that a detector reads. Source: EVENTS.md, Kinds; CATALOGUE URO-4, URO-6,
    // DEP-10.
    {System::loinc, "13945-1", Role::lab, "13945-1"},  // erythrocytes per high power field, urine
    {System::loinc, "2160-0", Role::lab, "2160-0"},    // creatinine
    {System::loinc, "1975-2", Role::lab, "1975-2"},    // bilirubin, total
    {System::loinc, "1742-6", Role::lab, "1742-6"},    // alanine aminotransferase
    {System::loinc, "1920-8", Role::lab, "1920-8"},    // aspartate aminotransferase
    {System::loinc, "6768-6", Role::lab, "6768-6"},    // alkaline phosphatase
    {System::loinc, "2324-2", Role::lab, "2324-2"},    // gamma glutamyl transferase
    // Scores: total, then panel, which carries the total just as often. Source: HL7 PACIO cognitive
    // status examples; CMS771; loinc.org; US Core PHQ-9 examples.
    {System::loinc, "72172-0", Role::score, "moca"},
    {System::loinc, "72133-2", Role::score, "moca"},
    {System::loinc, "72106-8", Role::score, "mmse"},
    {System::loinc, "72107-6", Role::score, "mmse"},
    {System::loinc, "80891-5", Role::score, "ipss"},  // the symptom score, 0-35
    {System::loinc, "80883-2", Role::score, "ipss"},  // AUA symptom index panel
    {System::loinc, "80976-4", Role::score, "ipss"},  // IPSS panel
    {System::loinc, "44261-6", Role::score, "phq-9"},
    {System::loinc, "44249-1", Role::score, "phq-9"},
    {System::loinc, "44260-8", Role::score, "phq-9-item-9"},
    // The order of the items: US Core, Observation/PHQ9-panel-example-44249-1 and its
    // Questionnaire.
    {System::loinc, "44250-9", Role::phq9_item, "1"},
    {System::loinc, "44255-8", Role::phq9_item, "2"},
    {System::loinc, "44259-0", Role::phq9_item, "3"},
    {System::loinc, "44254-1", Role::phq9_item, "4"},
    {System::loinc, "44251-7", Role::phq9_item, "5"},
    {System::loinc, "44258-2", Role::phq9_item, "6"},
    {System::loinc, "44252-5", Role::phq9_item, "7"},
    {System::loinc, "44253-3", Role::phq9_item, "8"},
    // Drugs. RxNorm: the ingredient, and Spravato's generic and brand forms (ndclist.com, 2026-06);
    // strength-level and esketamine ingredient codes are not verified and are configured.
    {System::rxnorm, "6130", Role::compound, "ketamine"},
    {System::rxnorm, "2201623", Role::compound, "esketamine"},
    {System::rxnorm, "2201625", Role::compound, "esketamine"},
    {System::snomed, "373464007", Role::compound, "ketamine"},
    // WHO ATC. N06AX14, one digit away, is tianeptine.
    {System::atc, "N01AX03", Role::compound, "ketamine"},
    {System::atc, "N01AX14", Role::compound, "esketamine"},
    {System::atc, "N06AX27", Role::compound, "esketamine"},
    // Spravato's device and kits (label): labeller 50458, product 028, and as 11 digits.
    {System::ndc, "50458-028-", Role::compound, "esketamine", true},
    {System::ndc, "50458-0028-", Role::compound, "esketamine", true},
    {System::ndc, "504580028", Role::compound, "esketamine", true},
    // Routes, SNOMED CT: HL7's R4 examples and CMS decks (IV, PO, SC), public national profiles
    // (IN, IM, SL). 255560000 and 263887005 are qualifier values used as routes in R4 examples.
    {System::snomed, "47625008", Role::route, "IV"},
    {System::snomed, "255560000", Role::route, "IV"},
    {System::snomed, "418114005", Role::route, "IV"},  // intravenous central
    {System::snomed, "46713006", Role::route, "IN"},
    {System::snomed, "78421000", Role::route, "IM"},
    {System::snomed, "37839007", Role::route, "SL"},
    {System::snomed, "26643006", Role::route, "PO"},
    {System::snomed, "34206005", Role::route, "SC"},
    {System::snomed, "263887005", Role::route, "SC"},
    // HL7 v3 RouteOfAdministration, as in hl7.fhir.r4.examples.
    {System::v3_route, "IV", Role::route, "IV"},
    {System::v3_route, "IVINJ", Role::route, "IV"},
    {System::v3_route, "IVPUSH", Role::route, "IV"},
    {System::v3_route, "IVSPUSH", Role::route, "IV"},
    {System::v3_route, "NASAL", Role::route, "IN"},
    {System::v3_route, "NASALINSTIL", Role::route, "IN"},
    {System::v3_route, "NASINHL", Role::route, "IN"},
    {System::v3_route, "IM", Role::route, "IM"},
    {System::v3_route, "SL", Role::route, "SL"},
    {System::v3_route, "PO", Role::route, "PO"},
    {System::v3_route, "SQ", Role::route, "SC"},
    {System::v3_route, "SQINFUS", Role::route, "SC"},
    // EDQM Standard Terms, as public European profiles write them. Nasal use is not verified.
    {System::edqm, "20045000", Role::route, "IV"},
    {System::edqm, "20035000", Role::route, "IM"},
    {System::edqm, "20067000", Role::route, "SL"},
    {System::edqm, "20053000", Role::route, "PO"},
    {System::edqm, "20066000", Role::route, "SC"},
};

struct Answer {
  std::string_view code;
  int score;
};

// Source: `ordinalValue` of the answer options in US Core's Questionnaire/phq-9-example.
constexpr Answer phq9_answers[] = {
    {"LA6568-5", 0}, {"LA6569-3", 1}, {"LA6570-1", 2}, {"LA6571-9", 3}};

struct RoleName {
  std::string_view name;
  Role role;
};
constexpr RoleName role_names[] = {{"blood-pressure", Role::pressure},
                                   {"systolic", Role::systolic},
                                   {"diastolic", Role::diastolic},
                                   {"vital", Role::vital},
                                   {"lab", Role::lab},
                                   {"score", Role::score},
                                   {"compound", Role::compound},
                                   {"route", Role::route}};

bool contains(std::span<const Role> roles, Role role) {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

std::optional<Concept> meaning_of(std::string_view system_uri, std::string_view code,
                                  std::span<const Role> roles,
                                  std::span<const ConfiguredCode> configured) {
  for (const ConfiguredCode& line : configured) {
    if (line.code == code && line.system == system_uri && contains(roles, line.role))
      return Concept{line.role, line.name};
  }
  const auto system = system_of(system_uri);
  if (!system) return std::nullopt;
  for (const KnownCode& line : codes) {
    if (line.system != *system || !contains(roles, line.role)) continue;
    if (line.prefix ? code.starts_with(line.code) : code == line.code)
      return Concept{line.role, line.name};
  }
  return std::nullopt;
}

bool is_component(Role role) { return role == Role::systolic || role == Role::diastolic; }

// Adds a coding's meaning to what the codings before it said.
void combine(std::optional<Recognised>* so_far, const Concept& meaning) {
  if (!*so_far) {
    *so_far = Recognised{meaning};
    return;
  }
  Concept& first = (*so_far)->concept_of;
  if (first == meaning) return;
  if (meaning.role == Role::pressure && is_component(first.role)) return;
  if (first.role == Role::pressure && is_component(meaning.role)) {
    first = meaning;
    return;
  }
  (*so_far)->contradicted = true;
}

}  // namespace

std::optional<Role> role_named(std::string_view name) {
  for (const RoleName& line : role_names) {
    if (line.name == name) return line.role;
  }
  return std::nullopt;
}

std::span<const KnownCode> known_codes() { return codes; }

std::optional<System> system_of(std::string_view uri) {
  if (uri.ends_with('/')) uri.remove_suffix(1);
  for (const SystemName& line : system_names) {
    if (line.uri == uri) return line.system;
  }
  return std::nullopt;
}

std::optional<Recognised> recognise(const simdjson::dom::element& codeable,
                                    std::span<const Role> roles,
                                    std::span<const ConfiguredCode> configured) {
  std::optional<Recognised> recognised;
  bool contradicted = false;
  for (const auto& coding : items_at(codeable, "coding")) {
    const auto meaning =
        meaning_of(text_at(coding, "system"), text_at(coding, "code"), roles, configured);
    if (!meaning) continue;
    combine(&recognised, *meaning);
    contradicted = contradicted || contradicts(text_at(coding, "display"), *meaning);
  }
  if (!recognised) return std::nullopt;
  recognised->contradicted = recognised->contradicted || contradicted ||
                             contradicts(text_at(codeable, "text"), recognised->concept_of);
  return recognised;
}

std::string_view canonical_code(const Concept& concept_of) {
  for (const KnownCode& line : codes) {
    if (line.role == concept_of.role && line.name == concept_of.name) return line.code;
  }
  return concept_of.name;
}

std::optional<int> phq9_answer(std::string_view loinc_answer) {
  for (const Answer& answer : phq9_answers) {
    if (answer.code == loinc_answer) return answer.score;
  }
  return std::nullopt;
}

}  // namespace ketavigil::ingest::fhir
