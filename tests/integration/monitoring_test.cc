// The files of dashboards/ with Debian's Prometheus and Alertmanager and the real service.
#include "tests/integration/monitoring.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "dashboards/grafana/boards.h"
#include "events/time.h"
#include "tests/dashboards/filled_metrics.h"

namespace ketavigil {
namespace {

using nlohmann::json;
using std::chrono::seconds;

constexpr events::Microseconds minute = 60 * events::second_us;
const std::string files = std::string(KETAVIGIL_SOURCE_DIR) + "/dashboards/";

events::Microseconds now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  EXPECT_NE(text.find(from), std::string::npos) << from;
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::string contents(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string local(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

std::string encoded(const std::string& text) {
  std::ostringstream out;
  out << std::hex << std::uppercase;
  for (const unsigned char c : text) {
    if (std::isalnum(c) != 0) {
      out << c;
    } else {
      out << '%' << (c < 16 ? "0" : "") << static_cast<int>(c);
    }
  }
  return out.str();
}

// Metrics of a service with its log on Kafka, by the code that makes them.
class TopicsMetrics {
 public:
  TopicsMetrics() : metrics_({}, 1.5e9) {
    test::fill(&metrics_);
    ingest::http::ServerOptions options;
    ingest::http::Router router;
    router.add("GET", "/metrics", [this](const ingest::http::Request&) {
      ingest::http::Response response;
      response.content_type = std::string(dashboards::Metrics::content_type);
      response.body = metrics_.text();
      return response;
    });
    auto server = ingest::http::Server::listen(options, std::move(router), nullptr);
    if (server.ok()) server_ = std::move(server).value();
    if (server_) server_->start();
  }
  [[nodiscard]] std::uint16_t port() const { return server_ ? server_->port() : 0; }

 private:
  dashboards::Metrics metrics_;
  std::unique_ptr<ingest::http::Server> server_;
};

class Monitoring : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v prometheus-alertmanager >/dev/null 2>&1 && "
                    "command -v prometheus >/dev/null 2>&1") != 0)
      GTEST_SKIP() << "Prometheus is not installed: deploy/dependencies monitoring";
    const auto routes = folder_.path() / "alertmanager.yml";
    std::ofstream(routes) << replaced(contents(files + "alertmanager/alertmanager.yml"),
                                      "127.0.0.1:9095", local(receiver_.port()));
    alertmanager_ = std::make_unique<test::Beside>(std::vector<std::string>{
        "prometheus-alertmanager", "--config.file=" + routes.string(),
        "--storage.path=" + (folder_.path() / "state").string(), "--cluster.listen-address=",
        "--web.listen-address=" + local(alertmanager_port_), "--log.level=warn"});
    ASSERT_TRUE(alertmanager_->start(alertmanager_port_, "/-/ready", folder_.path() / "am.log"));
    service_ = std::make_unique<test::Service>(
        folder_.path() / "paged",
        "page:\n  alertmanagers: [http://" + local(alertmanager_port_) + "]\n");
    other_ = std::make_unique<test::Service>(folder_.path() / "unpaged");
    ASSERT_TRUE(service_->start()) << service_->log();
    ASSERT_TRUE(other_->start()) << other_->log();
    start_prometheus();
  }
  // As shipped, but for addresses and, so that nobody has to wait, intervals.
  void start_prometheus() {
    std::string config = contents(files + "prometheus/prometheus.yml");
    config = replaced(config, "127.0.0.1:9093", local(alertmanager_port_));
    config = replaced(config, "127.0.0.1:8411",
                      local(service_->operations_port()) + ", " + local(other_->operations_port()) +
                          ", " + local(topics_.port()));
    if (!test::in_campaign) config = replaced(config, "interval: 15s", "interval: 1s");
    config = replaced(config, "rules/*.yml", files + "prometheus/rules/*.yml");
    std::ofstream(folder_.path() / "prometheus.yml") << config;
    prometheus_ = std::make_unique<test::Beside>(std::vector<std::string>{
        "prometheus", "--config.file=" + (folder_.path() / "prometheus.yml").string(),
        "--storage.tsdb.path=" + (folder_.path() / "tsdb").string(),
        "--web.listen-address=" + local(prometheus_port_), "--log.level=warn"});
    ASSERT_TRUE(prometheus_->start(prometheus_port_, "/-/ready", folder_.path() / "prom.log"))
        << contents((folder_.path() / "prom.log").string());
  }
  [[nodiscard]] json ask(const std::string& query) const {
    const auto answer =
        test::HttpClient(prometheus_port_).request("GET", "/api/v1/query?query=" + encoded(query));
    return answer ? json::parse(answer->body, nullptr, false) : json();
  }
  // Whether a query gives a number that is one: nothing else equals itself.
  [[nodiscard]] bool gives_data(const std::string& query) const {
    const json answer = ask("count((" + query + ") == (" + query + "))");
    return answer.is_object() && answer.value("status", "") == "success" &&
           !answer.at("data").at("result").empty();
  }
  static json fact(const std::string& patient, const std::string& id, int systolic) {
    return {{"source", "c"},
            {"id", id},
            {"patient", patient},
            {"kind", "blood_pressure"},
            {"effective", events::print_utc(now() - minute)},
            {"recorded", events::print_utc(now() - minute / 2)},
            {"systolic", systolic},
            {"diastolic", 80}};
  }
  // Something of everything that can come.
  void play(int round) {
    const std::string id = std::to_string(round);
    std::ignore = service_->post(fact("p-" + id, "bp", 190).dump());
    std::ignore = service_->post(fact("p-1", "bp-1", 150).dump());
    json wrong = fact("p-" + id, "wrong", 120);
    wrong["unit"] = "bar";
    std::ignore = service_->post(wrong.dump());
    std::ignore = service_->post("{");
  }

