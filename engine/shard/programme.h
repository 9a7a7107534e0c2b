// One data directory is one programme: its shards, how events find them, and the lanes into their
// logs.
//
//   DIR/programme.json    format, number of shards, the settings it began with
//   DIR/shard-000/ …      one store each, with its witness
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/shard/checkpoints.h"
#include "engine/shard/clock.h"
#include "engine/shard/shard.h"
#include "storage/resources.h"

namespace ketavigil::engine {

class CohortShard;

inline constexpr int shards_max = 256;

/// Where the log of a programme is.
enum class LogOrigin : std::uint8_t {
  inbox,  ///< in the shards: whoever opens the programme for writing appends to it
  topics  ///< on a broker: a shard holds a copy of its partition's log, as far as it has read
};

/// What the file programme.json says.
struct ProgrammeFile {
  int shards = 1;
  LogOrigin log = LogOrigin::inbox;
  Settings settings;     ///< before any epoch
  std::string identity;  ///< fold identity before any epoch
  /// All shards have been made: one that is missing now was lost. Never with a log on topics: there
  /// each worker has its own, and what is missing comes from the log again.
  bool complete = false;
};
[[nodiscard]] Result<ProgrammeFile> read_programme_file(const std::filesystem::path& directory);
[[nodiscard]] std::filesystem::path programme_file_path(const std::filesystem::path& directory);
[[nodiscard]] std::filesystem::path shard_path(const std::filesystem::path& directory, int shard);

/// Beside the folder of a shard that another worker keeps now: what is in it is of the past.
/// Reading leaves it out; whoever acquires the shard again takes the file away.
[[nodiscard]] std::filesystem::path given_up_path(const std::filesystem::path& directory,
                                                  int shard);

/// The settings in force in a store: of the last epoch, else those the programme began with.
[[nodiscard]] Result<Settings> settings_in_force(const storage::Store& store,
                                                 const ProgrammeFile& file);

struct ProgrammeOptions {
  bool ways_out = false;             ///< what is new is kept to be told to the world
  LogOrigin log = LogOrigin::inbox;  ///< of an existing programme it must be the same
  std::filesystem::path directory;
  bool create = false;        ///< an absent or empty directory becomes a programme
  std::optional<int> shards;  ///< 1 to 256; of an existing programme it must be the same. Default 1
  int workers = 2;            ///< 1 to 64
  int batch_entries = 5000;   ///< entries a pass, 1 to 100,000
  std::int64_t free_space_guard_bytes = std::int64_t{2} << 30;
  /// About how much memory the patients in use of all shards may take (`ShardOptions`).
  std::int64_t cache_bytes = std::int64_t{128} << 20;
  std::optional<Settings> settings;  ///< nothing: those in force stay
  /// Of a log on topics: what a shard that is not here is restored from. Then a new directory
  /// begins with the settings that the programme began with, not with `settings`.
  std::optional<CheckpointSettings> checkpoints;
  bool cut_leftovers = true;  ///< what a killed load left is cut at once (not by a replay, which
                              ///< has its cuts in its source)
  bool cohort = true;         ///< with its log in the inbox: data lock points are added up here
  bool log_time_only =
      false;  ///< an epoch is stamped with the log's newest `received`, not the clock's
};

/// Writes the file anew, whole or not at all.
[[nodiscard]] Status write_programme_file(const std::filesystem::path& directory,
                                          const ProgrammeFile& file);
/// Makes the directory and its file where there is nothing yet; of several at once the first wins.
[[nodiscard]] Status create_programme(const ProgrammeOptions& options);
[[nodiscard]] Status create_programme(const std::filesystem::path& directory,
                                      const ProgrammeFile& begin);

/// An event read and not yet routed.
struct Parsed {
  std::string_view bytes;
  std::string default_source;
  events::Decoded decoded;  ///< without the check of the sender's clock
  events::Digest digest;    ///< of a fact
};

/// A programme open for writing. With its log in the inbox all shards are open. With its log on
/// topics none is at first: they are acquired and released one by one, and their entries come from
/// outside with their `received`.
/// Thread-safety: calls from one thread, but `append_live`, `owned`, `hold`, `newest_received` and
/// what is said below from any.
class Programme {
 public:
  static Result<std::unique_ptr<Programme>> open(const ProgrammeOptions& options,
                                                 const Clock& clock);

  ~Programme();

  /// Opens a shard and completes what a killed process left. One that is not there is restored from
  /// the newest whole checkpoint, else made empty. A log on topics only. The caller sees to it that
  /// the log is read from the shard's place on.
  Status acquire(int number);
  /// The fold identity that the projections of a shard were made under.
  [[nodiscard]] Result<std::string> identity_in_force(int number) const;
  /// Another worker keeps the shard from here on. If it is open it is made durable and closed, once
  /// nobody holds it; what is on the disk is marked as given up.
  Status release(int number);
  /// A shard for a thread that others may release it from meanwhile; nothing if it is not open. To
  /// be let go soon: `release` waits.
  [[nodiscard]] std::shared_ptr<Shard> hold(int number) const;
  /// Writes a checkpoint of a shard that is open and removes the oldest ones; `stop` is asked
  /// meanwhile and gives it up. Long (everything is read twice); the shard can be written and
  /// released all the while. From any thread, one at a time. Needs `checkpoints` in the options.
  [[nodiscard]] Result<storage::Checkpoint> write_checkpoint(int number,
                                                             const std::function<bool()>& stop);
  /// The newest checkpoint of a shard that is not ahead of `position`, by its name. From any
  /// thread.
  [[nodiscard]] Result<std::optional<storage::CheckpointName>> newest_checkpoint(
      int number, std::uint64_t position) const;
  /// What an operator can do about a shard that stands before `begins`, where its topic of `feed`
  /// begins now: the log between is gone.
  [[nodiscard]] std::string way_back(int number, Feed feed, std::uint64_t begins) const;
  /// The shards that are open, in their order.
  [[nodiscard]] std::vector<int> owned() const;
  [[nodiscard]] bool owns(int number) const;

