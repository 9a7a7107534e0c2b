// One finding or case explained: its calculation, its evidence, and the parameters behind it.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "engine/questions/reading.h"
#include "engine/questions/revisions.h"
#include "engine/shard/parameters_in_force.h"

namespace ketavigil::engine {
namespace {

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

// What a patient is judged by today.
Result<const InForce*> judged_by(const Reading& reading, const std::string& patient) {
  const Configured& configured = reading.configured();
  if (configured.settings.sites.empty()) return &configured.of({});
  KETAVIGIL_TRY_ASSIGN(const auto known, reading.record(patient));
  const Resolution resolution(known.record, configured.settings.decode);
  return &configured.of(Derivation(resolution, World::verified).facts());
}

Status find_parameters(const Reading& reading, Explained* found) {
  KETAVIGIL_TRY_ASSIGN(const InForce* judge, judged_by(reading, found->patient));
  KETAVIGIL_TRY_ASSIGN(const auto finding, parse_revision(found->text));
  const std::string detector = text_under(finding, "detector");
  const auto in_force = parameters_in_force(reading.configured().settings, judge->site);
  for (const auto& parameter : finding.at("statistic").at("parameters").items()) {
    const std::string& name = parameter.key();
    const auto known = std::find_if(in_force.begin(), in_force.end(), [&](const auto& one) {
      return one.info.detector == detector && one.info.name == name;
    });
    auto& made_with = found->parameters.emplace_back();
    made_with.name = name;
    made_with.value = parameter.value().get<double>();
    if (known != in_force.end()) made_with.in_force = *known;
  }
  found->site = judge->site;
  return {};
}

}  // namespace

Result<std::optional<Explained>> explain(const Reading& reading, const std::string& patient,
                                         const std::string& id_or_case, Microseconds at) {
  Explained found;
  found.patient = patient;
  std::string case_name;
  std::string last_revision;
  std::map<std::string, std::vector<std::string>> by_case;
  std::map<std::string, std::string> case_of_id;
  KETAVIGIL_TRY(revisions_of(reading, patient, [&](std::string_view text) -> Status {
    KETAVIGIL_TRY_ASSIGN(const auto document, parse_revision(text));
    const std::string name = text_under(document, "case");
    by_case[name].emplace_back(text);
    case_of_id[text_under(document, "id")] = name;
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
      last_revision.empty() ? "" : text_under(nlohmann::json::parse(last_revision), "id");
  for (const StoredFinding& finding : view.value().findings.findings) {
    if (finding.id == id_or_case || (!last_id.empty() && finding.id == last_id))
      found.text = finding.text;
  }
  found.holds = !found.text.empty();
  if (found.text.empty()) found.text = last_revision;
  if (found.text.empty()) return std::optional<Explained>();
  KETAVIGIL_TRY(find_parameters(reading, &found));
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
