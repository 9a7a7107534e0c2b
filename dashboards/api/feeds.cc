// Feeds and what is in quarantine of them.
#include <simdjson.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "dashboards/api/api.h"
#include "events/json_text.h"

namespace ketavigil::dashboards::api {
namespace {

using engine::QuarantineRow;

constexpr std::size_t limit_max = 1000;
constexpr std::size_t limit_default = 100;
constexpr std::size_t shown_bytes_max = std::size_t{64} << 10;

std::string_view state_of(const QuarantineRow& row) {
  return row.entry.discarded ? "discarded" : row.answered ? "answered" : "waiting";
}

void append_text(std::string* out, std::string_view key, std::string_view text) {
  *out += ",\"";
  *out += key;
  *out += "\":";
  events::append_json_string(out, text);
}

// What is in quarantine can be any bytes; what is printed is UTF-8.
std::string readable(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    std::size_t good = std::min<std::size_t>(bytes.size(), 4);
    while (good > 0 && !simdjson::validate_utf8(bytes.data(), good)) --good;
    if (good == 0) {
      out += "\uFFFD";
      bytes.remove_prefix(1);
      continue;
    }
    out += bytes.substr(0, good);
    bytes.remove_prefix(good);
  }
  return out;
}

// Of a source's quarantine: by reason, with the newest example.
struct Reason {
  std::int64_t waiting = 0;
  std::int64_t total = 0;
  const QuarantineRow* newest = nullptr;
};
using Reasons = std::map<std::string, Reason>;

std::map<std::string, Reasons, std::less<>> reasons_by_source(
    const std::vector<QuarantineRow>& rows) {
  std::map<std::string, Reasons, std::less<>> out;
  for (const QuarantineRow& row : rows) {  // in the order they came
    Reason& reason =
        out[row.source.empty() ? row.entry.default_source : row.source][row.entry.reason];
    ++reason.total;
    if (state_of(row) == "waiting") ++reason.waiting;
    reason.newest = &row;
  }
  return out;
}

void append_reasons(std::string* out, const Reasons& reasons) {
  *out += ",\"quarantined\":[";
  for (const auto& [name, reason] : reasons) {
    *out += out->back() == '[' ? "{\"reason\":" : ",{\"reason\":";
    events::append_json_string(out, name);
    *out += ",\"waiting\":" + std::to_string(reason.waiting) +
            ",\"total\":" + std::to_string(reason.total);
    append_text(out, "newest", reason.newest->id);
    append_text(out, "field", reason.newest->entry.field);
    append_text(out, "expected", reason.newest->entry.expected);
    append_text(out, "received", events::print_utc(reason.newest->entry.received));
    *out += '}';
  }
  *out += ']';
}

void append_account(std::string* out, const engine::SourceAccount& account) {
  const auto number = [](std::optional<double> hours) {
    return hours ? events::json_number(events::round_to_12_digits(*hours)) : "null";
  };
  *out += "{\"source\":";
  events::append_json_string(out, account.source);
  *out += ",\"last_received\":";
  *out += account.entries > 0 ? '"' + events::print_utc(account.last_received) + '"' : "null";
  *out += ",\"last_effective\":";
  *out += account.last_effective ? '"' + events::print_utc(*account.last_effective) + '"' : "null";
  *out += ",\"entries\":" + std::to_string(account.entries);
  *out += ",\"lateness_hours\":";
  *out += account.lateness_median_hours ? "{\"median\":" + number(account.lateness_median_hours) +
                                              ",\"p95\":" + number(account.lateness_95_hours) + '}'
                                        : "null";
  *out += ",\"usual_gap_hours\":" + number(account.usual_gap_hours);
  *out += account.silent ? ",\"silent\":true" : ",\"silent\":false";
}

}  // namespace

void append_feeds(std::string* out, const engine::LogBook& log, const Deliveries& deliveries,
                  const std::vector<QuarantineRow>& rows, events::Microseconds at,
                  bool silent_only) {
  std::map<std::string, engine::SourceAccount, std::less<>> accounts;
  for (auto& account : log.sources(at)) accounts[account.source] = account;
  const auto reasons = reasons_by_source(rows);
  const auto counts = deliveries.counts();
  for (const auto& [source, unused] : reasons) accounts[source].source = source;
  for (const auto& [source, unused] : counts) accounts[source].source = source;
  *out += '[';
  for (const auto& [source, account] : accounts) {
    if (silent_only && !account.silent) continue;
    if (out->back() != '[') *out += ',';
    append_account(out, account);
    const auto counted = counts.find(source);
    const OutcomeCounts since_start = counted == counts.end() ? OutcomeCounts{} : counted->second;
    static constexpr std::string_view names[] = {"accepted", "duplicate", "conflict",
                                                 "quarantined"};
    *out += ",\"since_start\":{";
    for (std::size_t i = 0; i < std::size(names); ++i) {
      *out += i == 0 ? "\"" : ",\"";
      *out += names[i];
      *out += "\":" + std::to_string(since_start[i]);
    }
    *out += '}';
    const auto of_source = reasons.find(source);
    append_reasons(out, of_source == reasons.end() ? Reasons{} : of_source->second);
    *out += '}';
  }
  *out += ']';
}

