#include "dashboards/metrics/findings_census.h"

#include <optional>
#include <string_view>

#include "engine/shard/codec.h"
#include "storage/keys.h"

namespace ketavigil::dashboards {
namespace {

using storage::Family;

// In a JSON text these bytes can only be a key: inside a string the quotes would be escaped. What
// comes behind `statistic` is the detector's own.
constexpr std::string_view level_key = ",\"level\":\"";
constexpr std::string_view compound_key = ",\"compound\":\"";
constexpr std::string_view statistic_key = ",\"statistic\":{";

std::string_view word_after(std::string_view text, std::string_view key) {
  const auto from = text.find(key);
  if (from == std::string_view::npos) return {};
  text.remove_prefix(from + key.size());
  return text.substr(0, text.find('"'));
}

Status count_open(const storage::Store& store, const storage::Snapshot& snapshot,
                  FindingsCensus* census) {
  auto cursor = store.scan(Family::findings, "", "", &snapshot);
  for (; cursor.valid(); cursor.next()) {
    engine::StoredFindings stored;
    KETAVIGIL_TRY(engine::decode(cursor.value(), &stored));
    for (const auto& finding : stored.findings) {
      if (finding.resolved) continue;
      ++census->open[{finding.detector, finding.level, finding.compound}];
    }
  }
  return cursor.status();
}

// The detector of a first revision's key (engine/shard/rows.h); nothing for other rows.
std::optional<std::string> detector_of_first_revision(std::string_view key) {
  storage::KeyReader reader(key);
  reader.text();  // the patient
  if (reader.raw(1) != "r") return std::nullopt;
  std::string detector(reader.text());
  reader.text();  // the case
  const bool is_first = reader.u64() == 1;
  return is_first && reader.complete() ? std::optional<std::string>(std::move(detector))
                                       : std::nullopt;
}

Status count_raised(const storage::Store& store, const storage::Snapshot& snapshot,
                    FindingsCensus* census) {
  auto cursor = store.scan(Family::history, "", "", &snapshot);
  for (; cursor.valid(); cursor.next()) {
    auto detector = detector_of_first_revision(cursor.key());
    if (!detector) continue;
    const std::string_view text = cursor.value().substr(0, cursor.value().find(statistic_key));
    const auto level = detectors::level_named(word_after(text, level_key));
    if (!level) {
      return Status::failure(ErrorKind::storage,
                             "a revision in the history has no level. Run `ketavigil verify`");
    }
    ++census->raised[{std::move(*detector), *level, std::string(word_after(text, compound_key))}];
  }
  return cursor.status();
}

}  // namespace

Status add_to_census(const storage::Store& store, FindingsCensus* census) {
  const storage::Snapshot snapshot = store.snapshot();
  KETAVIGIL_TRY(count_open(store, snapshot, census));
  return count_raised(store, snapshot, census);
}

}  // namespace ketavigil::dashboards
