// `explain`: the calculation behind a finding, with its numbers, in words.
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/fact_text.h"
#include "detectors/patient/catalogue.h"
#include "events/json_text.h"

namespace ketavigil::cli {
namespace {

using nlohmann::ordered_json;

void print_heading(const engine::Explained& explained, const ordered_json& finding,
                   events::Microseconds at) {
  const std::string detector = finding.at("detector").get<std::string>();
  const auto* entry = detectors::catalogue_entry(detector);
  std::cout << detector << "  " << plain(finding.at("level")) << ", " << plain(finding.at("state"))
            << (finding.at("unverified").get<bool>() ? ", unverified" : "") << "  ("
            << plain(finding.at("domain")) << ")\n";
  if (entry != nullptr) {
    std::cout << "  asks      " << entry->question << "\n  rule      " << entry->rule
              << "\n  not seen  " << entry->does_not_see << '\n';
  }
  std::cout << "  patient   " << explained.patient << '\n';
  std::cout << "  onset     " << plain(finding.at("onset")) << "   ended "
            << plain(finding.at("ended")) << '\n';
  if (finding.contains("site")) std::cout << "  site      " << plain(finding.at("site")) << '\n';
  if (finding.contains("compound"))
    std::cout << "  compound  " << plain(finding.at("compound")) << '\n';
  std::cout << "  at        " << events::print_utc(at) << '\n';
}

void print_statistic(const ordered_json& finding) {
  const auto& statistic = finding.at("statistic");
  std::cout << "\nCalculation\n  " << plain(statistic.at("name")) << " = "
            << plain(statistic.at("value")) << "   limit " << plain(statistic.at("threshold"))
            << '\n';
  for (const auto& [name, value] : statistic.at("inputs").items())
    std::cout << "    " << name << " = " << plain(value) << '\n';
  if (!finding.at("annotations").empty()) {
    std::cout << "  noted:";
    for (const auto& note : finding.at("annotations")) std::cout << ' ' << plain(note);
    std::cout << '\n';
  }
}

// A default's source is enough; of what configuration gives, also whose it is and what it replaces.
std::string statement_text(const engine::ParameterInForce& parameter) {
  const auto& statement = parameter.statement;
  std::string text = statement.citation + (statement.confirmed ? "" : " (not confirmed)");
  if (parameter.origin == engine::ParameterOrigin::by_default) return text;
  text += "; of the " + std::string(engine::name_of(parameter.origin)) + ", owner " +
          statement.owner + ", version " + std::to_string(statement.version);
  if (parameter.origin == engine::ParameterOrigin::site)
    text += "; the programme's is " + events::json_number(parameter.programme_value);
  return text + "; default " + events::json_number(parameter.default_value);
}

std::string parameter_line(const engine::ExplainedParameter& parameter) {
  // The unit 1 of ratios and counts goes without saying.
  const std::string unit(parameter.unit() == "1" ? "" : parameter.unit());
  std::string line = parameter.name + " = " + events::json_number(parameter.value) +
                     (unit.empty() ? "" : " " + unit) + "   ";
  if (parameter.is_in_force()) return line + statement_text(*parameter.in_force);
  line += "no longer in force";
  if (!parameter.in_force) return line + ": the detector has no such parameter any more";
  return line + ", which is " + events::json_number(parameter.in_force->value) + ": " +
         statement_text(*parameter.in_force);
}

void print_parameters(const engine::Explained& explained, const ordered_json& finding) {
  std::cout << "\nParameters it was made with (detector version "
            << plain(finding.at("identity").at("detector")) << ", digest "
            << plain(finding.at("identity").at("parameters")) << ")\n";
  const bool has_own =
      std::any_of(explained.parameters.begin(), explained.parameters.end(), [](const auto& one) {
        return one.in_force && one.in_force->origin == engine::ParameterOrigin::site;
      });
  if (has_own) {
    std::cout << "  of " << explained.site
              << ", the site of the patient's first enrolment, where marked\n";
  }
  for (const auto& parameter : explained.parameters)
    std::cout << "    " << parameter_line(parameter) << '\n';
}

void print_evidence_and_history(const engine::Explained& explained, const ordered_json& finding) {
  std::cout << "\nEvidence\n";
  for (const auto& text : explained.facts) {
    const auto fact = ordered_json::parse(text);
    std::cout << "    " << plain(fact.value("effective", ordered_json(""))) << "  "
              << plain(fact.value("kind", ordered_json(""))) << "  " << values_of(fact) << "  ["
              << name_of_fact(fact) << ", " << plain(fact.at("status")) << ", "
              << plain(fact.at("state")) << "]\n";
  }
  for (const auto& evidence : finding.at("evidence")) {
    const bool told =
        std::any_of(explained.facts.begin(), explained.facts.end(), [&](const std::string& text) {
          const auto fact = ordered_json::parse(text);
          return fact.at("source") == evidence.at("source") && fact.at("id") == evidence.at("id");
        });
    if (!told) {
      std::cout << "    in quarantine  [" << plain(evidence.at("source")) << ' '
                << plain(evidence.at("id")) << " v" << plain(evidence.at("version"))
                << "]: `ketavigil quarantine list` shows it\n";
    }
  }
  if (explained.revisions.empty()) return;
  std::cout << "\nHistory of case "
            << plain(ordered_json::parse(explained.revisions.back()).at("case")) << '\n';
  for (const auto& text : explained.revisions) {
    const auto revision = ordered_json::parse(text);
    std::cout << "    " << plain(revision.at("revision")) << "  " << plain(revision.at("updated"))
              << "  " << plain(revision.at("reason")) << ": " << plain(revision.at("level")) << ", "
              << plain(revision.at("state")) << '\n';
  }
}

Status run_explain(const ReadingOptions& options, const std::string& id) {
  events::Microseconds at = 0;
  KETAVIGIL_TRY_ASSIGN(const auto reading, options.open(&at));
  KETAVIGIL_TRY_ASSIGN(const auto explained, engine::explain(*reading, id, at));
  if (!explained) {
    return Status::failure(ErrorKind::usage, "no finding or case is named " + id + " in " +
                                                 options.data + ": `ketavigil alerts --data " +
                                                 options.data + "` lists them");
  }
  const auto finding = ordered_json::parse(explained->text);
  if (options.json) {
    ordered_json out = {{"at", events::print_utc(at)},
                        {"finding", finding},
                        {"facts", ordered_json::array()},
                        {"revisions", ordered_json::array()}};
    for (const auto& text : explained->facts) out["facts"].push_back(ordered_json::parse(text));
    for (const auto& text : explained->revisions)
      out["revisions"].push_back(ordered_json::parse(text));
    std::cout << out.dump() << '\n';
    return {};
  }
  print_heading(*explained, finding, at);
  print_statistic(finding);
  print_parameters(*explained, finding);
  print_evidence_and_history(*explained, finding);
  return {};
}

}  // namespace

void add_explain(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<ReadingOptions>();
  auto id = std::make_shared<std::string>();
  auto* command = app.add_subcommand(
      "explain", "Shows the calculation behind a finding: facts, formula, parameters, history");
  command->footer(
      "  ketavigil alerts --data programme --level critical   # the ids\n"
      "  ketavigil explain d575a4f246165aea --data programme\n"
      "  ketavigil explain d575a4f246165aea --data programme --as-of 2025-03-01   # by what was "
      "known then");
  command->add_option("id", *id, "The id of a finding, or the name of a case")
      ->required()
      ->type_name("ID|CASE");
  options->add_to(command);
  command->callback([options, id, exit_code] {
    const Status status = run_explain(*options, *id);
    if (!status.ok()) *exit_code = report(status.error());
  });
}

}  // namespace ketavigil::cli
