// The files for Prometheus and Alertmanager: whole, tested, documented, and about metrics that are
// there.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "tests/dashboards/filled_metrics.h"

namespace ketavigil {
namespace {

const std::string source = KETAVIGIL_SOURCE_DIR;
const std::string rules = source + "/dashboards/prometheus/rules/";
const std::string rule_tests = source + "/tests/dashboards/rules/";
const std::string routes = source + "/dashboards/alertmanager/alertmanager.yml";

bool has(const std::string& program) {
  return std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) == 0;
}

std::string said_by(const std::string& command, int* exit_code) {
  FILE* pipe = ::popen((command + " 2>/dev/null").c_str(), "r");
  std::string said;
  char bytes[4096];
  while (std::fgets(bytes, sizeof bytes, pipe) != nullptr) said += bytes;
  *exit_code = ::pclose(pipe);
  return said;
}

struct Rule {
  std::string file;
  std::string alert;  // empty: it records
  std::string record;
  YAML::Node node;
};

std::vector<Rule> every_rule() {
  std::vector<Rule> found;
  for (const char* file : {"recording.yml", "safety.yml", "health.yml"}) {
    const YAML::Node root = YAML::LoadFile(rules + file);
    for (const auto& group : root["groups"]) {
      for (const auto& rule : group["rules"]) {
        found.push_back({file, rule["alert"] ? rule["alert"].as<std::string>() : "",
                         rule["record"] ? rule["record"].as<std::string>() : "", rule});
      }
    }
  }
  return found;
}

TEST(Rules, promtool_accepts_them_and_their_tests_pass) {
  if (!has("promtool")) GTEST_SKIP() << "promtool is not installed: deploy/dependencies monitoring";
  int exit_code = 0;
  std::string said = said_by(
      "promtool check config " + source + "/dashboards/prometheus/prometheus.yml", &exit_code);
  EXPECT_EQ(exit_code, 0) << said;
  said = said_by("promtool test rules " + rule_tests + "*.yml", &exit_code);
  EXPECT_EQ(exit_code, 0) << said;
}

TEST(Rules, every_alert_has_a_test_that_fires_it_and_one_that_must_not) {
  std::set<std::string> fired;
  std::set<std::string> silent;
  const std::regex asked(R"re(^count\(ALERTS\{alertname="(\w+)",alertstate="firing"\}\)$)re");
  for (const char* file : {"safety.yml", "health.yml", "cohort.yml"}) {
    const YAML::Node root = YAML::LoadFile(rule_tests + file);
    for (const auto& test : root["tests"]) {
      EXPECT_GT(test["input_series"].size(), 0U) << test["name"];
      for (const auto& one : test["promql_expr_test"]) {
        const auto expr = one["expr"].as<std::string>();
        std::smatch alert;
        ASSERT_TRUE(std::regex_match(expr, alert, asked)) << expr;
        (one["exp_samples"].size() > 0 ? fired : silent).insert(alert[1]);
      }
    }
  }
  std::set<std::string> alerts;
  for (const Rule& rule : every_rule()) {
    if (!rule.alert.empty()) alerts.insert(rule.alert);
  }
  EXPECT_GE(alerts.size(), 20U);
  EXPECT_EQ(fired, alerts);
  EXPECT_EQ(silent, alerts);
}

TEST(Rules, every_alert_says_what_it_is_and_has_a_section_of_the_runbooks) {
  std::ifstream file(source + "/docs/operation/runbooks.md");
  std::stringstream document;
  document << file.rdbuf();
  for (const Rule& rule : every_rule()) {
    if (rule.alert.empty()) continue;
    const auto family = rule.node["labels"]["family"].as<std::string>("");
    const auto severity = rule.node["labels"]["severity"].as<std::string>("");
    EXPECT_EQ(family + ".yml", rule.file) << rule.alert;  // the two are never mixed
    EXPECT_TRUE(severity == "page" || severity == "ticket") << rule.alert;
    for (const char* annotation : {"summary", "description"})
      EXPECT_NE(rule.node["annotations"][annotation].as<std::string>(""), "") << rule.alert;
    std::string anchor = rule.alert;
    std::transform(anchor.begin(), anchor.end(), anchor.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    EXPECT_EQ(rule.node["annotations"]["runbook_url"].as<std::string>(""),
              "docs/operation/runbooks.md#" + anchor);
    EXPECT_NE(document.str().find("\n### " + rule.alert + "\n"), std::string::npos) << rule.alert;
  }
  for (const char* page :
       {"KetavigilCriticalCase", "KetavigilUnverifiedFlood", "KetavigilTestPage"})
    EXPECT_NE(document.str().find("\n### " + std::string(page) + "\n"), std::string::npos) << page;
}

TEST(Rules, ask_only_for_metrics_that_there_are) {
  const auto known = test::metric_names();
  std::set<std::string> recorded;
  for (const Rule& rule : every_rule()) recorded.insert(rule.record);
  const std::regex name(R"([a-z_]*:?ketavigil_[a-z0-9_]+(:[a-z0-9_]+)?)");
  for (const Rule& rule : every_rule()) {
    const auto expr = rule.node["expr"].as<std::string>();
    for (std::sregex_iterator it(expr.begin(), expr.end(), name), end; it != end; ++it) {
      const std::string asked = it->str();
      EXPECT_TRUE(recorded.count(asked) + known.count(asked) > 0) << asked << " in " << expr;
    }
  }
}

TEST(Routes, amtool_accepts_them_and_level_domain_and_site_decide) {
  if (!has("amtool")) GTEST_SKIP() << "amtool is not installed: deploy/dependencies monitoring";
  int exit_code = 0;
  const std::string checked = said_by("amtool check-config " + routes, &exit_code);
  ASSERT_EQ(exit_code, 0) << checked;
  const auto receivers_of = [&](const std::string& labels) {
    std::string said =
        said_by("amtool config routes test --config.file=" + routes + " " + labels, &exit_code);
    EXPECT_EQ(exit_code, 0) << labels;
    return said.substr(0, said.find('\n'));
  };
  const std::string page = "alertname=KetavigilCriticalCase level=critical severity=page ";
  EXPECT_EQ(receivers_of(page + "domain=cardiovascular site=north"), "on-call");
  EXPECT_EQ(receivers_of(page + "domain=suicidality site=north"), "on-call-psychiatry");
  EXPECT_EQ(receivers_of(page + "domain=cardiovascular site=example-site"),
            "site-physician,on-call");
  EXPECT_EQ(receivers_of("alertname=KetavigilUnverifiedFlood level=critical source=c"), "on-call");
  EXPECT_EQ(receivers_of("alertname=KetavigilTestPage level=critical"), "on-call");
  for (const Rule& rule : every_rule()) {
    if (rule.alert.empty()) continue;
    const auto family = rule.node["labels"]["family"].as<std::string>();
    const auto severity = rule.node["labels"]["severity"].as<std::string>();
    const std::string expected = family == "safety"
                                     ? (severity == "page" ? "on-call" : "pharmacovigilance")
                                     : (severity == "page" ? "on-call-pipeline" : "operators");
    EXPECT_EQ(receivers_of("alertname=" + rule.alert + " family=" + family +
                           " severity=" + severity + " level=critical"),
              expected);
  }
}

TEST(Routes, pages_of_the_service_are_each_alone_at_once_and_once) {
  const YAML::Node root = YAML::LoadFile(routes);
  const YAML::Node pages = root["route"]["routes"][0];
  EXPECT_EQ(pages["group_by"].as<std::vector<std::string>>(), std::vector<std::string>({"..."}));
  EXPECT_EQ(pages["group_wait"].as<std::string>(), "0s");
  EXPECT_EQ(pages["repeat_interval"].as<std::string>(), "32d");
}

}  // namespace
}  // namespace ketavigil
