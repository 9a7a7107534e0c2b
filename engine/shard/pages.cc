#include "engine/shard/pages.h"

#include "storage/keys.h"

namespace ketavigil::engine {
namespace {

using storage::Family;
using storage::KeyBuilder;
using storage::KeyReader;

constexpr std::string_view news_prefix = "n";

Error damaged() {
  return {ErrorKind::storage, "a key of family `pages` is damaged. Run `ketavigil verify`"};
}

}  // namespace

void put_page_news(storage::Batch* batch, std::uint64_t position, std::string_view key) {
  batch->put(Family::pages, KeyBuilder().raw(news_prefix).u64(position).raw(key).key(), "");
}

Status read_page_news(const storage::Store& store, const std::string& after, std::uint64_t position,
                      std::size_t rows_max, std::vector<PageNews>* news) {
  const std::string from = after.empty() ? std::string(news_prefix) : after + std::string(1, '\0');
  auto cursor =
      store.scan(Family::pages, from, KeyBuilder().raw(news_prefix).u64(position + 1).key());
  for (; cursor.valid() && news->size() < rows_max; cursor.next()) {
    KeyReader reader(cursor.key());
    reader.raw(news_prefix.size());
    reader.u64();
    const std::string_view key = reader.rest();  // of the revision in `history`
    PageNews one{std::string(cursor.key()), ""};
    bool found = false;
    if (!reader.ok()) return damaged();
    KETAVIGIL_TRY(store.get(Family::history, key, &one.text, &found));
    if (!found) return damaged();
    news->push_back(std::move(one));
  }
  return cursor.status();
}

std::string_view name_of(PageDecision decision) {
  switch (decision) {
    case PageDecision::paged:
      return "paged";
    case PageDecision::folded:
      return "folded";
    case PageDecision::historic:
      return "historic";
    case PageDecision::unsent:
      return "unsent";
  }
  return "";
}

namespace rows {
namespace {

std::string page(std::string_view prefix, std::string_view detector, std::string_view case_name) {
  return KeyBuilder().raw(prefix).text(detector).text(case_name).key();
}

}  // namespace

std::string open_page(std::string_view detector, std::string_view case_name) {
  return page(open_pages, detector, case_name);
}

std::string past_page(std::string_view detector, std::string_view case_name) {
  return page(past_pages, detector, case_name);
}

std::string waiting_of(std::string_view way) {
  return KeyBuilder().raw(waiting_deliveries).text(way).key();
}

std::string waiting_delivery(std::string_view way, std::uint64_t sequence) {
  return KeyBuilder().raw(waiting_deliveries).text(way).u64(sequence).key();
}

std::string dead_letter(std::string_view way, std::uint64_t sequence) {
  return KeyBuilder().raw(dead_letters).text(way).u64(sequence).key();
}

}  // namespace rows

Result<PageName> page_name_of(std::string_view row) {
  KeyReader reader(row);
  reader.raw(1);
  PageName name;
  name.detector = reader.text();
  name.case_name = reader.text();
  if (!reader.complete()) return damaged();
  return name;
}

}  // namespace ketavigil::engine
