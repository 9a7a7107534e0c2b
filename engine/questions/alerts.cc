// Findings, revisions, and one of them explained.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/questions/reading.h"
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

std::string text_at(const nlohmann::json& document, const char* key) {
  const auto found = document.find(key);
  return found != document.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool fits(const AlertFilter& filter, const nlohmann::json& revision, Microseconds until) {
  const auto updated = events::parse_time(text_at(revision, "updated"));
  const auto onset = events::parse_time(text_at(revision, "onset"));
  return (!updated || updated->us <= until) &&
         (filter.level.empty() || filter.level == text_at(revision, "level")) &&
         (filter.state.empty() || filter.state == text_at(revision, "state")) &&
         (filter.detector.empty() || filter.detector == text_at(revision, "detector")) &&
         (filter.site.empty() || filter.site == text_at(revision, "site")) &&
         (!filter.since || !onset || onset->us >= *filter.since);
}

// The patients that a filter asks about: one of them, or all.
Status for_patients(const Reading& reading, const AlertFilter& filter,
                    const std::function<Status(const std::string&)>& take) {
  if (!filter.patient.empty()) return reading.has(filter.patient) ? take(filter.patient) : Status();
  for (const std::string& patient : reading.patients()) KETAVIGIL_TRY(take(patient));
  return {};
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

// The printed facts of a patient's document that are evidence of this finding.
Result<std::vector<std::string>> facts_of(const Reading& reading, const std::string& patient,
                                          const std::string& text, Microseconds at) {
  std::vector<std::string> facts;
  auto document = patient_document(reading, patient, at);
  if (!document.ok()) return document.error();
  if (!document.value()) return facts;
  const auto finding = nlohmann::ordered_json::parse(text);
  const auto record = nlohmann::ordered_json::parse(*document.value());
  for (const auto& evidence : finding.at("evidence")) {
    for (const auto& fact : record.at("facts")) {
      if (fact.at("source") == evidence.at("source") && fact.at("id") == evidence.at("id") &&
          fact.at("version") == evidence.at("version")) {
        facts.push_back(fact.dump());
      }
    }
  }
  return facts;
}

// The site by whose parameters a patient is judged.
Result<std::string> judging_site(const Reading& reading, const std::string& patient) {
  const Configured& configured = reading.configured();
  if (configured.settings.sites.empty()) return std::string();
  KETAVIGIL_TRY_ASSIGN(const auto known, reading.record(patient));
  const Resolution resolution(known.record, configured.settings.decode);
  return configured.of(Derivation(resolution, World::verified).facts()).site;
}

}  // namespace

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
      const auto document = nlohmann::json::parse(text, nullptr, false);
      if (document.is_discarded()) {
        return Status::failure(ErrorKind::storage,
                               "a revision of a case is damaged. Run `ketavigil verify`");
      }
      if (fits(filter, document, until)) take(text);
      return {};
    });
  });
}

Result<std::optional<Explained>> explain(const Reading& reading, const std::string& patient,
                                         const std::string& id_or_case, Microseconds at) {
  Explained found;
  found.patient = patient;
  std::string case_name;
  std::string last_revision;
  std::map<std::string, std::vector<std::string>> by_case;
  std::map<std::string, std::string> case_of_id;
  KETAVIGIL_TRY(revisions_of(reading, patient, [&](std::string_view text) -> Status {
    const auto document = nlohmann::json::parse(text, nullptr, false);
    const std::string name = text_at(document, "case");
    by_case[name].emplace_back(text);
    case_of_id[text_at(document, "id")] = name;
    return {};
  }));
  if (by_case.count(id_or_case) != 0) case_name = id_or_case;
  if (case_name.empty() && case_of_id.count(id_or_case) != 0) case_name = case_of_id[id_or_case];
  if (!case_name.empty()) {
    found.revisions = by_case[case_name];
    last_revision = found.revisions.back();
  }
  auto view = reading.view(patient, at);
  if (!view.ok()) return view.error();
  const std::string last_id =
      last_revision.empty() ? "" : text_at(nlohmann::json::parse(last_revision), "id");
  for (const StoredFinding& finding : view.value().findings.findings) {
    if (finding.id == id_or_case || (!last_id.empty() && finding.id == last_id))
      found.text = finding.text;
  }
  found.holds = !found.text.empty();
  if (found.text.empty()) found.text = last_revision;
  if (found.text.empty()) return std::optional<Explained>();
  KETAVIGIL_TRY_ASSIGN(found.site, judging_site(reading, patient));
  KETAVIGIL_TRY_ASSIGN(found.facts, facts_of(reading, patient, found.text, at));
  return std::optional<Explained>(std::move(found));
}

Result<std::optional<Explained>> explain(const Reading& reading, const std::string& id_or_case,
                                         Microseconds at) {
  for (const std::string& patient : reading.patients()) {
    auto found = explain(reading, patient, id_or_case, at);
    if (!found.ok() || found.value()) return found;
  }
  return std::optional<Explained>();
}

}  // namespace ketavigil::engine
