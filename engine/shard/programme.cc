#include "engine/shard/programme.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "events/partition.h"
#include "storage/keys.h"

namespace ketavigil::engine {
namespace {

namespace fs = std::filesystem;
using storage::Family;

constexpr int file_format = 1;
constexpr Microseconds clock_behind_us = 10 * events::minute_us;

Error storage_error(const std::string& message) { return {ErrorKind::storage, message}; }

fs::path programme_file_path(const fs::path& directory) { return directory / "programme.json"; }

// Written whole and synced before it gets its name, so that it is never half there.
Status write_programme_file(const fs::path& directory, const ProgrammeFile& file) {
  const nlohmann::json document = {{"format", file_format},
                                   {"shards", file.shards},
                                   {"settings", settings_text(file.settings)},
                                   {"identity", file.identity},
                                   {"complete", file.complete}};
  const std::string text = document.dump(1) + "\n";
  const fs::path temporary = directory / "programme.json.new";
  const int descriptor = ::open(temporary.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0640);
  if (descriptor < 0) return storage_error("cannot write " + temporary.string());
  const bool written =
      ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(descriptor) == 0;
  ::close(descriptor);
  std::error_code error;
  if (written) fs::rename(temporary, programme_file_path(directory), error);
  if (!written || error)
    return storage_error("cannot write " + programme_file_path(directory).string());
  const int folder = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
  return {};
}

// Creates the directory and its file where there is nothing yet.
Status create_programme(const ProgrammeOptions& options) {
  std::error_code error;
  fs::create_directories(options.directory, error);
  if (error)
    return storage_error("cannot create " + options.directory.string() + ": " + error.message());
  fs::remove(options.directory / "programme.json.new", error);
  // A replay says first what it will be one of.
  const bool holds_something =
      std::any_of(fs::directory_iterator(options.directory, error), fs::directory_iterator(),
                  [](const auto& entry) { return entry.path().filename() != "replay.json"; });
  if (holds_something || error) {
    return storage_error(
        options.directory.string() +
        " is not empty and is no programme (it has no programme.json): give another directory");
  }
  ProgrammeFile file;
  file.shards = options.shards.value_or(1);
  if (options.settings) file.settings = *options.settings;
  file.identity = fold_identity(file.settings);
  return write_programme_file(options.directory, file);
}

}  // namespace

events::Microseconds SystemClock::now() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Result<ProgrammeFile> read_programme_file(const fs::path& directory) {
  const fs::path path = programme_file_path(directory);
  std::ifstream stream(path);
  if (!stream) {
    return storage_error("there is no programme in " + directory.string() + " (no " +
                         path.string() +
                         "): give a data directory that `ketavigil load` or `serve` made");
  }
  std::stringstream text;
  text << stream.rdbuf();
  ProgrammeFile file;
  try {
    const auto document = nlohmann::json::parse(text.str());
    if (document.at("format").get<int>() != file_format) {
      return storage_error(path.string() + " has another format than this program knows (1)");
    }
    file.shards = document.at("shards").get<int>();
    file.identity = document.at("identity").get<std::string>();
    file.complete = document.at("complete").get<bool>();
    KETAVIGIL_TRY_ASSIGN(file.settings,
                         settings_of_text(document.at("settings").get<std::string>()));
  } catch (const nlohmann::json::exception& error) {
    return storage_error(path.string() + " is damaged: " + error.what());
  }
  std::error_code ignored;
  if (file.complete && fs::exists(shard_path(directory, file.shards), ignored)) {
    return storage_error(
        path.string() + " says " + std::to_string(file.shards) + " shards, but " +
        shard_path(directory, file.shards).string() +
        " is there: the file is damaged, or folders were mixed up. Put the right one back");
  }
  if (file.shards < 1 || file.shards > shards_max)
    return storage_error(path.string() + " is damaged: shards");
  return file;
}

fs::path shard_path(const fs::path& directory, int shard) {
  char name[16];
  std::snprintf(name, sizeof name, "shard-%03d", shard);
  return directory / name;
}

Result<Settings> settings_in_force(const storage::Store& store, const ProgrammeFile& file) {
  std::string text;
  bool found = false;
  KETAVIGIL_TRY(store.get(Family::meta, rows::meta_settings, &text, &found));
  if (!found) return file.settings;
  return settings_of_text(text);
}

Result<std::unique_ptr<Programme>> Programme::open(const ProgrammeOptions& options,
                                                   const Clock& clock) {
  if (options.shards && (*options.shards < 1 || *options.shards > shards_max)) {
    return Error{ErrorKind::configuration, "storage.shards must be 1 to 256"};
  }
  std::unique_ptr<Programme> programme(new Programme(options, clock));
  std::error_code error;
  if (options.create && !fs::exists(programme_file_path(options.directory), error)) {
    KETAVIGIL_TRY(create_programme(options));
  }
  auto file = read_programme_file(options.directory);
  if (!file.ok()) return file.error();
  if (options.shards && *options.shards != file.value().shards) {
    return Error{ErrorKind::configuration, "the programme in " + options.directory.string() +
                                               " has " + std::to_string(file.value().shards) +
                                               " shards, storage.shards says " +
                                               std::to_string(*options.shards) +
                                               ": the number is fixed when a programme is made; "
                                               "load into a new directory to change it"};
  }
  KETAVIGIL_TRY(programme->open_shards(file.value()));
  KETAVIGIL_TRY(programme->adopt_settings(file.value()));
  const Microseconds newest = programme->newest_received();
  if (newest > clock.now() + clock_behind_us) {
    return storage_error("the log of " + options.directory.string() + " is at " +
                         events::print_utc(newest) +
                         ", more than 10 minutes ahead of this machine's clock (" +
                         events::print_utc(clock.now()) + "): set the clock right");
  }
  return programme;
}

Status Programme::open_shards(const ProgrammeFile& file) {
  storage::ResourceLimits limits;
  limits.shards = file.shards;
  resources_ = std::make_unique<storage::Resources>(limits);
  for (int number = 0; number < file.shards; ++number) {
    storage::StoreOptions store_options;
    store_options.path = shard_path(options_.directory, number);
    // Only while the programme is being made: afterwards a shard that is not there was lost, and
    // must not be taken for an empty one.
    store_options.create_if_missing = !file.complete;
    store_options.free_space_guard_bytes = options_.free_space_guard_bytes;
    auto store = storage::Store::open(store_options, *resources_);
    if (!store.ok()) return store.status();
    auto settings = settings_in_force(*store.value(), file);
    if (!settings.ok()) return settings.status();
    auto shard = Shard::open(std::move(store).value(),
                             std::make_shared<const Configured>(std::move(settings).value()),
                             {options_.workers});
    if (!shard.ok()) return shard.status();
    shards_.push_back(std::move(shard).value());
  }
  if (!file.complete) {
    ProgrammeFile complete = file;
    complete.complete = true;
    KETAVIGIL_TRY(write_programme_file(options_.directory, complete));
  }
  // What a killed load left is cut by whoever comes next, stamped with the newest `received` of all
  // shards.
  if (!options_.cut_leftovers) return {};
  const Microseconds newest = newest_received();
  for (auto& shard : shards_) KETAVIGIL_TRY(shard->append_cut(newest));
  return {};
}

// Other settings than those in force, or another version of a detector, are an epoch.
Status Programme::adopt_settings(const ProgrammeFile& file) {
  const Settings wanted = options_.settings ? *options_.settings : configured().settings;
  const std::string identity = fold_identity(wanted);
  for (int number = 0; number < shards(); ++number) {
    std::string in_force = file.identity;
    bool found = false;
    std::string bytes;
    KETAVIGIL_TRY(shard(number).store().get(Family::meta, rows::meta_identity, &bytes, &found));
    if (found) in_force = bytes;
    if (in_force == identity) continue;
    const Microseconds received = options_.log_time_only ? newest_received() : stamp(number);
    KETAVIGIL_TRY(shard(number).append_epoch(received, std::make_shared<const Configured>(wanted)));
    KETAVIGIL_TRY(shard(number).make_durable());
  }
  return {};
}

std::optional<int> Programme::shard_of(const events::Decoded& decoded) const {
  if (const auto* fact = std::get_if<events::Fact>(&decoded)) {
    if (fact->kind == events::Kind::heartbeat) return std::nullopt;
    return events::partition_of(fact->patient, shards());
  }
  const auto& readable = std::get<events::Rejection>(decoded).readable;
  return readable ? events::partition_of(readable->patient, shards()) : 0;
}

Microseconds Programme::newest_received() const {
  Microseconds newest = 0;
  for (const auto& shard : shards_) newest = std::max(newest, shard->received());
  return newest;
}

Microseconds Programme::stamp(int number) const {
  return std::max(shard(number).received(), clock_.now());
}

Result<std::vector<Answer>> Programme::append_live(std::vector<Parsed> events) {
  const std::lock_guard lock(live_);
  std::vector<Answer> answers(events.size());
  for (int number = 0; number < shards(); ++number) {
    std::vector<Incoming> own;
    std::vector<std::size_t> places;
    const Microseconds received = stamp(number);
    for (std::size_t i = 0; i < events.size(); ++i) {
      const auto wanted = shard_of(events[i].decoded);
      if (wanted && *wanted != number) continue;
      // A heartbeat goes to every shard: each gets a copy, the first shard's answer counts.
      own.push_back({events[i].bytes, events[i].default_source, events[i].decoded, events[i].digest,
                     received});
      places.push_back(wanted || number == 0 ? i : events.size());
    }
    for (std::size_t from = 0; from < own.size();) {
      const std::size_t count =
          std::min(own.size() - from, static_cast<std::size_t>(options_.batch_entries));
      auto some = shard(number).append_live(std::span(own).subspan(from, count));
      if (!some.ok()) return some.status();
      for (std::size_t i = 0; i < count; ++i) {
        if (places[from + i] < answers.size())
          answers[places[from + i]] = std::move(some.value()[i]);
      }
      from += count;
    }
  }
  return answers;
}

Status Programme::append_ticks() {
  const std::lock_guard lock(live_);
  for (int number = 0; number < shards(); ++number) {
    KETAVIGIL_TRY(shard(number).append_tick(stamp(number)));
    KETAVIGIL_TRY(shard(number).make_durable());
  }
  return {};
}

Status Programme::make_durable() {
  for (auto& shard : shards_) KETAVIGIL_TRY(shard->make_durable());
  return {};
}

}  // namespace ketavigil::engine
