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
    record.variants.push_back({one, events::digest_of(one)});
  }
  std::sort(record.variants.begin(), record.variants.end(),
            [](const events::Variant& a, const events::Variant& b) {
              return std::tie(a.fact.source, a.fact.id, a.fact.version, a.digest) <
                     std::tie(b.fact.source, b.fact.id, b.fact.version, b.digest);
            });
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

}  // namespace
}  // namespace ketavigil::engine
