// `replay` writes a programme's log again, `diff` compares two programmes, `verify` checks one.
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/configuration.h"
#include "engine/questions/verify.h"

namespace ketavigil::cli {
namespace {

struct ReplayOptions {
  std::string data;
  std::string out;
  std::string config;
};

// What a directory is a replay of: beside programme.json, so that a replay goes on only with what
// it began with.
std::string replay_note(const ReplayOptions& options, const engine::Settings& settings) {
  std::error_code error;
  const auto source = std::filesystem::weakly_canonical(options.data, error);
  return nlohmann::json{{"source", source.string()},
                        {"with_configuration", !options.config.empty()},
                        {"settings", engine::fold_identity(settings)}}
             .dump() +
         "\n";
}

// The target is new, or an earlier replay of the same source with the same configuration.
Status check_target(const ReplayOptions& options, const std::string& note) {
  std::error_code error;
  const std::filesystem::path out = options.out;
  if (std::filesystem::weakly_canonical(options.data, error) ==
      std::filesystem::weakly_canonical(out, error)) {
    return Status::failure(
        ErrorKind::usage,
        "--out must be another directory than --data: a replay writes a new programme");
  }
  if (!std::filesystem::exists(out / "programme.json", error)) return {};
  std::ifstream stream(out / "replay.json");
  std::stringstream known;
  known << stream.rdbuf();
  if (known.str() == note) return {};
  return Status::failure(ErrorKind::usage,
                         options.out + " holds a programme that is no earlier replay of " +
                             options.data + " with this configuration: give a new directory");
}

Status run_replay(const ReplayOptions& options) {
  KETAVIGIL_TRY_ASSIGN(const auto file, engine::read_programme_file(options.data));
  KETAVIGIL_TRY_ASSIGN(const auto source, engine::Reading::open(options.data));
  engine::SystemClock clock;
  engine::ProgrammeOptions programme_options;
  programme_options.directory = options.out;
  programme_options.create = true;
  programme_options.shards = file.shards;
  programme_options.cut_leftovers = false;
  programme_options.log_time_only = true;
  Configuration configuration;
  if (!options.config.empty()) {
    KETAVIGIL_TRY_ASSIGN(configuration, read_configuration(options.config));
    programme_options.settings = configuration.settings;
    programme_options.workers = configuration.workers;
    programme_options.batch_entries = configuration.batch_entries;
  } else if (!std::filesystem::exists(std::filesystem::path(options.out) / "programme.json")) {
    programme_options.settings = file.settings;
  }
  const std::string note =
      replay_note(options, options.config.empty() ? file.settings : configuration.settings);
  KETAVIGIL_TRY(check_target(options, note));
  // Before the programme itself, so that a replay that is killed at any moment is known again.
  if (const std::filesystem::path out = options.out;
      !std::filesystem::exists(out / "programme.json")) {
    std::error_code error;
    std::filesystem::create_directories(out, error);
    std::ofstream(out / "replay.json", std::ios::trunc) << note;
  }
  KETAVIGIL_TRY_ASSIGN(const auto target, engine::Programme::open(programme_options, clock));
  std::vector<const storage::Store*> stores;
  stores.resize(static_cast<std::size_t>(source->shards()));
  for (const int shard : source->held())
    stores[static_cast<std::size_t>(shard)] = &source->store(shard);
  Progress progress("replaying", 100);
  std::uint64_t entries = 0;
  KETAVIGIL_TRY(engine::replay(
      stores, target.get(), !options.config.empty(), std::nullopt,
      [&](std::uint64_t done, std::uint64_t total) {
        entries = done;
        progress.update(total == 0 ? 100 : static_cast<std::int64_t>(done * 100 / total));
      }));
  progress.finish();
  std::cerr << "replayed " << entries << " entries of " << options.data << " into " << options.out
            << '\n';
  return {};
}

// Compares two sorted streams of texts and tells the first differences.
class Comparison {
 public:
  explicit Comparison(std::string what) : what_(std::move(what)) {}
  void add(bool left, std::string text) { (left ? left_ : right_).push_back(std::move(text)); }
  [[nodiscard]] std::size_t tell() const {
    std::size_t differences = 0;
    std::vector<std::string> a = left_;
    std::vector<std::string> b = right_;
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    const auto only = [&](const std::vector<std::string>& these,
                          const std::vector<std::string>& those, char sign) {
      std::vector<std::string> out;
      std::set_difference(these.begin(), these.end(), those.begin(), those.end(),
                          std::back_inserter(out));
      for (const auto& text : out) {
        if (++differences <= shown_max) std::cout << sign << ' ' << what_ << ' ' << text << '\n';
      }
    };
    only(a, b, '-');
    only(b, a, '+');
    return differences;
  }

