// R: the states that EVENTS.md gives the facts of one patient
// (tests/data/examples/records/states.json).
#include "engine/shard/record.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

namespace ketavigil::engine {
namespace {

using nlohmann::json;

Record record_of(const json& facts) {
  const events::DecodeSettings settings;
  events::Decoder decoder(settings);
  Record record;
  record.patient = "p";
  for (const auto& fact : facts) {
    auto decoded = decoder.decode(fact.dump());
    EXPECT_TRUE(std::holds_alternative<events::Fact>(decoded)) << fact;
    auto& one = std::get<events::Fact>(decoded);
    record.variants.put({one, events::digest_of(one)});
  }
  return record;
}

TEST(Record, every_variant_has_the_state_that_the_laws_give_it) {
  std::ifstream stream(KETAVIGIL_SOURCE_DIR "/tests/data/examples/records/states.json");
  const json cases = json::parse(stream);
  ASSERT_GT(cases.size(), 10U);
  const events::DecodeSettings settings;
  for (const auto& one : cases) {
    const Record record = record_of(one.at("facts"));
    const Resolution resolution(record, settings);
    for (std::size_t i = 0; i < record.variants.size(); ++i) {
      const events::Fact& fact = record.variants[i].fact;
      const std::string key = fact.source + "/" + fact.id + "/" + std::to_string(fact.version);
      const auto systolic = fact.number(events::Field::systolic);
      const std::string with_content =
          systolic ? key + " " + std::to_string(static_cast<int>(*systolic)) : key;
      const auto& states = one.at("states");
      const std::string& used = states.contains(with_content) ? with_content : key;
      ASSERT_TRUE(states.contains(used)) << one.at("name") << " " << used;
      EXPECT_EQ(name_of(resolution.state(i)), states.at(used).get<std::string>())
          << one.at("name") << " " << used;
    }
  }
}

// A session that names a plan is under it also where the plan is replaced, or another system's twin
// stands for it.
TEST(Record, the_plan_a_session_names_is_found_through_links) {
  const auto plan = [](const char* source, const char* id, const char* replaces) {
    json fact = {{"source", source},       {"id", id},      {"patient", "p"},
                 {"kind", "plan"},         {"version", 1},  {"effective", "2024-03-01T10:00:00Z"},
                 {"compound", "ketamine"}, {"route", "IM"}, {"dose_mg", 20},
                 {"interval_days", 7}};
    if (*replaces != 0) fact["replaces"] = replaces;
    return fact;
  };
  const json session = {{"source", "b"},          {"id", "s"},
                        {"patient", "p"},         {"kind", "session"},
                        {"version", 1},           {"effective", "2024-03-02T10:00:00Z"},
                        {"compound", "ketamine"}, {"route", "IM"},
                        {"dose_mg", 20},          {"plan", "p1"}};
  const events::DecodeSettings settings;
  const auto plan_of = [&](const json& facts) {
    const Record record = record_of(facts);
    const Resolution resolution(record, settings);
    const Derivation derivation(resolution, World::verified);
    return derivation.facts().back().plan;
  };
  using Key = std::optional<std::pair<std::string, std::string>>;
  EXPECT_EQ(plan_of(json::array({plan("b", "p1", ""), session})), Key({"b", "p1"}));
  EXPECT_EQ(plan_of(json::array({plan("b", "p1", ""), plan("b", "p2", "p1"), session})),
            Key({"b", "p2"}));
  EXPECT_EQ(plan_of(json::array({plan("a", "q", ""), plan("b", "p1", ""), session})),
            Key({"a", "q"}));
  EXPECT_EQ(plan_of(json::array({session})), Key());
}

}  // namespace
}  // namespace ketavigil::engine
