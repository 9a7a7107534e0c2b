// Who is let through, route by route and method by method.
#include "dashboards/access/access.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "dashboards/access/sign_in_page.h"

namespace ketavigil {
namespace {

namespace access = dashboards::access;
using access::Access;
using access::Answer;
using access::Headers;
using nlohmann::json;

constexpr events::Microseconds start = 1'790'000'000 * events::second_us;

class HandClock : public engine::Clock {
 public:
  [[nodiscard]] events::Microseconds now() const override { return now_; }
  void pass(events::Microseconds time) { now_ += time; }

 private:
  std::atomic<events::Microseconds> now_{start};
};

// Another secret each time, and the same ones each run.
access::Random counting() {
  auto next = std::make_shared<std::atomic<unsigned>>(0);
  return [next](unsigned char* bytes, std::size_t size) {
    const unsigned number = ++*next;
    for (std::size_t i = 0; i < size; ++i)
      bytes[i] = static_cast<unsigned char>(number >> (8 * (i % 4)));
    return true;
  };
}

class AccessTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "ketavigil-access-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    settings_.tokens_file = folder_ / "tokens";
    right_ = create("right", std::nullopt);
    revoked_ = create("revoked", std::nullopt);
    revoke("revoked");
    expiring_ = create("expiring", start + events::hour_us);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string create(const std::string& name, std::optional<events::Microseconds> expires) {
    std::string token;
    const Status status = access::change_token_file(
        settings_.tokens_file, [&](std::vector<access::Token>* tokens) -> Status {
          KETAVIGIL_TRY_ASSIGN(token,
                               access::add_token(tokens, name, clock_.now(), expires, random_));
          return {};
        });
    EXPECT_TRUE(status.ok());
    return token;
  }
  void revoke(const std::string& name) {
    const Status status =
        access::change_token_file(settings_.tokens_file, [&](std::vector<access::Token>* tokens) {
          return access::revoke_token(tokens, name, clock_.now());
        });
    EXPECT_TRUE(status.ok());
  }
  void open() {
    auto opened = Access::open(settings_, clock_, random_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    access_ = std::move(opened).value();
  }
  void open_without_tokens() {
    settings_.tokens_file.clear();
    open();
  }

  // The refusal's status, 200 if it is let through.
  int status_of(const std::string& method, const std::string& path, Headers headers = {}) {
    return answer_to(method, path, std::move(headers)).status;
  }
  Answer answer_to(const std::string& method, const std::string& path, Headers headers = {},
                   const std::string& body = {}) {
    const bool has_host = std::any_of(headers.begin(), headers.end(),
                                      [](const auto& one) { return one.first == "host"; });
    if (!has_host) headers.emplace_back("host", "127.0.0.1:8411");
    const auto mark = path.find('?');
    const std::string plain = path.substr(0, mark);
    const std::string query = mark == std::string::npos ? "" : path.substr(mark + 1);
    const access::Question question{method, plain, query, body, headers};
    auto verdict = access_->judge(question);
    if (verdict.refusal) return *verdict.refusal;
    if (plain == access::session_path) return access_->answer_session(question);
    return {};
  }
  static std::string header_of(const Answer& answer, const std::string& name) {
    for (const auto& [key, value] : answer.headers) {
      if (key == name) return value;
    }
    return "";
  }
  static Headers bearer(const std::string& token) { return {{"authorization", "Bearer " + token}}; }
  Answer sign_in(const std::string& token, Headers headers = {}) {
    headers.emplace_back("content-type", "application/json");
    return answer_to("POST", "/api/v1/session", headers, json{{"token", token}}.dump());
  }
  // The headers of who has signed in.
  struct SignedIn {
    Headers cookie;
    Headers cookie_and_csrf;
  };
  SignedIn signed_in(const std::string& token) {
    const Answer answer = sign_in(token);
    EXPECT_EQ(answer.status, 200) << answer.body;
    const std::string cookie = header_of(answer, "Set-Cookie");
    SignedIn out;
    out.cookie = {{"cookie", "other=1; " + cookie.substr(0, cookie.find(';'))}};
    out.cookie_and_csrf = out.cookie;
    out.cookie_and_csrf.emplace_back("x-csrf-token", json::parse(answer.body).at("csrf"));
    return out;
  }
  static void append(Headers* to, const Headers& more) {
    to->insert(to->end(), more.begin(), more.end());
  }

  std::filesystem::path folder_;
  HandClock clock_;
  access::Random random_ = counting();
  access::Settings settings_;
  std::string right_, revoked_, expiring_;
  std::unique_ptr<Access> access_;
};

const std::vector<std::string> paths = {"/",
                                        "/cases",
                                        "/cases/BP-2-1",
                                        "/patients/someone",
                                        "/programme",
                                        "/feeds",
                                        "/quarantine/1",
                                        "/sign-in",
                                        "/assets/console.js",
                                        "/metrics",
                                        "/api/v1/openapi.json",
                                        "/api/v1/cases",
                                        "/api/v1/cases/BP-2-1",
                                        "/api/v1/patients/someone",
                                        "/api/v1/news",
                                        "/api/v1/quarantine/1/retry",
                                        "/api/v1/pages/replay",
                                        "/-/",
                                        "/-/healthy/",
                                        "/-/healthy/../../metrics",
                                        "//-/healthy",
                                        "/-/HEALTHY",
                                        "/-/healthy%2f..%2fmetrics",
                                        "/nowhere",
                                        "/../etc/passwd",
                                        ""};
const std::vector<std::string> reading = {"GET", "HEAD", "OPTIONS"};
const std::vector<std::string> changing = {"POST",  "PUT",     "PATCH", "DELETE",
                                           "TRACE", "CONNECT", "get",   "MADE-UP"};

TEST_F(AccessTest, nobody_without_a_right_token_gets_anything_of_any_path_by_any_method) {
  open();
  const std::vector<Headers> wrong = {
      {},
      bearer("kv_wrong"),
      bearer(""),
      bearer(revoked_),
      bearer(right_ + "x"),
      bearer(right_.substr(0, right_.size() - 1)),
      bearer(" " + right_),
      {{"authorization", "Basic " + right_}},
      {{"authorization", right_}},
      {{"x-authorization", "Bearer " + right_}},
      {{"cookie", "ketavigil_session=" + right_}},
      {{"cookie", "ketavigil_session="}},
      {{"cookie", "authorization=Bearer " + right_}},
      // The hash of the file is no token.
      bearer(access::hash_of(right_)),
  };
  for (const Headers& headers : wrong) {
    for (const std::string& path : paths) {
      for (const auto& methods : {reading, changing}) {
        for (const std::string& method : methods) {
          const Answer answer = answer_to(method, path, headers);
          EXPECT_EQ(answer.status, 401) << method << " " << path;
          EXPECT_EQ(json::parse(answer.body, nullptr, false)["status"], "error");
        }
      }
    }
  }
}

TEST_F(AccessTest, right_token_is_let_through_everywhere) {
  open();
  for (const std::string& path : paths) {
    for (const auto& methods : {reading, changing}) {
      for (const std::string& method : methods) {
        EXPECT_EQ(status_of(method, path, bearer(right_)), 200) << method << " " << path;
      }
    }
  }
  EXPECT_EQ(status_of("GET", "/metrics", {{"authorization", "bEARER " + right_}}), 200);
}

TEST_F(AccessTest, probes_are_answered_to_everybody_for_reading_only) {
  open();
  for (const std::string path : {"/-/healthy", "/-/ready"}) {
    EXPECT_EQ(status_of("GET", path), 200);
    EXPECT_EQ(status_of("HEAD", path), 200);
    EXPECT_EQ(status_of("GET", path, {{"host", "probe.example"}}), 200);
    for (const std::string& method : changing) EXPECT_EQ(status_of(method, path), 401) << method;
  }
}

TEST_F(AccessTest, session_reads_with_its_cookie_and_changes_only_with_its_csrf_token) {
  open();
  const SignedIn mine = signed_in(right_);
  const SignedIn other = signed_in(right_);
  for (const std::string& path : paths) {
    for (const std::string& method : reading) {
      EXPECT_EQ(status_of(method, path, mine.cookie), 200) << method << " " << path;
    }
    for (const std::string& method : changing) {
      EXPECT_EQ(status_of(method, path, mine.cookie), 403) << method << " " << path;
      EXPECT_EQ(status_of(method, path, mine.cookie_and_csrf), 200) << method << " " << path;
      Headers mixed = mine.cookie;
      mixed.push_back(other.cookie_and_csrf.back());
      EXPECT_EQ(status_of(method, path, mixed), 403) << method << " " << path;
      Headers empty = mine.cookie;
      empty.emplace_back("x-csrf-token", "");
      EXPECT_EQ(status_of(method, path, empty), 403) << method << " " << path;
    }
  }
}

TEST_F(AccessTest, revocation_ends_token_and_sessions_at_once_and_no_others) {
  open();
  const std::string second = create("second", std::nullopt);
  const SignedIn mine = signed_in(right_);
  const SignedIn theirs = signed_in(second);
  const access::Question question{"GET", "/api/v1/news", "", "", mine.cookie};
  const auto watching = access_->judge(question);
  ASSERT_FALSE(watching.refusal.has_value());
  EXPECT_TRUE(access_->still_admits(watching.caller));
  revoke("right");
  EXPECT_EQ(status_of("GET", "/metrics", bearer(right_)), 401);
  EXPECT_EQ(status_of("GET", "/metrics", mine.cookie), 401);
  EXPECT_EQ(status_of("POST", "/metrics", mine.cookie_and_csrf), 401);
  EXPECT_FALSE(access_->still_admits(watching.caller));
  EXPECT_EQ(sign_in(right_).status, 401);
  EXPECT_EQ(status_of("GET", "/metrics", bearer(second)), 200);
  EXPECT_EQ(status_of("GET", "/metrics", theirs.cookie), 200);
  // A new token of the same name does not bring the old session back.
  create("right", std::nullopt);
  EXPECT_EQ(status_of("GET", "/metrics", mine.cookie), 401);
}

TEST_F(AccessTest, token_and_its_session_end_when_it_expires) {
  open();
  const SignedIn mine = signed_in(expiring_);
  EXPECT_EQ(status_of("GET", "/metrics", bearer(expiring_)), 200);
  clock_.pass(events::hour_us - 1);
  EXPECT_EQ(status_of("GET", "/metrics", bearer(expiring_)), 200);
  EXPECT_EQ(status_of("GET", "/metrics", mine.cookie), 200);
  clock_.pass(1);
  EXPECT_EQ(status_of("GET", "/metrics", bearer(expiring_)), 401);
  EXPECT_EQ(status_of("GET", "/metrics", mine.cookie), 401);
}

TEST_F(AccessTest, session_ends_after_twelve_hours_and_by_signing_out) {
  open();
  const SignedIn first = signed_in(right_);
  const SignedIn second = signed_in(right_);
  EXPECT_EQ(status_of("DELETE", "/api/v1/session", first.cookie), 403);
  EXPECT_EQ(status_of("GET", "/metrics", first.cookie), 200);
  const Answer out = answer_to("DELETE", "/api/v1/session", first.cookie_and_csrf);
  EXPECT_EQ(out.status, 200);
  EXPECT_NE(header_of(out, "Set-Cookie").find("Max-Age=0"), std::string::npos);
  EXPECT_EQ(status_of("GET", "/metrics", first.cookie), 401);
  clock_.pass(12 * events::hour_us - 1);
  EXPECT_EQ(status_of("GET", "/metrics", second.cookie), 200);
  clock_.pass(1);
  EXPECT_EQ(status_of("GET", "/metrics", second.cookie), 401);
}

TEST_F(AccessTest, sessions_are_bounded_and_the_oldest_goes) {
  open();
  const SignedIn oldest = signed_in(right_);
  clock_.pass(events::second_us);
  for (std::size_t i = 0; i + 1 < access::sessions_max; ++i) signed_in(right_);
  EXPECT_EQ(status_of("GET", "/metrics", oldest.cookie), 200);
  const SignedIn newest = signed_in(right_);
  EXPECT_EQ(status_of("GET", "/metrics", oldest.cookie), 401);
  EXPECT_EQ(status_of("GET", "/metrics", newest.cookie), 200);
}

TEST_F(AccessTest, who_asks_is_told_who_it_is) {
  open();
  json answer = json::parse(answer_to("GET", "/api/v1/session", bearer(right_)).body);
  EXPECT_EQ(answer, (json{{"name", "right"}, {"csrf", nullptr}, {"expires", nullptr}}));
  answer = json::parse(answer_to("GET", "/api/v1/session", bearer(expiring_)).body);
  EXPECT_EQ(answer["expires"], events::print_utc(start + events::hour_us));
  const SignedIn mine = signed_in(right_);
  answer = json::parse(answer_to("GET", "/api/v1/session", mine.cookie).body);
  EXPECT_EQ(answer["name"], "right");
  EXPECT_EQ(answer["csrf"], mine.cookie_and_csrf.back().second);
  EXPECT_EQ(answer["expires"], events::print_utc(start + 12 * events::hour_us));
}

TEST_F(AccessTest, without_tokens_nobody_is_asked) {
  open_without_tokens();
  for (const std::string& path : paths) {
    for (const std::string method : {"GET", "POST", "DELETE"}) {
      if (path == access::session_path) continue;
      EXPECT_EQ(status_of(method, path), 200) << method << " " << path;
    }
  }
  const json nobody = {{"name", nullptr}, {"csrf", nullptr}, {"expires", nullptr}};
  EXPECT_EQ(json::parse(answer_to("GET", "/api/v1/session").body), nobody);
  EXPECT_EQ(json::parse(answer_to("DELETE", "/api/v1/session").body), nobody);
  EXPECT_EQ(sign_in(right_).status, 409);
}

TEST_F(AccessTest, page_of_another_site_changes_nothing_with_or_without_tokens) {
  const std::vector<Headers> elsewhere = {
      {{"origin", "https://evil.example"}},
      {{"origin", "null"}},
      {{"origin", "http://127.0.0.1:8412"}},
      {{"origin", "http://127.0.0.1:8411.evil.example"}},
      {{"origin", "http://127.0.0.1:8411@evil.example"}},
      {{"origin", "file://127.0.0.1:8411"}},
      {{"sec-fetch-site", "cross-site"}},
      {{"sec-fetch-site", "same-site"}},
      {{"sec-fetch-site", "cross-site"}, {"origin", "http://127.0.0.1:8411"}},
      {{"sec-fetch-site", "cross-site"}, {"origin", "null"}},
      {{"sec-fetch-site", "same-origin"}, {"origin", "https://evil.example"}},
  };
  const std::vector<Headers> own = {
      {{"origin", "http://127.0.0.1:8411"}},
      {{"sec-fetch-site", "same-origin"}, {"origin", "http://127.0.0.1:8411"}},
      {{"sec-fetch-site", "same-origin"}, {"origin", "null"}},
      {{"sec-fetch-site", "none"}},
  };
  for (const bool with_tokens : {true, false}) {
    with_tokens ? open() : open_without_tokens();
    const Headers who = with_tokens ? signed_in(right_).cookie_and_csrf : Headers();
    for (const std::string& method : changing) {
      for (Headers headers : elsewhere) {
        append(&headers, who);
        EXPECT_EQ(status_of(method, "/api/v1/quarantine/1/retry", headers), 403) << method;
      }
      for (Headers headers : own) {
        append(&headers, who);
        EXPECT_EQ(status_of(method, "/api/v1/quarantine/1/retry", headers), 200) << method;
      }
    }
  }
}

TEST_F(AccessTest, session_cannot_be_begun_by_a_page_of_another_site) {
  open();
  EXPECT_EQ(sign_in(right_, {{"origin", "https://evil.example"}}).status, 403);
  EXPECT_EQ(sign_in(right_, {{"sec-fetch-site", "cross-site"}}).status, 403);
  EXPECT_EQ(sign_in(right_, {{"sec-fetch-site", "same-origin"}}).status, 200);
}

TEST_F(AccessTest, where_nobody_is_asked_only_names_that_cannot_be_rebound_are_answered) {
  settings_.hosts = {"Ketavigil.Example.org"};
  open_without_tokens();
  for (const std::string host :
       {"127.0.0.1", "127.0.0.1:8411", "localhost:8411", "LOCALHOST", "[::1]:8411", "[::1]",
        "a.localhost", "10.1.2.3:80", "ketavigil.example.org", "ketavigil.example.org:8411"}) {
    EXPECT_EQ(status_of("GET", "/api/v1/cases", {{"host", host}}), 200) << host;
  }
  for (const std::string host :
       {"evil.example", "evil.example:8411", "127.0.0.1.evil.example", "localhost.evil.example",
        "127.0.0.1:8411:1", "127.0.0.1:x", "[::1", "[::1]x", "::1", "@127.0.0.1", "1",
        "127.0.0.1 evil.example", "evil.example#localhost", "x.ketavigil.example.org"}) {
    EXPECT_EQ(status_of("GET", "/api/v1/cases", {{"host", host}}), 421) << host;
    EXPECT_EQ(status_of("POST", "/api/v1/cases", {{"host", host}}), 421) << host;
  }
}

TEST_F(AccessTest, with_tokens_only_the_hosts_that_are_listed_are_answered) {
  open();
  Headers named = bearer(right_);
  named.emplace_back("host", "anything.example");
  EXPECT_EQ(status_of("GET", "/metrics", named), 200);
  settings_.hosts = {"ketavigil.example.org"};
  open();
  EXPECT_EQ(status_of("GET", "/metrics", named), 421);
  named.back().second = "ketavigil.example.org:8411";
  EXPECT_EQ(status_of("GET", "/metrics", named), 200);
}

TEST_F(AccessTest, failed_sign_ins_are_limited_and_hold_up_no_right_token) {
  open();
  int failed = 0;
  access_->on_failed_sign_in([&failed] { ++failed; });
  for (int i = 0; i < 10; ++i) EXPECT_EQ(sign_in("kv_wrong").status, 401) << i;
  Answer refused = sign_in("kv_wrong");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(header_of(refused, "Retry-After"), "61");
  EXPECT_EQ(failed, 11);
  EXPECT_EQ(sign_in(right_).status, 200);
  EXPECT_EQ(status_of("GET", "/metrics", bearer(right_)), 200);
  clock_.pass(59 * events::second_us);
  EXPECT_EQ(sign_in("kv_wrong").status, 429);
  clock_.pass(events::second_us);
  EXPECT_EQ(sign_in("kv_wrong").status, 401);
}

TEST_F(AccessTest, what_is_no_sign_in_is_told_what_is_one) {
  open();
  const auto post = [&](const std::string& body, const std::string& type) {
    return answer_to("POST", "/api/v1/session", {{"content-type", type}}, body).status;
  };
  EXPECT_EQ(post("", "application/json"), 400);
  EXPECT_EQ(post("{", "application/json"), 400);
  EXPECT_EQ(post("[]", "application/json"), 400);
  EXPECT_EQ(post("{\"token\":1}", "application/json"), 400);
  EXPECT_EQ(post("{\"token\":\"a\",\"x\":1}", "application/json"), 400);
  EXPECT_EQ(
      post(std::string("{\"token\":\"") + std::string(9'000, 'a') + "\"}", "application/json"),
      413);
  EXPECT_EQ(post(std::string(5'000, '['), "application/json"), 400);
  EXPECT_EQ(post(json{{"token", right_}}.dump(), "text/plain"), 415);
  EXPECT_EQ(post(json{{"token", right_}}.dump(), ""), 415);
  EXPECT_EQ(post(json{{"token", right_}}.dump(), "application/json; charset=utf-8"), 200);
}

TEST_F(AccessTest, browser_without_a_session_gets_the_page_that_asks_for_a_token) {
  open();
  const Headers browser = {{"accept", "text/html,application/xhtml+xml"}};
  for (const std::string path : {"/", "/cases?level=critical", "/patients/x", "/sign-in", "/no"}) {
    const Answer answer = answer_to("GET", path, browser);
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.content_type, "text/html; charset=utf-8");
    EXPECT_NE(answer.body.find("<form method=\"post\""), std::string::npos);
    EXPECT_EQ(answer.body.find("<script"), std::string::npos);
    EXPECT_NE(header_of(answer, "Content-Security-Policy").find("default-src 'none'"),
              std::string::npos);
  }
  for (const std::string path : {"/api/v1/cases", "/assets/console.js", "/metrics", "/-/x"}) {
    EXPECT_EQ(answer_to("GET", path, browser).content_type, "application/json") << path;
  }
  EXPECT_EQ(answer_to("POST", "/cases", browser).content_type, "application/json");
}

TEST_F(AccessTest, page_that_asks_holds_markup_of_an_address_harmlessly) {
  open();
  const Headers browser = {{"accept", "text/html"}};
  const Answer answer = answer_to("GET", "/cases?search=\"><script>alert(1)</script>", browser);
  EXPECT_EQ(answer.body.find("<script"), std::string::npos);
  EXPECT_NE(answer.body.find("&lt;script&gt;"), std::string::npos);
}

TEST_F(AccessTest, link_of_another_site_comes_again_with_the_cookie_and_never_turns_in_a_circle) {
  open();
  Headers linked = {{"accept", "text/html"}, {"sec-fetch-site", "cross-site"}};
  const Answer again = answer_to("GET", "/cases?level=alert&x='\"", linked);
  EXPECT_EQ(again.status, 401);
  const std::string target = "/sign-in?next=/cases%3Flevel%3Dalert%26x%3D%27%22";
  EXPECT_NE(again.body.find("content=\"0;url=" + target + "\""), std::string::npos) << again.body;
  // Without a session it asks, whatever the browser says of where it comes from.
  const Answer asked = answer_to("GET", target, linked);
  EXPECT_EQ(asked.body.find("http-equiv"), std::string::npos);
  EXPECT_NE(asked.body.find("value=\"/cases?level=alert&amp;x=&#39;&quot;\""), std::string::npos);
  // With one it goes on.
  const Answer on = answer_to("GET", target, signed_in(right_).cookie);
  EXPECT_EQ(on.status, 303);
  EXPECT_EQ(header_of(on, "Location"), "/cases?level=alert&x='\"");
}

TEST_F(AccessTest, form_signs_in_and_goes_to_a_path_of_this_site_only) {
  open();
  const auto post = [&](const std::string& token, const std::string& next) {
    return answer_to("POST", "/api/v1/session",
                     {{"content-type", "application/x-www-form-urlencoded"},
                      {"origin", "http://127.0.0.1:8411"}},
                     "next=" + next + "&token=" + token);
  };
  Answer answer = post(right_, "%2Fcases%3Flevel%3Dalert");
  EXPECT_EQ(answer.status, 303);
  EXPECT_EQ(header_of(answer, "Location"), "/cases?level=alert");
  EXPECT_NE(header_of(answer, "Set-Cookie").find("; HttpOnly; SameSite=Strict"), std::string::npos);
  EXPECT_EQ(header_of(answer, "Set-Cookie").find("Secure"), std::string::npos);
  for (const std::string next :
       {"https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example",
        "%5C%5Cevil.example", "%2F%0D%0ASet-Cookie%3A%20a%3Db", "%2F%09%2Fevil.example",
        "javascript%3Aalert(1)", "cases", "", "%2F%00", "%2F%ff", "%2F+x"}) {
    answer = post(right_, next);
    EXPECT_EQ(answer.status, 303) << next;
    EXPECT_EQ(header_of(answer, "Location"), "/") << next;
  }
  answer = post("kv_wrong", "%2Fcases");
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.content_type, "text/html; charset=utf-8");
  EXPECT_NE(answer.body.find("role=\"alert\""), std::string::npos);
  EXPECT_EQ(answer.body.find("kv_wrong"), std::string::npos);
}

TEST_F(AccessTest, cookie_of_an_encrypted_listener_is_secure) {
  settings_.encrypted = true;
  open();
  EXPECT_NE(header_of(sign_in(right_), "Set-Cookie").find("; Secure"), std::string::npos);
  // And a page that came in the clear is not its own.
  EXPECT_EQ(sign_in(right_, {{"origin", "http://127.0.0.1:8411"}}).status, 403);
  EXPECT_EQ(sign_in(right_, {{"origin", "https://127.0.0.1:8411"}}).status, 200);
}

TEST_F(AccessTest, cookie_of_another_site_of_this_host_does_not_hide_ours) {
  open();
  const SignedIn mine = signed_in(right_);
  Headers tossed = mine.cookie;
  tossed.front().second = "ketavigil_session=planted; " + tossed.front().second;
  EXPECT_EQ(status_of("GET", "/metrics", tossed), 200);
  tossed = mine.cookie;
  tossed.insert(tossed.begin(), {"cookie", "ketavigil_session=planted;;=; x"});
  EXPECT_EQ(status_of("GET", "/metrics", tossed), 200);
}

TEST_F(AccessTest, wrong_token_is_not_mended_by_a_cookie) {
  open();
  Headers both = signed_in(right_).cookie;
  append(&both, bearer("kv_wrong"));
  EXPECT_EQ(status_of("GET", "/metrics", both), 401);
}

TEST_F(AccessTest, while_the_tokens_cannot_be_read_nobody_gets_in_and_the_probes_answer) {
  open();
  const SignedIn mine = signed_in(right_);
  std::filesystem::rename(settings_.tokens_file, folder_ / "away");
  EXPECT_EQ(status_of("GET", "/metrics", bearer(right_)), 503);
  EXPECT_EQ(status_of("GET", "/metrics", mine.cookie), 503);
  EXPECT_EQ(status_of("GET", "/-/healthy"), 200);
  std::ofstream(settings_.tokens_file) << "{\"name\":\"right\"\n";
  EXPECT_EQ(status_of("GET", "/metrics", bearer(right_)), 503);
  std::filesystem::rename(folder_ / "away", settings_.tokens_file);
  EXPECT_EQ(status_of("GET", "/metrics", bearer(right_)), 200);
  EXPECT_EQ(status_of("GET", "/metrics", mine.cookie), 200);
}

TEST_F(AccessTest, tokens_alone_let_programs_in_where_there_are_no_sessions) {
  settings_.sessions = false;
  open();
  EXPECT_EQ(status_of("POST", "/api/v1/events", bearer(right_)), 200);
  EXPECT_EQ(status_of("POST", "/api/v1/events"), 401);
  EXPECT_EQ(status_of("POST", "/api/v1/session"), 401);
  EXPECT_EQ(answer_to("GET", "/", {{"accept", "text/html"}}).content_type, "application/json");
}

}  // namespace
}  // namespace ketavigil
