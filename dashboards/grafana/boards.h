// The Grafana dashboards, as values: what is asked, how it is called, in which unit. The JSON files
// beside this are made of them by `write_boards`; tests lint them and ask a Prometheus every query.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ketavigil::dashboards::grafana {

enum class Unit : std::uint8_t { count, seconds, bytes, per_second, ratio, yes_no };
enum class Kind : std::uint8_t { time_series, stat };

struct Query {
  std::string expr;
  std::string legend;  ///< labels as {{label}}
};

/// `width` in columns of 24, `height` in Grafana's rows.
struct Panel {
  std::string title;
  std::string description;
  Unit unit = Unit::count;
  std::vector<Query> queries;
  Kind kind = Kind::time_series;
  int width = 12;
  int height = 8;
};

struct Row {
  std::string title;
  std::vector<Panel> panels;
};

struct Board {
  std::string uid;  ///< also the file's name
  std::string title;
  std::string description;
  std::vector<Row> rows;
};

/// Programme, alerts, feeds, engine.
[[nodiscard]] std::vector<Board> boards();

/// As Grafana 9 and later import it: indented, keys in order, a newline at the end.
[[nodiscard]] std::string to_json(const Board& board);

}  // namespace ketavigil::dashboards::grafana
