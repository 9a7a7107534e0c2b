// `alerts`, `cohort`: what holds, and the whole programme.
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/common.h"
#include "detectors/patient/catalogue.h"
#include "engine/cohort/cohort_reading.h"

namespace ketavigil::cli {
namespace {

struct AlertOptions {
  ReadingOptions reading;
  engine::AlertFilter filter;
  std::string since;
  bool history = false;
};

// The part of a JSON object that a row of the table shows.
std::string shown(const nlohmann::json& document, const char* key) {
  const auto found = document.find(key);
  if (found == document.end()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::vector<std::string> row_of(const std::string& patient, const nlohmann::json& finding) {
  std::string value =
      shown(finding.at("statistic"), "value") + " / " + shown(finding.at("statistic"), "threshold");
  return {shown(finding, "id"),
          shown(finding, "level"),
          shown(finding, "detector"),
          patient,
          shown(finding, "onset"),
          shown(finding, "state"),
          shown(finding.at("statistic"), "name"),
          std::move(value),
          finding.at("unverified").get<bool>() ? "unverified" : ""};
}

Status print_alerts(const engine::Reading& reading, const AlertOptions& options,
                    events::Microseconds at) {
  if (options.reading.json) {
    std::cout << "{\"at\":\"" << events::print_utc(at) << "\",\"alerts\":[";
    bool first = true;
    KETAVIGIL_TRY(
        engine::list_alerts(reading, options.filter, at, [&](const engine::ListedFinding& listed) {
          std::cout << (first ? "" : ",") << listed.finding->text;
          first = false;
        }));
    std::cout << "]}\n";
    return {};
  }
  TextTable table({"ID", "LEVEL", "DETECTOR", "PATIENT", "ONSET", "STATE", "STATISTIC",
                   "VALUE / LIMIT", "NOTE"});
  KETAVIGIL_TRY(
      engine::list_alerts(reading, options.filter, at, [&](const engine::ListedFinding& listed) {
        table.add(row_of(std::string(listed.patient), nlohmann::json::parse(listed.finding->text)));
      }));
  table.print();
  std::cerr << table.size() << " findings at " << events::print_utc(at) << '\n';
  return {};
}

Status print_history(const engine::Reading& reading, const AlertOptions& options,
                     events::Microseconds at) {
  if (options.reading.json) {
    std::cout << "{\"at\":\"" << events::print_utc(at) << "\",\"revisions\":[";
    bool first = true;
    KETAVIGIL_TRY(engine::list_revisions(reading, options.filter, at, [&](std::string_view text) {
      std::cout << (first ? "" : ",") << text;
      first = false;
    }));
    std::cout << "]}\n";
    return {};
  }
  TextTable table(
      {"CASE", "REVISION", "LEVEL", "DETECTOR", "PATIENT", "STATE", "REASON", "UPDATED", "ONSET"});
  KETAVIGIL_TRY(engine::list_revisions(reading, options.filter, at, [&](std::string_view text) {
    const auto revision = nlohmann::json::parse(text);
    table.add({shown(revision, "case"), shown(revision, "revision"), shown(revision, "level"),
               shown(revision, "detector"), shown(revision.at("subject"), "patient"),
               shown(revision, "state"), shown(revision, "reason"), shown(revision, "updated"),
               shown(revision, "onset")});
  }));
  table.print();
  return {};
}

Status run_alerts(const AlertOptions& given) {
  AlertOptions options = given;
  if (!options.history && !options.filter.state.empty() && options.filter.state != "open" &&
      options.filter.state != "resolved") {
    return Status::failure(ErrorKind::usage,
                           "--state " + options.filter.state + " is of the history: add --history");
  }
  if (!options.since.empty()) {
    KETAVIGIL_TRY_ASSIGN(options.filter.since, parse_time_option("--since", options.since));
  }
  events::Microseconds at = 0;
  KETAVIGIL_TRY_ASSIGN(const auto reading, options.reading.open(&at));
  return options.history ? print_history(*reading, options, at)
                         : print_alerts(*reading, options, at);
}

struct CohortOptions {
  ReadingOptions reading;
  bool lock_points = false;
  std::string lock_point;
};

void print_tables(const std::vector<engine::Table>& tables, events::Microseconds at) {
  for (const engine::Table& table : tables) {
    std::cout << "# " << table.name << " at " << events::print_utc(at) << '\n';
    TextTable text(table.columns);
    for (const auto& row : table.rows) {
      std::vector<std::string> cells;
      for (const auto& value : row) {
        const auto* number = std::get_if<std::int64_t>(&value);
        cells.push_back(number != nullptr ? std::to_string(*number) : std::get<std::string>(value));
      }
      text.add(std::move(cells));
    }
    text.print();
  }
}

void append_numbers(std::string* out, const char* name, const std::vector<int>& numbers) {
  *out += std::string(",\"") + name + "\":[";
  for (std::size_t i = 0; i < numbers.size(); ++i)
    *out += (i == 0 ? "" : ",") + std::to_string(numbers[i]);
  *out += ']';
}

Status print_lock_points(const CohortOptions& options) {
  KETAVIGIL_TRY_ASSIGN(const auto cohort, engine::CohortReading::open(options.reading.data));
  KETAVIGIL_TRY_ASSIGN(const auto points, cohort->lock_points());
  std::string json = "{\"lock_points\":[";
  TextTable table({"LOCK POINT", "COMPLETE", "AWAITED", "PASSED OVER", "CONFLICTS"});
  for (const engine::LockPointState& point : points) {
    const std::string moment = events::print_utc(point.lock_point);
    json += (json.back() == '[' ? "{\"lock_point\":\"" : ",{\"lock_point\":\"") + moment +
            "\",\"complete\":" + (point.is_complete() ? "true" : "false");
    append_numbers(&json, "awaited", point.awaited);
    append_numbers(&json, "passed_over", point.passed);
    append_numbers(&json, "conflicts", point.conflicts);
    json += '}';
    table.add({moment, point.is_complete() ? "yes" : "no", std::to_string(point.awaited.size()),
               std::to_string(point.passed.size()), std::to_string(point.conflicts.size())});
  }
  if (options.reading.json) {
    std::cout << json << "]}\n";
  } else {
    table.print();
  }
  return {};
}

Status print_lock_point(const CohortOptions& options) {
  KETAVIGIL_TRY_ASSIGN(const auto moment, parse_time_option("--lock-point", options.lock_point));
  KETAVIGIL_TRY_ASSIGN(const auto cohort, engine::CohortReading::open(options.reading.data));
  KETAVIGIL_TRY_ASSIGN(const auto tables, cohort->tables_at(moment));
  if (options.reading.json) {
    std::cout << engine::lock_point_json(tables, moment) << '\n';
  } else {
    print_tables(tables, moment);
  }
  return {};
}

Status run_cohort(const CohortOptions& options) {
  if (options.lock_points) return print_lock_points(options);
  if (!options.lock_point.empty()) return print_lock_point(options);
  events::Microseconds at = 0;
  KETAVIGIL_TRY_ASSIGN(const auto reading, options.reading.open(&at));
  KETAVIGIL_TRY_ASSIGN(const auto tables, engine::cohort_tables(*reading, at));
  if (options.reading.json) {
    std::cout << engine::tables_json(tables, at) << '\n';
  } else {
    print_tables(tables, at);
  }
  return {};
}

void finish(const Status& status, int* exit_code) {
  if (!status.ok()) *exit_code = report(status.error());
}

}  // namespace

void add_alerts(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<AlertOptions>();
  auto* command =
      app.add_subcommand("alerts", "Lists the findings that hold, or how they came to be");
  command->footer(
      "  ketavigil alerts --data programme --level critical\n"
      "  ketavigil alerts --data programme --history --json | jq .revisions\n"
      "Each ID can be given to `ketavigil explain`.");
  options->reading.add_to(command);
  command->add_option("--level", options->filter.level)
      ->check(CLI::IsMember({"critical", "alert", "watch", "info"}));
  command
      ->add_option("--state", options->filter.state,
                   "open or resolved; of the history also superseded, retracted, merged")
      ->check(CLI::IsMember({"open", "resolved", "superseded", "retracted", "merged"}));
  std::vector<std::string> detectors;
  for (const auto& entry : detectors::catalogue()) detectors.emplace_back(entry.id);
  command->add_option("--detector", options->filter.detector, "For example BP-3")
      ->type_name("ID")
      ->check(CLI::IsMember(std::move(detectors)));
  command->add_option("--patient", options->filter.patient, "A pseudonym");
  command->add_option("--site", options->filter.site);
  command->add_option("--since", options->since, "Only with an onset from then on")
      ->type_name("TIME");
  command->add_flag("--history", options->history, "Every revision of every case");
  command->callback([options, exit_code] { finish(run_alerts(*options), exit_code); });
}

void add_cohort(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<CohortOptions>();
  auto* command =
      app.add_subcommand("cohort", "Prints the programme's tables: exposure and findings");
  command->footer(
      "  ketavigil cohort --data programme                  # as of now\n"
      "  ketavigil cohort --data programme --lock-points    # at which moments the cohort was "
      "counted\n"
      "  ketavigil cohort --data programme --lock-point 2026-03-02 --json\n");
  options->reading.add_to(command);
  auto* listed = command->add_flag("--lock-points", options->lock_points,
                                   "Lists the data lock points, and which shards are awaited");
  auto* one = command
                  ->add_option("--lock-point", options->lock_point,
                               "The tables as they were counted at this data lock point")
                  ->type_name("TIME");
  for (const char* other : {"--at", "--as-of"}) {
    listed->excludes(command->get_option(other));
    one->excludes(command->get_option(other));
  }
  listed->excludes(one);
  command->callback([options, exit_code] { finish(run_cohort(*options), exit_code); });
}

}  // namespace ketavigil::cli
