#include "dashboards/access/access.h"

#include <algorithm>
#include <array>

#include "dashboards/access/same_site.h"
#include "dashboards/access/sign_in_page.h"

namespace ketavigil::dashboards::access {
namespace {

constexpr int retry_after_seconds = 5;
constexpr std::string_view bearer = "bearer ";
constexpr std::string_view cookie_name = "ketavigil_session";
// Probes have no token, and there is nothing in the answers.
constexpr std::array<std::string_view, 2> open_paths = {"/-/healthy", "/-/ready"};
// Whose answers are for programs, whatever a browser says it would accept.
constexpr std::array<std::string_view, 4> paths_of_programs = {"/api/", "/assets/", "/metrics",
                                                               "/-/"};

bool is_open(const Question& question) {
  return (question.method == "GET" || question.method == "HEAD") &&
         std::find(open_paths.begin(), open_paths.end(), question.path) != open_paths.end();
}

bool starts_without_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) {
           return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
         });
}

// The values of a cookie, in order: another site of the same host may have set one of this name.
std::vector<std::string_view> cookies_of(const Question& question, std::string_view wanted) {
  std::vector<std::string_view> values;
  for (const auto& [key, header] : question.headers) {
    if (key != "cookie") continue;
    std::string_view rest = header;
    while (!rest.empty()) {
      std::string_view one = split_off(&rest, ';');
      while (one.starts_with(' ')) one = one.substr(1);
      if (split_off(&one, '=') == wanted) values.push_back(one);
    }
  }
  return values;
}

bool wants_page(const Question& question) {
  if (question.method != "GET" && question.method != "HEAD") return false;
  const bool is_of_program =
      std::any_of(paths_of_programs.begin(), paths_of_programs.end(),
                  [&](std::string_view path) { return question.path.starts_with(path); });
  return !is_of_program && question.header("accept").find("text/html") != std::string_view::npos;
}

std::string address_of(const Question& question) {
  std::string address(question.path);
  if (!question.query.empty()) address += "?" + std::string(question.query);
  return address;
}

// Where to go after signing in: what was asked for, or what the page for it was told.
std::string next_of(const Question& question) {
  if (question.path != sign_in_path) return own_path(address_of(question));
  return own_path(form_value(question.query, "next"));
}

}  // namespace

Result<std::unique_ptr<Access>> Access::open(Settings settings, const engine::Clock& clock,
                                             Random random) {
  std::unique_ptr<Access> access(new Access(std::move(settings), clock, std::move(random)));
  if (!access->settings_.tokens_file.empty()) {
    KETAVIGIL_TRY_ASSIGN(access->book_, TokenBook::open(access->settings_.tokens_file));
  }
  return access;
}

bool Access::is_for_us(const Question& question) const {
  const std::string_view header = question.header("host");
  if (is_for(question, settings_.hosts)) return true;
  if (asks_for_tokens()) return settings_.hosts.empty();
  return is_address_or_localhost(host_of(header));
}

Access::Verdict Access::judge(const Question& question) {
  if (is_open(question)) return {};
  if (!is_for_us(question)) {
    return {error_answer(421, "wrong_host",
                         "this name is not known here: ask by the address of this machine, or list "
                         "the name in `operations.hosts`"),
            {}};
  }
  if (!question.only_reads() && comes_from_elsewhere(question, settings_.encrypted)) {
    return {error_answer(403, "cross_site", "a page of another site may not change anything here"),
            {}};
  }
  // A browser lets a page of another site ask, though not read; what is asked must be ours.
  const bool is_data = question.path.starts_with("/api/") || question.path == "/metrics";
  if (is_data && question.header("sec-fetch-site") == "cross-site") {
    return {error_answer(403, "cross_site", "a page of another site may not ask for data here"),
            {}};
  }
  if (!asks_for_tokens()) return {};
  if (!book_->trouble().empty()) {
    Answer answer = error_answer(503, "unavailable",
                                 "the tokens file cannot be read now: its operator has to look");
    answer.headers.emplace_back("Retry-After", std::to_string(retry_after_seconds));
    return {std::move(answer), {}};
  }
  if (settings_.sessions && question.path == session_path && question.method == "POST") return {};
  auto caller = caller_of(question);
  if (!caller) return {ask_to_sign_in(question), {}};
  if (!question.only_reads() && !caller->session_id.empty() && !has_csrf(question, *caller)) {
    return {error_answer(403, "csrf", "send the session's `csrf` as the header X-CSRF-Token"), {}};
  }
  if (settings_.sessions && question.path == sign_in_path && !question.query.empty() &&
      question.only_reads()) {
    Answer answer;
    answer.status = 303;
    answer.headers.emplace_back("Location", next_of(question));
    return {std::move(answer), {}};
  }
  return {std::nullopt, std::move(*caller)};
}

bool Access::still_admits(const Caller& caller) {
  if (!asks_for_tokens()) return true;
  const auto now = clock_.now();
  if (!book_->find_hash(caller.token_hash, now)) return false;
  return caller.session_id.empty() || sessions_.find(caller.session_id, now).has_value();
}

// A session holds as long as its token does.
std::optional<Session> Access::session_of(const Question& question, std::string* id) {
  const auto now = clock_.now();
  for (const auto value : cookies_of(question, cookie_name)) {
    auto session = sessions_.find(value, now);
    if (!session || !book_->find_hash(session->token_hash, now)) continue;
    *id = value;
    return session;
  }
  return std::nullopt;
}

// Who sends a token means it: a wrong one is not mended by a cookie.
std::optional<Caller> Access::caller_of(const Question& question) {
  const std::string_view authorization = question.header("authorization");
  if (!authorization.empty()) {
    if (!starts_without_case(authorization, bearer)) return std::nullopt;
    const auto token = book_->find(authorization.substr(bearer.size()), clock_.now());
    if (!token) return std::nullopt;
    return Caller{token->name, token->hash, "", token->expires.value_or(0)};
  }
  if (!settings_.sessions) return std::nullopt;
  std::string id;
  const auto session = session_of(question, &id);
  if (!session) return std::nullopt;
  return Caller{session->name, session->token_hash, std::move(id), session->expires};
}

bool Access::has_csrf(const Question& question, const Caller& caller) {
  const auto session = sessions_.find(caller.session_id, clock_.now());
  return session && are_equal(session->csrf, question.header("x-csrf-token"));
}

Answer Access::ask_to_sign_in(const Question& question) const {
  if (settings_.sessions && wants_page(question)) {
    const std::string_view site = question.header("sec-fetch-site");
    const bool follows_link = site == "cross-site" || site == "same-site";
    if (follows_link && question.path != sign_in_path) return come_again_page(next_of(question));
    return sign_in_page(401, next_of(question), "");
  }
  Answer answer = error_answer(
      401, "unauthorized",
      settings_.sessions ? "send a token as `Authorization: Bearer …`, or sign in for a session"
                         : "send a token as `Authorization: Bearer …`");
  answer.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"ketavigil\"");
  return answer;
}

}  // namespace ketavigil::dashboards::access
