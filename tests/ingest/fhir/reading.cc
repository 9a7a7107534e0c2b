#include "tests/ingest/fhir/reading.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ketavigil::ingest::fhir::test {

const std::string pressure_panel = R"({
  'resourceType':'Observation','id':'bp-1','status':'final',
  'code':{'coding':[{'system':'http://loinc.org','code':'85354-9'}]},
  'subject':{'reference':'Patient/p-1'},'effectiveDateTime':'2026-03-04T15:22:00+01:00',
  'component':[
    {'code':{'coding':[{'system':'http://loinc.org','code':'8480-6'}]},
     'valueQuantity':{'value':148,'unit':'mmHg','system':'http://unitsofmeasure.org','code':'mm[Hg]'}},
    {'code':{'coding':[{'system':'http://loinc.org','code':'8462-4'}]},
     'valueQuantity':{'value':91,'unit':'mmHg','system':'http://unitsofmeasure.org','code':'mm[Hg]'}}]})";

const std::string observation = R"({
  'resourceType':'Observation','id':'o-1','status':'final',
  'subject':{'reference':'Patient/p-1'},'effectiveDateTime':'2026-03-04T15:22:00+01:00'})";

const std::string administration = R"({
  'resourceType':'MedicationAdministration','id':'s-1','status':'completed',
  'medicationCodeableConcept':{'coding':[
    {'system':'http://www.nlm.nih.gov/research/umls/rxnorm','code':'2201623'}]},
  'subject':{'reference':'Patient/p-1'},'effectiveDateTime':'2026-03-04T14:41:00+01:00',
  'dosage':{
    'route':{'coding':[{'system':'http://snomed.info/sct','code':'46713006'}]},
    'dose':{'value':84,'unit':'mg','system':'http://unitsofmeasure.org','code':'mg'}}})";

std::string double_quoted(std::string_view text) {
  std::string json(text);
  std::replace(json.begin(), json.end(), '\'', '"');
  return json;
}

std::string with(std::string_view base, std::string_view members) {
  auto object = nlohmann::json::parse(double_quoted(base));
  const auto further = nlohmann::json::parse('{' + double_quoted(members) + '}');
  for (const auto& [key, value] : further.items()) {
    if (value.is_null()) {
      object.erase(key);
    } else {
      object[key] = value;
    }
  }
  return object.dump();
}

Judged judge(const std::string& event) {
  const events::DecodeSettings settings;
  events::Decoder decoder(settings);
  auto decoded = decoder.decode(event);
  Judged judged;
  if (auto* rejection = std::get_if<events::Rejection>(&decoded)) {
    judged.reason = rejection->reason;
    judged.field = rejection->field;
  } else {
    judged.fact = std::get<events::Fact>(std::move(decoded));
  }
  return judged;
}

std::string Read::event() const {
  EXPECT_EQ(events.size(), 1U);
  return events.empty() ? "" : events.front();
}

Judged Read::only() const {
  EXPECT_EQ(judged.size(), 1U);
  return judged.empty() ? Judged() : judged.front();
}

std::string Read::verdict() const {
  if (judged.empty()) return "not_followed " + not_followed;
  const Judged one = only();
  return one.fact ? "accepted" : one.reason + ' ' + one.field;
}

Read read(std::string_view resource, const FhirContext& context) {
  const simdjson::padded_string json(double_quoted(resource));
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  EXPECT_EQ(parser.parse(json).get(document), simdjson::SUCCESS) << resource;
  const FhirReading reading = read_resource(document, context);
  EXPECT_NE(reading.events.empty(), reading.not_followed.empty());
  Read result;
  result.not_followed = reading.not_followed;
  for (const FhirEvent& event : reading.events) {
    result.events.push_back(event.json);
    result.judged.push_back(judge(event.json));
  }
  return result;
}

std::vector<ReadEntry> read_entries(std::string_view bundle, const FhirContext& context) {
  const simdjson::padded_string json(double_quoted(bundle));
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  EXPECT_EQ(parser.parse(json).get(document), simdjson::SUCCESS) << bundle;
  std::vector<ReadEntry> entries;
  read_bundle(document, context, [&](std::size_t entry, FhirReading reading) {
    EXPECT_NE(reading.events.empty(), reading.not_followed.empty());
    entries.push_back({entry, std::move(reading)});
  });
  return entries;
}

std::string member_of(const std::string& event, std::string_view key) {
  const auto object = nlohmann::ordered_json::parse(event);
  if (!object.contains(key)) return "";
  std::string json = object[std::string(key)].dump();
  std::replace(json.begin(), json.end(), '"', '\'');
  return json;
}

}  // namespace ketavigil::ingest::fhir::test
