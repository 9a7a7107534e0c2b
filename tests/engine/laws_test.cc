// Promises 2, 3 and 4 over random records: R against the plain model, law A over orders and shards,
// law B over batches and replay, law C's invariants in every shuffle.
#include <rapidcheck.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "engine/questions/reading.h"
#include "tests/engine/plain_cases.h"
#include "tests/engine/plain_model.h"
#include "tests/engine/programmes.h"
#include "tests/engine/pushed_events.h"
#include "tests/engine/random_record.h"

namespace ketavigil::engine {
namespace {

const events::Microseconds start = events::parse_time("2024-03-10T00:00:00Z")->us;
const events::Microseconds later = events::parse_time("2024-06-01T00:00:00Z")->us;

std::string answers(const Programme& programme) {
  const auto reading = must(Reading::over(programme));
  std::string all;
  for (const std::string& patient : reading->patients())
    all += must(patient_document(*reading, patient, later)).value_or("");
  return all + tables_json(must(cohort_tables(*reading, later)), later);
}

TEST(Laws, r_gives_every_variant_the_state_of_the_plain_model) {
  const bool ok = rc::check([] {
    const auto texts = *random_events();
    static const events::DecodeSettings settings;
    events::Decoder decoder(settings);
    std::map<std::tuple<std::string, std::string, std::int64_t, std::string>, events::Variant>
        variants;
    for (const auto& json : texts) {
      auto decoded = decoder.decode(json);
      const auto* fact = std::get_if<events::Fact>(&decoded);
      if (fact == nullptr) continue;
      const events::Variant one{*fact, events::digest_of(*fact)};
      const auto [at, fresh] =
          variants.try_emplace({fact->source, fact->id, fact->version, one.digest}, one);
      if (!fresh && events::shown_before(*fact, at->second.fact)) at->second = one;
    }
    Record record{"p", {}};
    for (const auto& [key, variant] : variants) record.variants.put(variant);
    const Resolution resolution(record, settings);
    const plain::Model model = plain::model_of({record.variants.begin(), record.variants.end()});
    for (std::size_t i = 0; i < record.variants.size(); ++i) {
      const auto& v = record.variants[i];
      RC_ASSERT(std::string(name_of(resolution.state(i))) ==
                model.states.at({v.fact.source, v.fact.id, v.fact.version, v.digest}));
    }
    std::vector<plain::Key> order;
    for (const std::size_t i : resolution.active())
      order.emplace_back(record.variants[i].fact.source, record.variants[i].fact.id);
    RC_ASSERT(order == model.order);
  });
  EXPECT_TRUE(ok);
}

// Law C: what history shows is honest at every cut.
void check_history(const Programme& programme, const std::vector<std::string>& revisions) {
  std::map<std::string, std::vector<nlohmann::json>> cases;
  for (const auto& text : revisions) {
    auto revision = nlohmann::json::parse(text);
    const std::string name = revision.at("subject").at("patient").get<std::string>() +
                             revision.at("detector").get<std::string>() +
                             revision.at("case").get<std::string>();
    cases[name].push_back(std::move(revision));
  }
  std::multiset<std::string> last_held;
  for (const auto& [name, thread] : cases) {
    for (std::size_t i = 0; i < thread.size(); ++i) {
      RC_ASSERT(thread[i].at("revision") == i + 1);
      RC_ASSERT((thread[i].at("reason") == "new") == (i == 0));
    }
    auto last = thread.back();
    const std::string state = last.at("state");
    if (state == "superseded" || state == "retracted" || state == "merged") continue;
    for (const char* key : {"case", "revision", "raised", "updated", "reason"}) last.erase(key);
    last_held.insert(last.dump());
  }
  std::multiset<std::string> holding;
  const auto reading = must(Reading::over(programme));
  must(list_alerts(*reading, {}, reading->newest_received(), [&](const ListedFinding& listed) {
    holding.insert(nlohmann::json::parse(listed.finding->text).dump());
  }));
  RC_ASSERT(last_held == holding);
}

// What the plain model of Cases is told at each cut.
plain::Cut cut_of(const Programme& programme) {
  const auto reading = must(Reading::over(programme));
  plain::Cut cut;
  cut.position = programme.shard(0).position();
  cut.received = events::print_utc(programme.shard(0).received());
  must(list_alerts(*reading, {}, reading->newest_received(), [&](const ListedFinding& listed) {
    cut.findings.push_back(nlohmann::json::parse(listed.finding->text));
  }));
  const auto known = std::make_shared<const KnownPatient>(must(reading->record("p")));
  const auto resolution =
      std::make_shared<const Resolution>(known->record, programme.configured().settings.decode);
  cut.counts_as = [resolution, known](const plain::FactName& fact) {
    const auto keys = resolution->counts_as(fact.first, fact.second);
    return std::set<plain::FactName>(keys.begin(), keys.end());
  };
  cut.is_active = [resolution, known](const plain::FactName& fact) {
    return resolution->stands_for(fact.first, fact.second) ||
           std::any_of(known->quarantined.begin(), known->quarantined.end(),
                       [&](const events::Fact& other) {
                         return other.source == fact.first && other.id == fact.second;
                       });
  };
  return cut;
}

TEST(Laws, law_c_history_is_that_of_the_plain_model_of_cases) {
  const bool ok = rc::check([] {
    const auto texts = *random_events();
    const TemporaryFolder folder;
    StillClock clock(start);
    const auto programme = open_programme(folder / "p", clock, 1);
    plain::Cases model;
    for (const auto& json : texts) {
      const auto before = programme->shard(0).position();
      push(programme.get(), {json});
      if (programme->shard(0).position() != before) model.cut(cut_of(*programme));
      clock.pass(*rc::gen::inRange(0, 20) * events::day_us);
      if (*rc::gen::inRange(0, 3) != 0) continue;
      must(programme->append_ticks());
      model.cut(cut_of(*programme));
    }
    std::multiset<std::string> shown;
    for (const auto& text : history(*programme)) {
      const auto r = nlohmann::json::parse(text);
      const auto said = [&](const char* key) { return r.at(key).get<std::string>(); };
      shown.insert(said("case") + " " + std::to_string(r.at("revision").get<int>()) + " " +
                   said("reason") + " " + said("state") + " " + said("raised") + " " +
                   said("updated"));
    }
    RC_ASSERT(shown ==
              std::multiset<std::string>(model.revisions().begin(), model.revisions().end()));
  });
  EXPECT_TRUE(ok);
}

TEST(Laws, law_a_and_c_hold_in_any_order_with_repetition_and_shards) {
  const bool ok = rc::check([] {
    auto events = *random_events();
    const TemporaryFolder folder;
    const StillClock clock(start);
    const auto first = open_programme(folder / "first", clock, 1);
    push(first.get(), events);
    const std::string expected = answers(*first);
    check_history(*first, history(*first));
    std::shuffle(events.begin(), events.end(),
                 std::mt19937_64(*rc::gen::arbitrary<std::uint64_t>()));
    if (!events.empty()) events.push_back(events.front());
    const auto second = open_programme(folder / "second", clock, 3);
    push(second.get(), events);
    RC_ASSERT(answers(*second) == expected);
    check_history(*second, history(*second));
  });
  EXPECT_TRUE(ok);
}

TEST(Laws, law_a_bulk_and_live_lanes_give_the_same) {
  const bool ok = rc::check([] {
    const auto events = *random_events();
    const TemporaryFolder folder;
    const StillClock clock(start);
    const auto live = open_programme(folder / "live", clock, 1);
    push(live.get(), events);
    const auto bulk = open_programme(folder / "bulk", clock, 2, 3);
    BulkLoad load(bulk.get(), *rc::gen::arbitrary<bool>());
    std::vector<Parsed> all;
    const events::DecodeSettings settings;
    events::Decoder decoder(settings);
    for (const auto& json : events) all.push_back(parsed(json, &decoder));
    must(load.take(std::move(all), nullptr, [](const Answer&) {}));
    must(load.finish([](const Answer&) {}));
    RC_ASSERT(answers(*bulk) == answers(*live));
  });
  EXPECT_TRUE(ok);
}

TEST(Laws, law_b_a_log_read_again_gives_the_same_history) {
  const bool ok = rc::check([] {
    const auto events = *random_events();
    const TemporaryFolder folder;
    StillClock clock(start);
    const auto first = open_programme(folder / "first", clock, 2);
    for (const auto& json : events) {
      push(first.get(), {json});
      clock.pass(*rc::gen::inRange(0, 3) * events::day_us);
      if (*rc::gen::inRange(0, 3) == 0) must(first->append_ticks());
    }
    const auto expected = history(*first);
    ProgrammeOptions options;
    options.directory = folder / "again";
    options.create = true;
    options.shards = 2;
    options.batch_entries = *rc::gen::inRange(1, 9);
    options.free_space_guard_bytes = 0;
    options.cut_leftovers = false;
    const auto again = must(Programme::open(options, clock));
    std::vector<const storage::Store*> stores = {&first->shard(0).store(),
                                                 &first->shard(1).store()};
    must(replay(stores, again.get(), false, std::nullopt, [](std::uint64_t, std::uint64_t) {}));
    RC_ASSERT(history(*again) == expected);
  });
  EXPECT_TRUE(ok);
}

}  // namespace
}  // namespace ketavigil::engine
