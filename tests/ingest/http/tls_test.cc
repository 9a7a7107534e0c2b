// The listener by TLS, with curl as the client, and clients that are none.
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "ingest/http/server.h"
#include "tests/ingest/http/http_client.h"
#include "tests/ingest/http/self_signed.h"

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

class Listening : public ingest::http::ServerObserver {
 public:
  void served(std::string_view, int, double) override {}
  void refused() override { ++refused_count; }
  void identity_refused(std::string_view why) override {
    const std::lock_guard lock(mutex_);
    troubles_.emplace_back(why);
  }
  std::vector<std::string> troubles() {
    const std::lock_guard lock(mutex_);
    return troubles_;
  }
  std::atomic<int> refused_count{0};

 private:
  std::mutex mutex_;
  std::vector<std::string> troubles_;
};

class TwoPieces : public ingest::http::ResponseStream {
 public:
  std::optional<std::string> take() override {
    if (++calls_ == 1) return "one ";
    if (calls_ == 2) return "";
    if (calls_ == 3) return "two";
    return std::nullopt;
  }

 private:
  int calls_ = 0;
};

class HttpTls : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "ketavigil-tls-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    ASSERT_TRUE(test::write_self_signed(folder_, "first"));
    options_.tls = {(folder_ / "certificate.pem").string(), (folder_ / "key.pem").string()};
    options_.body_bytes_max = 100'000;
    options_.stream_pause = milliseconds(10);
  }
  void TearDown() override {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }
  void start() {
    Router router;
    router.add("POST", "/echo", [](const Request& request) {
      return Response{200, request.body, "text/plain", {}};
    });
    router.add("GET", "/stream", [](const Request&) {
      Response response;
      response.stream = std::make_shared<TwoPieces>();
      return response;
    });
    auto server = Server::listen(options_, router, &listening_);
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(server).value();
    server_->start();
  }
  // What curl says, which trusts the certificate in the folder and nobody else.
  std::string curl(const std::string& arguments, const std::string& path, int* exit_code) {
    return test::run_curl("--cacert " + (folder_ / "certificate.pem").string() + " " + arguments +
                              " " + server_->url() + path,
                          exit_code);
  }
  void expect_alive() {
    int exit_code = -1;
    EXPECT_EQ(curl("--data-binary alive", "/echo", &exit_code), "alive");
    EXPECT_EQ(exit_code, 0);
  }

  std::filesystem::path folder_;
  ServerOptions options_;
  Listening listening_;
  std::unique_ptr<Server> server_;
};

TEST_F(HttpTls, answers_who_trusts_its_certificate_and_keeps_the_connection) {
  start();
  EXPECT_TRUE(server_->url().starts_with("https://127.0.0.1:"));
  int exit_code = -1;
  const std::string twice =
      curl("-w '%{num_connects} ' --data-binary hello", "/echo", &exit_code) +
      curl("-w '%{num_connects} ' --data-binary hello " + server_->url() + "/echo", "/echo",
           &exit_code);
  EXPECT_EQ(exit_code, 0);
  EXPECT_EQ(twice, "hello1 hello1 hello0 ");
  test::run_curl(server_->url() + "/echo 2>/dev/null", &exit_code);  // trusts the system's only
  EXPECT_EQ(exit_code, 60);
}

TEST_F(HttpTls, speaks_1_2_and_1_3_and_nothing_older) {
  start();
  int exit_code = -1;
  for (const std::string version : {"--tls-max 1.2 --tlsv1.2", "--tlsv1.3"}) {
    EXPECT_EQ(curl(version + " --data-binary x", "/echo", &exit_code), "x") << version;
  }
  curl("--tls-max 1.1 --tlsv1.0 --ciphers DEFAULT@SECLEVEL=0 2>/dev/null", "/echo", &exit_code);
  EXPECT_EQ(exit_code, 35);
  curl("--tls-max 1.2 --ciphers AES128-SHA 2>/dev/null", "/echo", &exit_code);
  EXPECT_EQ(exit_code, 35);
}

