#include "dashboards/metrics/metrics.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <thread>

#include "tests/dashboards/filled_metrics.h"

namespace ketavigil {
namespace {

using dashboards::FindingsCensus;
using dashboards::Metrics;
using detectors::Level;
using test::fill;

// The value of a series, or nothing.
std::optional<std::string> value_of(const std::string& text, const std::string& series) {
  const auto at = text.find("\n" + series + " ");
  if (at == std::string::npos) return std::nullopt;
  const auto from = at + series.size() + 2;
  return text.substr(from, text.find('\n', from) - from);
}

TEST(Metrics, every_name_begins_with_ours_and_has_a_help_and_a_type) {
  Metrics metrics({}, 1.5e9);
  fill(&metrics);
  std::istringstream stream(metrics.text());
  std::set<std::string> helped;
  std::set<std::string> typed;
  int series = 0;
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words(line);
    std::string first;
    std::string second;
    std::string name;
    words >> first;
    if (first == "#") {
      words >> second >> name;
      (second == "HELP" ? helped : typed).insert(name);
    } else {
      ++series;
      name = first.substr(0, first.find('{'));
    }
    EXPECT_TRUE(name.starts_with("ketavigil_")) << line;
  }
  EXPECT_EQ(helped, typed);
  EXPECT_GT(series, 100);
  EXPECT_GE(typed.size(), 28U);
}

TEST(Metrics, promtool_has_nothing_to_object) {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "promtool is not installed: deploy/dependencies monitoring";
  }
  Metrics metrics({}, 1.5e9);
  fill(&metrics);
  const auto folder =
      std::filesystem::temp_directory_path() / ("ketavigil-metrics-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "metrics") << metrics.text();
  const std::string command = "promtool check metrics < " + (folder / "metrics").string() + " 2>&1";
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string said;
  char bytes[4096];
  while (std::fgets(bytes, sizeof bytes, pipe) != nullptr) said += bytes;
  EXPECT_EQ(::pclose(pipe), 0) << said;
  EXPECT_EQ(said, "");
  std::filesystem::remove_all(folder);
}

TEST(Metrics, documents_list_every_family_and_no_other) {
  Metrics metrics({}, 1.5e9);
  fill(&metrics);
  std::ifstream file(std::string(KETAVIGIL_SOURCE_DIR) + "/docs/operation/metrics.md");
  std::stringstream document;
  document << file.rdbuf();
  const std::string text = document.str();
  const auto names_in = [](const std::string& from, const std::regex& pattern) {
    std::set<std::string> names;
    for (std::sregex_iterator it(from.begin(), from.end(), pattern), end; it != end; ++it) {
      names.insert((*it)[1]);
    }
    return names;
  };
  EXPECT_EQ(names_in(text, std::regex("\\n\\| `(ketavigil_[a-z_]+)")),
            names_in(metrics.text(), std::regex("# TYPE (ketavigil_[a-z_]+)")));
}

TEST(Metrics, compounds_and_reasons_beyond_their_bound_are_other) {
  std::vector<std::string> configured;
  for (int i = 0; i < 100; ++i) configured.push_back("compound-" + std::to_string(i));
  Metrics metrics(configured, 0);
  FindingsCensus census;
  for (int i = 0; i < 100; ++i) census.open[{"BP-3", Level::alert, configured[i]}] = 1;
  census.open[{"BP-3", Level::alert, "never configured"}] = 1;
  census.open[{"BP-3", Level::alert, ""}] = 4;
  census.open[{"NEW-1", Level::watch, "ketamine"}] = 3;
  metrics.set_findings(census, 0);
  for (int i = 0; i < 1000; ++i) metrics.count_quarantined("reason-" + std::to_string(i));
  const std::string text = metrics.text();
  const auto count = [&](const std::string& family) {
    std::size_t found = 0;
    for (auto at = text.find("\n" + family + "{"); at != std::string::npos;
         at = text.find("\n" + family + "{", at + 1)) {
      ++found;
    }
    return found;
  };
  EXPECT_LE(count("ketavigil_findings_open"), 22U);
  EXPECT_EQ(count("ketavigil_quarantined_total"), 65U);
  const std::string prefix = "ketavigil_findings_open{compound=\"";
  EXPECT_EQ(
      value_of(text,
               prefix + "other\",detector=\"BP-3\",domain=\"cardiovascular\",level=\"alert\"}"),
      "84");
  EXPECT_EQ(
      value_of(text,
               prefix + "none\",detector=\"BP-3\",domain=\"cardiovascular\",level=\"alert\"}"),
      "4");
  EXPECT_EQ(
      value_of(text, prefix + "ketamine\",detector=\"other\",domain=\"other\",level=\"watch\"}"),
      "3");
}

TEST(Metrics, finding_that_is_open_no_more_reads_0) {
  Metrics metrics({}, 0);
  FindingsCensus census;
  census.open[{"BP-3", Level::critical, "ketamine"}] = 2;
  census.raised[{"BP-3", Level::critical, "ketamine"}] = 2;
  metrics.set_findings(census, 0);
  census.open.clear();
  metrics.set_findings(census, 0);
  const std::string labels =
      "{compound=\"ketamine\",detector=\"BP-3\",domain=\"cardiovascular\",level=\"critical\"}";
  EXPECT_EQ(value_of(metrics.text(), "ketavigil_findings_open" + labels), "0");
  EXPECT_EQ(value_of(metrics.text(), "ketavigil_findings_raised_total" + labels), "2");
}

TEST(Metrics, answers_of_retractions_and_of_what_cannot_be_read_have_kinds_of_their_own) {
  Metrics metrics({}, 0);
  metrics.count_fact(events::Kind::none, "accepted");
  metrics.count_fact(events::Kind::none, "quarantined");
  metrics.count_fact(events::Kind::none, "malformed", 3);
  const std::string text = metrics.text();
  EXPECT_EQ(value_of(text, "ketavigil_facts_total{answer=\"accepted\",kind=\"retraction\"}"), "1");
  EXPECT_EQ(value_of(text, "ketavigil_facts_total{answer=\"quarantined\",kind=\"unreadable\"}"),
            "1");
  EXPECT_EQ(value_of(text, "ketavigil_facts_total{answer=\"malformed\",kind=\"unreadable\"}"), "3");
}

TEST(Metrics, may_be_counted_and_read_by_many_threads) {
  Metrics metrics({}, 0);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) {
        metrics.count_fact(events::Kind::score, "accepted");
        metrics.count_quarantined("reason-" + std::to_string(i % 100));
        metrics.count_request("intake", "/api/v1/events", 200 + t, 0.1);
        if (i % 100 == 0) fill(&metrics);
        if (i % 100 == 50) EXPECT_FALSE(metrics.text().empty());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(value_of(metrics.text(), "ketavigil_facts_total{answer=\"accepted\",kind=\"score\"}"),
            "2020");
}

}  // namespace
}  // namespace ketavigil
