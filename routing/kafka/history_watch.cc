#include "routing/kafka/history_watch.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "engine/shard/rows.h"
#include "events/fact.h"
#include "events/json_text.h"
#include "events/partition.h"

namespace ketavigil::routing::kafka {
namespace {

constexpr std::size_t ahead_max = 10'000;
constexpr std::size_t reported_max = 10'000;

bool is_text(const nlohmann::json& object, const char* key) {
  return object.contains(key) && object.at(key).is_string();
}

}  // namespace

Status HistoryWatch::take(std::string_view value, std::string_view digest) {
  const auto revision = nlohmann::json::parse(value, nullptr, false);
  if (!revision.is_object() || !is_text(revision, "detector") || !is_text(revision, "case") ||
      !revision.contains("revision") || !revision.at("revision").is_number_unsigned() ||
      !revision.contains("subject") || !revision.at("subject").is_object() ||
      !is_text(revision.at("subject"), "patient"))
    return {};
  Told told;
  told.patient = revision.at("subject").at("patient").get<std::string>();
  told.revision.detector = revision.at("detector").get<std::string>();
  told.revision.case_name = revision.at("case").get<std::string>();
  told.revision.number = revision.at("revision").get<std::uint64_t>();
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
