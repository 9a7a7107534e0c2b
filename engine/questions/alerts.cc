// Findings and revisions, listed.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/questions/reading.h"
#include "engine/questions/revisions.h"
#include "events/partition.h"
#include "storage/keys.h"

namespace ketavigil::engine {
namespace {

using storage::Family;

bool fits(const AlertFilter& filter, const StoredFinding& finding) {
  return (filter.level.empty() || filter.level == detectors::name_of(finding.level)) &&
         (filter.state.empty() || filter.state == (finding.resolved ? "resolved" : "open")) &&
         (filter.detector.empty() || filter.detector == finding.detector) &&
         (filter.site.empty() || filter.site == finding.site) &&
         (!filter.since || finding.onset >= *filter.since);
}

bool fits(const AlertFilter& filter, const nlohmann::json& revision, Microseconds until) {
  const auto updated = events::parse_time(text_under(revision, "updated"));
  const auto onset = events::parse_time(text_under(revision, "onset"));
  return (!updated || updated->us <= until) &&
         (filter.level.empty() || filter.level == text_under(revision, "level")) &&
         (filter.state.empty() || filter.state == text_under(revision, "state")) &&
         (filter.detector.empty() || filter.detector == text_under(revision, "detector")) &&
         (filter.site.empty() || filter.site == text_under(revision, "site")) &&
         (!filter.since || !onset || onset->us >= *filter.since);
}

// The patients that a filter asks about: one of them, or all.
Status for_patients(const Reading& reading, const AlertFilter& filter,
                    const std::function<Status(const std::string&)>& take) {
  if (!filter.patient.empty()) return reading.has(filter.patient) ? take(filter.patient) : Status();
  for (const std::string& patient : reading.patients()) KETAVIGIL_TRY(take(patient));
  return {};
}

}  // namespace

Result<nlohmann::json> parse_revision(std::string_view text) {
  auto document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object())
    return Error{ErrorKind::storage, "a revision of a case is damaged. Run `ketavigil verify`"};
  return document;
}

std::string text_under(const nlohmann::json& document, const char* key) {
  const auto found = document.find(key);
  return found != document.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Status revisions_of(const Reading& reading, const std::string& patient,
                    const std::function<Status(std::string_view)>& take) {
  const std::string prefix = rows::revisions(patient);
  const int shard = events::partition_of(patient, reading.shards());
  auto cursor = reading.store(shard).scan(Family::history, prefix, storage::prefix_end(prefix),
                                          reading.snapshot(shard));
  for (; cursor.valid(); cursor.next()) KETAVIGIL_TRY(take(cursor.value()));
  return cursor.status();
}

Status list_alerts(const Reading& reading, const AlertFilter& filter, Microseconds at,
                   const std::function<void(const ListedFinding&)>& take) {
  return for_patients(reading, filter, [&](const std::string& patient) -> Status {
    auto view = reading.view(patient, at);
    if (!view.ok()) return view.status();
    for (const StoredFinding& finding : view.value().findings.findings) {
      if (fits(filter, finding)) take({patient, &finding});
    }
    return {};
  });
}

Status list_revisions(const Reading& reading, const AlertFilter& filter, Microseconds until,
                      const std::function<void(std::string_view)>& take) {
  return for_patients(reading, filter, [&](const std::string& patient) {
    return revisions_of(reading, patient, [&](std::string_view text) -> Status {
      KETAVIGIL_TRY_ASSIGN(const auto document, parse_revision(text));
      if (fits(filter, document, until)) take(text);
      return {};
    });
  });
}

}  // namespace ketavigil::engine
