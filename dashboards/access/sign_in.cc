// The part of `Access` that begins and ends sessions.
#include <nlohmann/json.hpp>

#include "dashboards/access/access.h"
#include "dashboards/access/sign_in_page.h"

namespace ketavigil::dashboards::access {
namespace {

constexpr std::size_t body_bytes_max = 8'192;
constexpr std::string_view json_type = "application/json";
constexpr std::string_view form_type = "application/x-www-form-urlencoded";

// `name`, `csrf`, `expires`: the schema `Session` of dashboards/api/openapi.json.
Answer session_answer(const std::string& name, const std::string& csrf,
                      events::Microseconds expires) {
  nlohmann::ordered_json document;
  document["name"] = name.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(name);
  document["csrf"] = csrf.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(csrf);
  document["expires"] =
      expires == 0 ? nlohmann::ordered_json() : nlohmann::ordered_json(events::print_utc(expires));
  Answer answer;
  answer.body = document.dump() + "\n";
  return answer;
}

std::string_view media_type_of(const Question& question) {
  const std::string_view type = question.header("content-type");
  const std::string_view plain = type.substr(0, type.find(';'));
  return plain.substr(0, plain.find_last_not_of(' ') + 1);
}

// The token of `{"token":…}`; nothing if the body is not just that.
std::optional<std::string> token_of_json(std::string_view body) {
  const auto object = nlohmann::json::parse(body, nullptr, false);
  if (!object.is_object() || object.size() != 1) return std::nullopt;
  const auto found = object.find("token");
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

}  // namespace

std::string Access::cookie(std::string_view value, std::int64_t seconds) const {
  return "ketavigil_session=" + std::string(value) + "; Max-Age=" + std::to_string(seconds) +
         "; Path=/; HttpOnly; SameSite=Strict" + (settings_.encrypted ? "; Secure" : "");
}

Answer Access::answer_session(const Question& question) {
  if (question.method == "POST") return sign_in(question);
  if (!asks_for_tokens()) return session_answer("", "", 0);
  const auto caller = caller_of(question);
  if (!caller) return ask_to_sign_in(question);  // ended this moment
  if (question.method == "DELETE") {
    if (!caller->session_id.empty()) sessions_.end(caller->session_id);
    Answer answer = session_answer("", "", 0);
    answer.headers.emplace_back("Set-Cookie", cookie("", 0));
    return answer;
  }
  const auto session = sessions_.find(caller->session_id, clock_.now());
  return session_answer(caller->name, session ? session->csrf : "", caller->expires);
}

Answer Access::sign_in(const Question& question) {
  const bool by_form = media_type_of(question) == form_type;
  if (!by_form && media_type_of(question) != json_type) {
    return error_answer(415, "unsupported_type",
                        "send {\"token\":…} as application/json, or the form of the sign-in page");
  }
  if (question.body.size() > body_bytes_max)
    return error_answer(413, "body_too_large", "expected a token and nothing else");
  const auto token = by_form ? form_value(question.body, "token") : token_of_json(question.body);
  if (!token)
    return error_answer(400, "bad_data", "expected {\"token\":…} with the token as a text");
  const std::string next = own_path(form_value(by_form ? question.body : "", "next"));
  if (!asks_for_tokens()) {
    return error_answer(409, "no_tokens",
                        "there are no tokens: nobody is asked here, and there is nothing to sign "
                        "in to");
  }
  const auto known = book_->find(*token, clock_.now());
  if (!known) return refuse_sign_in(by_form, next);
  return begin_session(*known, by_form, next);
}

// Too many tries are told to wait, but a right token is never held back by wrong ones: it cannot be
// guessed, and nobody should be able to lock others out.
Answer Access::refuse_sign_in(bool by_form, const std::string& next) {
  on_failed_sign_in_();
  const int wait = failures_.note(clock_.now());
  const int status = wait > 0 ? 429 : 401;
  const std::string trouble =
      wait > 0 ? "too many wrong tokens: try again in " + std::to_string(wait) + " s"
               : "this token is not known, or holds no more";
  Answer answer = by_form
                      ? sign_in_page(status, next, trouble)
                      : error_answer(status, wait > 0 ? "too_many_tries" : "unauthorized", trouble);
  if (wait > 0) answer.headers.emplace_back("Retry-After", std::to_string(wait));
  if (!by_form && wait == 0)
    answer.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"ketavigil\"");
  return answer;
}

Answer Access::begin_session(const Token& token, bool by_form, const std::string& next) {
  const auto now = clock_.now();
  const auto begun = sessions_.begin(token, now);
  if (!begun.ok()) return error_answer(503, "unavailable", "no session can begin now");
  const Session& session = begun.value().session;
  Answer answer = session_answer(session.name, session.csrf, session.expires);
  if (by_form) {
    answer.status = 303;
    answer.body.clear();
    answer.headers.emplace_back("Location", next);
  }
  const auto seconds = (session.expires - now) / events::second_us;
  answer.headers.emplace_back("Set-Cookie", cookie(begun.value().id, seconds));
  return answer;
}

}  // namespace ketavigil::dashboards::access
