// The answers at the door (EVENTS.md), against a sink that remembers.
#include "ingest/http/event_endpoint.h"

#include <atomic>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "tests/ingest/http/gzip_text.h"

namespace ketavigil {
namespace {

using ingest::Delivery;
using ingest::Outcome;
using ingest::Receipt;
using ingest::Refusal;
using ingest::http::EventEndpoint;
using ingest::http::EventEndpointSettings;
using ingest::http::Request;
using ingest::http::Response;
using nlohmann::json;

// Known digests are duplicates, another digest under a known id is a conflict.
class MemorySink : public ingest::EventSink {
 public:
  std::variant<std::vector<Receipt>, Refusal> take(std::vector<Delivery> events) override {
    const std::lock_guard lock(mutex_);
    ++calls;
    if (calls > calls_allowed) return Refusal{7, "not now"};
    std::vector<Receipt> receipts;
    for (const Delivery& delivery : events) {
      kept.emplace_back(delivery.bytes);
      if (const auto* rejection = std::get_if<events::Rejection>(&delivery.decoded)) {
        receipts.push_back(
            {Outcome::quarantined, rejection->reason, rejection->field, rejection->expected});
        continue;
      }
      const auto& fact = std::get<events::Fact>(delivery.decoded);
      EXPECT_EQ(delivery.digest, events::digest_of(fact));
      const bool known = !digests_.insert(delivery.digest).second;
      const bool other = !ids_.insert(fact.id).second;
      receipts.push_back({known   ? Outcome::duplicate
                          : other ? Outcome::conflict
                                  : Outcome::accepted,
                          "", "", ""});
    }
    return receipts;
  }
  void note_malformed(std::size_t events) override { malformed += events; }

  std::vector<std::string> kept;
  std::atomic<std::size_t> malformed{0};
  int calls = 0;
  int calls_allowed = 1'000'000;

 private:
  std::mutex mutex_;
  std::set<std::string> digests_;
  std::set<std::string> ids_;
};

std::string pressure(const std::string& id, int systolic) {
  return R"({"source":"c","id":")" + id +
         R"(","patient":"p","kind":"blood_pressure","effective":"2026-03-04T15:22:00Z","systolic":)" +
         std::to_string(systolic) + "}";
}
const std::string good = pressure("a", 140);
const std::string unknown_unit =
    R"({"source":"c","id":"u","patient":"p","kind":"blood_pressure","effective":"2026-03-04T15:22:00Z","systolic":140,"unit":"bar"})";

class Door : public testing::Test {
 protected:
  Response post(const std::string& body, const std::string& type = "application/json",
                std::vector<std::pair<std::string, std::string>> headers = {}) {
    headers.emplace_back("content-type", type);
    return endpoint().handle({"POST", "/api/v1/events", "", std::move(headers), body});
  }
  static json one(const Response& response) { return json::parse(response.body); }
  static std::vector<json> lines(const Response& response) {
    std::vector<json> out;
    std::istringstream stream(response.body);
    for (std::string line; std::getline(stream, line);) out.push_back(json::parse(line));
    return out;
  }
  EventEndpoint& endpoint() {
    if (!endpoint_) endpoint_ = std::make_unique<EventEndpoint>(decode_, settings_, sink_);
    return *endpoint_;
  }

  events::DecodeSettings decode_;
  EventEndpointSettings settings_;
  MemorySink sink_;
  std::unique_ptr<EventEndpoint> endpoint_;
};

TEST_F(Door, stored_is_201_duplicate_200_conflict_201_and_says_so) {
  Response response = post(good);
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(one(response), json::parse(R"({"status":201,"outcome":"accepted","reason":null,
                                           "field":null,"expected":null})"));
  response = post(good);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(one(response)["outcome"], "duplicate");
  response = post(pressure("a", 150));
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(one(response)["outcome"], "conflict");
}

