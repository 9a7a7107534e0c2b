#include "engine/shard/checkpoints.h"

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>
#include <utility>

#include "engine/shard/meta_number.h"
#include "engine/shard/rows.h"
#include "engine/shard/shard.h"
#include "storage/files.h"

namespace ketavigil::engine {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int origin_format = 1;
constexpr int listings_max = 3;  // another owner may remove what was listed

Error configuration_error(const std::string& message) {
  return {ErrorKind::configuration, message};
}

json json_of(const ProgrammeOrigin& origin) {
  return {{"log", origin.log_name},
          {"shards", origin.shards},
          {"settings", origin.settings},
          {"identity", origin.identity}};
}

ProgrammeOrigin origin_of(const json& document) {
  return {document.at("log").get<std::string>(), document.at("shards").get<int>(),
          document.at("settings").get<std::string>(), document.at("identity").get<std::string>()};
}

fs::path origin_path(const fs::path& directory) { return directory / "programme.json"; }

Result<std::optional<ProgrammeOrigin>> read_origin(const fs::path& directory) {
  const fs::path path = origin_path(directory);
  std::error_code error;
  if (!fs::exists(path, error) && !error) return std::optional<ProgrammeOrigin>();
  std::ifstream stream(path);
  if (!stream) return Error{ErrorKind::storage, "cannot read " + path.string()};
  std::stringstream text;
  text << stream.rdbuf();
  try {
    const json document = json::parse(text.str());
    if (document.at("format").get<int>() != origin_format) {
      return Error{ErrorKind::storage,
                   path.string() + " has another format than this program knows (1)"};
    }
    return std::optional(origin_of(document));
  } catch (const json::exception& exception) {
    return Error{ErrorKind::storage, path.string() + " is damaged: " + exception.what()};
  }
}

Result<std::uint64_t> place_in(const storage::Store& store, std::size_t feed) {
  KETAVIGIL_TRY_ASSIGN(const auto place, meta_number(store, rows::meta_places[feed]));
  return static_cast<std::uint64_t>(place.value_or(0));
}

}  // namespace

std::string Checkpoints::difference(const ProgrammeOrigin& ours, const ProgrammeOrigin& other,
                                    bool same_begin) {
  if (ours.log_name != other.log_name)
    return "of the log `" + other.log_name + "`, not of `" + ours.log_name + "`";
  if (ours.shards != other.shards) {
    return "of a programme of " + std::to_string(other.shards) + " partitions, not " +
           std::to_string(ours.shards);
  }
  if (same_begin && (ours.settings != other.settings || ours.identity != other.identity))
    return "of a programme that began with other settings (or by another program)";
  return {};
}

Result<ProgrammeOrigin> Checkpoints::settle_origin(const CheckpointSettings& settings,
                                                   const ProgrammeOrigin& ours) {
  KETAVIGIL_TRY_ASSIGN(std::optional<ProgrammeOrigin> kept, read_origin(settings.directory));
  if (!kept) {
    std::error_code error;
    fs::create_directories(settings.directory, error);
    if (error) {
      return configuration_error("cannot create the directory of the checkpoints, " +
                                 settings.directory.string() + ": " + error.message());
    }
    json document = json_of(ours);
    document["format"] = origin_format;
    KETAVIGIL_TRY(storage::create_file(origin_path(settings.directory), document.dump(1) + "\n"));
    KETAVIGIL_TRY_ASSIGN(kept, read_origin(settings.directory));
  }
  if (!kept)
    return Error{ErrorKind::storage, "cannot write " + origin_path(settings.directory).string()};
  return *kept;
}

fs::path Checkpoints::folder(int shard) const {
  char name[16];
  std::snprintf(name, sizeof name, "shard-%03d", shard);
  return settings_.directory / name;
}

