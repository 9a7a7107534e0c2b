// The listener against clients that are slow, large, impatient or wrong.
#include "ingest/http/server.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "tests/ingest/http/http_client.h"

namespace ketavigil {
namespace {

using ingest::http::Request;
using ingest::http::Response;
using ingest::http::Router;
using ingest::http::Server;
using ingest::http::ServerOptions;
using std::chrono::milliseconds;
using test::HttpClient;

constexpr milliseconds soon{5'000};

// Lets handlers wait until the test says so.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  bool someone_waits(int count = 1) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, soon, [&] { return waiting_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

class Counting : public ingest::http::ServerObserver {
 public:
  void served(std::string_view, int, double) override { ++served_count; }
  void refused() override { ++refused_count; }
  std::atomic<int> served_count{0};
  std::atomic<int> refused_count{0};
};

class HttpServer : public testing::Test {
 protected:
  void SetUp() override {
    options_.header_bytes_max = 4096;
    options_.body_bytes_max = 100'000;
    options_.bodies_bytes_max = 400'000;
  }
  void TearDown() override { gate_.open(); }

  void start() {
    Router router;
    router.add("POST", "/echo", [](const Request& request) {
      Response response;
      response.content_type = "text/plain";
      response.body = request.body;
      return response;
    });
    router.add("GET", "/query", [](const Request& request) {
      Response response;
      response.body = request.query + "|" + std::string(request.header("x-word"));
      return response;
    });
    router.add("GET", "/wait", [this](const Request&) {
      gate_.pass();
      return Response{200, "waited", "text/plain", {}};
    });
    router.add("GET", "/probe", [](const Request&) {
      return Response{200, "alive", "text/plain", {}};
    });
    router.answer_at_once("/probe");
    router.add("GET", "/throws",
               [](const Request&) -> Response { throw std::runtime_error("secret"); });
    auto server = Server::listen(options_, router, &counting_);
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(server).value();
    server_->start();
  }

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  void expect_alive() {
    HttpClient client(port());
    const auto answer = client.request("POST", "/echo", "still here");
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "still here");
  }

  ServerOptions options_;
  Gate gate_;
  Counting counting_;
  std::unique_ptr<Server> server_;
};

TEST_F(HttpServer, answers_and_keeps_the_connection) {
  start();
  HttpClient client(port());
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.request("POST", "/echo", "hello " + std::to_string(i));
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->body, "hello " + std::to_string(i));
    EXPECT_TRUE(client.connected());
  }
  const auto answer = client.request("GET", "/query?a=1&b=%20", "", "", "X-Word: w\r\n");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "a=1&b=%20|w");
}

TEST_F(HttpServer, unknown_path_is_404_and_wrong_method_405_with_allow) {
  start();
  HttpClient client(port());
  auto answer = client.request("GET", "/nowhere");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(answer->header("content-type"), "application/json");
  answer = client.request("GET", "/echo");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 405);
  EXPECT_EQ(answer->header("allow"), "POST");
  answer = client.request("DELETE", "/query");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->header("allow"), "GET, HEAD");
}

TEST_F(HttpServer, head_has_the_length_and_no_body) {
  start();
  HttpClient client(port());
  const auto answer = client.request("HEAD", "/query?12345");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->header("content-length"), "6");
  const auto next = client.request("POST", "/echo", "after");
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->body, "after");
}

TEST_F(HttpServer, pipelined_requests_are_answered_in_order) {
  start();
  HttpClient client(port());
  ASSERT_TRUE(client.connect());
  std::string all;
  for (int i = 0; i < 20; ++i) {
    const std::string body = "number " + std::to_string(i);
    all += "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }
  ASSERT_TRUE(client.send(all));
  for (int i = 0; i < 20; ++i) {
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer.has_value()) << i;
    EXPECT_EQ(answer->body, "number " + std::to_string(i));
  }
}

