// Today, the list of cases, and one of them.
#include <nlohmann/json.hpp>

#include "dashboards/api/api.h"
#include "dashboards/api/case_json.h"
#include "detectors/patient/catalogue.h"
#include "events/json_text.h"
#include "events/partition.h"

namespace ketavigil::dashboards::api {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t limit_max = 1000;
constexpr std::size_t limit_default = 100;
constexpr std::size_t shown_of_a_kind = 20;
constexpr std::size_t past_books_max = 2;

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

Result<engine::CaseFilter> filter_of(const Parameters& given) {
  engine::CaseFilter filter;
  KETAVIGIL_TRY_ASSIGN(const auto level,
                       given.word("level", {"info", "watch", "alert", "critical"}));
  if (level) filter.level = static_cast<detectors::Level>(*level);
  KETAVIGIL_TRY_ASSIGN(const auto state, given.word("state", {"open", "resolved", "superseded",
                                                              "retracted", "merged"}));
  if (state) filter.state = static_cast<engine::CaseState>(*state);
  filter.domain = given.text("domain");
  filter.detector = given.text("detector");
  filter.site = given.text("site");
  filter.compound = given.text("compound");
  filter.patient = given.text("patient");
  filter.search = lower(given.text("search"));
  if (characters(filter.search) > name_characters_max)
    return Error{ErrorKind::usage, "search: expected at most 256 characters"};
  KETAVIGIL_TRY_ASSIGN(filter.since, given.time("since"));
  KETAVIGIL_TRY_ASSIGN(filter.updated_since, given.time("updated-since"));
  KETAVIGIL_TRY_ASSIGN(filter.verified, given.truth("verified"));
  return filter;
}

// The moment that cases are asked about: `at` and `as-of` mean the same, since a revision is of the
// moment at which it was published.
Result<std::optional<events::Microseconds>> moment_of(const Parameters& given) {
  KETAVIGIL_TRY_ASSIGN(const auto at, given.time("at"));
  KETAVIGIL_TRY_ASSIGN(const auto as_of, given.time("as-of"));
  return at && as_of ? std::min(at, as_of) : at ? at : as_of;
}

void append_key(std::string* out, std::string_view key) {
  *out += ",\"";
  *out += key;
  *out += "\":";
}

// Who answers for the value; nobody that is known if it is in force no more.
void append_statement(std::string* out, const engine::ExplainedParameter& parameter) {
  append_key(out, "in_force");
  if (!parameter.is_in_force()) {
    *out += parameter.in_force ? events::json_number(parameter.in_force->value) : "null";
    *out += R"(,"source":null,"confirmed":null,"owner":null,"version":null,"origin":null)";
    return;
  }
  const auto& statement = parameter.in_force->statement;
  events::append_json_number(out, parameter.value);
  append_key(out, "source");
  events::append_json_string(out, statement.citation);
  *out += statement.confirmed ? ",\"confirmed\":true" : ",\"confirmed\":false";
  append_key(out, "owner");
  events::append_json_string(out, statement.owner);
  append_key(out, "version");
  *out += std::to_string(statement.version);
  append_key(out, "origin");
  events::append_json_string(out, engine::name_of(parameter.in_force->origin));
}

void append_parameters(std::string* out, const engine::Explained& explained) {
  append_key(out, "parameters");
  *out += '[';
  for (const auto& parameter : explained.parameters) {
    if (out->back() != '[') *out += ',';
    *out += "{\"name\":";
    events::append_json_string(out, parameter.name);
    append_key(out, "value");
    events::append_json_number(out, parameter.value);
    append_key(out, "unit");
    events::append_json_string(out, parameter.unit());
    append_statement(out, parameter);
    *out += '}';
  }
  *out += ']';
}

void append_calculation(std::string* out, const engine::Explained& explained) {
  const auto finding = ordered_json::parse(explained.text);
  const std::string detector = finding.at("detector").get<std::string>();
  const auto* entry = detectors::catalogue_entry(detector);
  *out += ",\"calculation\":{\"asks\":";
  events::append_json_string(out, entry != nullptr ? entry->question : "");
  append_key(out, "formula");
  events::append_json_string(out, entry != nullptr ? entry->rule : "");
  append_key(out, "does_not_see");
  events::append_json_string(out, entry != nullptr ? entry->does_not_see : "");
  append_key(out, "steps");
  *out += '[';
  for (const auto& [name, value] : finding.at("statistic").at("inputs").items()) {
    if (out->back() != '[') *out += ',';
    *out += "{\"name\":";
    events::append_json_string(out, name);
    *out += ",\"value\":" + value.dump() + '}';
  }
  *out += ']';
  append_key(out, "site");
  if (explained.site.empty()) {
    *out += "null";
  } else {
    events::append_json_string(out, explained.site);
  }
  append_parameters(out, explained);
  *out += '}';
}

void append_texts(std::string* out, std::string_view key, const std::vector<std::string>& texts) {
  append_key(out, key);
  *out += '[';
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) *out += ',';
    *out += texts[i];
  }
  *out += ']';
}

}  // namespace

