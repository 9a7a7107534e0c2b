#include "dashboards/api/api.h"

#include <algorithm>
#include <exception>
#include <unordered_set>

#include "dashboards/api/openapi_text.h"
#include "dashboards/metrics/metrics.h"
#include "detectors/patient/catalogue.h"
#include "events/characters.h"
#include "events/json_text.h"

namespace ketavigil::dashboards::api {
namespace {

constexpr std::string_view root = "/api/v1/";

// The parts of a path, decoded; nothing for what cannot be decoded.
std::optional<std::vector<std::string>> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  if (!path.starts_with(root)) return segments;
  path.remove_prefix(root.size());
  while (true) {
    const auto slash = path.find('/');
    auto one = percent_decoded(path.substr(0, slash), false);
    if (!one) return std::nullopt;
    segments.push_back(std::move(*one));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool matches(const std::vector<std::string_view>& pattern, const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != "*" ? pattern[i] != path[i] : path[i].empty()) return false;
  }
  return true;
}

Answer of_error(const Error& error) {
  if (error.kind == ErrorKind::usage || error.kind == ErrorKind::configuration)
    return problem(400, "bad_parameter", error.message);
  if (error.kind == ErrorKind::broker) return problem(503, "broker", error.message);
  return problem(503, "storage", "the store cannot be read now: " + error.message);
}

}  // namespace

Answer problem(int status, std::string_view type, std::string_view message) {
  Answer answer;
  answer.status = status;
  answer.body = "{\"status\":\"error\",\"errorType\":";
  events::append_json_string(&answer.body, type);
  answer.body += ",\"error\":";
  events::append_json_string(&answer.body, message);
  answer.body += "}\n";
  if (status == 503) answer.headers.emplace_back("Retry-After", "1");
  return answer;
}

const std::vector<Api::Route>& Api::routes() {
  static const std::vector<Route> all = {
      {"GET", {"openapi.json"}, &Api::openapi},
      {"GET", {"catalogue"}, &Api::catalogue},
      {"GET", {"today"}, &Api::today},
      {"GET", {"cases"}, &Api::cases},
      {"GET", {"cases", "*"}, &Api::one_case},
      {"GET", {"patients", "*"}, &Api::patient},
      {"GET", {"patients", "*", "charts"}, &Api::charts},
      {"GET", {"patients", "*", "received"}, &Api::received},
      {"GET", {"patients", "*", "revisions"}, &Api::revisions},
      {"GET", {"cohort"}, &Api::cohort},
      {"GET", {"programme"}, &Api::programme},
      {"GET", {"feeds"}, &Api::feeds},
      {"GET", {"quarantine"}, &Api::quarantine},
      {"GET", {"quarantine", "*"}, &Api::quarantine_entry},
      {"POST", {"quarantine", "*", "retry"}, &Api::retry},
      {"POST", {"quarantine", "*", "discard"}, &Api::discard},
  };
  return all;
}

Answer Api::answer(const Request& request) {
  const auto path = segments_of(request.path);
  if (!path) return problem(400, "bad_path", "the path is not percent-encoded UTF-8");
  for (const std::string& name : *path) {
    if (characters(name) > name_characters_max)
      return problem(400, "bad_path", "a name in the path is longer than any name can be");
    if (events::has_control_characters(name))
      return problem(404, "not_found", "no name has control characters");
  }
  const std::string_view method = request.method == "HEAD" ? "GET" : request.method;
  std::string allowed;
  for (const Route& route : routes()) {
    if (!matches(route.pattern, *path)) continue;
    if (route.method != method) {
      if (!allowed.empty()) allowed += ", ";
      allowed += route.method == "GET" ? "GET, HEAD" : route.method;
      continue;
    }
    try {
      auto answered = (this->*route.handler)(*path, request.query);
      return answered.ok() ? std::move(answered).value() : of_error(answered.error());
    } catch (const std::exception&) {  // of a JSON library, by what a damaged store holds
      return problem(500, "internal", "the store holds what cannot be shown: `ketavigil verify`");
    }
  }
  if (allowed.empty()) return problem(404, "not_found", "there is nothing at this path");
  Answer answer = problem(405, "method_not_allowed", "this path answers " + allowed + " only");
  answer.headers.emplace_back("Allow", allowed);
  return answer;
}

Result<Answer> Api::openapi(const Segments& /*names*/, std::string_view query) {
  KETAVIGIL_TRY(Parameters::read(query, {}).status());
  return Answer{200, std::string(openapi_text()), {}};
}

Result<Answer> Api::catalogue(const Segments& /*names*/, std::string_view query) {
  KETAVIGIL_TRY(Parameters::read(query, {}).status());
  KETAVIGIL_TRY(parts_.cases.refresh());
  std::string out = "{\"detectors\":[";
  for (const auto& entry : detectors::catalogue()) {
    if (out.back() != '[') out += ',';
    out += "{\"id\":";
    events::append_json_string(&out, entry.id);
    out += ",\"domain\":";
    events::append_json_string(&out, entry.domain);
    out += ",\"asks\":";
    events::append_json_string(&out, entry.question);
    out += ",\"version\":" + std::to_string(entry.version) + '}';
  }
  std::unordered_set<std::string> sites;  // asked once a case: hashing is quicker than order
  std::unordered_set<std::string> compounds;
  parts_.cases.for_each([&](const engine::CaseHandle& one) {
    if (!one->site.empty()) sites.insert(one->site);
    if (!one->compound.empty()) compounds.insert(one->compound);
  });
  const auto append_words = [&](std::string_view key, const std::unordered_set<std::string>& set) {
    std::vector<std::string> words(set.begin(), set.end());
    std::sort(words.begin(), words.end());
    out += "],\"";
    out += key;
    out += "\":[";
    for (const std::string& word : words) {
      if (out.back() != '[') out += ',';
      events::append_json_string(&out, word);
    }
  };
  append_words("sites", sites);
  append_words("compounds", compounds);
  out += "],\"version\":";
  events::append_json_string(&out, program_version());
  out += ",\"programme\":";
  events::append_json_string(&out, parts_.programme.options().directory.filename().string());
  return Answer{200, out + "}\n", {}};
}

}  // namespace ketavigil::dashboards::api
