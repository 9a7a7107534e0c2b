// Answers that come little by little, to clients that stay, leave, or do not read.
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "ingest/http/server.h"
#include "tests/ingest/http/http_client.h"

namespace ketavigil {
namespace {

using ingest::http::Request;
using ingest::http::Response;
using ingest::http::ResponseStream;
using ingest::http::Router;
using ingest::http::Server;
using ingest::http::ServerOptions;
using std::chrono::milliseconds;
using test::HttpClient;

constexpr milliseconds soon{5'000};

// What the streams of a test give: pieces that the test puts in, each to all that are open.
class Spring {
 public:
  class Flow : public ResponseStream {
   public:
    explicit Flow(Spring& spring) : spring_(spring) { ++spring_.alive_; }
    ~Flow() override { --spring_.alive_; }
    std::optional<std::string> take() override {
      const std::lock_guard lock(spring_.mutex_);
      if (spring_.throws_) throw std::runtime_error("dry");
      if (next_ < spring_.pieces_.size()) return spring_.pieces_[next_++];
      if (spring_.over_) return std::nullopt;
      return spring_.flood_;
    }

   private:
    Spring& spring_;
    std::size_t next_ = 0;
  };
  void put(const std::string& piece) {
    const std::lock_guard lock(mutex_);
    pieces_.push_back(piece);
  }
  void end() {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  void fail() {
    const std::lock_guard lock(mutex_);
    throws_ = true;
  }
  void flood(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    flood_.assign(bytes, 'x');
  }
  [[nodiscard]] int alive() const { return alive_; }

 private:
  std::mutex mutex_;
  std::vector<std::string> pieces_;
  std::string flood_;
  bool over_ = false;
  bool throws_ = false;
  std::atomic<int> alive_{0};
};

class HttpStream : public testing::Test {
 protected:
  void SetUp() override { options_.stream_pause = milliseconds(10); }
  void start() {
    Router router;
    router.add("GET", "/news", [this](const Request&) {
      Response response;
      response.content_type = "text/event-stream";
      response.stream = std::make_shared<Spring::Flow>(spring_);
      return response;
    });
    router.add("GET", "/plain", [](const Request&) {
      return Response{200, "plain", "text/plain", {}};
    });
    auto server = Server::listen(options_, router, nullptr);
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(server).value();
    server_->start();
  }
  // Asks for the stream on a connection of its own; the status, 0 if there is no answer.
  int open(HttpClient& client) {
    if (!client.connect() || !client.send("GET /news HTTP/1.1\r\nHost: x\r\n\r\n")) return 0;
    return client.read_answer().value_or(test::HttpAnswer{}).status;
  }
  bool streams_become(int count) {
    const auto until = std::chrono::steady_clock::now() + soon;
    while (server_->streams() != count || spring_.alive() != count) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(milliseconds(5));
    }
    return true;
  }

  ServerOptions options_;
  Spring spring_;
  std::unique_ptr<Server> server_;
};

TEST_F(HttpStream, pieces_arrive_as_they_come_and_the_end_is_told) {
  start();
  HttpClient client(server_->port());
  ASSERT_TRUE(client.connect());
  ASSERT_TRUE(client.send("GET /news HTTP/1.1\r\nHost: x\r\n\r\n"));
  const auto header = client.read_answer();
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->status, 200);
  EXPECT_EQ(header->header("content-type"), "text/event-stream");
  EXPECT_EQ(header->header("transfer-encoding"), "chunked");
  for (const std::string piece : {"data: one\n\n", "data: two\n\n"}) {
    spring_.put(piece);
    EXPECT_EQ(client.read_chunk(), piece);
  }
  spring_.put("data: last\n\n");
  spring_.end();
  EXPECT_EQ(client.read_chunk(), "data: last\n\n");
  EXPECT_EQ(client.read_chunk(), "");
  EXPECT_TRUE(client.is_closed_within(soon));
  EXPECT_TRUE(streams_become(0));
}

TEST_F(HttpStream, to_http_1_0_the_end_of_the_connection_is_the_end) {
  start();
  spring_.put("one ");
  spring_.put("two");
  spring_.end();
  HttpClient client(server_->port());
  ASSERT_TRUE(client.connect());
  ASSERT_TRUE(client.send("GET /news HTTP/1.0\r\n\r\n"));
  const auto all = client.read_to_end();
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(all->find("chunked"), std::string::npos);
  EXPECT_TRUE(all->ends_with("\r\n\r\none two")) << *all;
}

TEST_F(HttpStream, head_has_the_header_only_and_opens_no_stream) {
  start();
  HttpClient client(server_->port());
  const auto header = client.request("HEAD", "/news");
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->header("content-type"), "text/event-stream");
  EXPECT_TRUE(streams_become(0));
  const auto next = client.request("GET", "/plain");
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->body, "plain");
}