TEST_F(HttpTls, long_bodies_pass_and_too_long_ones_are_413) {
  start();
  std::ofstream(folder_ / "long") << std::string(100'000, 'l');
  std::ofstream(folder_ / "longer") << std::string(3'000'000, 'l');
  int exit_code = -1;
  EXPECT_EQ(curl("--data-binary @" + (folder_ / "long").string(), "/echo", &exit_code).size(),
            100'000U);
  const std::string status =
      curl("-o /dev/null -w '%{http_code}' --data-binary @" + (folder_ / "longer").string(),
           "/echo", &exit_code);
  EXPECT_EQ(status, "413");
  expect_alive();
}

TEST_F(HttpTls, stream_arrives_whole_and_is_ended) {
  start();
  int exit_code = -1;
  EXPECT_EQ(curl("-N", "/stream", &exit_code), "one two");
  EXPECT_EQ(exit_code, 0);
}

TEST_F(HttpTls, slow_handshake_is_cut_at_the_header_deadline) {
  options_.header_deadline = milliseconds(300);
  start();
  HttpClient silent(server_->port());
  ASSERT_TRUE(silent.connect());
  HttpClient slow(server_->port());
  ASSERT_TRUE(slow.connect());
  slow.send("\x16\x03\x01");
  const auto began = std::chrono::steady_clock::now();
  bool closed = false;
  for (int i = 0; i < 50 && !closed; ++i) {
    slow.send(std::string_view("\x02", 1));
    closed = slow.is_closed_within(milliseconds(50));
  }
  EXPECT_TRUE(closed);
  EXPECT_TRUE(silent.is_closed_within(soon));
  EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds(3'000));
  expect_alive();
}

TEST_F(HttpTls, what_is_no_handshake_is_cut_and_gets_no_answer_in_the_clear) {
  start();
  for (const std::string bytes :
       {"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "\x80\x2e\x01\x03\x01", "nonsense\n"}) {
    HttpClient client(server_->port());
    ASSERT_TRUE(client.connect());
    client.send(bytes);
    client.shut_sending();
    EXPECT_FALSE(client.read_answer().has_value());
    EXPECT_TRUE(client.is_closed_within(soon));
  }
  expect_alive();
}

TEST_F(HttpTls, connections_beyond_the_limit_get_503) {
  options_.connections_max = 1;
  start();
  HttpClient holds(server_->port());
  ASSERT_TRUE(holds.connect());
  const auto until = std::chrono::steady_clock::now() + soon;
  while (server_->connections() == 0 && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(milliseconds(5));
  int exit_code = -1;
  EXPECT_EQ(curl("-o /dev/null -w '%{http_code}' -d x", "/echo", &exit_code), "503");
  EXPECT_EQ(listening_.refused_count, 1);
}

TEST_F(HttpTls, stop_does_not_wait_for_handshakes) {
  start();
  HttpClient silent(server_->port());
  ASSERT_TRUE(silent.connect());
  const auto until = std::chrono::steady_clock::now() + soon;
  while (server_->connections() == 0 && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(milliseconds(5));
  const auto began = std::chrono::steady_clock::now();
  server_->stop(milliseconds(10'000));
  EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds(3'000));
}

TEST_F(HttpTls, new_files_are_taken_up_and_wrong_ones_are_not) {
  start();
  expect_alive();
  ASSERT_TRUE(test::write_self_signed(folder_, "second"));
  expect_alive();  // curl trusts the new one only
  std::ofstream(folder_ / "key.pem") << "nonsense";
  expect_alive();
  expect_alive();
  const auto troubles = listening_.troubles();
  ASSERT_EQ(troubles.size(), 1U);
  EXPECT_NE(troubles[0].find("key.pem"), std::string::npos) << troubles[0];
  ASSERT_TRUE(test::write_self_signed(folder_, "third"));
  expect_alive();
}

TEST_F(HttpTls, files_that_cannot_be_used_are_a_configuration_error_that_names_them) {
  const auto error_of = [this] {
    const auto server = Server::listen(options_, Router(), nullptr);
    EXPECT_FALSE(server.ok());
    if (server.ok()) return std::string();
    EXPECT_EQ(server.error().kind, ErrorKind::configuration);
    return server.error().message;
  };
  const auto good = *options_.tls;
  options_.tls->certificate_file = (folder_ / "absent.pem").string();
  EXPECT_NE(error_of().find("absent.pem"), std::string::npos);
  options_.tls = good;
  options_.tls->key_file = good.certificate_file;
  EXPECT_NE(error_of().find("the key"), std::string::npos);
  options_.tls = good;
  const auto other = folder_ / "other";
  std::filesystem::create_directory(other);
  ASSERT_TRUE(test::write_self_signed(other, "other"));
  options_.tls->key_file = (other / "key.pem").string();
  EXPECT_NE(error_of().find("the key"), std::string::npos);
}

}  // namespace
}  // namespace ketavigil
