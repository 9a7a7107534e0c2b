#include "cli/patient_endpoint.h"

#include <curl/curl.h>

#include <optional>

#include "engine/questions/reading.h"
#include "events/partition.h"

namespace ketavigil::cli {
namespace {

using ingest::http::error_response;
using ingest::http::Request;
using ingest::http::Response;

constexpr int retry_after_seconds = 10;

std::string unescaped(std::string_view text) {
  int size = 0;
  char* plain = curl_easy_unescape(nullptr, text.data(), static_cast<int>(text.size()), &size);
  if (plain == nullptr) return {};
  std::string out(plain, static_cast<std::size_t>(size));
  curl_free(plain);
  return out;
}

// The only parameter there is.
Result<std::optional<events::Microseconds>> at_of(std::string_view query) {
  if (query.empty()) return std::optional<events::Microseconds>();
  if (!query.starts_with("at=") || query.find('&') != std::string_view::npos)
    return Error{ErrorKind::usage, "the only parameter is at=TIME"};
  const auto time = events::parse_time(unescaped(query.substr(3)));
  if (!time) return Error{ErrorKind::usage, "at: expected a time with an offset, or a date"};
  return std::optional<events::Microseconds>(time->us);
}

Response elsewhere(const Request& request, const std::string& operations) {
  if (operations.empty()) {
    return ingest::http::unavailable_response(
        retry_after_seconds, "another worker has this patient, and it is not known which");
  }
  Response response = error_response(307, "elsewhere", "another worker has this patient");
  response.headers.emplace_back(
      "Location", operations + request.path + (request.query.empty() ? "" : "?" + request.query));
  return response;
}

}  // namespace

Response answer_patient(const engine::Programme& programme, const Request& request,
                        const FindWorker& find_worker) {
  const std::string patient =
      unescaped(std::string_view(request.path).substr(patients_path.size()));
  const auto at = at_of(request.query);
  if (!at.ok()) return error_response(400, "bad_parameter", at.error().message);
  const int shard = events::partition_of(patient, programme.shards());
  if (!programme.owns(shard)) return elsewhere(request, find_worker(patient));
  const auto reading = engine::Reading::open(programme.options().directory, shard);
  if (!reading.ok())
    return ingest::http::unavailable_response(retry_after_seconds, "the shard cannot be read now");
  const auto document = engine::patient_document(
      *reading.value(), patient, at.value().value_or(reading.value()->newest_received()));
  if (!document.ok())
    return error_response(500, "storage", "the shard cannot be read: run `ketavigil verify`");
  if (!document.value())
    return error_response(404, "unknown_patient", "nobody is known by this name");
  Response response;
  response.body = *document.value() + "\n";
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace ketavigil::cli
