#include "routing/pages/dead_letters.h"

#include <nlohmann/json.hpp>

#include "events/json_text.h"
#include "storage/keys.h"

namespace ketavigil::routing::pages {
namespace {

using storage::Family;
namespace rows = engine::rows;

constexpr std::size_t id_characters = 16;

Status list_cases(const storage::Store& store, std::string_view prefix, bool is_past,
                  std::vector<ListedPage>* pages) {
  auto cursor = store.scan(Family::pages, prefix, storage::prefix_end(prefix));
  for (; cursor.valid(); cursor.next()) {
    ListedPage& one = pages->emplace_back();
    one.is_past = is_past;
    KETAVIGIL_TRY_ASSIGN(one.name, engine::page_name_of(cursor.key()));
    KETAVIGIL_TRY(engine::decode(cursor.value(), &one.page));
  }
  return cursor.status();
}

Status list_deliveries(const storage::Store& store, std::string_view prefix, bool is_dead,
                       std::vector<ListedDelivery>* deliveries) {
  auto cursor = store.scan(Family::pages, prefix, storage::prefix_end(prefix));
  for (; cursor.valid(); cursor.next()) {
    ListedDelivery& one = deliveries->emplace_back();
    one.row = cursor.key();
    one.id = events::hexadecimal(events::sha256(one.row)).substr(0, id_characters);
    one.is_dead = is_dead;
    KETAVIGIL_TRY(engine::decode(cursor.value(), &one.delivery));
  }
  return cursor.status();
}

Result<std::size_t> replay_of(engine::Shard* shard, const std::string& id, Microseconds now) {
  std::vector<ListedDelivery> dead;
  KETAVIGIL_TRY(list_deliveries(shard->store(), rows::dead_letters, true, &dead));
  engine::PageChanges changes;
  std::size_t replayed = 0;
  for (ListedDelivery& one : dead) {
    if (!id.empty() && one.id != id) continue;
    ++replayed;
    changes[one.row] = std::nullopt;
    const bool is_webhook = one.delivery.way.find("://") == std::string::npos;
    if (!is_webhook) continue;
    one.delivery.attempts = 0;
    one.delivery.since = now;
    changes[std::string(rows::waiting_deliveries) + one.row.substr(rows::dead_letters.size())] =
        engine::encode(one.delivery);
  }
  KETAVIGIL_TRY(shard->change_pages(changes));
  return replayed;
}

}  // namespace

Result<std::string> to_json(const ListedPage& listed) {
  KETAVIGIL_TRY_ASSIGN(const PageText text, from_json(listed.page.text));
  nlohmann::ordered_json out = {{"case", listed.name.case_name},
                                {"detector", listed.name.detector},
                                {"decision", engine::name_of(listed.page.decision)},
                                {"since", events::print_utc(listed.page.since)},
                                {"ended", nullptr},
                                {"labels", text.labels},
                                {"annotations", text.annotations}};
  if (listed.page.ended) out["ended"] = events::print_utc(*listed.page.ended);
  return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Status list_pages(const storage::Store& store, PagesOfStore* listed) {
  KETAVIGIL_TRY(list_cases(store, rows::open_pages, false, &listed->pages));
  KETAVIGIL_TRY(list_cases(store, rows::past_pages, true, &listed->pages));
  KETAVIGIL_TRY(list_deliveries(store, rows::waiting_deliveries, false, &listed->deliveries));
  return list_deliveries(store, rows::dead_letters, true, &listed->deliveries);
}

Result<std::size_t> replay_dead_letters(engine::Programme* programme, const std::string& id) {
  std::size_t replayed = 0;
  for (const int number : programme->owned()) {
    const auto held = programme->hold(number);
    if (!held) continue;
    KETAVIGIL_TRY_ASSIGN(const std::size_t count, replay_of(held.get(), id, programme->now()));
    replayed += count;
  }
  return replayed;
}

}  // namespace ketavigil::routing::pages
