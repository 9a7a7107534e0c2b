// `ketavigil load`: files by the bulk lane, or with --check only read.
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/configuration.h"
#include "ingest/files/pipeline.h"
#include "ingest/files/source.h"

namespace ketavigil::cli {
namespace {

constexpr int refused_shown_max = 10;

struct LoadOptions {
  std::vector<std::string> paths;
  std::string data;
  std::string config;
  std::string source;
  int shards = 0;
  bool as_recorded = false;
  bool check = false;
  bool json = false;
};

// What `load --json` ends with.
struct Account {
  std::int64_t read = 0;
  std::int64_t accepted = 0;
  std::int64_t duplicate = 0;
  std::int64_t conflict = 0;
  std::map<std::string, std::int64_t> not_followed;
  std::map<std::string, std::int64_t> quarantined;
  std::map<std::string, std::int64_t> findings;

  void take(const engine::Answer& answer) {
    ++read;
    switch (answer.outcome) {
      case engine::Outcome::accepted:
        ++accepted;
        break;
      case engine::Outcome::duplicate:
        ++duplicate;
        break;
      case engine::Outcome::conflict:
        ++conflict;
        break;
      case engine::Outcome::quarantined:
        ++quarantined[answer.reason];
        break;
    }
  }
};

// Tells the first refusals with their place; the rest is in quarantine.
class Refusals {
 public:
  void tell(const ingest::DecodedPart& work) {
    for (const auto& [index, place] : work.refused) {
      if (++count_ > refused_shown_max) continue;
      const auto& rejection = std::get<events::Rejection>(work.block.entries[index].decoded);
      std::cerr << place << ": " << rejection.reason;
      if (!rejection.field.empty()) std::cerr << ", field `" << rejection.field << "`";
      std::cerr << ": expected " << rejection.expected << '\n';
    }
  }
  void close(bool kept) const {
    if (count_ <= refused_shown_max) return;
    std::cerr << "… and " << count_ - refused_shown_max << " more refused"
              << (kept ? ": `ketavigil quarantine list --data DIR` shows them" : "") << '\n';
  }