TEST_F(Door, quarantined_is_202_with_reason_field_and_expected) {
  const Response response = post(unknown_unit);
  EXPECT_EQ(response.status, 202);
  const json answer = one(response);
  EXPECT_EQ(answer["outcome"], "quarantined");
  EXPECT_EQ(answer["reason"], "unknown-unit");
  EXPECT_EQ(answer["field"], "unit");
  EXPECT_FALSE(answer["expected"].get<std::string>().empty());
  EXPECT_EQ(sink_.kept, std::vector<std::string>{unknown_unit});
}

TEST_F(Door, malformed_is_400_and_nothing_is_kept) {
  const std::vector<std::string> wrong = {
      "",
      "   \r\n ",
      good.substr(0, good.size() - 1),
      good + good,
      "[" + good + "]",
      "12",
      "null",
      R"({"id":"a","id":"b"})",
      "{\"id\":\"\xff\"}",
      R"({"id":"\ud800"})",
      R"({"a":NaN})",
      R"({"a":1e999})",
      std::string(1000, '['),
      std::string("\0", 1),
  };
  for (const std::string& body : wrong) {
    const Response response = post(body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_EQ(one(response)["outcome"], "malformed") << body;
    EXPECT_EQ(one(response)["reason"], "malformed") << body;
    EXPECT_FALSE(one(response)["expected"].get<std::string>().empty()) << body;
  }
  EXPECT_TRUE(sink_.kept.empty());
  EXPECT_EQ(sink_.malformed, wrong.size());
}

TEST_F(Door, event_over_1_mib_is_malformed) {
  std::string text = good;
  text.insert(1, R"("text":")" + std::string(std::size_t{1} << 20, 'x') + R"(",)");
  EXPECT_EQ(post(text).status, 400);
  const auto told = lines(post(good + "\n" + text + "\n", "application/x-ndjson"));
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0]["outcome"], "accepted");
  EXPECT_EQ(told[1]["outcome"], "malformed");
}

TEST_F(Door, ndjson_is_200_and_a_line_each_in_order_with_its_number) {
  for (const std::string type : {"application/x-ndjson", "application/ndjson", "application/jsonl",
                                 "Application/X-NDJSON; charset=utf-8"}) {
    sink_.kept.clear();
    const Response response =
        post(pressure(type, 140) + "\n\n" + "{\"broken\n" + unknown_unit + "\r\n" + good, type);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "application/x-ndjson");
    const auto told = lines(response);
    ASSERT_EQ(told.size(), 4U);
    EXPECT_EQ(told[0]["line"], 1);
    EXPECT_EQ(told[0]["status"], 201);
    EXPECT_EQ(told[0]["outcome"], "accepted");
    EXPECT_TRUE(told[0]["reason"].is_null());
    EXPECT_EQ(told[1]["line"], 3);
    EXPECT_EQ(told[1]["status"], 400);
    EXPECT_EQ(told[1]["outcome"], "malformed");
    EXPECT_EQ(told[2]["line"], 4);
    EXPECT_EQ(told[2]["status"], 202);
    EXPECT_EQ(told[2]["reason"], "unknown-unit");
    EXPECT_EQ(told[3]["line"], 5);
    EXPECT_EQ(sink_.kept, (std::vector<std::string>{pressure(type, 140), unknown_unit, good}));
  }
}

TEST_F(Door, lines_that_are_each_an_event_are_taken_whatever_the_type) {
  const Response response =
      post(good + "\n" + unknown_unit + "\n", "application/x-www-form-urlencoded");
  EXPECT_EQ(response.status, 200);
  ASSERT_EQ(lines(response).size(), 2U);
  EXPECT_EQ(lines(response)[1]["status"], 202);
}

TEST_F(Door, one_broken_line_costs_only_itself_also_without_a_type) {
  const Response response = post(good + "\n{\n" + unknown_unit + "\n");
  EXPECT_EQ(response.status, 200);
  ASSERT_EQ(lines(response).size(), 3U);
  EXPECT_EQ(lines(response)[0]["status"], 201);
  EXPECT_EQ(lines(response)[1]["status"], 400);
  EXPECT_EQ(sink_.kept.size(), 2U);
}

