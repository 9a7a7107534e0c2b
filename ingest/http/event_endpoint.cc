#include "ingest/http/event_endpoint.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "events/json_text.h"
#include "ingest/http/gzip.h"

namespace ketavigil::ingest {

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::accepted:
      return "accepted";
    case Outcome::duplicate:
      return "duplicate";
    case Outcome::conflict:
      return "conflict";
    case Outcome::quarantined:
      return "quarantined";
    case Outcome::stored:
      return "stored";
    case Outcome::too_large:
      return "too_large";
  }
  return "";
}

namespace http {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view json_space = " \t\r\n";
constexpr std::array<std::string_view, 4> line_types = {
    "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"};

int status_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::accepted:
    case Outcome::conflict:
    case Outcome::stored:
      return 201;
    case Outcome::duplicate:
      return 200;
    case Outcome::quarantined:
      return 202;
    case Outcome::too_large:
      return 413;
  }
  return 200;
}

// What is told of one event; the words are empty where there is nothing to say.
struct Told {
  int status = 0;
  std::string_view outcome;
  std::string_view reason;
  std::string_view field;
  std::string_view expected;
};

void append_word(std::string* out, std::string_view key, std::string_view word) {
  (*out += ",\"").append(key) += "\":";
  if (word.empty()) {
    *out += "null";
  } else {
    events::append_json_string(out, word);
  }
}

// An object and a newline; `line` 0 is left out.
void append_told(std::string* out, std::int64_t line, const Told& told) {
  *out += '{';
  if (line > 0) (*out += "\"line\":").append(std::to_string(line)) += ',';
  (*out += "\"status\":") += std::to_string(told.status);
  append_word(out, "outcome", told.outcome);
  append_word(out, "reason", told.reason);
  append_word(out, "field", told.field);
  append_word(out, "expected", told.expected);
  *out += "}\n";
}

Told told_of(const Receipt& receipt) {
  return {status_of(receipt.outcome), name_of(receipt.outcome), receipt.reason, receipt.field,
          receipt.expected};
}

Told told_of(const events::Rejection& malformed) {
  return {400, "malformed", malformed.reason, malformed.field, malformed.expected};
}

Response response_of(const Told& told) {
  Response response;
  response.status = told.status;
  append_told(&response.body, 0, told);
  return response;
}

Response malformed_response(const std::string& expected) {
  return response_of({400, "malformed", "malformed", "", expected});
}

Response too_large(std::size_t bytes_max) {
  return error_response(
      413, "body_too_large",
      "the body is above " + std::to_string(bytes_max) + " bytes: send it in several requests");
}

const events::Rejection* malformed_in(const Delivery& delivery) {
  const auto* rejection = std::get_if<events::Rejection>(&delivery.decoded);
  return rejection != nullptr && rejection->is_malformed() ? rejection : nullptr;
}

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(json_space);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(json_space) - from + 1);
}

bool is_same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

// The media type without its parameters.
bool is_lines_type(std::string_view content_type) {
  const std::string_view type = trimmed(content_type.substr(0, content_type.find(';')));
  return std::any_of(line_types.begin(), line_types.end(),
                     [&](std::string_view known) { return is_same_word(type, known); });
}

}  // namespace

// A decoder of the endpoint's, given back at the end.
class EventEndpoint::Borrowed {
 public:
  explicit Borrowed(EventEndpoint& endpoint) : endpoint_(endpoint) {
    {
      const std::lock_guard lock(endpoint_.mutex_);
      if (!endpoint_.idle_.empty()) {
        decoder_ = std::move(endpoint_.idle_.back());
        endpoint_.idle_.pop_back();
      }
    }
    if (decoder_ == nullptr) decoder_ = std::make_unique<events::Decoder>(endpoint_.decode_);
  }
  ~Borrowed() {
    const std::lock_guard lock(endpoint_.mutex_);
    endpoint_.idle_.push_back(std::move(decoder_));
  }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  events::Decoder& operator*() { return *decoder_; }

 private:
  EventEndpoint& endpoint_;
  std::unique_ptr<events::Decoder> decoder_;
};

EventEndpoint::EventEndpoint(const events::DecodeSettings& decode, EventEndpointSettings settings,
                             EventSink& sink)
    : decode_(decode), settings_(std::move(settings)), sink_(sink) {}

Response EventEndpoint::handle(const Request& request) {
  // No page that a browser shows may push facts through the browser of somebody on this machine.
  if (!request.header("origin").empty()) {
    return error_response(403, "forbidden", "facts are pushed by systems, not by web pages");
  }
  const std::string_view coding = trimmed(request.header("content-encoding"));
  const std::string_view type = request.header("content-type");
  if (coding.empty() || is_same_word(coding, "identity")) return answer_body(type, request.body);
  if (!is_same_word(coding, "gzip")) {
    Response response =
        error_response(415, "unsupported_encoding", "Content-Encoding must be gzip or left out");
    response.headers.emplace_back("Accept-Encoding", "gzip");
    return response;
  }
  std::string body;
  switch (inflate_gzip(request.body, settings_.body_bytes_max, &body)) {
    case Inflated::ok:
      return answer_body(type, body);
    case Inflated::too_large:
      return too_large(settings_.body_bytes_max);
    case Inflated::damaged:
      break;
  }
  sink_.note_malformed(1);
  return malformed_response("a whole gzip stream, as Content-Encoding says");
}

