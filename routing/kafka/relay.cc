#include "routing/kafka/relay.h"

#include <algorithm>
#include <vector>

#include "engine/cohort/account_text.h"
#include "events/fact.h"
#include "events/json_text.h"

namespace ketavigil::routing::kafka {
namespace {

constexpr std::size_t quarantined_bytes_max = std::size_t{512} << 10;

}  // namespace

Result<std::size_t> Relay::step() {
  std::size_t rows = 0;
  Status first_failure;
  // What cannot be told of one shard holds up no other.
  const std::vector<int> owned = programme_.owned();
  std::erase_if(told_of_, [&](const auto& of) {
    return !std::binary_search(owned.begin(), owned.end(), of.first);
  });
  for (const int number : owned) {
    const auto told = tell_shard(number);
    if (told.ok()) rows += told.value();
    if (!told.ok() && first_failure.ok()) first_failure = told.status();
  }
  if (!first_failure.ok()) return first_failure.error();
  return rows;
}

Result<std::size_t> Relay::tell_shard(int number) {
  const auto held = programme_.hold(number);
  if (!held) return std::size_t{0};
  engine::Shard& shard = *held;
  auto& [after, erasable] = told_of_[number];
  std::vector<engine::WayOut> ways_out;
  std::vector<std::string> rows;
  KETAVIGIL_TRY(engine::read_ways_out(shard.store(), after, shard.store().acknowledged(),
                                      settings_.step_rows_max, &ways_out, &rows));
  if (rows.empty() && erasable.empty()) return std::size_t{0};
  for (const engine::WayOut& one : ways_out) KETAVIGIL_TRY(tell(number, one));
  KETAVIGIL_TRY(writer_.flush());
  told_ += ways_out.size();
  // Told is told, also where the disk is too full to note it.
  if (!rows.empty()) after = rows.back();
  erasable.insert(erasable.end(), rows.begin(), rows.end());
  if (shard.store().room()) {
    KETAVIGIL_TRY(shard.erase_ways_out(erasable));
    erasable.clear();
  }
  return rows.size();
}

Status Relay::tell(int shard, const engine::WayOut& way_out) {
  switch (way_out.kind) {
    case engine::WayOut::Kind::revision:
      return tell_revision(way_out);
    case engine::WayOut::Kind::quarantined:
      return tell_quarantined(shard, way_out);
    case engine::WayOut::Kind::account:
      return tell_account(shard, way_out.account);
  }
  return {};
}

// The position is beside the account and not in it: it may count entries that change nothing.
Status Relay::tell_account(int shard, const engine::Account& account) {
  const std::string text = engine::account_text(shard, programme_.shards(), account);
  return writer_.send({settings_.prefix + ".cohort",
                       std::to_string(shard),
                       text,
                       {{"ketavigil-lock-point", events::print_utc(account.lock_point)},
                        {"ketavigil-position", std::to_string(account.position)},
                        {"ketavigil-digest", events::hexadecimal(events::sha256(text))}}});
}

Status Relay::tell_revision(const engine::WayOut& way_out) {
  const std::vector<std::pair<std::string, std::string>> headers = {
      {"ketavigil-revision", std::to_string(way_out.revision)},
      {"ketavigil-digest", events::hexadecimal(events::sha256(way_out.text))}};
  KETAVIGIL_TRY(writer_.send(
      {settings_.prefix + ".alerts.history", way_out.case_name, way_out.text, headers}));
  return writer_.send({settings_.prefix + ".alerts", way_out.case_name, way_out.text, headers});
}

// Header names are those of Kafka Connect's dead letters, so that tools that know them can be used.
Status Relay::tell_quarantined(int shard, const engine::WayOut& way_out) {
  const engine::Quarantined& entry = way_out.quarantined;
  std::string message = entry.reason;
  if (!entry.field.empty()) message += ", field `" + entry.field + "`";
  message += ": expected " + entry.expected;
  std::vector<std::pair<std::string, std::string>> headers = {
      {"__connect.errors.topic", settings_.prefix + ".events"},
      {"__connect.errors.partition", std::to_string(shard)},
      {"__connect.errors.stage", "VALUE_CONVERTER"},
      {"__connect.errors.exception.class.name", "ketavigil." + entry.reason},
      {"__connect.errors.exception.message", message},
      {"ketavigil-reason", entry.reason},
      {"ketavigil-field", entry.field},
      {"ketavigil-expected", entry.expected},
      {"ketavigil-received", events::print_utc(entry.received)}};
  if (entry.offset) headers.emplace_back("__connect.errors.offset", std::to_string(*entry.offset));
  if (!entry.default_source.empty()) headers.emplace_back("ketavigil-source", entry.default_source);
  // Brokers take records of 1 MiB with everything, unless told otherwise. The store has it whole.
  const std::string_view value = std::string_view(entry.bytes).substr(0, quarantined_bytes_max);
  if (value.size() < entry.bytes.size())
    headers.emplace_back("ketavigil-cut-from", std::to_string(entry.bytes.size()));
  return writer_.send(
      {settings_.prefix + ".quarantine", way_out.patient, value, std::move(headers)});
}

}  // namespace ketavigil::routing::kafka
