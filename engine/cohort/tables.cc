#include "engine/cohort/tables.h"

#include "events/json_text.h"

namespace ketavigil::engine {
namespace {

void append_value(std::string* out, const Table::CellValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    *out += std::to_string(*number);
  } else {
    events::append_json_string(out, std::get<std::string>(value));
  }
}

void append_table(std::string* out, const Table& table) {
  *out += "{\"name\":";
  events::append_json_string(out, table.name);
  *out += ",\"columns\":[";
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (c > 0) *out += ',';
    events::append_json_string(out, table.columns[c]);
  }
  *out += "],\"rows\":[";
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    *out += r == 0 ? "[" : ",[";
    for (std::size_t c = 0; c < table.rows[r].size(); ++c) {
      if (c > 0) *out += ',';
      append_value(out, table.rows[r][c]);
    }
    *out += ']';
  }
  *out += "]}";
}

}  // namespace

std::vector<Table> tables_of(const CohortCells& cells) {
  Table exposure{"exposure",
                 {"compound", "route", "patients", "sessions", "micrograms", "person_time_us"},
                 {}};
  for (const auto& [key, sum] : cells.exposure) {
    exposure.rows.push_back(
        {key.first, key.second, sum.patients, sum.sessions, sum.micrograms, sum.person_time_us});
  }
  Table findings{"findings", {"compound", "detector", "level", "patients", "findings"}, {}};
  for (const auto& [key, sum] : cells.findings) {
    findings.rows.push_back(
        {std::get<0>(key), std::get<1>(key), std::get<2>(key), sum.patients, sum.findings});
  }
  return {std::move(exposure), std::move(findings)};
}

void append_tables(std::string* out, const std::vector<Table>& tables) {
  *out += '[';
  for (std::size_t t = 0; t < tables.size(); ++t) {
    if (t > 0) *out += ',';
    append_table(out, tables[t]);
  }
  *out += ']';
}

std::string tables_json(const std::vector<Table>& tables, Microseconds at) {
  std::string out = "{\"at\":\"" + events::print_utc(at) + "\",\"tables\":";
  append_tables(&out, tables);
  return out += '}';
}

std::string lock_point_json(const std::vector<Table>& tables, Microseconds lock_point) {
  const std::string moment = events::print_utc(lock_point);
  std::string out = "{\"at\":\"" + moment + "\",\"lock_point\":\"" + moment + "\",\"tables\":";
  append_tables(&out, tables);
  return out += '}';
}

}  // namespace ketavigil::engine
