// Facts over HTTP where the log is on Kafka: acknowledged by the worker, be there a broker or not.
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/integration/topics.h"

namespace ketavigil::topics {
namespace {

class IntakeTopics : public Topics {
 protected:
  static std::string text_of(const std::string& file) {
    std::ifstream stream(file);
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
  }
  // Posts until it is answered, as a clinic does; counts what was refused.
  static void post_until_taken(Service* worker, const std::string& lines) {
    for (int attempt = 0; attempt < 200; ++attempt) {
      if (!worker->is_running()) ASSERT_TRUE(worker->start()) << worker->log();
      const auto answer = worker->post(lines, "application/x-ndjson");
      if (answer && answer->status == 200) return;
      std::this_thread::sleep_for(milliseconds(100));
    }
    FAIL() << "nothing was taken: " << worker->log();
  }
  static double inbox_events(Service* worker) { return metric(worker, "ketavigil_inbox_events"); }
  static bool wait_until_sent(Service* worker) {
    const auto until = std::chrono::steady_clock::now() + seconds(90);
    while (std::chrono::steady_clock::now() < until) {
      if (inbox_events(worker) == 0) return true;
      std::this_thread::sleep_for(milliseconds(200));
    }
    return false;
  }
  static pid_t broker() {
    std::ifstream file(directory() + "/broker-1/pid");
    pid_t child = 0;
    file >> child;
    return child;
  }
};

TEST_F(IntakeTopics, promise_1_what_was_posted_is_in_the_log_once_though_the_worker_was_killed) {
  const TemporaryFolder own;
  Service worker(own.path() / "w", section("posted"));
  ASSERT_TRUE(worker.start()) << worker.log();
  const auto slices = slices_of_events(own.path(), 3);
  for (std::size_t i = 0; i < slices.size(); ++i) {
    post_until_taken(&worker, text_of(slices[i]));
    if (i % 2 == 0) worker.kill();  // what was answered is in the inbox, or beyond it
  }
  if (!worker.is_running()) ASSERT_TRUE(worker.start()) << worker.log();
  ASSERT_TRUE(wait_until_sent(&worker)) << worker.log();
  ASSERT_TRUE(wait_until_read({&worker}));
  EXPECT_EQ(worker.stop().exit_code, 0) << worker.log();
  EXPECT_EQ(answers(worker.data()), answers(loaded()));
}

TEST_F(IntakeTopics, promise_1_facts_are_acknowledged_while_no_broker_answers_and_sent_on_later) {
  const TemporaryFolder own;
  Service worker(own.path() / "w", section("waits"));
  ASSERT_TRUE(worker.start()) << worker.log();
  const std::string fact =
      R"({"source":"c","id":"1","patient":"p","kind":"blood_pressure","effective":)"
      R"("2026-03-04T10:00:00Z","systolic":230,"diastolic":80})";
  ASSERT_GT(broker(), 0);
  ::kill(broker(), SIGSTOP);
  const auto first = worker.post(fact);
  const auto again = worker.post(fact);
  const auto unclear = worker.post(R"({"source":"c","id":"2","patient":"p","kind":"score","x":1})");
  const double waiting = inbox_events(&worker);
  ::kill(broker(), SIGCONT);
  ASSERT_TRUE(first && again && unclear);
  EXPECT_EQ(first->status, 201);
  EXPECT_EQ(nlohmann::json::parse(first->body).at("outcome"), "stored");
  EXPECT_EQ(again->status, 201);
  EXPECT_EQ(unclear->status, 202);
  EXPECT_EQ(waiting, 3);
  ASSERT_TRUE(wait_until_sent(&worker)) << worker.log();
  ASSERT_TRUE(wait_until_read({&worker}));
  EXPECT_EQ(worker.stop().exit_code, 0) << worker.log();
  const auto kept = nlohmann::json::parse(
      must_run({KETAVIGIL_BINARY, "patient", "p", "--json", "--data", worker.data().string()}));
  EXPECT_EQ(kept.at("facts").size(), 1U);
}

TEST_F(IntakeTopics, promise_5_an_event_that_no_topic_takes_is_answered_413_and_not_kept) {
  const TemporaryFolder own;
  Service worker(own.path() / "w", section("waits"));
  ASSERT_TRUE(worker.start()) << worker.log();
  const auto answer = worker.post(
      R"({"source":"c","id":"3","patient":"p","kind":"condition","effective":"2026-03-04","note":")" +
      std::string(1'000'000, 'x') + R"("})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
  EXPECT_EQ(nlohmann::json::parse(answer->body).at("outcome"), "too_large");
}

}  // namespace
}  // namespace ketavigil::topics
