#include <nlohmann/json.hpp>

#include "dashboards/grafana/boards.h"

namespace ketavigil::dashboards::grafana {
namespace {

using nlohmann::ordered_json;

constexpr int columns = 24;
constexpr int schema_version = 37;
constexpr int indent = 1;

// As Grafana calls them.
std::string name_of(Unit unit) {
  switch (unit) {
    case Unit::count:
      return "short";
    case Unit::seconds:
      return "s";
    case Unit::bytes:
      return "bytes";
    case Unit::per_second:
      return "cps";
    case Unit::ratio:
      return "percentunit";
    case Unit::yes_no:
      return "bool_yes_no";
  }
  return "";
}

ordered_json datasource() { return {{"type", "prometheus"}, {"uid", "${datasource}"}}; }

ordered_json variable(const std::string& name, const std::string& query) {
  return {{"name", name},       {"label", name},
          {"type", "query"},    {"datasource", datasource()},
          {"query", query},     {"refresh", 2},
          {"includeAll", true}, {"allValue", ".+"},
          {"multi", true},      {"current", {{"text", "All"}, {"value", "$__all"}}}};
}

ordered_json variables() {
  return {{{"name", "datasource"},
           {"label", "data source"},
           {"type", "datasource"},
           {"query", "prometheus"}},
          variable("job", "label_values(ketavigil_build_info, job)"),
          variable("instance", "label_values(ketavigil_build_info{job=~\"$job\"}, instance)")};
}

ordered_json targets(const Panel& panel) {
  ordered_json out = ordered_json::array();
  char reference = 'A';
  for (const Query& query : panel.queries) {
    out.push_back({{"refId", std::string(1, reference++)},
                   {"datasource", datasource()},
                   {"expr", query.expr},
                   {"legendFormat", query.legend},
                   {"instant", panel.kind == Kind::stat}});
  }
  return out;
}

ordered_json panel_json(const Panel& panel, int id, int x, int y) {
  ordered_json out = {{"id", id},
                      {"type", panel.kind == Kind::stat ? "stat" : "timeseries"},
                      {"title", panel.title},
                      {"description", panel.description},
                      {"datasource", datasource()},
                      {"gridPos", {{"h", panel.height}, {"w", panel.width}, {"x", x}, {"y", y}}},
                      {"fieldConfig",
                       {{"defaults", {{"unit", name_of(panel.unit)}, {"min", 0}}},
                        {"overrides", ordered_json::array()}}},
                      {"targets", targets(panel)}};
  if (panel.kind == Kind::stat)
    out["options"] = {{"reduceOptions", {{"calcs", {"lastNotNull"}}}},
                      {"textMode", "value_and_name"}};
  return out;
}

// From left to right, a new line where one is full.
ordered_json panels_of(const Board& board) {
  ordered_json out = ordered_json::array();
  int id = 0;
  int y = 0;
  for (const Row& row : board.rows) {
    out.push_back({{"id", ++id},
                   {"type", "row"},
                   {"title", row.title},
                   {"collapsed", false},
                   {"gridPos", {{"h", 1}, {"w", columns}, {"x", 0}, {"y", y}}},
                   {"panels", ordered_json::array()}});
    ++y;
    int x = 0;
    int height = 0;
    for (const Panel& panel : row.panels) {
      if (x + panel.width > columns) {
        y += height;
        x = height = 0;
      }
      out.push_back(panel_json(panel, ++id, x, y));
      x += panel.width;
      height = std::max(height, panel.height);
    }
    y += height;
  }
  return out;
}

}  // namespace

std::string to_json(const Board& board) {
  const ordered_json out = {{"uid", board.uid},
                            {"title", board.title},
                            {"description", board.description},
                            {"tags", {"ketavigil"}},
                            {"schemaVersion", schema_version},
                            {"editable", false},
                            {"graphTooltip", 1},
                            {"refresh", "30s"},
                            {"time", {{"from", "now-24h"}, {"to", "now"}}},
                            {"timezone", "utc"},
                            {"templating", {{"list", variables()}}},
                            {"panels", panels_of(board)}};
  return out.dump(indent) + "\n";
}

}  // namespace ketavigil::dashboards::grafana
