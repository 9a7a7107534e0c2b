#include "cli/page_endpoint.h"

#include "routing/pages/dead_letters.h"

namespace ketavigil::cli {
namespace {

using ingest::http::error_response;
using ingest::http::Response;

constexpr std::string_view id_parameter = "id=";

}  // namespace

Response answer_page(const engine::Programme& programme, const ingest::http::Request& request) {
  const std::string_view name = std::string_view(request.path).substr(pages_path.size());
  for (const int number : programme.owned()) {
    const auto held = programme.hold(number);
    if (!held) continue;
    routing::pages::PagesOfStore listed;
    if (!routing::pages::list_pages(held->store(), &listed).ok())
      return ingest::http::unavailable_response(1, "the store cannot be read");
    for (const auto& one : listed.pages) {
      if (one.name.case_name != name) continue;
      const auto text = routing::pages::to_json(one);
      if (!text.ok()) return error_response(500, "storage", "run `ketavigil verify`");
      Response response;
      response.body = text.value() + "\n";
      response.headers.emplace_back("Cache-Control", "no-store");
      return response;
    }
  }
  return error_response(404, "unknown_case", "no critical case of the shards here has this name");
}

Response answer_replay_pages(engine::Programme& programme, const ingest::http::Request& request) {
  std::string id;
  if (!request.query.empty()) {
    if (!request.query.starts_with(id_parameter) || request.query.size() == id_parameter.size())
      return error_response(400, "bad_data", "give nothing, or ?id= and the id of a dead letter");
    id = request.query.substr(id_parameter.size());
  }
  const auto replayed = routing::pages::replay_dead_letters(&programme, id);
  if (!replayed.ok())
    return ingest::http::unavailable_response(1, "the store cannot be read or written");
  if (replayed.value() == 0 && !id.empty())
    return error_response(404, "not_found", "no dead letter has this id");
  Response response;
  response.body = "{\"replayed\":" + std::to_string(replayed.value()) + "}\n";
  return response;
}

}  // namespace ketavigil::cli
