// From a fact at the door to the receiver that a real Alertmanager calls.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "events/time.h"
#include "routing/pages/webhooks.h"
#include "tests/integration/monitoring.h"

namespace ketavigil {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr events::Microseconds minute = 60 * events::second_us;
constexpr events::Microseconds day = 24 * 60 * minute;
const std::string secret = "a secret of sixteen bytes or more";
// Long enough for a second page to come, if there were one.
constexpr milliseconds quiet{2'500};

events::Microseconds now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

json pressure(const std::string& patient, const std::string& id, int systolic, int diastolic,
              events::Microseconds effective) {
  return {{"source", "clinic-07"},
          {"id", id},
          {"patient", patient},
          {"kind", "blood_pressure"},
          {"effective", events::print_utc(effective)},
          {"site", "north"},
          {"systolic", systolic},
          {"diastolic", diastolic}};
}

class Pages : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (std::system("command -v prometheus-alertmanager >/dev/null 2>&1") != 0) return;
    folder_of_all = std::make_unique<test::TemporaryFolder>();
    receiver = std::make_unique<test::PageReceiver>();
    alertmanager =
        std::make_unique<test::AlertsBeside>(folder_of_all->path() / "am", receiver->url());
    ASSERT_TRUE(alertmanager->start());
  }
  static void TearDownTestSuite() {
    alertmanager.reset();
    receiver.reset();
    folder_of_all.reset();
  }
  void SetUp() override {
    if (!alertmanager)
      GTEST_SKIP() << "Alertmanager is not installed: deploy/dependencies monitoring";
  }
  void start(const std::string& alertmanager_url, const std::string& more = {}) {
    service_ = std::make_unique<test::Service>(
        folder_.path(),
        "page:\n  alertmanagers: [" + alertmanager_url + "]\n  resend_seconds: 5\n" + more);
    ASSERT_TRUE(service_->start()) << service_->log();
  }
  void post(const json& event, int status = 201) {
    const auto answer = service_->post(event.dump());
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->status, status) << answer->body;
  }
  // The configuration of a webhook that signs.
  [[nodiscard]] std::string webhook() const {
    std::ofstream(folder_.path() / "secret") << secret << '\n';
    return "  webhooks: [{name: hook, url: " + receiver->hook_url() +
           ", secret_file: " + (folder_.path() / "secret").string() + "}]\n";
  }
  [[nodiscard]] static std::string run(std::vector<std::string> arguments, int exit_code) {
    std::string output;
    arguments.insert(arguments.begin(), KETAVIGIL_BINARY);
    EXPECT_EQ(test::run_program(arguments, &output).exit_code, exit_code) << output;
    return output;
  }
  // The case of a patient's crisis, as the service itself lists it.
  [[nodiscard]] std::string case_of(const std::string& patient) const {
    std::string output;
    const auto ended =
        test::run_program({KETAVIGIL_BINARY, "alerts", "--data", service_->data().string(),
                           "--history", "--json", "--patient", patient},
                          &output);
    EXPECT_EQ(ended.exit_code, 0) << output;
    const json listed = json::parse(output);
    for (const json& revision : listed.at("revisions")) {
      if (revision.at("detector") == "BP-3") return revision.at("case");
    }
    return "";
  }
  // The value of a series; -1: it is not there.
  [[nodiscard]] double metric(const std::string& series) const {
    const auto answer = service_->get("/metrics");
    if (!answer) return -1;
    const auto at = answer->body.find("\n" + series + " ");
    return at == std::string::npos ? -1 : std::stod(answer->body.substr(at + series.size() + 2));
  }
  [[nodiscard]] double decided(const std::string& decision) const {
    return metric("ketavigil_page_cases_total{decision=\"" + decision +
                  "\",domain=\"cardiovascular\"}");
  }

  static std::unique_ptr<test::TemporaryFolder> folder_of_all;
  static std::unique_ptr<test::PageReceiver> receiver;
  static std::unique_ptr<test::AlertsBeside> alertmanager;
  test::TemporaryFolder folder_;
  std::unique_ptr<test::Service> service_;
};