 private:
  static constexpr std::size_t shown_max = 200;
  std::string what_;
  std::vector<std::string> left_;
  std::vector<std::string> right_;
};

Status run_diff(const std::string& left, const std::string& right, const std::string& at_text,
                bool* equal) {
  KETAVIGIL_TRY_ASSIGN(const auto a, engine::Reading::open(left));
  KETAVIGIL_TRY_ASSIGN(const auto b, engine::Reading::open(right));
  events::Microseconds at = std::max(a->newest_received(), b->newest_received());
  if (!at_text.empty()) {
    KETAVIGIL_TRY_ASSIGN(at, parse_time_option("--at", at_text));
  }
  Comparison findings("finding");
  Comparison history("revision");
  Comparison tables("table");
  for (const bool is_left : {true, false}) {
    const engine::Reading& reading = is_left ? *a : *b;
    KETAVIGIL_TRY(engine::list_alerts(reading, {}, at, [&](const engine::ListedFinding& listed) {
      findings.add(is_left, engine::without_identity(listed.finding->text));
    }));
    KETAVIGIL_TRY(engine::list_revisions(reading, {}, at, [&](std::string_view text) {
      history.add(is_left, engine::without_identity(text));
    }));
    KETAVIGIL_TRY_ASSIGN(const auto cohort, engine::cohort_tables(reading, at));
    for (const auto& table : cohort) tables.add(is_left, engine::tables_json({table}, at));
  }
  const std::size_t differences = findings.tell() + history.tell() + tables.tell();
  *equal = differences == 0;
  std::cerr << (*equal ? "equal"
                       : std::to_string(differences) +
                             " differences (- only in the first, + only in the second)")
            << " at " << events::print_utc(at) << '\n';
  return {};
}

}  // namespace

void add_replay(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<ReplayOptions>();
  auto* command =
      app.add_subcommand("replay", "Writes a programme's log again, into a new directory");
  command->footer(
      "Each entry keeps its `received`. Without --config the history comes out byte for byte; with "
      "it the log's own\n"
      "changes of configuration are left out, and `ketavigil diff DIR DIR2` shows what the change "
      "would have done.\n"
      "A replay that was stopped goes on when it is started again."
      "\n  ketavigil replay --data programme --out trial --config stricter.yaml");
  command->add_option("--data", options->data, "The programme to read")
      ->required()
      ->type_name("DIR");
  command->add_option("--out", options->out, "The directory to write")
      ->required()
      ->type_name("DIR2");
  command->add_option("--config", options->config, "Another configuration")->type_name("FILE");
  command->callback([options, exit_code] {
    const Status status = run_replay(*options);
    if (!status.ok()) *exit_code = report(status.error());
  });
}

void add_diff(CLI::App& app, int* exit_code) {
  auto left = std::make_shared<std::string>();
  auto right = std::make_shared<std::string>();
  auto at = std::make_shared<std::string>();
  auto* command = app.add_subcommand(
      "diff", "Compares findings, history and tables of two programmes (exit 0 equal, 5 not)");
  command->footer(
      "  ketavigil replay --data programme --out trial --config stricter.yaml\n"
      "  ketavigil diff programme trial     # what the configuration would have changed\n"
      "A line a difference: `-` is only in the first, `+` only in the second.");
  command->add_option("left", *left, "A data directory")->required()->type_name("DIR");
  command->add_option("right", *right, "Another")->required()->type_name("DIR2");
  command->add_option("--at", *at, "At this moment (default: the newest `received` of both)")
      ->type_name("TIME");
  command->callback([left, right, at, exit_code] {
    bool equal = false;
    const Status status = run_diff(*left, *right, *at, &equal);
    if (!status.ok()) {
      *exit_code = report(status.error());
    } else if (!equal) {
      *exit_code = exit_code_of_difference;
    }
  });
}

void add_verify(CLI::App& app, int* exit_code) {
  auto data = std::make_shared<std::string>();
  auto* command = app.add_subcommand(
      "verify", "Checks a programme: checksums, witness, and that its records give its findings");
  command->footer(
      "  ketavigil verify --data programme     # exit 0: whole, 4: damaged, 5: its projections "
      "differ");
  command->add_option("--data", *data, "The data directory")->required()->type_name("DIR");
  command->callback([data, exit_code] {
    Progress progress("verifying", 100);
    const auto result = engine::verify(*data, [&](std::int64_t percent, const std::string& what) {
      progress.update(percent, what);
    });
    progress.finish();
    if (!result.ok()) {
      *exit_code = report(result.error());
      return;
    }
    std::cout << "verified: " << result.value().shards << " shards, " << result.value().entries
              << " log entries, " << result.value().patients << " patients folded from the start\n";
  });
}

}  // namespace ketavigil::cli
