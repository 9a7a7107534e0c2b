#include "routing/pages/curl_poster.h"

#include <curl/curl.h>

namespace ketavigil::routing::pages {
namespace {

// Together well below the ten seconds within which a page has to be out.
constexpr long connect_timeout_ms = 2'000;
constexpr long timeout_ms = 4'000;
constexpr std::size_t reply_bytes_max = 4096;

std::size_t append_beginning(const char* bytes, std::size_t size, std::size_t count, void* body) {
  auto* text = static_cast<std::string*>(body);
  const std::size_t room = reply_bytes_max - text->size();
  text->append(bytes, std::min(room, size * count));
  return size * count;
}

}  // namespace

struct CurlPoster::Handle {
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl{curl_easy_init(), &curl_easy_cleanup};
};

CurlPoster::CurlPoster() : handle_(std::make_unique<Handle>()) {}
CurlPoster::~CurlPoster() = default;

Result<HttpReply> CurlPoster::post(const std::string& url, const std::string& body,
                                   const HttpHeaders& headers) {
  CURL* curl = handle_->curl.get();
  if (curl == nullptr) return Error{ErrorKind::broker, "no HTTP client can be made"};
  curl_easy_reset(curl);  // keeps the connections
  curl_slist* raw = nullptr;
  for (const auto& [name, value] : headers)
    raw = curl_slist_append(raw, (name + ": " + value).c_str());
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> lines(raw,
                                                                          &curl_slist_free_all);
  HttpReply reply;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_POST, 1L);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, lines.get());
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &append_beginning);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply.body);
  const CURLcode code = curl_easy_perform(curl);
  if (code != CURLE_OK) return Error{ErrorKind::broker, curl_easy_strerror(code)};
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply.status);
  return reply;
}

}  // namespace ketavigil::routing::pages
