#include "engine/questions/case_summary.h"

#include <simdjson.h>

#include <algorithm>
#include <array>

namespace ketavigil::engine {
namespace {

namespace dom = simdjson::dom;

constexpr std::array<std::string_view, 5> state_names = {"open", "resolved", "superseded",
                                                         "retracted", "merged"};

std::string_view text_at(const dom::element& object, std::string_view key) {
  std::string_view text;
  return object[key].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

std::optional<double> number_at(const dom::element& object, std::string_view key) {
  double number = 0;
  return object[key].get(number) == simdjson::SUCCESS ? std::optional(number) : std::nullopt;
}

events::Microseconds time_at(const dom::element& object, std::string_view key, bool* whole) {
  const auto time = events::parse_time(text_at(object, key));
  if (!time) *whole = false;
  return time ? time->us : 0;
}

Status damaged() {
  return Status::failure(ErrorKind::storage,
                         "a revision of a case is damaged. Run `ketavigil verify`");
}

}  // namespace

std::string_view name_of(CaseState state) { return state_names[static_cast<std::size_t>(state)]; }

std::optional<CaseState> case_state_named(std::string_view name) {
  const auto found = std::find(state_names.begin(), state_names.end(), name);
  if (found == state_names.end()) return std::nullopt;
  return static_cast<CaseState>(found - state_names.begin());
}

struct RevisionReader::Parser {
  dom::parser json;
};

RevisionReader::RevisionReader() : parser_(std::make_unique<Parser>()) {}
RevisionReader::~RevisionReader() = default;

Status RevisionReader::take(std::string_view text, CaseSummary* summary) {
  dom::element document;
  // Copied by the parser, which reads a little beyond the end.
  if (parser_->json.parse(text.data(), text.size(), true).get(document) != simdjson::SUCCESS)
    return damaged();
  dom::element statistic;
  dom::element subject;
  const auto level = detectors::level_named(text_at(document, "level"));
  const auto state = case_state_named(text_at(document, "state"));
  if (!level || !state || document["statistic"].get(statistic) != simdjson::SUCCESS ||
      document["subject"].get(subject) != simdjson::SUCCESS) {
    return damaged();
  }
  bool whole = true;
  summary->name = text_at(document, "case");
  summary->id = text_at(document, "id");
  summary->patient = text_at(subject, "patient");
  summary->detector = text_at(document, "detector");
  summary->domain = text_at(document, "domain");
  summary->reason = text_at(document, "reason");
  summary->site = text_at(document, "site");
  summary->compound = text_at(document, "compound");
  summary->statistic = text_at(statistic, "name");
  summary->value = number_at(statistic, "value");
  summary->threshold = number_at(statistic, "threshold");
  summary->level = *level;
  summary->worst = std::max(summary->worst, *level);
  summary->state = *state;
  summary->onset = time_at(document, "onset", &whole);
  summary->ended = time_at(document, "ended", &whole);
  summary->raised = time_at(document, "raised", &whole);
  summary->updated = time_at(document, "updated", &whole);
  bool unverified = false;
  whole = whole && document["unverified"].get(unverified) == simdjson::SUCCESS;
  if (!whole) return damaged();
  summary->unverified = unverified;
  summary->revisions.push_back({summary->updated, *level, *state, summary->value});
  return {};
}

}  // namespace ketavigil::engine
