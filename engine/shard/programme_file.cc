// programme.json: what a data directory says of itself.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "engine/shard/programme.h"

namespace ketavigil::engine {
namespace {

namespace fs = std::filesystem;
using storage::Family;

constexpr int file_format = 1;

Error storage_error(const std::string& message) { return {ErrorKind::storage, message}; }

constexpr std::string_view log_of_topics = "topics";

// Written whole and synced before it gets its name, so that it is never half there. A file that is
// there already stays with `first`: of several workers that make one programme one is the first.
Status write_file(const fs::path& directory, const ProgrammeFile& file, bool first) {
  nlohmann::json document = {{"format", file_format},
                             {"shards", file.shards},
                             {"settings", settings_text(file.settings)},
                             {"identity", file.identity},
                             {"complete", file.complete}};
  if (file.log == LogOrigin::topics) document["log"] = log_of_topics;
  const std::string text = document.dump(1) + "\n";
  const fs::path temporary = directory / ("programme.json.new-" + std::to_string(::getpid()));
  const int descriptor = ::open(temporary.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0640);
  if (descriptor < 0) return storage_error("cannot write " + temporary.string());
  const bool written =
      ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(descriptor) == 0;
  ::close(descriptor);
  std::error_code error;
  if (written && first) {
    fs::create_hard_link(temporary, programme_file_path(directory), error);
    if (error == std::errc::file_exists) error.clear();
    std::error_code ignored;
    fs::remove(temporary, ignored);
  } else if (written) {
    fs::rename(temporary, programme_file_path(directory), error);
  }
  if (!written || error)
    return storage_error("cannot write " + programme_file_path(directory).string());
  const int folder = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
  return {};
}

}  // namespace

fs::path programme_file_path(const fs::path& directory) { return directory / "programme.json"; }

Status write_programme_file(const fs::path& directory, const ProgrammeFile& file) {
  return write_file(directory, file, false);
}

Status create_programme(const ProgrammeOptions& options) {
  ProgrammeFile begin;
  begin.shards = options.shards.value_or(1);
  begin.log = options.log;
  if (options.settings) begin.settings = *options.settings;
  begin.identity = fold_identity(begin.settings);
  return create_programme(options.directory, begin);
}

Status create_programme(const fs::path& directory, const ProgrammeFile& begin) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return storage_error("cannot create " + directory.string() + ": " + error.message());
  // A replay says first what it will be one of; a worker may be writing the file this moment.
  const bool holds_something = std::any_of(
      fs::directory_iterator(directory, error), fs::directory_iterator(), [](const auto& entry) {
        const std::string name = entry.path().filename().string();
        return name != "replay.json" && !name.starts_with("programme.json");
      });
  if (holds_something || error) {
    return storage_error(
        directory.string() +
        " is not empty and is no programme (it has no programme.json): give another directory");
  }
  return write_file(directory, begin, true);
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
    if (document.contains("log")) {
      if (document.at("log").get<std::string>() != log_of_topics)
        return storage_error(path.string() + " is damaged: log");
      file.log = LogOrigin::topics;
    }
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

fs::path given_up_path(const fs::path& directory, int shard) {
  return shard_path(directory, shard).string() + ".given-up";
}

Result<Settings> settings_in_force(const storage::Store& store, const ProgrammeFile& file) {
  std::string text;
  bool found = false;
  KETAVIGIL_TRY(store.get(Family::meta, rows::meta_settings, &text, &found));
  if (!found) return file.settings;
  return settings_of_text(text);
}

}  // namespace ketavigil::engine
