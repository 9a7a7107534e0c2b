#include "cli/access_guard.h"

#include <utility>

namespace ketavigil::cli {
namespace {

namespace access = dashboards::access;
using ingest::http::Request;
using ingest::http::Response;
using ingest::http::ResponseStream;

access::Question question_of(const Request& request) {
  return {request.method, request.path, request.query, request.body, request.headers};
}

Response response_of(access::Answer answer) {
  return {answer.status, std::move(answer.body), std::move(answer.content_type),
          std::move(answer.headers)};
}

// A stream that ends when its asker may ask no more.
class GuardedStream : public ResponseStream {
 public:
  GuardedStream(std::shared_ptr<ResponseStream> stream, access::Access& access,
                access::Caller caller)
      : stream_(std::move(stream)), access_(access), caller_(std::move(caller)) {}
  std::optional<std::string> take() override {
    if (!access_.still_admits(caller_)) return std::nullopt;
    return stream_->take();
  }

 private:
  std::shared_ptr<ResponseStream> stream_;
  access::Access& access_;
  const access::Caller caller_;
};

}  // namespace

Result<std::unique_ptr<access::Access>> open_access_of(const ListenerSettings& listener,
                                                       Askers askers, const engine::Clock& clock) {
  access::Settings settings;
  settings.tokens_file = listener.tokens_file;
  settings.hosts = listener.hosts;
  settings.encrypted = !listener.certificate.empty();
  settings.sessions = askers == Askers::people_and_programs;
  return access::Access::open(std::move(settings), clock, &access::fill_from_system);
}

ingest::http::Guard guard_of(access::Access& access) {
  return [&access](const Request& request, const ingest::http::Handler& next) {
    auto verdict = access.judge(question_of(request));
    Response response = verdict.refusal ? response_of(std::move(*verdict.refusal)) : next(request);
    if (response.stream != nullptr && access.asks_for_tokens()) {
      response.stream = std::make_shared<GuardedStream>(std::move(response.stream), access,
                                                        std::move(verdict.caller));
    }
    // Not of an unnamed one: a browser would keep to TLS for all that `localhost` serves.
    const bool stays_encrypted = access.settings().encrypted && !access.settings().hosts.empty();
    access::add_browser_headers(&response.headers, stays_encrypted);
    return response;
  };
}

Response answer_console(const dashboards::console::ConsoleFiles& console, const Request& request) {
  return response_of(console.answer(question_of(request)));
}

Response answer_session(access::Access& access, const Request& request) {
  return response_of(access.answer_session(question_of(request)));
}

}  // namespace ketavigil::cli
