#include "cli/page_endpoint.h"

#include "routing/pages/dead_letters.h"

namespace ketavigil::cli {
namespace {

using ingest::http::error_response;
using ingest::http::Response;

constexpr std::string_view id_parameter = "id=";

}  // namespace

Response answer_replay_pages(engine::Programme& programme, const ingest::http::Request& request) {
  std::string id;
  if (!request.query.empty()) {
    if (!request.query.starts_with(id_parameter) || request.query.size() == id_parameter.size())
      return error_response(400, "bad_data", "give nothing, or ?id= and the id of a dead letter");
    id = request.query.substr(id_parameter.size());
  }
  std::size_t replayed = 0;
  for (const int number : programme.owned()) {
    const auto held = programme.hold(number);
    if (!held) continue;
    const auto count = routing::pages::replay_dead_letters(held.get(), id, programme.now());
    if (!count.ok())
      return ingest::http::unavailable_response(1, "the store cannot be read or written");
    replayed += count.value();
  }
  if (replayed == 0 && !id.empty())
    return error_response(404, "not_found", "no dead letter has this id");
  Response response;
  response.body = "{\"replayed\":" + std::to_string(replayed) + "}\n";
  return response;
}

}  // namespace ketavigil::cli