Result<storage::Checkpoint> Checkpoints::write(int shard, const storage::StagedCheckpoint& staged,
                                               std::int64_t now_us, storage::Resources& resources,
                                               const std::function<bool()>& stop) const {
  storage::CheckpointTarget target;
  target.folder = folder(shard);
  target.made_us = now_us;
  target.stop = stop;
  target.describe = [&](const storage::Store& copy) -> Result<std::string> {
    KETAVIGIL_TRY_ASSIGN(const std::uint64_t events,
                         place_in(copy, static_cast<std::size_t>(Feed::events)));
    KETAVIGIL_TRY_ASSIGN(const std::uint64_t backfill,
                         place_in(copy, static_cast<std::size_t>(Feed::backfill)));
    return json{{"programme", json_of(origin_)},
                {"shard", shard},
                {"places", {{"events", events}, {"backfill", backfill}}}}
        .dump();
  };
  KETAVIGIL_TRY_ASSIGN(storage::Checkpoint made,
                       storage::write_checkpoint(staged, target, resources));
  std::set<fs::path> damaged;
  {
    const std::lock_guard lock(mutex_);
    damaged = damaged_;
  }
  KETAVIGIL_TRY(storage::remove_old_checkpoints(made, settings_.keep, damaged));
  return made;
}

Result<CheckpointPlaces> Checkpoints::read_metadata(int shard,
                                                    const storage::Checkpoint& checkpoint) const {
  CheckpointPlaces places{checkpoint.path, checkpoint.position};
  try {
    const json metadata = json::parse(checkpoint.metadata);
    std::string difference = Checkpoints::difference(origin_, origin_of(metadata.at("programme")));
    const int other = metadata.at("shard").get<int>();
    if (difference.empty() && other != shard) difference = "of shard " + std::to_string(other);
    if (!difference.empty()) {
      return configuration_error("the checkpoint " + checkpoint.path.string() + " is " +
                                 difference +
                                 ": it was put into the wrong directory. Move it "
                                 "away, or give each programme a `kafka.checkpoints.directory` of "
                                 "its own");
    }
    metadata.at("places").at("events").get_to(places.events);
    metadata.at("places").at("backfill").get_to(places.backfill);
  } catch (const json::exception& error) {
    return Error{ErrorKind::verification,
                 "the checkpoint " + checkpoint.path.string() + " is damaged: " + error.what()};
  }
  return places;
}

Status Checkpoints::restore_one(int shard, const storage::CheckpointName& name,
                                const fs::path& place, storage::Resources& resources) const {
  KETAVIGIL_TRY_ASSIGN(const storage::Checkpoint checkpoint, storage::read_checkpoint(name.path));
  KETAVIGIL_TRY_ASSIGN(const CheckpointPlaces places, read_metadata(shard, checkpoint));
  KETAVIGIL_TRY(storage::restore_checkpoint(checkpoint, place, resources));
  tell(false, "shard " + std::to_string(shard) +
                  " was not here and is restored from the checkpoint " + name.path.string() +
                  ": position " + std::to_string(places.position) + ", to be read on at offset " +
                  std::to_string(places.events) + " of its events");
  return {};
}

Result<bool> Checkpoints::restore(int shard, const fs::path& place,
                                  storage::Resources& resources) const {
  bool vanished = true;
  for (int listing = 0; listing < listings_max && vanished; ++listing) {
    vanished = false;
    KETAVIGIL_TRY_ASSIGN(const auto names, storage::list_checkpoints(folder(shard)));
    for (const storage::CheckpointName& name : names) {
      const Status restored = restore_one(shard, name, place, resources);
      if (restored.ok()) return true;
      if (restored.error().kind != ErrorKind::verification) return restored.error();
      std::error_code ignored;
      if (!fs::exists(name.path, ignored)) {
        vanished = true;
        continue;
      }
      {
        const std::lock_guard lock(mutex_);
        damaged_.insert(name.path);
      }
      tell(true,
           restored.error().message + ". It is passed over: an older one is used, or the log");
    }
  }
  tell(false, "shard " + std::to_string(shard) +
                  " is not here, and there is no whole checkpoint in " + folder(shard).string() +
                  ": it is made anew and read from the log's beginning");
  return false;
}

Result<std::optional<CheckpointPlaces>> Checkpoints::newest(int shard) const {
  KETAVIGIL_TRY_ASSIGN(const auto names, storage::list_checkpoints(folder(shard)));
  for (const storage::CheckpointName& name : names) {
    const auto checkpoint = storage::read_checkpoint(name.path);
    if (!checkpoint.ok()) continue;
    const auto places = read_metadata(shard, checkpoint.value());
    if (places.ok()) return std::optional(places.value());
    if (places.error().kind != ErrorKind::verification) return places.error();
  }
  return std::optional<CheckpointPlaces>();
}

}  // namespace ketavigil::engine