std::unique_ptr<test::TemporaryFolder> Pages::folder_of_all;
std::unique_ptr<test::PageReceiver> Pages::receiver;
std::unique_ptr<test::AlertsBeside> Pages::alertmanager;

TEST_F(Pages, crisis_is_with_on_call_within_ten_seconds_and_names_nobody) {
  start(alertmanager->url());
  const auto onset = now() - 10 * minute;
  post(pressure("p-secret", "bp-secret", 225, 90, onset));
  const std::string name = case_of("p-secret");
  ASSERT_TRUE(test::comes_true([&] { return !receiver->of(name, "firing").empty(); }, seconds(10)));
  const auto page = receiver->of(name, "firing").front();
  EXPECT_EQ(page.labels, json({{"alertname", "KetavigilCriticalCase"},
                               {"case", name},
                               {"detector", "BP-3"},
                               {"domain", "cardiovascular"},
                               {"level", "critical"},
                               {"severity", "page"},
                               {"site", "north"}}));
  EXPECT_EQ(page.annotations.at("since"), events::print_utc(onset));
  EXPECT_EQ(page.annotations.at("verified"), "yes");
  const std::string measured = page.annotations.at("measured");
  EXPECT_NE(measured.find("crisis 225, limit 220"), std::string::npos) << measured;
  const auto path = page.link.find("/api/v1/pages/");
  ASSERT_NE(path, std::string::npos) << page.link;
  const auto linked = service_->get(page.link.substr(path));
  ASSERT_TRUE(linked);
  EXPECT_EQ(linked->status, 200);
  EXPECT_EQ(json::parse(linked->body).at("labels"), page.labels);
  EXPECT_EQ(linked->body.find("secret"), std::string::npos) << linked->body;
  EXPECT_EQ(service_->get("/api/v1/pages/unknown")->status, 404);
  EXPECT_EQ(page.whole.find("secret"), std::string::npos) << page.whole;
}

TEST_F(Pages, sent_ten_times_and_with_its_onset_moved_it_is_one_page_and_a_retraction_ends_it) {
  start(alertmanager->url());
  const auto effective = now() - 60 * minute;
  const json crisis = pressure("p-1", "bp-1", 231, 90, effective);
  post(crisis);
  const std::string name = case_of("p-1");
  ASSERT_TRUE(test::comes_true([&] { return !receiver->of(name, "firing").empty(); }, seconds(10)));
  for (int i = 0; i < 9; ++i) post(crisis, 200);
  // A late fact of the same occasion: the finding has another onset and id, the case stays.
  post(pressure("p-1", "bp-0", 222, 90, effective - 30 * minute));
  EXPECT_EQ(case_of("p-1"), name);
  std::this_thread::sleep_for(quiet);
  EXPECT_EQ(receiver->of(name, "firing").size(), 1U);
  EXPECT_EQ(decided("paged"), 1);
  for (const char* id : {"bp-1", "bp-0"}) {
    post({{"source", "clinic-07"}, {"id", id}, {"patient", "p-1"}, {"status", "entered-in-error"}});
  }
  EXPECT_TRUE(
      test::comes_true([&] { return receiver->of(name, "resolved").size() == 1; }, seconds(10)));
  std::this_thread::sleep_for(quiet);
  EXPECT_EQ(receiver->of(name, "firing").size(), 1U);
  EXPECT_EQ(receiver->of(name, "resolved").size(), 1U);
  EXPECT_EQ(metric("ketavigil_page_open_cases{decision=\"paged\",domain=\"cardiovascular\"}"), 0);
}