Result<std::shared_ptr<const engine::CaseBook>> Api::book_as_of(events::Microseconds until) {
  const std::lock_guard lock(past_books_mutex_);
  const auto known = past_books_.find(until);
  if (known != past_books_.end()) return known->second;
  KETAVIGIL_TRY_ASSIGN(const auto published, engine::published_until(parts_.programme));
  KETAVIGIL_TRY_ASSIGN(auto book, engine::CaseBook::as_of(parts_.programme, until));
  // What is not published yet can still change it.
  if (until >= published) return book;
  if (past_books_.size() >= past_books_max) past_books_.erase(past_books_.begin());
  past_books_[until] = book;
  return book;
}

Result<Answer> Api::cases(const Segments& /*names*/, std::string_view query) {
  KETAVIGIL_TRY_ASSIGN(
      const auto given,
      Parameters::read(query, {"level", "domain", "detector", "state", "site", "compound",
                               "patient", "since", "updated-since", "verified", "search", "sort",
                               "order", "limit", "cursor", "offset", "at", "as-of"}));
  KETAVIGIL_TRY_ASSIGN(const auto filter, filter_of(given));
  KETAVIGIL_TRY_ASSIGN(const auto moment, moment_of(given));
  KETAVIGIL_TRY_ASSIGN(const auto limit, given.number("limit", 1, limit_max, limit_default));
  KETAVIGIL_TRY_ASSIGN(const auto offset, given.page_begin());
  KETAVIGIL_TRY_ASSIGN(const auto key,
                       given.word("sort", {"level", "updated", "raised", "onset", "detector",
                                           "patient", "site", "state"}));
  KETAVIGIL_TRY_ASSIGN(const auto order, given.word("order", {"asc", "desc"}));
  std::shared_ptr<const engine::CaseBook> past;
  if (moment) {
    KETAVIGIL_TRY_ASSIGN(past, book_as_of(*moment));
  }
  const events::Microseconds at = moment.value_or(newest(parts_.programme));
  if (!moment) KETAVIGIL_TRY(parts_.cases.refresh());
  const engine::CaseBook& book = past ? *past : parts_.cases;
  const auto listed =
      book.list(filter, key ? static_cast<engine::CaseKey>(*key) : engine::CaseKey::updated,
                order.value_or(1) == 1, offset, limit);
  std::string out = "{\"at\":\"" + events::print_utc(at) +
                    "\",\"total\":" + std::to_string(listed.total) + ",\"cases\":";
  append_cases(&out, listed.cases);
  append_key(&out, "next");
  const std::size_t end = offset + listed.cases.size();
  out += end < listed.total ? '"' + std::to_string(end) + '"' : "null";
  return Answer{200, out + "}\n", {}};
}

