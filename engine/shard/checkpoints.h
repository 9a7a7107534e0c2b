// The checkpoints of a programme whose log is on topics: what a shard that is not here is restored
// from, before the log is read on.
//
//   DIR/programme.json    which programme it is, and what it began with
//   DIR/shard-000/ …      the checkpoints of one shard (storage/checkpoint.h)
//
// One directory serves all workers of a programme, at once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/shard/settings.h"
#include "storage/checkpoint.h"

namespace ketavigil::engine {

struct CheckpointSettings {
  std::filesystem::path directory;
  int every_minutes = 60;  ///< 1 to 10,080: how often whoever runs the programme writes them
  int keep = 2;            ///< 1 to 100: of each shard
  /// Which log the shards are copies of, for example its cluster and the topics' prefix.
  std::string log_name;
  /// Is told what a person should know: a shard was restored, a checkpoint is damaged (`warning`).
  /// Called by whoever acquires a shard.
  std::function<void(bool warning, const std::string& text)> tell;
};

/// What makes a programme this one. A shard of another must never be taken for one of ours, and one
/// that began with other settings would tell another history.
struct ProgrammeOrigin {
  std::string log_name;
  int shards = 1;
  std::string settings;  ///< before any epoch: their text (settings.h)
  std::string identity;  ///< fold identity before any epoch
};

/// What a checkpoint holds of a shard.
struct CheckpointPlaces {
  std::filesystem::path path;
  std::uint64_t position = 0;
  std::uint64_t events = 0;  ///< offset of the topic at which it reads on
  std::uint64_t backfill = 0;
};

/// Thread-safe, also beside other processes.
class Checkpoints {
 public:
  Checkpoints(CheckpointSettings settings, ProgrammeOrigin origin)
      : settings_(std::move(settings)), origin_(std::move(origin)) {}

  /// The origin that the directory keeps. Where it keeps none yet it is `ours` from now on; of
  /// several at once the first wins.
  static Result<ProgrammeOrigin> settle_origin(const CheckpointSettings& settings,
                                               const ProgrammeOrigin& ours);

  /// Why a shard of `other` is none of `ours`; empty: it is one. `same_begin` false: settings and
  /// identity need not be the same.
  static std::string difference(const ProgrammeOrigin& ours, const ProgrammeOrigin& other,
                                bool same_begin = true);

  [[nodiscard]] std::filesystem::path folder(int shard) const;
  [[nodiscard]] const CheckpointSettings& settings() const { return settings_; }

  /// Writes what is staged of a shard and removes those beyond `keep`. `stop` true: gives up soon.
  [[nodiscard]] Result<storage::Checkpoint> write(int shard,
                                                  const storage::StagedCheckpoint& staged,
                                                  std::int64_t now_us,
                                                  storage::Resources& resources,
                                                  const std::function<bool()>& stop) const;

  /// Restores a shard to `place`, which must not exist, from the newest checkpoint that is whole.
  /// Damaged ones are told and passed over: the log has what they had. False if there is none to
  /// restore from. A configuration error if one is another programme's.
  [[nodiscard]] Result<bool> restore(int shard, const std::filesystem::path& place,
                                     storage::Resources& resources) const;

  /// The newest one whose manifest can be read.
  [[nodiscard]] Result<std::optional<CheckpointPlaces>> newest(int shard) const;

 private:
  [[nodiscard]] Result<CheckpointPlaces> read_metadata(int shard,
                                                       const storage::Checkpoint& checkpoint) const;
  [[nodiscard]] Status restore_one(int shard, const storage::CheckpointName& name,
                                   const std::filesystem::path& place,
                                   storage::Resources& resources) const;
  void tell(bool warning, const std::string& text) const {
    if (settings_.tell) settings_.tell(warning, text);
  }

  CheckpointSettings settings_;
  ProgrammeOrigin origin_;
  mutable std::mutex mutex_;
  mutable std::set<std::filesystem::path>
      damaged_;  // those passed over: they are not kept for long
};

}  // namespace ketavigil::engine