Result<Answer> Api::feeds(const Segments& /*names*/, std::string_view query) {
  KETAVIGIL_TRY(Parameters::read(query, {}).status());
  KETAVIGIL_TRY_ASSIGN(const auto reading,
                       engine::Reading::beside(parts_.programme, std::nullopt, false));
  KETAVIGIL_TRY_ASSIGN(const auto rows, engine::quarantine_rows(*reading));
  const events::Microseconds at = newest(parts_.programme);
  std::string out = "{\"at\":\"" + events::print_utc(at) +
                    (parts_.log.is_complete() ? "\",\"complete\":true" : "\",\"complete\":false") +
                    ",\"feeds\":";
  append_feeds(&out, parts_.log, parts_.deliveries, rows, at, false);
  return Answer{200, out + "}\n", {}};
}

Result<Answer> Api::quarantine(const Segments& /*names*/, std::string_view query) {
  KETAVIGIL_TRY_ASSIGN(const auto given, Parameters::read(query, {"source", "reason", "state",
                                                                  "limit", "cursor", "offset"}));
  KETAVIGIL_TRY_ASSIGN(const auto limit, given.number("limit", 1, limit_max, limit_default));
  KETAVIGIL_TRY_ASSIGN(const auto offset, given.page_begin());
  KETAVIGIL_TRY(given.word("state", {"waiting", "answered", "discarded"}).status());
  KETAVIGIL_TRY_ASSIGN(const auto reading,
                       engine::Reading::beside(parts_.programme, std::nullopt, false));
  KETAVIGIL_TRY_ASSIGN(auto rows, engine::quarantine_rows(*reading));
  std::reverse(rows.begin(), rows.end());
  const auto left_out = [&](const QuarantineRow& row) {
    const std::string& source = row.source.empty() ? row.entry.default_source : row.source;
    return (given.has("source") && source != given.text("source")) ||
           (given.has("reason") && row.entry.reason != given.text("reason")) ||
           (given.has("state") && state_of(row) != given.text("state"));
  };
  rows.erase(std::remove_if(rows.begin(), rows.end(), left_out), rows.end());
  const std::size_t end = std::min(rows.size(), offset + limit);
  std::string out = "{\"at\":\"" + events::print_utc(newest(parts_.programme)) +
                    "\",\"total\":" + std::to_string(rows.size()) + ",\"quarantine\":[";
  for (std::size_t i = offset; i < end; ++i) {
    if (out.back() != '[') out += ',';
    out += engine::quarantine_json(rows[i]);
  }
  out += "],\"next\":";
  out += end < rows.size() ? '"' + std::to_string(end) + '"' : "null";
  return Answer{200, out + "}\n", {}};
}

namespace {

Result<std::optional<QuarantineRow>> row_named(const engine::Programme& programme,
                                               const std::string& id) {
  KETAVIGIL_TRY_ASSIGN(const auto reading, engine::Reading::beside(programme, std::nullopt, false));
  KETAVIGIL_TRY_ASSIGN(const auto rows, engine::quarantine_rows(*reading));
  for (const auto& row : rows) {
    if (row.id == id) return std::optional(row);
  }
  return std::optional<QuarantineRow>();
}

Answer unknown_entry() {
  return problem(404, "unknown_entry", "nothing in quarantine has this id");
}

}  // namespace

Result<Answer> Api::quarantine_entry(const Segments& names, std::string_view query) {
  KETAVIGIL_TRY(Parameters::read(query, {}).status());
  KETAVIGIL_TRY_ASSIGN(const auto row, row_named(parts_.programme, names[1]));
  if (!row) return unknown_entry();
  const bool truncated = row->entry.bytes.size() > shown_bytes_max;
  std::string out = "{\"entry\":" + engine::quarantine_json(*row);
  append_text(&out, "text",
              readable(std::string_view(row->entry.bytes).substr(0, shown_bytes_max)));
  out += truncated ? ",\"truncated\":true}\n" : ",\"truncated\":false}\n";
  return Answer{200, std::move(out), {}};
}

Result<Answer> Api::decide(const std::string& id, bool retry) {
  KETAVIGIL_TRY_ASSIGN(const auto row, row_named(parts_.programme, id));
  if (!row) return unknown_entry();
  KETAVIGIL_TRY_ASSIGN(const auto decision, parts_.decider.decide(*row, retry));
  std::string out = "{\"id\":";
  events::append_json_string(&out, id);
  append_text(&out, "outcome", decision.outcome);
  append_text(&out, "reason", decision.reason);
  append_text(&out, "field", decision.field);
  append_text(&out, "expected", decision.expected);
  return Answer{200, out + "}\n", {}};
}

Result<Answer> Api::retry(const Segments& names, std::string_view query) {
  KETAVIGIL_TRY(Parameters::read(query, {}).status());
  return decide(names[1], true);
}

Result<Answer> Api::discard(const Segments& names, std::string_view query) {
  KETAVIGIL_TRY(Parameters::read(query, {}).status());
  return decide(names[1], false);
}

}  // namespace ketavigil::dashboards::api
