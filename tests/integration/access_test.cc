// A running service that asks for tokens: every route it has, and what its log says of it.
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "tests/ingest/http/self_signed.h"
#include "tests/integration/service.h"

namespace ketavigil {
namespace {

using nlohmann::json;
using test::HttpAnswer;
using test::HttpClient;
using test::Service;
using test::TemporaryFolder;

struct Route {
  std::string method;
  std::string path;
};

class GuardedService : public testing::Test {
 protected:
  void SetUp() override {
    right_ = create("right");
    revoked_ = create("revoked");
    std::string output;
    ASSERT_EQ(token({"revoke", "revoked"}, &output), 0) << output;
    service_ = std::make_unique<Service>(folder_.path());
    std::ofstream(folder_.path() / "serve.yaml")
        << "storage:\n  path: " << service_->data().string() << "\n  free_space_guard_bytes: 0\n"
        << "intake: {port: 0, tokens_file: " << tokens() << "}\n"
        << "operations: {port: 0, tokens_file: " << tokens() << "}\n";
    ASSERT_TRUE(service_->start()) << service_->log();
  }
  [[nodiscard]] std::string tokens() const { return (folder_.path() / "tokens").string(); }
  int token(std::vector<std::string> arguments, std::string* output) {
    arguments.insert(arguments.begin(), {KETAVIGIL_BINARY, "token"});
    arguments.insert(arguments.end(), {"--file", tokens()});
    return test::run_program(arguments, output).exit_code;
  }
  std::string create(const std::string& name) {
    std::string output;
    EXPECT_EQ(token({"create", name}, &output), 0) << output;
    return output.substr(0, output.find('\n'));
  }
  static std::string bearer(const std::string& token) {
    return "Authorization: Bearer " + token + "\r\n";
  }
  HttpAnswer ask(const std::string& method, const std::string& path,
                 const std::string& headers = {}, const std::string& body = {},
                 const std::string& type = {}) {
    return HttpClient(service_->operations_port())
        .request(method, path, body, type, headers)
        .value_or(HttpAnswer{});
  }
  // Everything that the document of the API names, and what there is beside it.
  static std::vector<Route> routes() {
    std::ifstream file(std::string(KETAVIGIL_SOURCE_DIR) + "/dashboards/api/openapi.json");
    const json document = json::parse(file);
    std::set<std::string> paths = {"/",
                                   "/cases",
                                   "/cases/x",
                                   "/patients/x",
                                   "/programme",
                                   "/feeds",
                                   "/quarantine/x",
                                   "/sign-in",
                                   "/assets/console.js",
                                   "/assets/../metrics",
                                   "/assets/%2e%2e/metrics",
                                   "/assets/..%2fmetrics",
                                   "/metrics",
                                   "/-/healthy/x",
                                   "/api/v1/pages/x",
                                   "/api/v1/pages/replay",
                                   "/nowhere"};
    for (const auto& [path, value] : document.at("paths").items()) {
      std::string plain = path;
      while (plain.find('{') != std::string::npos)
        plain.replace(plain.find('{'), plain.find('}') - plain.find('{') + 1, "x");
      paths.insert(plain);
    }
    std::vector<Route> out;
    for (const std::string& path : paths) {
      for (const char* method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
        out.push_back({method, path});
    }
    return out;
  }

  TemporaryFolder folder_;
  std::string right_, revoked_;
  std::unique_ptr<Service> service_;
};

TEST_F(GuardedService, every_route_by_every_method_needs_a_token_that_holds) {
  for (const auto& [method, path] : routes()) {
    const bool signs_in = method == "POST" && path == "/api/v1/session";
    for (const std::string& headers :
         {std::string(), bearer("kv_wrong"), bearer(revoked_),
          std::string("Cookie: ketavigil_session=x\r\nX-CSRF-Token: x\r\n")}) {
      const HttpAnswer answer = ask(method, path, headers);
      EXPECT_EQ(answer.status, signs_in ? 415 : 401) << method << " " << path << " " << headers;
      EXPECT_EQ(answer.body.find("ketavigil_"), std::string::npos) << method << " " << path;
    }
    // The stream of news has no end.
    if (method != "GET" || path != "/api/v1/news") {
      const int status = ask(method, path, bearer(right_)).status;
      EXPECT_TRUE(status != 0 && status != 401 && status != 403) << method << " " << path;
    }
  }
}

TEST_F(GuardedService, probes_answer_and_say_nothing_else) {
  EXPECT_EQ(ask("GET", "/-/healthy").body, "{\"status\":\"healthy\"}\n");
  EXPECT_EQ(ask("GET", "/-/ready").body, "{\"status\":\"ready\"}\n");
  EXPECT_EQ(ask("POST", "/-/ready").status, 401);
}

TEST_F(GuardedService, session_is_begun_used_and_ended_and_revocation_ends_it_at_once) {
  const auto sign_in = [&] {
    return ask("POST", "/api/v1/session", "", json{{"token", right_}}.dump(), "application/json");
  };
  const HttpAnswer begun = sign_in();
  ASSERT_EQ(begun.status, 200) << begun.body;
  const std::string set = begun.header("set-cookie");
  EXPECT_NE(set.find("HttpOnly; SameSite=Strict"), std::string::npos) << set;
  const std::string cookie = "Cookie: " + set.substr(0, set.find(';')) + "\r\n";
  const std::string csrf =
      "X-CSRF-Token: " + json::parse(begun.body).at("csrf").get<std::string>() + "\r\n";
  EXPECT_EQ(ask("GET", "/metrics", cookie).status, 200);
  EXPECT_EQ(ask("POST", "/api/v1/pages/replay", cookie).status, 403);
  EXPECT_EQ(ask("POST", "/api/v1/pages/replay", cookie + csrf).status, 200);
  EXPECT_EQ(ask("POST", "/api/v1/pages/replay", cookie + csrf + "Origin: http://evil\r\n").status,
            403);
  std::string output;
  ASSERT_EQ(token({"revoke", "right"}, &output), 0) << output;
  EXPECT_EQ(ask("GET", "/metrics", cookie).status, 401);
  EXPECT_EQ(ask("GET", "/metrics", bearer(right_)).status, 401);
  EXPECT_EQ(sign_in().status, 401);
}

TEST_F(GuardedService, intake_takes_facts_of_who_has_a_token_only) {
  const auto post = [&](const std::string& headers) {
    return HttpClient(service_->intake_port())
        .request("POST", "/api/v1/events", "{}", "application/json", headers)
        .value_or(HttpAnswer{})
        .status;
  };
  EXPECT_EQ(post(""), 401);
  EXPECT_EQ(post(bearer(revoked_)), 401);
  EXPECT_EQ(post(bearer(right_)), 202);
  const auto other = HttpClient(service_->intake_port()).request("GET", "/nowhere");
  ASSERT_TRUE(other.has_value());
  EXPECT_EQ(other->status, 401);
}

TEST_F(GuardedService, command_line_sends_the_token_of_a_file) {
  const auto replay = [&](const std::string& token, std::string* output) {
    std::ofstream(folder_.path() / "mine") << token << "\nwhat follows is no token\n";
    return test::run_program({KETAVIGIL_BINARY, "page", "replay", "--all", "--server",
                              "http://127.0.0.1:" + std::to_string(service_->operations_port()),
                              "--token-file", (folder_.path() / "mine").string()},
                             output)
        .exit_code;
  };
  std::string output;
  EXPECT_EQ(replay(right_, &output), 0) << output;
  EXPECT_NE(replay(revoked_, &output), 0);
  EXPECT_NE(output.find("401"), std::string::npos) << output;
  EXPECT_EQ(output.find(revoked_), std::string::npos) << output;
  EXPECT_NE(replay("", &output), 0);
}

TEST_F(GuardedService, log_names_no_token_no_session_and_nobody) {
  const std::string patient = "somebody-with-a-name";
  ask("GET", "/api/v1/patients/" + patient, bearer(right_));
  ask("GET", "/patients/" + patient, "Accept: text/html\r\n");
  ask("GET", "/api/v1/patients/" + patient, bearer("kv_wrong"));
  ask("POST", "/api/v1/session", "", "token=" + right_ + "&next=/patients/" + patient,
      "application/x-www-form-urlencoded");
  const HttpAnswer begun =
      ask("POST", "/api/v1/session", "", json{{"token", right_}}.dump(), "application/json");
  const std::string metrics = ask("GET", "/metrics", bearer(right_)).body;
  EXPECT_NE(metrics.find("ketavigil_failed_sign_ins_total"), std::string::npos);
  EXPECT_EQ(service_->stop().exit_code, 0);
  const std::string set = begun.header("set-cookie");
  const std::string session = set.substr(set.find('=') + 1, 20);
  for (const std::string& text : {service_->log(), metrics}) {
    for (const std::string& secret :
         {right_, right_.substr(3, 20), patient, session, std::string("kv_wrong")}) {
      EXPECT_EQ(text.find(secret), std::string::npos) << secret;
    }
  }
}

TEST_F(GuardedService, header_lines_cannot_be_put_into_an_answer) {
  const HttpAnswer answer =
      ask("POST", "/api/v1/session", "", "next=%2Fx%0d%0aX-Planted:%201&token=" + right_,
          "application/x-www-form-urlencoded");
  EXPECT_EQ(answer.status, 303);
  EXPECT_EQ(answer.header("location"), "/");
  EXPECT_EQ(answer.header("x-planted"), "");
  for (const std::string path : {"/x%0d%0aX-Planted:%201", "/sign-in?next=%0d%0aX-Planted:%201"}) {
    const HttpAnswer asked = ask("GET", path, "Accept: text/html\r\n" + bearer(right_));
    EXPECT_EQ(asked.header("x-planted"), "") << path;
  }
}

TEST_F(GuardedService, what_is_too_long_is_refused_and_the_service_goes_on) {
  EXPECT_EQ(ask("GET", "/metrics", bearer(std::string(20'000, 'a'))).status, 431);
  EXPECT_EQ(ask("GET", "/" + std::string(20'000, 'a')).status, 431);
  EXPECT_EQ(
      ask("POST", "/api/v1/session", "", std::string(100'000, 'a'), "application/json").status,
      413);
  EXPECT_EQ(ask("POST", "/api/v1/session", "", std::string(10'000, 'a'), "application/json").status,
            413);
  std::string cookies = "Cookie: ";
  for (int i = 0; i < 700; ++i) cookies += "ketavigil_session=";
  EXPECT_EQ(ask("GET", "/metrics", cookies + "\r\n").status, 401);
  EXPECT_EQ(ask("GET", "/metrics", bearer(right_)).status, 200);
}

TEST_F(GuardedService, answers_tell_browsers_to_keep_out_everything_else) {
  for (const std::string path : {"/metrics", "/nowhere", "/api/v1/session", "/-/healthy"}) {
    const HttpAnswer answer = ask("GET", path, bearer(right_));
    EXPECT_TRUE(answer.header("content-security-policy").starts_with("default-src 'none'")) << path;
    EXPECT_EQ(answer.header("referrer-policy"), "no-referrer");
    EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
    EXPECT_EQ(answer.header("cross-origin-resource-policy"), "same-origin");
    EXPECT_EQ(answer.header("cross-origin-opener-policy"), "same-origin");
  }
}

TEST_F(GuardedService, console_is_served_to_who_has_signed_in_and_to_nobody_else) {
  const HttpAnswer asked = ask("GET", "/assets/console.js");
  EXPECT_EQ(asked.status, 401);
  const HttpAnswer page = ask("GET", "/cases?level=critical", bearer(right_));
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("/assets/console.js"), std::string::npos);
  EXPECT_TRUE(page.header("content-security-policy").find("script-src 'self';") !=
              std::string::npos);
  const HttpAnswer script = ask("GET", "/assets/console.js", bearer(right_));
  EXPECT_EQ(script.status, 200);
  EXPECT_EQ(script.header("content-type"), "text/javascript; charset=utf-8");
  // On one connection, so that an answer without a body is seen to end.
  HttpClient client(service_->operations_port());
  const std::string known = bearer(right_) + "If-None-Match: " + script.header("etag") + "\r\n";
  for (int i = 0; i < 2; ++i) {
    const auto again = client.request("GET", "/assets/console.js", "", "", known);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->status, 304);
    EXPECT_EQ(again->body, "");
    EXPECT_EQ(again->header("cache-control"), "no-cache");
    EXPECT_TRUE(client.connected());
  }
  const auto head = client.request("HEAD", "/", "", "", bearer(right_));
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->status, 200);
  EXPECT_NE(head->header("content-length"), "0");
  for (const std::string path : {"/assets/../metrics", "/assets/%2e%2e/metrics", "/assets/x"}) {
    EXPECT_EQ(ask("GET", path, bearer(right_)).status, 404) << path;
  }
}

TEST_F(GuardedService, tokens_are_listed_without_what_they_are) {
  std::string output;
  ASSERT_EQ(token({"list", "--json"}, &output), 0);
  const json listed = json::parse(output);
  ASSERT_EQ(listed.at("tokens").size(), 2U);
  EXPECT_EQ(listed["tokens"][0]["name"], "right");
  EXPECT_EQ(listed["tokens"][0]["state"], "holds");
  EXPECT_EQ(listed["tokens"][1]["state"], "revoked");
  EXPECT_EQ(output.find("kv_"), std::string::npos);
  EXPECT_EQ(output.find("hash"), std::string::npos);
  EXPECT_EQ(token({"create", "right"}, &output), 1);
  EXPECT_EQ(token({"revoke", "nobody"}, &output), 1);
  EXPECT_EQ(token({"create", "x", "--expires-days", "0"}, &output), 1);
}

TEST_F(GuardedService, by_tls_facts_come_in_and_a_session_reads_them) {
  service_->stop();
  ASSERT_TRUE(test::write_self_signed(folder_.path(), "ketavigil"));
  const std::string pem = (folder_.path() / "certificate.pem").string();
  const std::string more = "port: 0, tokens_file: " + tokens() + ", tls: {certificate: " + pem +
                           ", key: " + (folder_.path() / "key.pem").string() + "}}\n";
  std::ofstream(folder_.path() / "serve.yaml")
      << "storage:\n  path: " << service_->data().string() << "\n  free_space_guard_bytes: 0\n"
      << "intake: {" << more << "operations: {hosts: [localhost], " << more;
  ASSERT_TRUE(service_->start()) << service_->log();
  int exit_code = -1;
  const auto curl = [&](const std::string& arguments, std::uint16_t port, const std::string& path) {
    return test::run_curl(
        "--cacert " + pem + " " + arguments + " https://localhost:" + std::to_string(port) + path,
        &exit_code);
  };
  const std::string with_token = "-H 'Authorization: Bearer " + right_ + "' ";
  const std::string status = "-o /dev/null -w '%{http_code}' ";
  EXPECT_EQ(curl(status + "-d '{}'", service_->intake_port(), "/api/v1/events"), "401");
  EXPECT_EQ(curl(status + with_token +
                     R"(-d '{"source":"clinic","id":"a","patient":"p","kind":"blood_pressure",)"
                     R"("effective":"2026-03-04T15:22:00+01:00","systolic":140,"diastolic":90}')",
                 service_->intake_port(), "/api/v1/events"),
            "201");
  const std::string jar = (folder_.path() / "cookies").string();
  const auto operations = service_->operations_port();
  EXPECT_EQ(curl(status + "-c " + jar + " -d token=" + right_ + " -d next=/patients/p", operations,
                 "/api/v1/session"),
            "303");
  std::stringstream cookies;
  cookies << std::ifstream(jar).rdbuf();
  EXPECT_NE(cookies.str().find("#HttpOnly_localhost\tFALSE\t/\tTRUE"), std::string::npos)
      << cookies.str();
  EXPECT_EQ(curl(status, operations, "/api/v1/patients/p"), "401");
  EXPECT_EQ(curl(status + "-b " + jar, operations, "/api/v1/patients/p"), "200");
  EXPECT_NE(curl("-D - -o /dev/null -b " + jar, operations, "/api/v1/patients/p")
                .find("Strict-Transport-Security"),
            std::string::npos);
  EXPECT_EQ(curl(status + "-b " + jar + " -H 'Host: other.example'", operations, "/metrics"),
            "421");
  EXPECT_EQ(curl(status, operations, "/-/healthy"), "200");
  EXPECT_EQ(service_->stop().exit_code, 0);
}

TEST(ServiceWithoutTokens, answers_to_names_that_cannot_be_rebound_and_to_its_own_pages_only) {
  TemporaryFolder folder;
  Service service(folder.path());
  ASSERT_TRUE(service.start()) << service.log();
  const auto raw = [&](const std::string& text) {
    HttpClient client(service.operations_port());
    client.connect();
    client.send(text + "\r\n");
    return client.read_answer().value_or(HttpAnswer{}).status;
  };
  EXPECT_EQ(raw("GET /metrics HTTP/1.1\r\nHost: localhost\r\n"), 200);
  EXPECT_EQ(raw("GET /metrics HTTP/1.1\r\nHost: evil.example\r\n"), 421);
  EXPECT_EQ(raw("GET /-/healthy HTTP/1.1\r\nHost: evil.example\r\n"), 200);
  const std::string replay = "POST /api/v1/pages/replay HTTP/1.1\r\nContent-Length: 0\r\n";
  EXPECT_EQ(raw(replay + "Host: 127.0.0.1\r\n"), 200);
  EXPECT_EQ(raw(replay + "Host: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\n"), 200);
  EXPECT_EQ(raw(replay + "Host: 127.0.0.1\r\nOrigin: http://evil.example\r\n"), 403);
  EXPECT_EQ(raw(replay + "Host: 127.0.0.1\r\nSec-Fetch-Site: cross-site\r\n"), 403);
}

TEST(ServiceWithoutTokens, tokens_file_that_is_absent_ends_it_with_2) {
  TemporaryFolder folder;
  std::ofstream(folder.path() / "serve.yaml")
      << "storage:\n  path: " << (folder.path() / "data").string()
      << "\nintake: {port: 0}\noperations: {port: 0, tokens_file: "
      << (folder.path() / "none").string() << "}\n";
  std::string output;
  const auto ended = test::run_program(
      {KETAVIGIL_BINARY, "serve", "--config", (folder.path() / "serve.yaml").string()}, &output);
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_NE(output.find("ketavigil token create"), std::string::npos) << output;
}

}  // namespace
}  // namespace ketavigil
