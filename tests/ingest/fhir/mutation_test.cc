// Whatever a sender does to a resource: the account adds up, every event is JSON that the native
// decoder can judge, and reading twice gives the same bytes.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <nlohmann/json.hpp>

#include "tests/ingest/fhir/reading.h"

namespace ketavigil::ingest::fhir::test {
namespace {

using nlohmann::json;

json strange_value(int choice) {
  switch (choice) {
    case 0:
      return nullptr;
    case 1:
      return -1e300;
    case 2:
      return 18446744073709551615ULL;
    case 3:
      return "";
    case 4:
      return "\"}\n\\u\x01 \xc3\xa9";
    case 5:
      return json::array();
    case 6:
      return json::object();
    case 7:
      return json::array({1, "a", nullptr, json::object({{"value", 3}})});
    case 8:
      return true;
    case 9:
      return "12";
    default:
      return std::string(300, 'x');
  }
}

// Replaces, removes or doubles one member somewhere below.
void mutate(json* node) {
  for (int depth = 0; depth < 12; ++depth) {
    if (!node->is_structured() || node->empty()) break;
    const auto index = *rc::gen::inRange<std::size_t>(0, node->size());
    auto at = node->begin();
    std::advance(at, static_cast<std::ptrdiff_t>(index));
    if (*rc::gen::inRange(0, 3) == 0) {
      const int action = *rc::gen::inRange(0, 13);
      if (action == 12) {
        node->erase(at);
      } else if (action == 11 && node->is_array()) {
        node->push_back(json(*at));
      } else {
        *at = strange_value(action);
      }
      return;
    }
    node = &*at;
  }
}

TEST(FhirMutation, account_adds_up_and_events_are_json_whatever_is_sent) {
  const std::string bases[] = {
      pressure_panel,
      administration,
      with(observation,
           "'code':{'coding':[{'system':'http://loinc.org','code':'44249-1','display':"
           "'PHQ-9'}],'text':'PHQ'},'valueCodeableConcept':{'coding':[{'system':"
           "'http://loinc.org','code':'LA6569-3'}],'text':'12'},"
           "'meta':{'versionId':'2','lastUpdated':'2026-03-05T00:00:00Z'},"
           "'component':[{'code':{'coding':[{'system':'http://loinc.org','code':"
           "'44260-8'}]},'valueInteger':1}]"),
      with(observation,
           "'code':{'coding':[{'system':'http://loinc.org','code':'1742-6'}]},"
           "'valueQuantity':{'value':31,'unit':'U/L','code':'U/L'},'referenceRange':"
           "[{'high':{'value':45,'code':'U/L'}}],'partOf':[{'reference':"
           "'MedicationAdministration/1'}]"),
  };
  const bool held = rc::check([&] {
    json resource = json::parse(double_quoted(
        *rc::gen::elementOf(std::vector<std::string>(std::begin(bases), std::end(bases)))));
    const int times = *rc::gen::inRange(1, 5);
    for (int i = 0; i < times; ++i) mutate(&resource);
    FhirContext context;
    context.keep_resource = *rc::gen::arbitrary<bool>();
    const simdjson::padded_string text(resource.dump());
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    RC_ASSERT(parser.parse(text).get(document) == simdjson::SUCCESS);
    const FhirReading reading = read_resource(document, context);
    RC_ASSERT(reading.events.empty() != reading.not_followed.empty());
    for (const FhirEvent& event : reading.events) {
      RC_ASSERT(json::accept(event.json));
      RC_ASSERT(event.json.find('\n') == std::string::npos);
      RC_ASSERT(judge(event.json).reason != "malformed");
    }
    const FhirReading again = read_resource(document, context);
    RC_ASSERT(again.events.size() == reading.events.size());
    for (std::size_t i = 0; i < again.events.size(); ++i)
      RC_ASSERT(again.events[i].json == reading.events[i].json);
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace ketavigil::ingest::fhir::test
