// What of pages is kept in a shard, for people: what is open, what is past, what waits, what was
// given up; and how what was given up is tried again.
#pragma once

#include <string>
#include <vector>

#include "engine/shard/pages.h"
#include "engine/shard/programme.h"
#include "routing/pages/page_text.h"

namespace ketavigil::routing::pages {

struct ListedPage {
  engine::PageName name;
  engine::Page page;
  bool is_past = false;
};

struct ListedDelivery {
  std::string id;  ///< 16 hex digits, of its row
  std::string row;
  engine::PageDelivery delivery;
  bool is_dead = false;
};

struct PagesOfStore {
  std::vector<ListedPage> pages;
  std::vector<ListedDelivery> deliveries;
};

/// A case as people and programs read it: what was decided, since when, and what the page says.
[[nodiscard]] Result<std::string> to_json(const ListedPage& listed);

/// Adds what a store has.
[[nodiscard]] Status list_pages(const storage::Store& store, PagesOfStore* listed);

/// Dead letters of the shards here wait again: the one with this id, or with an empty `id` all.
/// What an Alertmanager refused is forgotten: if it is still open it is told again anyway. Returns
/// how many.
[[nodiscard]] Result<std::size_t> replay_dead_letters(engine::Programme* programme,
                                                      const std::string& id);

}  // namespace ketavigil::routing::pages
