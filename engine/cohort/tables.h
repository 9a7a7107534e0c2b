// The cohort's tables, as they are printed and as they travel.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "engine/shard/cohort_cells.h"

namespace ketavigil::engine {

/// A table of the cohort: rows ordered by their leading columns.
struct Table {
  using CellValue = std::variant<std::int64_t, std::string>;
  std::string name;
  std::vector<std::string> columns;
  std::vector<std::vector<CellValue>> rows;
};

/// The first tables: `exposure` and `findings`.
[[nodiscard]] std::vector<Table> tables_of(const CohortCells& cells);

/// Appends the tables as a JSON array.
void append_tables(std::string* out, const std::vector<Table>& tables);
/// `cohort --json`.
[[nodiscard]] std::string tables_json(const std::vector<Table>& tables, Microseconds at);
/// `cohort --lock-point --json`: the same, and says so.
[[nodiscard]] std::string lock_point_json(const std::vector<Table>& tables,
                                          Microseconds lock_point);

}  // namespace ketavigil::engine
