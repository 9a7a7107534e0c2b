#include "routing/kafka/history_watch.h"

#include <simdjson.h>

#include <utility>

#include "engine/shard/rows.h"
#include "events/fact.h"
#include "events/json_text.h"
#include "events/partition.h"

namespace ketavigil::routing::kafka {
namespace {

constexpr std::size_t ahead_max = 10'000;
constexpr std::size_t reported_max = 10'000;

// Whether it is a revision; then what it says of itself.
bool read_revision(simdjson::dom::parser* parser, std::string_view value, std::string* patient,
                   engine::Revision* revision) {
  simdjson::dom::element document;
  std::string_view detector;
  std::string_view case_name;
  std::string_view about;
  if (parser->parse(value.data(), value.size()).get(document) != simdjson::SUCCESS ||
      document["detector"].get(detector) != simdjson::SUCCESS ||
      document["case"].get(case_name) != simdjson::SUCCESS ||
      document["revision"].get(revision->number) != simdjson::SUCCESS ||
      document["subject"]["patient"].get(about) != simdjson::SUCCESS)
    return false;
  revision->detector = detector;
  revision->case_name = case_name;
  *patient = about;
  return true;
}

}  // namespace

HistoryWatch::HistoryWatch(const engine::Programme& programme,
                           std::function<void(const TwoContents&)> on_two_contents)
    : programme_(programme),
      on_two_contents_(std::move(on_two_contents)),
      parser_(std::make_unique<simdjson::dom::parser>()) {}

HistoryWatch::~HistoryWatch() = default;

Status HistoryWatch::take(std::string_view value, std::string_view digest) {
  Told told;
  if (!read_revision(parser_.get(), value, &told.patient, &told.revision)) return {};
  told.digest = digest;
  bool is_known = true;
  KETAVIGIL_TRY(compare(told, &is_known));
  if (is_known) return {};
  if (ahead_.size() == ahead_max) {
    ahead_.pop_front();
    ++not_compared_;
  }
  ahead_.push_back(std::move(told));
  return {};
}

Status HistoryWatch::look_again() {
  for (std::size_t left = ahead_.size(); left > 0; --left) {
    Told told = std::move(ahead_.front());
    ahead_.pop_front();
    bool is_known = true;
    KETAVIGIL_TRY(compare(told, &is_known));
    if (!is_known) ahead_.push_back(std::move(told));
  }
  return {};
}

// `*is_known` is false where the shard is here and has not come to the revision.
Status HistoryWatch::compare(const Told& told, bool* is_known) {
  *is_known = true;
  const int shard = events::partition_of(told.patient, programme_.shards());
  const auto held = programme_.hold(shard);
  if (!held) return {};
  std::string text;
  KETAVIGIL_TRY(held->store().get(storage::Family::history,
                                  engine::rows::revision(told.patient, told.revision), &text,
                                  is_known));
  if (!*is_known) return {};
  ++compared_;
  if (events::hexadecimal(events::sha256(text)) == told.digest) return {};
  const std::string name =
      told.revision.case_name + " " + std::to_string(told.revision.number) + " " + told.digest;
  if (reported_.size() < reported_max && !reported_.insert(name).second) return {};
  ++two_contents_;
  on_two_contents_({shard, told.revision.case_name, told.revision.number});
  return {};
}

}  // namespace ketavigil::routing::kafka