TEST_F(Door, of_lines_that_are_mostly_no_events_the_way_out_is_told) {
  const Response response = post(good + "\n{\n{\n");
  EXPECT_EQ(response.status, 400);
  EXPECT_NE(response.body.find("application/x-ndjson"), std::string::npos);
  EXPECT_TRUE(sink_.kept.empty());
}

TEST_F(Door, one_event_over_many_lines_is_one_event) {
  const Response response = post("\xEF\xBB\xBF" + json::parse(good).dump(2) + "\n");
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(one(response)["outcome"], "accepted");
}

TEST_F(Door, one_event_is_the_same_bytes_alone_and_as_a_line) {
  post(unknown_unit + "\r\n");
  post(unknown_unit + "\r\n", "application/x-ndjson");
  EXPECT_EQ(sink_.kept, (std::vector<std::string>{unknown_unit, unknown_unit}));
}

TEST_F(Door, source_default_stands_in_for_an_absent_source) {
  settings_.source_default = "front-desk";
  const std::string nameless =
      R"({"id":"a","patient":"p","kind":"blood_pressure","effective":"2026-03-04T15:22:00Z","systolic":140})";
  EXPECT_EQ(post(nameless).status, 201);
}

TEST_F(Door, gzip_is_inflated_and_bounded) {
  const std::vector<std::pair<std::string, std::string>> zipped = {{"content-encoding", "gzip"}};
  settings_.body_bytes_max = 100'000;
  EXPECT_EQ(post(test::gzip(good), "application/json", zipped).status, 201);
  EXPECT_EQ(post(test::gzip(std::string(100'001, ' ')), "application/json", zipped).status, 413);
  EXPECT_EQ(post("{}", "application/json", zipped).status, 400);
  EXPECT_EQ(post(good, "application/json", {{"content-encoding", "br"}}).status, 415);
}

TEST_F(Door, too_many_lines_are_413_and_nothing_is_kept) {
  settings_.events_max = 3;
  EXPECT_EQ(post("{}\n{}\n{}\n", "application/x-ndjson").status, 200);
  sink_.kept.clear();
  EXPECT_EQ(post("{}\n{}\n{}\n{}", "application/x-ndjson").status, 413);
  EXPECT_TRUE(sink_.kept.empty());
}

TEST_F(Door, refusal_is_503_with_retry_after) {
  sink_.calls_allowed = 0;
  Response response = post(good);
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.headers,
            (std::vector<std::pair<std::string, std::string>>{{"Retry-After", "7"}}));
  sink_.calls = 0;
  sink_.calls_allowed = 1;
  settings_.events_per_step = 1;
  endpoint_.reset();
  response = post(good + "\n" + good, "application/x-ndjson");
  EXPECT_EQ(response.status, 503);
}

TEST_F(Door, long_body_is_handed_over_in_steps_and_answered_whole) {
  settings_.events_per_step = 10;
  std::string body;
  for (int i = 0; i < 95; ++i) body += pressure("l" + std::to_string(i), 140) + "\n";
  const auto told = lines(post(body, "application/x-ndjson"));
  ASSERT_EQ(told.size(), 95U);
  for (std::size_t i = 0; i < told.size(); ++i) EXPECT_EQ(told[i]["line"], i + 1);
  EXPECT_EQ(sink_.calls, 10);
}

TEST_F(Door, page_of_a_browser_may_not_push) {
  EXPECT_EQ(post(good, "text/plain", {{"origin", "https://example.org"}}).status, 403);
  EXPECT_TRUE(sink_.kept.empty());
}

TEST_F(Door, many_threads_at_once) {
  endpoint();
  std::vector<std::thread> threads;
  std::atomic<int> accepted{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const auto response = post(pressure(std::to_string(t) + "-" + std::to_string(i), 140));
        accepted += response.status == 201 ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(accepted, 400);
}

}  // namespace
}  // namespace ketavigil
