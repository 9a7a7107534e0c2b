// `score`: what was found of the harms that were planted in a simulated programme, how late, and
// what was said of patients without any.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <unordered_map>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/score_report.h"
#include "engine/questions/course.h"
#include "simulation/score_card.h"

namespace ketavigil::cli {
namespace {

using simulation::PlantedHarm;
using simulation::ScoreCard;

struct ScoreOptions {
  std::string data;
  std::string truth;
  std::string options;
  std::string page;
  bool json = false;
};

using Harms = std::unordered_map<std::string, std::vector<PlantedHarm>>;

Result<std::string> read_file(const std::string& path, const std::string& name) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  if (!(text << stream.rdbuf()) && !stream.eof())
    return Error{ErrorKind::usage,
                 "cannot read " + path + ": give the " + name + " that `ketavigil simulate` wrote"};
  return std::move(text).str();
}

// What rules should find, if it was asked for: of a programme in which nobody has a harm, since who
// is given one is chosen.
Result<std::vector<simulation::ExpectedFindings>> read_expected(const std::string& path,
                                                                const Harms& harms) {
  std::vector<simulation::ExpectedFindings> none;
  if (path.empty()) return none;
  KETAVIGIL_TRY_ASSIGN(const std::string text, read_file(path, "options.json"));
  auto options = simulation::read_options(text);
  if (!options.ok()) return Error{options.error().kind, path + ": " + options.error().message};
  if (!harms.empty())
    return Error{ErrorKind::usage,
                 "--options is for a programme without a harm (`simulate --plant-nothing`): rates "
                 "of rules follow from the parameters of patients who were not chosen for one"};
  constexpr std::int64_t played = 20'000;
  return simulation::expected_findings(options.value(), played);
}

Result<Harms> read_harms(const std::string& path) {
  KETAVIGIL_TRY_ASSIGN(const std::string text, read_file(path, "truth.json"));
  auto read = simulation::read_truth(text);
  if (!read.ok()) return Error{read.error().kind, path + ": " + read.error().message};
  Harms harms;
  for (PlantedHarm& harm : read.value()) harms[harm.patient].push_back(std::move(harm));
  return harms;
}

simulation::ScoredCourse scored(engine::PatientCourse course, std::vector<PlantedHarm> harms) {
  simulation::ScoredCourse out;
  out.patient = std::move(course.patient);
  out.harms = std::move(harms);
  for (auto& one : course.observations) out.observations.emplace_back(one.at, std::move(one.of));
  out.sessions = std::move(course.sessions);
  for (auto& one : course.appearances)
    out.findings.push_back(
        {std::move(one.detector), static_cast<int>(one.level), one.at, std::move(one.of)});
  return out;
}

// Every harm must be of a patient who is here: else it is the truth of another programme.
Status check_patients(const Harms& harms, const engine::Reading& reading,
                      const ScoreOptions& options) {
  const auto& patients = reading.patients();
  for (const auto& [patient, planted] : harms) {
    if (std::binary_search(patients.begin(), patients.end(), patient)) continue;
    return Status::failure(ErrorKind::usage,
                           options.truth + " plants " + planted.front().harm + " in patient " +
                               patient + ", of whom nothing is in " + options.data +
                               ": give the truth of this programme, and load all of its events");
  }
  return {};
}

Result<ScoreCard> make_card(const engine::Reading& reading, const Harms& harms) {
  ScoreCard card;
  Progress progress("scoring patients", static_cast<std::int64_t>(reading.patients().size()));
  std::int64_t done = 0;
  for (const std::string& patient : reading.patients()) {
    const auto found = harms.find(patient);
    const auto planted = found == harms.end() ? std::vector<PlantedHarm>() : found->second;
    std::optional<events::Microseconds> first_onset;
    for (const PlantedHarm& harm : planted)
      first_onset = std::min(first_onset.value_or(harm.onset), harm.onset);
    KETAVIGIL_TRY_ASSIGN(auto course, engine::patient_course(reading, patient, first_onset));
    card.add(scored(std::move(course), planted));
    progress.update(++done);
  }
  progress.finish();
  return card;
}

// What one set of parameters states: an alert at α, a watch at some times that (CATALOGUE, section
// 3). Each detector has its share of its own α, so that all together keep the greatest of them.
void state_at_least(ScoreHeader* header, const detectors::PatientParameters& parameters) {
  std::map<std::string_view, std::map<std::string_view, double>> stated;
  for (const auto& parameter : detectors::effective_parameters(parameters)) {
    if (simulation::is_statistical(parameter.info.detector))
      stated[parameter.info.detector][parameter.info.name] = parameter.value;
  }
  for (const auto& [detector, values] : stated) {
    const auto alpha = values.find("alpha");
    const auto watch_times = values.find("watch_times");
    if (alpha == values.end() || watch_times == values.end()) continue;
    header->stated[1] =
        std::max(header->stated[1].value_or(0), alpha->second * watch_times->second);
    header->stated[2] = std::max(header->stated[2].value_or(0), alpha->second);
  }
}

// Of all patients: of those of a site that has its own α too.
ScoreHeader header_of(const engine::Reading& reading) {
  const engine::Settings& settings = reading.configured().settings;
  ScoreHeader header{events::print_utc(reading.newest_received()), {}, {}};
  state_at_least(&header, settings.parameters);
  for (const auto& [site, given] : settings.sites)
    state_at_least(&header, engine::parameters_of_site(settings, given));
  return header;
}

void print_table(ScoreTable table) {
  TextTable text(std::move(table.header));
  for (auto& row : table.rows) text.add(std::move(row));
  text.print();
}

void print_card(const ScoreCard& card, const ScoreHeader& header) {
  std::cout << "# harms found, from their onset on; median / ninth tenth of those found\n";
  print_table(table_of_found(card.detections()));
  std::cout << "# slow harm: the deciding method beside oracles; medians of all patients with it, "
               "from its onset on\n";
  print_table(table_of_oracles(card.oracles(header.stated)));
  std::cout << "# findings in " << card.patients_without_harm() << " patients without a harm, "
            << fixed_point(card.patient_months_without_harm(), 1) << " patient-months\n";
  print_table(table_of_false(card.false_findings()));
  if (!header.expected.empty()) {
    std::cout << "# rules beside what they should find by the simulator's parameters\n";
    print_table(table_of_expected(card, header));
  }
  std::cout << "# patients without a harm to whom statistics said so at least once in their "
               "course, % (95 % interval)\n";
  print_table(table_of_lifetimes(card, header));
}

Status write_page(const std::string& path, const std::string& page) {
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream << page;
  stream.close();
  if (!stream) return Status::failure(ErrorKind::storage, "cannot write " + path);
  std::cerr << "the page is " << path << '\n';
  return {};
}

Status run_score(const ScoreOptions& options) {
  KETAVIGIL_TRY_ASSIGN(const Harms harms, read_harms(options.truth));
  KETAVIGIL_TRY_ASSIGN(auto expected, read_expected(options.options, harms));
  KETAVIGIL_TRY_ASSIGN(const auto reading, engine::Reading::open(options.data));
  KETAVIGIL_TRY(check_patients(harms, *reading, options));
  KETAVIGIL_TRY_ASSIGN(const ScoreCard card, make_card(*reading, harms));
  ScoreHeader header = header_of(*reading);
  header.expected = std::move(expected);
  if (options.json) {
    std::cout << score_json(card, header) << '\n';
  } else {
    print_card(card, header);
  }
  return options.page.empty() ? Status() : write_page(options.page, score_page(card, header));
}

}  // namespace

void add_score(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<ScoreOptions>();
  auto* command = app.add_subcommand(
      "score",
      "Says which planted harms were found, how late, and what was said where there was none");
  command->footer(
      "  ketavigil simulate --patients 500 --months 24 --seed 1 --out programme\n"
      "  ketavigil load programme/events.ndjson --data data\n"
      "  ketavigil score --data data --truth programme/truth.json --page score.html\n"
      "A finding counts from when its facts were true, not from when they were received. "
      "docs/score-card.md explains\n"
      "each column.");
  command->add_option("--data", options->data, "The data directory")->required()->type_name("DIR");
  command->add_option("--truth", options->truth, "The truth.json of this programme")
      ->required()
      ->type_name("FILE");
  command
      ->add_option(
          "--options", options->options,
          "The options.json of this programme, which has no harm: also compares rules with "
          "what they should find")
      ->type_name("FILE");
  command->add_option("--page", options->page, "Also writes one page of HTML with plots")
      ->type_name("FILE");
  command->add_flag("--json", options->json, "One object");
  command->callback([options, exit_code] {
    const Status status = run_score(*options);
    if (!status.ok()) *exit_code = report(status.error());
  });
}

}  // namespace ketavigil::cli