  /// The live lane. Durable when it returns; answers in the order of the events.
  Result<std::vector<Answer>> append_live(std::vector<Parsed> events);
  /// A tick on every shard.
  Status append_ticks();

  [[nodiscard]] int shards() const { return static_cast<int>(shards_.size()); }
  [[nodiscard]] Shard& shard(int number) { return *shards_[static_cast<std::size_t>(number)]; }
  [[nodiscard]] const Shard& shard(int number) const {
    return *shards_[static_cast<std::size_t>(number)];
  }
  /// The shard of an event; nothing for one that goes to every shard (a heartbeat).
  [[nodiscard]] std::optional<int> shard_of(const events::Decoded& decoded) const;
  /// Of all shards that are or were open here.
  [[nodiscard]] PassCount counted() const;
  /// The newest `received` over all shards; 0 if there is nothing.
  [[nodiscard]] Microseconds newest_received() const;
  /// `received` of something that comes now: the greater of the shard's last one and the clock.
  [[nodiscard]] Microseconds stamp(int shard) const;
  [[nodiscard]] Microseconds now() const { return clock_.now(); }
  /// Of the first shard that is open; there must be one.
  [[nodiscard]] const Configured& configured() const { return shard(owned().front()).configured(); }
  [[nodiscard]] const ProgrammeOptions& options() const { return options_; }
  /// The cohort's shard, once a lock point has passed; null before, and with a log on topics.
  [[nodiscard]] const CohortShard* cohort() const { return cohort_.get(); }
  Status make_durable();

 private:
  Programme(ProgrammeOptions options, const Clock& clock);
  Status open_shards();
  Result<std::unique_ptr<Shard>> open_shard(int number, bool create_if_missing) const;
  Status adopt_settings();
  Status settle_origin();
  Status restore_if_lost(int number);
  [[nodiscard]] Error not_opened(int number, const Error& error) const;
  // cohort/cohort_feed.cc
  Status open_cohort();
  Status feed_cohort();
  Status feed_from(int number);

  ProgrammeOptions options_;
  const Clock& clock_;
  std::unique_ptr<storage::Resources> resources_;
  ProgrammeFile file_;
  std::optional<Checkpoints> checkpoints_;
  mutable std::mutex owning_;                   // of which entries of shards_ there are
  std::vector<std::shared_ptr<Shard>> shards_;  // by number; null: not open here
  PassCount released_;                          // counts of shards that were released
  std::unique_ptr<CohortShard> cohort_;
  std::vector<std::optional<Microseconds>> fed_;  // what each shard had locked when it was fed last
  std::mutex live_;
};

/// The bulk lane (`load`): entries without cuts of their own, one cut at the end, or with
/// `as_recorded` at each tick and the end.
class BulkLoad {
 public:
  BulkLoad(Programme* programme, bool as_recorded)
      : programme_(programme), as_recorded_(as_recorded) {
    pending_.resize(static_cast<std::size_t>(programme->shards()));
    last_received_ = programme->newest_received();
  }

  using OnAnswer = std::function<void(const Answer&)>;
  /// Takes events in the order of the file; `buffer` holds their bytes and is kept until they are
  /// written. `on_answer` is called once for each event, in any order, at the latest by `finish`.
  Status take(std::vector<Parsed> events, std::shared_ptr<const std::string> buffer,
              const OnAnswer& on_answer);
  /// Writes what is pending and cuts. Everything is durable when it returns.
  Status finish(const OnAnswer& on_answer);

 private:
  struct Pending {
    std::vector<Incoming> events;
    std::vector<bool> counts;  // false for a heartbeat's copies
  };
  Status flush(const OnAnswer& on_answer);
  Status pass_day(Microseconds received, const OnAnswer& on_answer);
  [[nodiscard]] Microseconds stamp(const Parsed& event) const;

  Programme* programme_;
  bool as_recorded_;
  Microseconds last_received_ = 0;
  std::vector<Pending> pending_;
  std::size_t pending_events_ = 0;
  std::size_t pending_bytes_ = 0;
  std::vector<std::shared_ptr<const std::string>> buffers_;
  std::vector<std::shared_ptr<const std::string>> sources_;  // default sources, likewise
};

/// Appends to `target` (new, or a replay that was killed) what the logs of `source` hold (by number
/// of the shard; null: not here), each
/// entry with its `received`, lane and cuts; with `leave_out_epochs` the configuration stays
/// `target`'s. `progress` is told how many entries are done of how many.
[[nodiscard]] Status replay(const std::vector<const storage::Store*>& source, Programme* target,
                            bool leave_out_epochs, std::optional<Microseconds> until,
                            const std::function<void(std::uint64_t, std::uint64_t)>& progress);

}  // namespace ketavigil::engine