TEST_F(HttpStream, streams_beyond_the_bound_get_503_until_one_is_gone) {
  options_.streams_max = 2;
  start();
  HttpClient first(server_->port());
  HttpClient second(server_->port());
  HttpClient third(server_->port());
  EXPECT_EQ(open(first), 200);
  EXPECT_EQ(open(second), 200);
  const auto refused = third.request("GET", "/news");
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->header("retry-after"), "10");
  EXPECT_TRUE(streams_become(2));
  first.close();  // noticed though nothing is written
  EXPECT_TRUE(streams_become(1));
  EXPECT_EQ(open(third), 200);
}

TEST_F(HttpStream, client_that_does_not_read_is_cut) {
  options_.write_deadline = milliseconds(300);
  start();
  HttpClient client(server_->port());
  EXPECT_EQ(open(client), 200);
  spring_.flood(std::size_t{1} << 20);
  EXPECT_TRUE(streams_become(0));
}

TEST_F(HttpStream, client_that_is_idle_is_not_cut_by_any_deadline) {
  options_.write_deadline = milliseconds(100);
  options_.idle_deadline = milliseconds(100);
  options_.body_deadline = milliseconds(100);
  start();
  HttpClient client(server_->port());
  EXPECT_EQ(open(client), 200);
  std::this_thread::sleep_for(milliseconds(400));
  spring_.put("still here");
  EXPECT_EQ(client.read_chunk(), "still here");
  std::this_thread::sleep_for(milliseconds(400));
  spring_.put("and here");
  EXPECT_EQ(client.read_chunk(), "and here");
}

TEST_F(HttpStream, client_that_talks_on_is_cut) {
  start();
  HttpClient client(server_->port());
  EXPECT_EQ(open(client), 200);
  client.send(std::string(200'000, 'x'));
  EXPECT_TRUE(streams_become(0));
}

TEST_F(HttpStream, stream_that_throws_ends_and_others_go_on) {
  start();
  HttpClient client(server_->port());
  EXPECT_EQ(open(client), 200);
  spring_.fail();
  EXPECT_EQ(client.read_chunk(), "");
  EXPECT_TRUE(streams_become(0));
  const auto next = HttpClient(server_->port()).request("GET", "/plain");
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->body, "plain");
}

TEST_F(HttpStream, stop_does_not_wait_for_streams) {
  start();
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<HttpClient>(server_->port()));
    EXPECT_EQ(open(*clients.back()), 200);
  }
  const auto began = std::chrono::steady_clock::now();
  server_->stop(milliseconds(10'000));
  EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds(3'000));
  EXPECT_EQ(spring_.alive(), 0);
  for (const auto& client : clients) EXPECT_TRUE(client->is_closed_within(soon));
}

TEST_F(HttpStream, many_streams_that_flow_do_not_hold_up_other_requests) {
  options_.handler_threads = 1;
  start();
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int i = 0; i < 40; ++i) {
    clients.push_back(std::make_unique<HttpClient>(server_->port()));
    EXPECT_EQ(open(*clients.back()), 200);
  }
  for (int i = 0; i < 100; ++i) spring_.put("piece " + std::to_string(i));
  const auto answer = HttpClient(server_->port()).request("GET", "/plain");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "plain");
  for (const auto& client : clients) {
    for (int i = 0; i < 100; ++i) ASSERT_EQ(client->read_chunk(), "piece " + std::to_string(i));
  }
}

}  // namespace
}  // namespace ketavigil