Response EventEndpoint::answer_body(std::string_view content_type, std::string_view body) {
  if (body.starts_with(byte_order_mark)) body.remove_prefix(byte_order_mark.size());
  std::vector<Line> lines;
  const bool splits = split(body, &lines);
  const auto too_many = [&] {
    return error_response(413, "too_many_events",
                          "the body has more than " + std::to_string(settings_.events_max) +
                              " lines: send it in several requests");
  };
  if (is_lines_type(content_type)) return splits ? answer_lines(lines) : too_many();
  // Senders often leave the type to their tool: lines of events are taken as lines.
  if (lines.size() > 1 && are_events(lines)) {
    return splits ? answer_lines(lines) : too_many();
  }
  return answer_one(trimmed(body), lines.size() > 1);
}

// Lines that are not blank, without their ends. False if there are too many.
bool EventEndpoint::split(std::string_view body, std::vector<Line>* lines) const {
  std::int64_t number = 0;
  while (!body.empty()) {
    const auto newline = body.find('\n');
    std::string_view text = body.substr(0, newline);
    body = newline == std::string_view::npos ? std::string_view() : body.substr(newline + 1);
    ++number;
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (trimmed(text).empty()) continue;
    if (lines->size() == settings_.events_max) return false;
    lines->push_back({number, text});
  }
  return true;
}

// At least half of them: one bad row does not turn a file of events into one that nobody can read,
// and of one object printed over many lines hardly any is an event by itself.
bool EventEndpoint::are_events(const std::vector<Line>& lines) {
  Borrowed decoder(*this);
  const auto events = std::count_if(lines.begin(), lines.end(), [&](const Line& line) {
    const auto decoded = (*decoder).decode(line.text, settings_.source_default);
    const auto* rejection = std::get_if<events::Rejection>(&decoded);
    return rejection == nullptr || !rejection->is_malformed();
  });
  return static_cast<std::size_t>(events) * 2 >= lines.size();
}

Delivery EventEndpoint::decode(events::Decoder& decoder, std::string_view bytes) const {
  Delivery delivery{
      bytes, settings_.source_default, decoder.decode(bytes, settings_.source_default), {}};
  if (const auto* fact = std::get_if<events::Fact>(&delivery.decoded)) {
    delivery.digest = events::digest_of(*fact);
  }
  return delivery;
}

Response EventEndpoint::answer_one(std::string_view event, bool more_lines) {
  std::vector<Delivery> one;
  {
    Borrowed decoder(*this);
    one.push_back(decode(*decoder, event));
  }
  if (const auto* malformed = malformed_in(one.front())) {
    sink_.note_malformed(1);
    if (!more_lines) return response_of(told_of(*malformed));
    return malformed_response(malformed->expected +
                              "; of several lines each is an event only with "
                              "Content-Type: application/x-ndjson");
  }
  const auto taken = sink_.take(std::move(one));
  if (const auto* refusal = std::get_if<Refusal>(&taken)) {
    return unavailable_response(refusal->retry_after_seconds, refusal->message);
  }
  return response_of(told_of(std::get<std::vector<Receipt>>(taken).front()));
}

Response EventEndpoint::answer_lines(const std::vector<Line>& lines) {
  Response response;
  response.content_type = "application/x-ndjson";
  for (std::size_t from = 0; from < lines.size(); from += settings_.events_per_step) {
    const std::size_t to = std::min(from + settings_.events_per_step, lines.size());
    std::vector<std::optional<events::Rejection>> malformed(to - from);
    std::vector<Delivery> good;
    {
      Borrowed decoder(*this);
      for (std::size_t i = from; i < to; ++i) {
        Delivery delivery = decode(*decoder, lines[i].text);
        if (const auto* rejection = malformed_in(delivery)) {
          malformed[i - from] = *rejection;
        } else {
          good.push_back(std::move(delivery));
        }
      }
    }
    if (good.size() < to - from) sink_.note_malformed(to - from - good.size());
    std::vector<Receipt> receipts;
    if (!good.empty()) {
      auto taken = sink_.take(std::move(good));
      if (const auto* refusal = std::get_if<Refusal>(&taken)) {
        return unavailable_response(refusal->retry_after_seconds,
                                    refusal->message +
                                        ". Some lines may be stored: send all of them again, "
                                        "what is known counts once");
      }
      receipts = std::move(std::get<std::vector<Receipt>>(taken));
    }
    auto receipt = receipts.begin();
    for (std::size_t i = from; i < to; ++i) {
      const auto& rejection = malformed[i - from];
      append_told(&response.body, lines[i].number,
                  rejection ? told_of(*rejection) : told_of(*receipt++));
    }
  }
  return response;
}

}  // namespace http
}  // namespace ketavigil::ingest
