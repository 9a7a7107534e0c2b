// Where a programme's shards come from when they are not here: checkpoints.
#include <algorithm>
#include <system_error>

#include "engine/shard/programme.h"
#include "storage/writers.h"

namespace ketavigil::engine {
namespace {

namespace fs = std::filesystem;

Error configuration_error(const std::string& message) {
  return {ErrorKind::configuration, message};
}

// Whether nothing of a store was ever there: no folder, or what a process leaves that was killed
// before it had made anything.
bool is_absent(const fs::path& shard) {
  std::error_code error;
  if (!fs::exists(shard, error)) return !error;
  const fs::recursive_directory_iterator entries(shard, error);
  if (error) return false;
  return std::all_of(begin(entries), end(entries), [](const fs::directory_entry& entry) {
    const std::string name = entry.path().filename().string();
    return entry.is_directory() || name == "LOCK" || name.starts_with("LOG");
  });
}

bool lies_within(const fs::path& path, const fs::path& folder) {
  std::error_code error;
  const fs::path inner = fs::weakly_canonical(path, error);
  const fs::path outer = fs::weakly_canonical(folder, error);
  return !error &&
         std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

ProgrammeOrigin origin_of(const ProgrammeFile& file, const std::string& log_name) {
  return {log_name, file.shards, settings_text(file.settings), file.identity};
}

}  // namespace

// A programme has one begin, and so has its history. It stands in programme.json of the data
// directory; beside the checkpoints it survives the loss of that, and reaches machines that come
// later, whose configuration may have changed by then.
Status Programme::settle_origin() {
  const CheckpointSettings& settings = *options_.checkpoints;
  if (options_.log != LogOrigin::topics)
    return configuration_error("checkpoints are of a programme whose log is on Kafka");
  if (lies_within(settings.directory, options_.directory)) {
    return configuration_error("the directory of the checkpoints, " + settings.directory.string() +
                               ", lies in the data directory " + options_.directory.string() +
                               ": what loses one would lose the other. Give another disk");
  }
  std::error_code error;
  const bool is_here = fs::exists(programme_file_path(options_.directory), error);
  ProgrammeFile file;
  if (is_here) {
    KETAVIGIL_TRY_ASSIGN(file, read_programme_file(options_.directory));
  } else {
    file.shards = options_.shards.value_or(1);
    file.log = options_.log;
    if (options_.settings) file.settings = *options_.settings;
    file.identity = fold_identity(file.settings);
  }
  const ProgrammeOrigin ours = origin_of(file, settings.log_name);
  KETAVIGIL_TRY_ASSIGN(const ProgrammeOrigin kept, Checkpoints::settle_origin(settings, ours));
  const std::string difference = Checkpoints::difference(ours, kept, is_here);
  if (!difference.empty()) {
    return configuration_error(
        "the checkpoints in " + settings.directory.string() + " are " + difference +
        ". Give each programme a `kafka.checkpoints.directory` of its own" +
        (is_here ? "; or, if only the begin differs, move " + options_.directory.string() +
                       " away and start again: its shards are made anew, with the begin that the "
                       "checkpoints have"
                 : std::string()));
  }
  checkpoints_.emplace(settings, kept);
  if (is_here || !options_.create) return {};
  KETAVIGIL_TRY_ASSIGN(file.settings, settings_of_text(kept.settings));
  file.identity = kept.identity;
  return create_programme(options_.directory, file);
}

Status Programme::restore_if_lost(int number) {
  const fs::path place = shard_path(options_.directory, number);
  if (!is_absent(place)) return {};
  std::error_code error;
  fs::remove_all(place, error);
  if (error) {
    return Status::failure(ErrorKind::storage,
                           "cannot remove " + place.string() + ": " + error.message());
  }
  return checkpoints_->restore(number, place, *resources_).status();
}

Error Programme::not_opened(int number, const Error& error) const {
  const fs::path place = shard_path(options_.directory, number);
  if (error.kind != ErrorKind::storage || storage::has_writer(place)) return error;
  return {error.kind, error.message + ". If it is damaged: move " + place.string() +
                          " away and start again; the shard is then " +
                          (checkpoints_ ? "restored from the newest checkpoint in " +
                                              checkpoints_->folder(number).string() + " and the log"
                                        : "read again from the beginning of the log")};
}

Result<storage::Checkpoint> Programme::write_checkpoint(int number,
                                                        const std::function<bool()>& stop) {
  if (!checkpoints_) return configuration_error("no directory for checkpoints is configured");
  auto shard = hold(number);
  if (!shard) {
    return Error{ErrorKind::usage, "shard " + std::to_string(number) + " is not open here"};
  }
  KETAVIGIL_TRY_ASSIGN(const storage::StagedCheckpoint staged,
                       storage::stage_checkpoint(shard->store()));
  shard.reset();  // what is staged needs it no more, and it may have to go
  return checkpoints_->write(number, staged, clock_.now(), *resources_, stop);
}

Result<std::optional<storage::CheckpointName>> Programme::newest_checkpoint(
    int number, std::uint64_t position) const {
  if (!checkpoints_) return std::optional<storage::CheckpointName>();
  KETAVIGIL_TRY_ASSIGN(const auto names, storage::list_checkpoints(checkpoints_->folder(number)));
  for (const storage::CheckpointName& name : names) {
    if (name.position <= position) return std::optional(name);
  }
  return std::optional<storage::CheckpointName>();
}

std::string Programme::way_back(int number, Feed feed, std::uint64_t begins) const {
  const std::string place = shard_path(options_.directory, number).string();
  const std::string topic = "restore the topic from its backup; and set its retention to unlimited";
  if (!checkpoints_) {
    return "No checkpoints are written (`kafka.checkpoints`). Put a copy of " + place +
           " that has read further in its place, or " + topic;
  }
  const std::string folder = checkpoints_->folder(number).string();
  const std::string take = "move " + place + " away and start again";
  const auto newest = checkpoints_->newest(number);
  if (!newest.ok()) return newest.error().message + ". Or " + topic;
  if (!newest.value()) {
    return "There is no checkpoint in " + folder + ". Put one there that has read further, " +
           take + "; or " + topic;
  }
  const CheckpointPlaces& found = *newest.value();
  const std::uint64_t reached = feed == Feed::events ? found.events : found.backfill;
  if (reached >= begins) {
    return "The checkpoint " + found.path.string() + " has read up to " + std::to_string(reached) +
           ", which is far enough: " + take + ", and the shard is restored from it";
  }
  return "No checkpoint in " + folder + " reaches that far, the newest (" +
         found.path.filename().string() + ") has read up to " + std::to_string(reached) +
         ", so none is used. Put one there that has read further, " + take + "; or " + topic;
}

}  // namespace ketavigil::engine