  test::TemporaryFolder folder_;
  test::PageReceiver receiver_;
  TopicsMetrics topics_;
  std::uint16_t alertmanager_port_ = test::free_port();
  std::uint16_t prometheus_port_ = test::free_port();
  std::unique_ptr<test::Beside> alertmanager_;
  std::unique_ptr<test::Beside> prometheus_;
  std::unique_ptr<test::Service> service_;
  std::unique_ptr<test::Service> other_;
};

TEST_F(Monitoring, every_query_of_the_dashboards_gives_data_while_facts_come) {
  std::vector<std::string> waiting;
  for (const auto& board : dashboards::grafana::boards()) {
    for (const auto& row : board.rows) {
      for (const auto& panel : row.panels) {
        for (const auto& query : panel.queries) {
          std::string asked = query.expr;
          for (const auto& [from, to] : {std::pair<std::string, std::string>{"$job", "ketavigil"},
                                         {"$instance", ".+"},
                                         {"$__rate_interval", "10s"}}) {
            for (auto at = asked.find(from); at != std::string::npos; at = asked.find(from))
              asked.replace(at, from.size(), to);
          }
          waiting.push_back(asked);
        }
      }
    }
  }
  EXPECT_GT(waiting.size(), 50U);
  std::ignore = service_->post(fact("p-crisis", "bp", 230).dump());
  int round = 0;
  EXPECT_TRUE(test::comes_true(
      [&] {
        play(++round);
        std::erase_if(waiting, [&](const std::string& query) { return gives_data(query); });
        return waiting.empty();
      },
      seconds(40)));
  EXPECT_EQ(waiting, std::vector<std::string>());
}

TEST_F(Monitoring, case_without_a_page_of_its_own_comes_through_prometheus) {
  const auto counted = [&](const test::Service& of) {
    return gives_data("ketavigil_page_cases_total{instance=\"" + local(of.operations_port()) +
                      "\"}");
  };
  ASSERT_TRUE(test::comes_true([&] { return counted(*other_) && counted(*service_); },
                               seconds(test::in_campaign ? 60 : 20)));
  json suicidal = {{"source", "c"},
                   {"id", "s"},
                   {"patient", "p-secret"},
                   {"kind", "score"},
                   {"effective", events::print_utc(now() - minute)},
                   {"instrument", "c-ssrs-ideation"},
                   {"value", 5}};
  std::ignore = other_->post(suicidal.dump());
  ASSERT_TRUE(test::comes_true(
      [&] { return !receiver_.of("KetavigilCriticalCases", "firing", "alertname").empty(); },
      seconds(60)));
  const auto page = receiver_.of("KetavigilCriticalCases", "firing", "alertname").front();
  EXPECT_EQ(page.labels.at("domain"), "suicidality");
  EXPECT_EQ(page.to, "/on-call");
  EXPECT_EQ(page.whole.find("secret"), std::string::npos);
  // Where the case has its own page, Prometheus has none of it.
  std::ignore = service_->post(fact("p-crisis", "bp", 230).dump());
  ASSERT_TRUE(test::comes_true(
      [&] { return !receiver_.of("KetavigilCriticalCase", "firing", "alertname").empty(); },
      seconds(10)));
  ASSERT_TRUE(test::comes_true(
      [&] {
        return gives_data(
            "ketavigil_page_cases_total{domain=\"cardiovascular\",decision=\"paged\"} > 0");
      },
      seconds(test::in_campaign ? 60 : 20)));
  std::this_thread::sleep_for(seconds(7));  // an evaluation, and group_wait of 5 s
  EXPECT_FALSE(
      gives_data("ALERTS{alertname=\"KetavigilCriticalCases\",domain=\"cardiovascular\"}"));
  for (const auto& one : receiver_.of("KetavigilCriticalCases", "firing", "alertname"))
    EXPECT_NE(one.labels.at("domain"), "cardiovascular");
}

}  // namespace
}  // namespace ketavigil
