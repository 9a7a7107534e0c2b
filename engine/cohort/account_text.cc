#include "engine/cohort/account_text.h"

#include <nlohmann/json.hpp>

#include "engine/cohort/tables.h"
#include "engine/shard/programme.h"
#include "events/json_text.h"

namespace ketavigil::engine {
namespace {

using nlohmann::json;

Error no_account(const std::string& what) {
  return {ErrorKind::usage, "no account of a lock point: " + what};
}

Result<Microseconds> read_moment(const json& value) {
  const auto time = events::parse_time(value.get<std::string>());
  if (!time) return no_account("a time was expected");
  return time->us;
}

// Columns by name: a later version may have more of them, and of tables.
class Columns {
 public:
  explicit Columns(const json& table) : names_(table.at("columns")) {}
  [[nodiscard]] std::string text(const json& row, const char* name) const {
    return row.at(place(name)).get<std::string>();
  }
  [[nodiscard]] std::int64_t number(const json& row, const char* name) const {
    return row.at(place(name)).get<std::int64_t>();
  }

 private:
  [[nodiscard]] std::size_t place(const char* name) const {
    const auto at = std::find(names_.begin(), names_.end(), name);
    return static_cast<std::size_t>(at - names_.begin());  // beyond the row: an exception
  }
  std::vector<std::string> names_;
};

void read_tables(const json& tables, CohortCells* cells) {
  for (const json& table : tables) {
    const Columns columns(table);
    const auto name = table.at("name").get<std::string>();
    for (const json& row : table.at("rows")) {
      if (name == "exposure") {
        cells->exposure[{columns.text(row, "compound"), columns.text(row, "route")}] = {
            columns.number(row, "patients"), columns.number(row, "sessions"),
            columns.number(row, "micrograms"), columns.number(row, "person_time_us")};
      } else if (name == "findings") {
        cells->findings[{columns.text(row, "compound"), columns.text(row, "detector"),
                         columns.text(row, "level")}] = {columns.number(row, "patients"),
                                                         columns.number(row, "findings")};
      }
    }
  }
}

}  // namespace

std::string account_text(int shard, int shards, const Account& account) {
  std::string out = "{\"shard\":" + std::to_string(shard) +
                    ",\"shards\":" + std::to_string(shards) + ",\"lock_point\":\"" +
                    events::print_utc(account.lock_point) + "\",\"previous\":";
  out += account.previous ? "\"" + events::print_utc(*account.previous) + "\"" : "null";
  out += account.begins ? ",\"begins\":true" : ",\"begins\":false";
  out += ",\"identity\":";
  events::append_json_string(&out, account.identity);
  out += ",\"tables\":";
  append_tables(&out, tables_of(account.cells));
  return out += '}';
}

Result<SentAccount> read_account_text(std::string_view text) {
  SentAccount sent;
  try {
    const json document = json::parse(text);
    sent.shard = document.at("shard").get<int>();
    sent.shards = document.at("shards").get<int>();
    if (sent.shards < 1 || sent.shards > shards_max || sent.shard < 0 ||
        sent.shard >= sent.shards) {
      return no_account("a shard of so many was expected");
    }
    KETAVIGIL_TRY_ASSIGN(sent.account.lock_point, read_moment(document.at("lock_point")));
    if (!document.at("previous").is_null()) {
      KETAVIGIL_TRY_ASSIGN(sent.account.previous, read_moment(document.at("previous")));
    }
    sent.account.begins = document.at("begins").get<bool>();
    sent.account.identity = document.at("identity").get<std::string>();
    read_tables(document.at("tables"), &sent.account.cells);
  } catch (const json::exception& error) {
    return no_account(error.what());
  }
  return sent;
}

}  // namespace ketavigil::engine