Result<Answer> Api::one_case(const Segments& names, std::string_view query) {
  KETAVIGIL_TRY_ASSIGN(const auto given, Parameters::read(query, {"at"}));
  KETAVIGIL_TRY_ASSIGN(const auto moment, given.time("at"));
  KETAVIGIL_TRY(parts_.cases.refresh());
  const auto known = parts_.cases.find(names[1]);
  if (!known)
    return problem(404, "unknown_case", "no case or finding of the shards here has this name");
  const int shard = events::partition_of(known->patient, parts_.programme.shards());
  KETAVIGIL_TRY_ASSIGN(const auto reading, engine::Reading::beside(parts_.programme, shard, false));
  const events::Microseconds at = moment.value_or(newest(parts_.programme));
  KETAVIGIL_TRY_ASSIGN(const auto found,
                       engine::explain(*reading, known->patient, known->name, at));
  if (!found) return problem(404, "unknown_case", "this case is not known at this moment");
  std::string out = "{\"at\":\"" + events::print_utc(at) + "\",\"case\":";
  append_case(&out, *known);
  append_key(&out, "finding");
  out += found->text;
  out += found->holds ? ",\"holds\":true" : ",\"holds\":false";
  append_texts(&out, "facts", found->facts);
  append_texts(&out, "revisions", found->revisions);
  append_calculation(&out, *found);
  append_key(&out, "command");
  events::append_json_string(&out, "ketavigil explain " + known->name + " --data " +
                                       parts_.programme.options().directory.string());
  return Answer{200, out + "}\n", {}};
}

Result<Answer> Api::today(const Segments& /*names*/, std::string_view query) {
  KETAVIGIL_TRY_ASSIGN(const auto given, Parameters::read(query, {"since"}));
  KETAVIGIL_TRY_ASSIGN(const auto asked, given.time("since"));
  // Before the book is read: who comes back with this moment must miss nothing.
  KETAVIGIL_TRY_ASSIGN(const auto at, engine::published_until(parts_.programme));
  KETAVIGIL_TRY(parts_.cases.refresh());
  const events::Microseconds since = asked.value_or(at - events::day_us);
  const auto review = engine::review_since(parts_.cases, since, shown_of_a_kind);
  KETAVIGIL_TRY_ASSIGN(const auto reading,
                       engine::Reading::beside(parts_.programme, std::nullopt, false));
  KETAVIGIL_TRY_ASSIGN(const auto rows, engine::quarantine_rows(*reading));
  std::string out = "{\"at\":\"" + events::print_utc(at) + "\",\"since\":\"" +
                    events::print_utc(since) + "\",\"open\":{";
  for (const auto level : {detectors::Level::critical, detectors::Level::alert,
                           detectors::Level::watch, detectors::Level::info}) {
    if (out.back() != '{') out += ',';
    events::append_json_string(&out, detectors::name_of(level));
    out += ':' + std::to_string(review.open[static_cast<std::size_t>(level)]);
  }
  out += '}';
  static constexpr std::string_view turns[] = {"new", "worse", "better", "withdrawn"};
  for (std::size_t i = 0; i < std::size(turns); ++i) {
    append_key(&out, turns[i]);
    append_some_cases(&out, review.turns[i]);
  }
  append_key(&out, "critical");
  append_some_cases(&out, review.critical);
  append_key(&out, "oldest_open");
  if (review.oldest_open) {
    append_case(&out, *review.oldest_open);
  } else {
    out += "null";
  }
  append_key(&out, "silent_feeds");
  append_feeds(&out, parts_.log, parts_.deliveries, rows, at, true);
  const auto waiting = std::count_if(rows.begin(), rows.end(), [](const auto& row) {
    return !row.answered && !row.entry.discarded;
  });
  append_key(&out, "quarantine");
  out += "{\"waiting\":" + std::to_string(waiting) + ",\"may_hide_critical\":";
  append_some_cases(&out, review.hidden);
  out += parts_.log.is_complete() ? "},\"complete\":true}\n" : "},\"complete\":false}\n";
  return Answer{200, std::move(out), {}};
}

}  // namespace ketavigil::dashboards::api