TEST_F(Pages, alertmanager_that_was_away_pages_once_when_it_is_back_also_after_a_kill) {
  test::AlertsBeside late(folder_.path() / "late", receiver->url());
  start(late.url());
  post(pressure("p-late", "bp-1", 240, 90, now() - minute));
  const std::string name = case_of("p-late");
  ASSERT_TRUE(test::comes_true(
      [&] { return metric("ketavigil_page_way_out_up{way=\"alertmanager\"}") == 0; }, seconds(10)));
  service_->kill();  // what waits is on the disk
  ASSERT_TRUE(service_->start()) << service_->log();
  std::this_thread::sleep_for(test::in_campaign ? milliseconds(120'000) : quiet);
  EXPECT_TRUE(receiver->of(name, "firing").empty());
  ASSERT_TRUE(late.start());
  // What is tried again waits a minute at most.
  ASSERT_TRUE(test::comes_true([&] { return !receiver->of(name, "firing").empty(); },
                               seconds(test::in_campaign ? 70 : 30)));
  EXPECT_TRUE(test::comes_true(
      [&] { return metric("ketavigil_page_way_out_up{way=\"alertmanager\"}") == 1; }, seconds(10)));
  std::this_thread::sleep_for(quiet);
  EXPECT_EQ(receiver->of(name, "firing").size(), 1U);
  EXPECT_NE(service_->log().find("pages cannot go out and wait"), std::string::npos);
  EXPECT_NE(service_->log().find("pages go out again"), std::string::npos);
}

TEST_F(Pages, crisis_of_last_year_pages_nobody_and_is_counted_as_historic) {
  start(alertmanager->url());
  post(pressure("p-old", "bp-1", 225, 90, now() - 365 * day));
  const std::string name = case_of("p-old");
  EXPECT_TRUE(test::comes_true([&] { return decided("historic") == 1; }, seconds(5)));
  std::this_thread::sleep_for(quiet);
  EXPECT_TRUE(receiver->of(name, "firing").empty());
  EXPECT_EQ(decided("paged"), 0);
}

TEST_F(Pages, of_a_file_that_was_loaded_before_the_service_began_only_what_is_new_pages) {
  const auto file = folder_.path() / "events.ndjson";
  std::ofstream(file) << pressure("p-new", "bp-1", 225, 90, now() - 60 * minute).dump() << "\n"
                      << pressure("p-old", "bp-1", 225, 90, now() - 365 * day).dump() << "\n";
  // A file system in memory may be smaller than the guard.
  const auto configuration = folder_.path() / "load.yaml";
  std::ofstream(configuration) << "storage: {free_space_guard_bytes: 0}\n";
  std::ignore = run({"load", file.string(), "--data", (folder_.path() / "data").string(),
                     "--config", configuration.string()},
                    0);
  start(alertmanager->url());
  const std::string name = case_of("p-new");
  EXPECT_TRUE(test::comes_true([&] { return !receiver->of(name, "firing").empty(); }, seconds(10)));
  EXPECT_EQ(decided("paged"), 1);
  EXPECT_EQ(decided("historic"), 1);
  EXPECT_TRUE(receiver->of(case_of("p-old"), "firing").empty());
}

TEST_F(Pages, file_with_systolic_and_diastolic_exchanged_makes_at_most_four) {
  start(alertmanager->url());
  std::string file;
  for (int i = 0; i < 1000; ++i) {
    json event = pressure("p-" + std::to_string(i), "bp-1", 80, 135, now() - 10 * minute);
    event["source"] = "clinic-swapped";
    event["site"] = "swapped";
    file += event.dump() + "\n";
  }
  const auto answer = service_->post(file, "application/x-ndjson");
  ASSERT_TRUE(answer);
  EXPECT_TRUE(test::comes_true([&] { return decided("folded") == 997; }, seconds(20)));
  EXPECT_TRUE(test::comes_true(
      [&] { return !receiver->of("clinic-swapped", "firing", "source").empty(); }, seconds(10)));
  std::this_thread::sleep_for(quiet);
  const auto single = receiver->of("swapped", "firing", "site");
  EXPECT_EQ(single.size(), 3U);
  for (const auto& page : single) {
    EXPECT_TRUE(std::string(page.annotations.at("verified")).starts_with("no:"));
  }
  EXPECT_EQ(receiver->of("clinic-swapped", "firing", "source").size(), 1U);
}

TEST_F(Pages, what_is_paged_and_what_is_not_is_listed_beside_the_service) {
  start(alertmanager->url());
  post(pressure("p-secret", "bp-1", 225, 90, now() - minute));
  post(pressure("p-old", "bp-2", 225, 90, now() - 365 * day));
  ASSERT_TRUE(
      test::comes_true([&] { return decided("paged") + decided("historic") == 2; }, seconds(5)));
  const std::string text = run({"page", "list", "--data", service_->data().string()}, 0);
  EXPECT_EQ(text.find("secret"), std::string::npos) << text;
  const json listed =
      json::parse(run({"page", "list", "--data", service_->data().string(), "--json"}, 0));
  std::map<std::string, std::string> decisions;
  for (const json& page : listed.at("pages")) decisions[page.at("case")] = page.at("decision");
  EXPECT_EQ(decisions, (std::map<std::string, std::string>{{case_of("p-secret"), "paged"},
                                                           {case_of("p-old"), "historic"}}));
}

TEST_F(Pages, webhook_is_signed_and_a_dead_letter_is_replayed_beside_the_service) {
  receiver->answer_hooks(422);
  const auto before = receiver->hooks().size();
  start(alertmanager->url(), webhook());
  post(pressure("p-hook", "bp-1", 225, 90, now() - minute));
  const std::string name = case_of("p-hook");
  const auto dead = [&] {
    const json listed =
        json::parse(run({"page", "list", "--data", service_->data().string(), "--json"}, 0));
    return listed.at("deliveries");
  };
  ASSERT_TRUE(test::comes_true([&] { return !dead().empty() && dead()[0].at("dead") == true; },
                               seconds(10)));
  EXPECT_EQ(receiver->hooks().size(), before);
  const std::string operations = "http://127.0.0.1:" + std::to_string(service_->operations_port());
  EXPECT_NE(run({"page", "replay", "no-such-id", "--server", operations}, 3).find("404"),
            std::string::npos);
  receiver->answer_hooks(200);
  EXPECT_EQ(run({"page", "replay", dead()[0].at("id"), "--server", operations}, 0),
            "{\"replayed\":1}\n");
  ASSERT_TRUE(
      test::comes_true([&] { return receiver->hooks().size() == before + 1; }, seconds(10)));
  const auto hook = receiver->hooks().back();
  EXPECT_EQ(hook.signature, routing::pages::signature_of(secret, hook.timestamp, hook.body));
  EXPECT_EQ(json::parse(hook.body).at("labels").at("case"), name);
  EXPECT_TRUE(test::comes_true([&] { return dead().empty(); }, seconds(5)));
}

TEST_F(Pages, test_page_says_what_came_back_and_fails_where_nobody_answers) {
  receiver->answer_hooks(200);
  const auto before = receiver->hooks().size();
  const auto config = folder_.path() / "config.yaml";
  std::ofstream(config) << "page:\n  alertmanagers: [" << alertmanager->url() << "]\n" << webhook();
  const std::string said = run({"page", "--test", "--config", config.string()}, 0);
  EXPECT_NE(said.find("alertmanager " + alertmanager->url() + "\tHTTP 200"), std::string::npos)
      << said;
  EXPECT_NE(said.find("webhook hook\tHTTP 200"), std::string::npos) << said;
  EXPECT_TRUE(test::comes_true(
      [&] { return !receiver->of("KetavigilTestPage", "firing", "alertname").empty(); },
      seconds(10)));
  ASSERT_EQ(receiver->hooks().size(), before + 1);
  EXPECT_EQ(json::parse(receiver->hooks().back().body).at("event"), "test");
  std::ofstream(config) << "page:\n  alertmanagers: [http://127.0.0.1:" << test::free_port()
                        << "]\n";
  EXPECT_NE(run({"page", "--test", "--config", config.string()}, 3).find("no answer"),
            std::string::npos);
  std::ofstream(config) << "page:\n  alertmanagers: []\n";
  std::ignore = run({"page", "--test", "--config", config.string()}, 2);
}

}  // namespace
}  // namespace ketavigil
