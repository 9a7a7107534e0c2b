// The dashboards: rules like those of Grafana's own linter, and the files as they are kept.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "dashboards/grafana/boards.h"
#include "tests/dashboards/filled_metrics.h"

namespace ketavigil {
namespace {

using dashboards::grafana::Board;
using dashboards::grafana::boards;
using dashboards::grafana::Panel;
using nlohmann::json;

const std::string selected = R"({job=~"$job",instance=~"$instance")";
const std::string chosen_datasource = "${datasource}";

struct Asked {
  std::string where;
  std::string expr;
};

std::vector<Asked> every_query() {
  std::vector<Asked> out;
  for (const Board& board : boards()) {
    for (const auto& row : board.rows) {
      for (const Panel& panel : row.panels) {
        for (const auto& query : panel.queries)
          out.push_back({board.uid + ", " + panel.title, query.expr});
      }
    }
  }
  return out;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

TEST(Grafana, files_are_what_the_code_makes) {
  std::set<std::string> files;
  const auto folder = std::filesystem::path(KETAVIGIL_SOURCE_DIR) / "dashboards/grafana";
  for (const Board& board : boards()) {
    std::ifstream file(folder / (board.uid + ".json"));
    std::stringstream kept;
    kept << file.rdbuf();
    EXPECT_EQ(kept.str(), to_json(board))
        << "to mend: build/release/dashboards/write_boards dashboards/grafana";
    files.insert(board.uid + ".json");
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".json")
      EXPECT_EQ(files.count(entry.path().filename()), 1U) << entry.path();
  }
  EXPECT_EQ(files.size(), 4U);
}

TEST(Grafana, every_board_and_panel_says_what_it_is_once) {
  std::set<std::string> uids;
  std::set<std::string> board_titles;
  for (const Board& board : boards()) {
    EXPECT_TRUE(uids.insert(board.uid).second);
    EXPECT_TRUE(board_titles.insert(board.title).second);
    EXPECT_FALSE(board.description.empty());
    std::set<std::string> titles;
    for (const auto& row : board.rows) {
      EXPECT_FALSE(row.panels.empty()) << row.title;
      for (const Panel& panel : row.panels) {
        EXPECT_TRUE(titles.insert(row.title + panel.title).second) << panel.title;
        EXPECT_FALSE(panel.description.empty()) << panel.title;
        EXPECT_FALSE(panel.queries.empty()) << panel.title;
        for (const auto& query : panel.queries) EXPECT_FALSE(query.legend.empty()) << panel.title;
      }
    }
  }
}

TEST(Grafana, every_selector_has_job_and_instance_and_every_rate_its_interval) {
  const std::regex metric(R"(ketavigil_[a-z0-9_]+)");
  const std::regex rate(R"(rate\([^\[]*\[([^\]]*)\])");
  for (const Asked& asked : every_query()) {
    int metrics = 0;
    for (std::sregex_iterator it(asked.expr.begin(), asked.expr.end(), metric), end; it != end;
         ++it, ++metrics) {
      const auto after = static_cast<std::size_t>(it->position() + it->length());
      EXPECT_EQ(asked.expr.compare(after, selected.size(), selected), 0) << asked.expr;
    }
    EXPECT_GT(metrics, 0) << asked.where;
    for (std::sregex_iterator it(asked.expr.begin(), asked.expr.end(), rate), end; it != end; ++it)
      EXPECT_EQ((*it)[1], "$__rate_interval") << asked.expr;
  }
}

TEST(Grafana, queries_ask_only_for_metrics_that_there_are) {
  const auto known = test::metric_names();
  const std::regex metric(R"(ketavigil_[a-z0-9_]+)");
  for (const Asked& asked : every_query()) {
    for (std::sregex_iterator it(asked.expr.begin(), asked.expr.end(), metric), end; it != end;
         ++it)
      EXPECT_EQ(known.count(it->str()), 1U) << it->str() << " in " << asked.where;
  }
}

TEST(Grafana, data_come_from_the_chosen_source_and_panels_do_not_overlap) {
  for (const Board& board : boards()) {
    const json made = json::parse(to_json(board));
    std::set<std::string> variables;
    for (const json& one : made.at("templating").at("list")) variables.insert(one.at("name"));
    EXPECT_EQ(variables, (std::set<std::string>{"datasource", "job", "instance"}));
    std::set<std::pair<int, int>> taken;
    std::set<int> ids;
    for (const json& panel : made.at("panels")) {
      EXPECT_TRUE(ids.insert(panel.at("id").get<int>()).second);
      const json& place = panel.at("gridPos");
      for (int x = place.at("x"); x < place.at("x").get<int>() + place.at("w").get<int>(); ++x) {
        EXPECT_LT(x, 24) << panel.at("title");
        for (int y = place.at("y"); y < place.at("y").get<int>() + place.at("h").get<int>(); ++y)
          EXPECT_TRUE(taken.insert({x, y}).second) << panel.at("title");
      }
      if (panel.at("type") == "row") continue;
      EXPECT_EQ(panel.at("datasource").at("uid"), chosen_datasource);
      EXPECT_NE(panel.at("fieldConfig").at("defaults").at("unit"), "");
      for (const json& target : panel.at("targets"))
        EXPECT_EQ(target.at("datasource").at("uid"), chosen_datasource);
    }
  }
}

TEST(Grafana, promtool_understands_every_query) {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "promtool is not installed: deploy/dependencies monitoring";
  const auto path = std::filesystem::temp_directory_path() /
                    ("ketavigil-queries-" + std::to_string(::getpid()) + ".yml");
  json rules = json::array();
  for (const Asked& asked : every_query()) {
    rules.push_back({{"record", "query:" + std::to_string(rules.size())},
                     {"expr", replaced(asked.expr, "$__rate_interval", "1m")}});
  }
  std::ofstream(path) << json{{"groups", {{{"name", "queries"}, {"rules", rules}}}}}.dump();
  EXPECT_EQ(std::system(("promtool check rules " + path.string() + " >/dev/null").c_str()), 0);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace ketavigil