 private:
  int count_ = 0;
};

void print_account(const Account& account, double seconds, bool json, bool checked) {
  if (json) {
    std::cout << nlohmann::ordered_json{{"read", account.read},
                                        {"accepted", account.accepted},
                                        {"duplicate", account.duplicate},
                                        {"conflict", account.conflict},
                                        {"not_followed", account.not_followed},
                                        {"quarantined", account.quarantined},
                                        {"findings", account.findings},
                                        {"seconds", seconds}}
                     .dump()
              << '\n';
    return;
  }
  const auto sum = [](const std::map<std::string, std::int64_t>& counts) {
    std::int64_t total = 0;
    for (const auto& [name, count] : counts) total += count;
    return total;
  };
  std::cout << (checked ? "checked " : "read ") << account.read << ": " << account.accepted
            << " accepted, " << account.duplicate << " duplicate, " << account.conflict
            << " conflict, " << sum(account.not_followed) << " not followed, "
            << sum(account.quarantined) << " quarantined\n";
  for (const auto& [type, count] : account.not_followed)
    std::cout << "  not followed " << type << ": " << count << '\n';
  for (const auto& [reason, count] : account.quarantined)
    std::cout << "  quarantined " << reason << ": " << count << '\n';
  for (const auto& [level, count] : account.findings)
    std::cout << "  findings " << level << ": " << count << '\n';
  std::cout << "  in " << static_cast<double>(static_cast<std::int64_t>(seconds * 100)) / 100
            << " s\n";
}

// --check: what would be said of each entry, by itself.
Status check_only(ingest::Pipeline* pipeline, const std::vector<std::string>& files,
                  Progress* progress, Account* account, Refusals* refusals) {
  std::set<std::string> known;  // digests with their key: a repetition within these files
  return pipeline->run(
      files, [&](std::int64_t bytes) { progress->update(bytes); },
      [&](ingest::DecodedPart work) -> Status {
        refusals->tell(work);
        for (const auto& entry : work.block.entries) {
          if (!entry.not_followed.empty()) {
            ++account->read;
            ++account->not_followed[entry.not_followed];
            continue;
          }
          engine::Answer answer;
          if (const auto* rejection = std::get_if<events::Rejection>(&entry.decoded)) {
            answer.outcome = engine::Outcome::quarantined;
            answer.reason = rejection->reason;
          } else if (!known.insert(entry.digest).second) {
            answer.outcome = engine::Outcome::duplicate;
          }
          account->take(answer);
        }
        return {};
      });
}

Status load_into(engine::Programme* programme, bool as_recorded, ingest::Pipeline* pipeline,
                 const std::vector<std::string>& files, Progress* progress, Account* account,
                 Refusals* refusals) {
  engine::BulkLoad load(programme, as_recorded);
  const auto on_answer = [account](const engine::Answer& answer) { account->take(answer); };
  const Status read = pipeline->run(
      files, [&](std::int64_t bytes) { progress->update(bytes); },
      [&](ingest::DecodedPart work) -> Status {
        refusals->tell(work);
        std::vector<engine::Parsed> events;
        events.reserve(work.block.entries.size());
        for (auto& entry : work.block.entries) {
          if (!entry.not_followed.empty()) {
            ++account->read;
            ++account->not_followed[entry.not_followed];
            continue;
          }
          events.push_back({entry.bytes, std::move(entry.default_source), std::move(entry.decoded),
                            std::move(entry.digest)});
        }
        // The texts made of FHIR are kept as long as the block is.
        struct Kept {
          std::shared_ptr<const std::string> bytes;
          std::vector<std::shared_ptr<const std::string>> made;
        };
        auto kept = std::make_shared<Kept>(Kept{work.block.bytes, std::move(work.block.made)});
        return load.take(std::move(events),
                         std::shared_ptr<const std::string>(kept, kept->bytes.get()), on_answer);
      });
  // A file that cannot be read to its end costs what is behind the break; what came before is
  // taken.
  if (!read.ok() && read.error().kind != ErrorKind::usage) return read;
  progress->update(0, "cutting revisions");
  KETAVIGIL_TRY(load.finish(on_answer));
  return read;
}

Result<Account> run_load(const LoadOptions& options) {
  KETAVIGIL_TRY_ASSIGN(const auto files, ingest::files_to_read(options.paths));
  Configuration configuration;
  if (!options.config.empty()) {
    KETAVIGIL_TRY_ASSIGN(configuration, read_configuration(options.config));
  }
  Account account;
  Refusals refusals;
  Progress progress(options.check ? "checking" : "loading", ingest::total_bytes(files));
  const ingest::EntrySettings entries{options.source};
  if (options.check) {
    ingest::Pipeline pipeline(configuration.settings.decode, entries, configuration.workers);
    KETAVIGIL_TRY(check_only(&pipeline, files, &progress, &account, &refusals));
    refusals.close(false);
    return account;
  }
  engine::SystemClock clock;
  engine::ProgrammeOptions programme_options;
  programme_options.directory =
      options.data.empty() ? configuration.storage_path : std::filesystem::path(options.data);
  if (programme_options.directory.empty())
    return Error{ErrorKind::usage, "load needs --data DIR, or storage.path in the configuration"};
  programme_options.create = true;
  programme_options.shards =
      options.shards > 0 ? std::optional<int>(options.shards) : configuration.shards;
  programme_options.workers = configuration.workers;
  programme_options.batch_entries = configuration.batch_entries;
  programme_options.free_space_guard_bytes = configuration.free_space_guard_bytes;
  programme_options.log_time_only = options.as_recorded;
  if (!options.config.empty()) programme_options.settings = configuration.settings;
  KETAVIGIL_TRY_ASSIGN(const auto programme, engine::Programme::open(programme_options, clock));
  if (options.as_recorded && programme->newest_received() != 0) {
    std::cerr
        << "note: the log of this programme is already at "
        << events::print_utc(programme->newest_received())
        << "; events that were recorded before are stamped with that, not with their own time\n";
  }
  ingest::Pipeline pipeline(programme->configured().settings.decode, entries,
                            configuration.workers);
  KETAVIGIL_TRY(load_into(programme.get(), options.as_recorded, &pipeline, files, &progress,
                          &account, &refusals));
  progress.finish();
  refusals.close(true);
  KETAVIGIL_TRY_ASSIGN(const auto reading, engine::Reading::over(*programme));
  for (const auto level : {"critical", "alert", "watch", "info"}) account.findings[level] = 0;
  KETAVIGIL_TRY(engine::list_alerts(
      *reading, {}, reading->newest_received(), [&](const engine::ListedFinding& listed) {
        ++account.findings[std::string(detectors::name_of(listed.finding->level))];
      }));
  return account;
}

}  // namespace

void add_load(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<LoadOptions>();
  auto* command = app.add_subcommand("load", "Reads files into a data directory (the bulk lane)");
  command->footer(
      "Reads native NDJSON (one event a line) and FHIR R4: resources, Bundles, NDJSON; each also "
      "as .gz, folders with\n"
      "their files, `-` for standard input. What cannot be understood goes to quarantine with its "
      "reason and costs\n"
      "nothing else. Loading the same file again changes nothing.\n\n"
      "  ketavigil load export/ --data programme\n"
      "  ketavigil load events.ndjson --data programme --as-recorded   # history as if it had come "
      "day by day\n"
      "  ketavigil load events.ndjson --check                          # only reads, says what "
      "would be refused");
  command->add_option("paths", options->paths, "Files, folders, or -")
      ->required()
      ->type_name("PATH...");
  command->add_option("--data", options->data, "The data directory; made if it is not there")
      ->type_name("DIR");
  command
      ->add_option("--config", options->config, "Configuration; without it the one in force stays")
      ->type_name("FILE");
  command->add_option("--source", options->source, "The source of events that name none")
      ->type_name("NAME");
  command->add_option("--shards", options->shards, "Shards of a new programme (storage.shards)")
      ->check(CLI::Range(1, 256));
  command->add_flag("--as-recorded", options->as_recorded,
                    "Stamps each event with its own `recorded` time");
  command->add_flag("--check", options->check,
                    "Decodes and writes nothing; not compared with what a data directory holds");
  command->add_flag("--json", options->json, "The account as JSON on standard output");
  command->callback([options, exit_code] {
    const double started = steady_seconds();
    auto account = run_load(*options);
    if (!account.ok()) {
      *exit_code = report(account.error());
      return;
    }
    print_account(account.value(), steady_seconds() - started, options->json, options->check);
  });
}

}  // namespace ketavigil::cli