TEST_F(HttpServer, chunked_body_is_read) {
  start();
  HttpClient client(port());
  ASSERT_TRUE(client.connect());
  ASSERT_TRUE(
      client.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n"));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "hello, world");
}

TEST_F(HttpServer, expect_100_continue_is_answered_before_the_body) {
  start();
  HttpClient client(port());
  ASSERT_TRUE(client.connect());
  ASSERT_TRUE(client.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"));
  const auto go_on = client.read_answer();
  ASSERT_TRUE(go_on.has_value());
  EXPECT_EQ(go_on->status, 100);
  ASSERT_TRUE(client.send("ok"));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "ok");
}

TEST_F(HttpServer, slow_header_is_cut_at_its_deadline_though_bytes_keep_coming) {
  options_.header_deadline = milliseconds(300);
  start();
  HttpClient client(port());
  ASSERT_TRUE(client.connect());
  ASSERT_TRUE(client.send("GET /query HTTP/1.1\r\n"));
  const auto began = std::chrono::steady_clock::now();
  bool closed = false;
  for (int i = 0; i < 50 && !closed; ++i) {
    client.send("X-A: b\r\n");
    closed = client.is_closed_within(milliseconds(100));
  }
  EXPECT_TRUE(closed);
  EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds(3'000));
  expect_alive();
}

TEST_F(HttpServer, slow_body_is_cut_at_its_deadline) {
  options_.body_deadline = milliseconds(300);
  start();
  HttpClient client(port());
  ASSERT_TRUE(client.connect());
  ASSERT_TRUE(client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc"));
  EXPECT_TRUE(client.is_closed_within(soon));
  expect_alive();
}

TEST_F(HttpServer, idle_connection_is_closed) {
  options_.idle_deadline = milliseconds(300);
  start();
  HttpClient client(port());
  ASSERT_TRUE(client.connect());
  EXPECT_TRUE(client.is_closed_within(soon));
}

TEST_F(HttpServer, client_that_does_not_read_is_cut) {
  options_.write_deadline = milliseconds(300);
  options_.body_bytes_max = std::size_t{30} << 20;
  options_.bodies_bytes_max = std::size_t{60} << 20;
  start();
  HttpClient client(port());
  ASSERT_TRUE(client.connect());
  const std::string body(std::size_t{24} << 20, 'x');  // more than any socket buffer
  ASSERT_TRUE(client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                          std::to_string(body.size()) + "\r\n\r\n" + body));
  const auto until = std::chrono::steady_clock::now() + soon;
  while (server_->connections() > 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(milliseconds(20));
  }
  EXPECT_EQ(server_->connections(), 0);
}

TEST_F(HttpServer, oversize_header_is_431) {
  start();
  HttpClient client(port());
  const auto answer =
      client.request("GET", "/query", "", "", "X-Long: " + std::string(10'000, 'a') + "\r\n");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 431);
  EXPECT_EQ(answer->header("connection"), "close");
  expect_alive();
}

TEST_F(HttpServer, oversize_body_is_413_and_the_answer_arrives) {
  start();
  for (int i = 0; i < 5; ++i) {
    HttpClient client(port());
    const auto answer = client.request("POST", "/echo", std::string(2'000'000, 'b'));
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->status, 413);
  }
  expect_alive();
}

TEST_F(HttpServer, oversize_chunked_body_is_413) {
  start();
  HttpClient client(port());
  ASSERT_TRUE(client.connect());
  std::string chunks = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 30; ++i) chunks += "1000\r\n" + std::string(4096, 'c') + "\r\n";
  client.send(chunks + "0\r\n\r\n");
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 413);
}

TEST_F(HttpServer, all_bodies_together_are_bounded) {
  options_.bodies_bytes_max = 150'000;
  start();
  HttpClient holds(port());
  ASSERT_TRUE(holds.connect());
  ASSERT_TRUE(holds.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" +
                         std::string(90'000, 'x')));
  // The first body is in memory when an answer of the same thread has come after it.
  std::this_thread::sleep_for(milliseconds(100));
  expect_alive();
  HttpClient second(port());
  auto answer = second.request("POST", "/echo", std::string(90'000, 'y'));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->header("retry-after"), "1");
  ASSERT_TRUE(holds.send(std::string(10'000, 'x')));
  answer = holds.read_answer();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  answer = second.request("POST", "/echo", std::string(90'000, 'y'));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
}

TEST_F(HttpServer, malformed_requests_never_kill_it) {
  start();
  const std::vector<std::string> wrong = {
      "\r\n\r\n",
      "GET\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  // a TLS hello
      std::string("GET /\0 HTTP/1.1\r\n\r\n", 19),
      "POST /echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
      "POST /echo HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
      "POST /echo HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
      "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "GET / HTTP/1.1\r\n: no name\r\n\r\n",
      std::string(3'000, '\n'),
      "GET " + std::string(100, '/') + "\r\n",
  };
  for (const std::string& bytes : wrong) {
    HttpClient client(port());
    ASSERT_TRUE(client.connect());
    client.send(bytes);
    client.shut_sending();
    const auto answer = client.read_answer();
    if (answer) EXPECT_GE(answer->status, 400) << bytes;
    if (answer) EXPECT_LT(answer->status, 500) << bytes;
    EXPECT_TRUE(client.is_closed_within(soon)) << bytes;
  }
  expect_alive();
}

TEST_F(HttpServer, content_length_beside_chunked_is_refused) {
  // Otherwise a proxy in front may see another end of the request than we do.
  start();
  HttpClient client(port());
  ASSERT_TRUE(client.connect());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
      "0\r\n\r\n");
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 400);
}

TEST_F(HttpServer, exception_of_a_handler_is_500_without_its_words) {
  start();
  HttpClient client(port());
  const auto answer = client.request("GET", "/throws");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 500);
  EXPECT_EQ(answer->body.find("secret"), std::string::npos);
  expect_alive();
}

TEST_F(HttpServer, connections_beyond_the_limit_get_503_and_others_go_on) {
  options_.connections_max = 3;
  start();
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<HttpClient>(port()));
    ASSERT_TRUE(clients.back()->request("POST", "/echo", "x").has_value());
  }
  HttpClient beyond(port());
  const auto refused = beyond.request("POST", "/echo", "x");
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->header("retry-after"), "1");
  EXPECT_EQ(counting_.refused_count, 1);
  const auto answer = clients[1]->request("POST", "/echo", "mine");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "mine");
  clients.pop_back();
  const auto until = std::chrono::steady_clock::now() + soon;
  while (server_->connections() == 3 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  expect_alive();
}

TEST_F(HttpServer, a_probe_is_answered_beyond_the_limit) {
  options_.connections_max = 1;
  start();
  HttpClient kept(port());
  ASSERT_TRUE(kept.request("POST", "/echo", "x").has_value());
  for (int i = 0; i < 50; ++i) {  // more than may be turned away at once
    HttpClient beyond(port());
    const auto answer = beyond.request("GET", "/probe");
    ASSERT_TRUE(answer.has_value()) << i;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->header("connection"), "close");
  }
  EXPECT_EQ(counting_.refused_count, 0);
  HttpClient with_body(port());
  const auto refused = with_body.request("GET", "/probe", "a body that nobody asked for");
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->status, 503);
}

TEST_F(HttpServer, whoever_is_beyond_the_limit_and_says_nothing_is_closed_soon) {
  options_.connections_max = 1;
  start();
  HttpClient kept(port());
  ASSERT_TRUE(kept.request("POST", "/echo", "x").has_value());
  HttpClient silent(port());
  ASSERT_TRUE(silent.connect());
  EXPECT_TRUE(silent.is_closed_within(soon));  // long before the idle deadline
  const auto until = std::chrono::steady_clock::now() + soon;
  while (counting_.refused_count == 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_EQ(counting_.refused_count, 1);
}

TEST_F(HttpServer, a_silent_crowd_beyond_the_limit_keeps_no_probe_out) {
  options_.connections_max = 1;
  start();
  HttpClient kept(port());
  ASSERT_TRUE(kept.request("POST", "/echo", "x").has_value());
  std::vector<std::unique_ptr<HttpClient>> crowd;
  for (int i = 0; i < 80; ++i) {
    crowd.push_back(std::make_unique<HttpClient>(port()));
    ASSERT_TRUE(crowd.back()->connect());
  }
  HttpClient beyond(port());
  const auto answer = beyond.request("GET", "/probe");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  EXPECT_TRUE(crowd.front()->is_closed_within(soon));
}

TEST_F(HttpServer, many_connections_beyond_the_limit_do_no_harm) {
  options_.connections_max = 2;
  start();
  HttpClient kept(port());
  ASSERT_TRUE(kept.request("POST", "/echo", "x").has_value());
  {
    std::vector<std::unique_ptr<HttpClient>> crowd;
    for (int i = 0; i < 100; ++i) {
      crowd.push_back(std::make_unique<HttpClient>(port()));
      crowd.back()->connect();
    }
    const auto answer = kept.request("POST", "/echo", "kept");
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->body, "kept");
  }
}

TEST_F(HttpServer, requests_beyond_the_waiting_bound_get_503) {
  options_.handler_threads = 1;
  options_.waiting_max = 1;
  start();
  HttpClient first(port());
  HttpClient second(port());
  HttpClient third(port());
  ASSERT_TRUE(first.connect() && second.connect());
  ASSERT_TRUE(first.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"));
  ASSERT_TRUE(gate_.someone_waits());
  ASSERT_TRUE(second.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"));
  const auto until = std::chrono::steady_clock::now() + soon;
  while (server_->waiting() == 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  const auto refused = third.request("GET", "/wait");
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->status, 503);
  gate_.open();
  EXPECT_EQ(first.read_answer().value_or(test::HttpAnswer{}).status, 200);
  EXPECT_EQ(second.read_answer().value_or(test::HttpAnswer{}).status, 200);
}

TEST_F(HttpServer, stop_answers_what_has_begun_and_closes_what_is_idle) {
  start();
  HttpClient idle(port());
  ASSERT_TRUE(idle.request("POST", "/echo", "x").has_value());
  HttpClient begun(port());
  ASSERT_TRUE(begun.connect());
  ASSERT_TRUE(begun.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"));
  ASSERT_TRUE(gate_.someone_waits());
  const std::uint16_t port_was = port();
  std::thread stopping([this] { server_->stop(soon); });
  EXPECT_TRUE(idle.is_closed_within(soon));
  gate_.open();
  const auto answer = begun.read_answer();
  stopping.join();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "waited");
  EXPECT_EQ(answer->header("connection"), "close");
  EXPECT_FALSE(HttpClient(port_was).connect());
}

TEST_F(HttpServer, stop_cuts_who_takes_longer_than_the_grace) {
  start();
  HttpClient slow(port());
  ASSERT_TRUE(slow.connect());
  ASSERT_TRUE(slow.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"));
  std::this_thread::sleep_for(milliseconds(50));
  const auto began = std::chrono::steady_clock::now();
  server_->stop(milliseconds(200));
  EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds(3'000));
  EXPECT_TRUE(slow.is_closed_within(soon));
}

TEST_F(HttpServer, port_in_use_is_a_configuration_error_that_names_it) {
  start();
  options_.port = port();
  const auto second = Server::listen(options_, Router(), nullptr);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, ErrorKind::configuration);
  EXPECT_NE(second.error().message.find(std::to_string(port())), std::string::npos);
}

TEST(Loopback, only_addresses_of_this_machine) {
  EXPECT_TRUE(ingest::http::is_loopback("127.0.0.1"));
  EXPECT_TRUE(ingest::http::is_loopback("127.8.0.9"));
  EXPECT_TRUE(ingest::http::is_loopback("::1"));
  EXPECT_TRUE(ingest::http::is_loopback("localhost"));
  EXPECT_FALSE(ingest::http::is_loopback("0.0.0.0"));
  EXPECT_FALSE(ingest::http::is_loopback("::"));
  EXPECT_FALSE(ingest::http::is_loopback("10.0.0.1"));
  EXPECT_FALSE(ingest::http::is_loopback("example.org"));
  EXPECT_FALSE(ingest::http::is_loopback(""));
}

TEST(Routes, guard_stands_before_every_route_and_before_paths_that_have_none) {
  Router router;
  router.add("GET", "/open", [](const Request&) {
    return Response{200, "open", "text/plain", {}};
  });
  router.set_guard([](const Request& request, const ingest::http::Handler& next) {
    if (request.header("x-word") != "sesame") return Response{401, "guarded", "text/plain", {}};
    Response response = next(request);
    response.headers.emplace_back("X-Guarded", "yes");
    return response;
  });
  const auto status = [&](const char* method, const char* path, const char* word) {
    const Request request{method, path, "", {{"x-word", word}}, ""};
    const Response response = router.answer(request, router.find(method, path));
    EXPECT_EQ(response.headers.empty(), response.status == 401);
    return response.status;
  };
  EXPECT_EQ(status("GET", "/open", ""), 401);
  EXPECT_EQ(status("PUT", "/open", ""), 401);
  EXPECT_EQ(status("GET", "/nowhere", ""), 401);
  EXPECT_EQ(status("GET", "/open", "sesame"), 200);
  EXPECT_EQ(status("PUT", "/open", "sesame"), 405);
  EXPECT_EQ(status("GET", "/nowhere", "sesame"), 404);
}

TEST_F(HttpServer, guard_stands_before_what_the_listener_serves) {
  Router router;
  router.add("GET", "/open", [](const Request&) {
    return Response{200, "open", "text/plain", {}};
  });
  router.set_guard([](const Request&, const ingest::http::Handler&) {
    return Response{401, "guarded", "text/plain", {}};
  });
  server_ = Server::listen(options_, router, nullptr).value();
  server_->start();
  HttpClient client(port());
  for (const std::string path : {"/open", "/nowhere", "/open/../open", "*", "http://x/open"}) {
    for (const std::string method : {"GET", "HEAD", "POST", "BREW"}) {
      const auto answer = client.request(method, path);
      ASSERT_TRUE(answer.has_value()) << method << " " << path;
      EXPECT_EQ(answer->status, 401) << method << " " << path;
    }
  }
}

TEST(Routes, exact_paths_win_over_patterns_and_long_over_short) {
  Router router;
  const auto named = [](const std::string& name) {
    return [name](const Request&) { return Response{200, name, "text/plain", {}}; };
  };
  router.add("GET", "/a/*", named("short"));
  router.add("GET", "/a/b/*", named("long"));
  router.add("GET", "/a/b/c", named("exact"));
  router.add("POST", "/a/b/c", named("post"));
  const auto answer = [&](const char* method, const char* path) {
    const auto match = router.find(method, path);
    return match.handler == nullptr ? "none " + match.allow : (*match.handler)({}).body;
  };
  EXPECT_EQ(answer("GET", "/a/x"), "short");
  EXPECT_EQ(answer("GET", "/a/b/x/y"), "long");
  EXPECT_EQ(answer("GET", "/a/b/c"), "exact");
  EXPECT_EQ(answer("POST", "/a/b/c"), "post");
  EXPECT_EQ(answer("PUT", "/a/b/c"), "none GET, HEAD, POST");
  EXPECT_EQ(answer("GET", "/a/"), "none ");
  EXPECT_EQ(answer("GET", "/"), "none ");
}

}  // namespace
}  // namespace ketavigil
