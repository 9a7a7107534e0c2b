// Rows of the family `pages`: which revisions whoever pages has still to look at, what became of
// critical cases, and what waits for a way out. News are written in the same batch as the revision,
// so that no page is without a durable fact and no durable critical fact without a page. The rest
// belongs to `routing`, shows in no result and lies outside the laws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/shard/codec.h"
#include "storage/store.h"

namespace ketavigil::engine {

/// A revision of a case that is or may have been critical.
struct PageNews {
  std::string row;
  std::string text;  ///< the JSON object
};

/// Rows of the family `pages` with their new values; nothing: the row is erased.
using PageChanges = std::map<std::string, std::optional<std::string>>;

/// Puts a row for a revision, by its key in `history`.
void put_page_news(storage::Batch* batch, std::uint64_t position, std::string_view key);

/// What stands after the row `after` (empty: from the start), in the order of the log, up to the
/// entry `position` and at most `rows_max`.
[[nodiscard]] Status read_page_news(const storage::Store& store, const std::string& after,
                                    std::uint64_t position, std::size_t rows_max,
                                    std::vector<PageNews>* news);

namespace rows {

[[nodiscard]] std::string open_page(std::string_view detector, std::string_view case_name);
[[nodiscard]] std::string past_page(std::string_view detector, std::string_view case_name);
[[nodiscard]] std::string waiting_delivery(std::string_view way, std::uint64_t sequence);
[[nodiscard]] std::string dead_letter(std::string_view way, std::uint64_t sequence);
/// Prefixes of the rows above.
inline constexpr std::string_view open_pages = "o";
inline constexpr std::string_view past_pages = "h";
inline constexpr std::string_view waiting_deliveries = "w";
inline constexpr std::string_view dead_letters = "d";
/// The rows of one way among those waiting.
[[nodiscard]] std::string waiting_of(std::string_view way);

}  // namespace rows

/// What a row of `open_pages` or `past_pages` is about.
struct PageName {
  std::string detector;
  std::string case_name;
};
[[nodiscard]] Result<PageName> page_name_of(std::string_view row);

}  // namespace ketavigil::engine
