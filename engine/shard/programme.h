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

#include "engine/shard/clock.h"
#include "engine/shard/shard.h"
#include "storage/resources.h"

namespace ketavigil::engine {

inline constexpr int shards_max = 256;

/// What the file programme.json says.
struct ProgrammeFile {
  int shards = 1;
  Settings settings;      ///< before any epoch
  std::string identity;   ///< fold identity before any epoch
  bool complete = false;  ///< all shards have been made: one that is missing now was lost
};
[[nodiscard]] Result<ProgrammeFile> read_programme_file(const std::filesystem::path& directory);
[[nodiscard]] std::filesystem::path shard_path(const std::filesystem::path& directory, int shard);

/// The settings in force in a store: of the last epoch, else those the programme began with.
[[nodiscard]] Result<Settings> settings_in_force(const storage::Store& store,
                                                 const ProgrammeFile& file);

struct ProgrammeOptions {
  std::filesystem::path directory;
  bool create = false;        ///< an absent or empty directory becomes a programme
  std::optional<int> shards;  ///< 1 to 256; of an existing programme it must be the same. Default 1
  int workers = 2;            ///< 1 to 64
  int batch_entries = 5000;   ///< entries a pass, 1 to 100,000
  std::int64_t free_space_guard_bytes = std::int64_t{2} << 30;
  std::optional<Settings> settings;  ///< nothing: those in force stay
  bool cut_leftovers = true;  ///< what a killed load left is cut at once (not by a replay, which
                              ///< has its cuts in its source)
  bool log_time_only =
      false;  ///< an epoch is stamped with the log's newest `received`, not the clock's
};

/// An event read and not yet routed.
struct Parsed {
  std::string_view bytes;
  std::string default_source;
  events::Decoded decoded;  ///< without the check of the sender's clock
  events::Digest digest;    ///< of a fact
};

/// A programme open for writing. Thread-safety: calls from one thread, but `append_live` from any.
class Programme {
 public:
  static Result<std::unique_ptr<Programme>> open(const ProgrammeOptions& options,
                                                 const Clock& clock);

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
  /// The newest `received` over all shards; 0 if there is nothing.
  [[nodiscard]] Microseconds newest_received() const;
  /// `received` of something that comes now: the greater of the shard's last one and the clock.
  [[nodiscard]] Microseconds stamp(int shard) const;
  [[nodiscard]] Microseconds now() const { return clock_.now(); }
  [[nodiscard]] const Configured& configured() const { return shards_.front()->configured(); }
  [[nodiscard]] const ProgrammeOptions& options() const { return options_; }
  Status make_durable();

 private:
  Programme(ProgrammeOptions options, const Clock& clock)
      : options_(std::move(options)), clock_(clock) {}
  Status open_shards(const ProgrammeFile& file);
  Status adopt_settings(const ProgrammeFile& file);

  ProgrammeOptions options_;
  const Clock& clock_;
  std::unique_ptr<storage::Resources> resources_;
  std::vector<std::unique_ptr<Shard>> shards_;
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

/// Appends to `target` (new, or a replay that was killed) what the logs of `source` hold, each
/// entry with its `received`, lane and cuts; with `leave_out_epochs` the configuration stays
/// `target`'s. `progress` is told how many entries are done of how many.
[[nodiscard]] Status replay(const std::vector<const storage::Store*>& source, Programme* target,
                            bool leave_out_epochs, std::optional<Microseconds> until,
                            const std::function<void(std::uint64_t, std::uint64_t)>& progress);

}  // namespace ketavigil::engine
