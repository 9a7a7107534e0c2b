// What the log says of each source: when it was last heard of, how much it sent, how late, and how
// often it is silent. Counts entries of the log, outside the laws of order.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/questions/patient_blocks.h"
#include "engine/shard/programme.h"

namespace ketavigil::engine {

/// Of one source.
struct SourceAccount {
  std::string source;
  Microseconds last_received = 0;
  std::optional<Microseconds> last_effective;
  std::int64_t entries = 0;
  std::optional<double> lateness_median_hours;  ///< from effective to received, of the last 1,000
  std::optional<double> lateness_95_hours;
  std::optional<double> usual_gap_hours;  ///< 95th percentile between two days with entries
  bool silent = false;  ///< nothing for more than twice the usual gap, and more than a day
};

/// Reads the log once and then what comes. Bounded: 10,000 sources, of each 1,000 lateness values
/// and 400 days; and 1.5 bytes an entry of the log. Thread-safe. The programme must outlive it.
class LogBook {
 public:
  explicit LogBook(const Programme& programme) : programme_(&programme) {}

  /// Reads at most `entries_max` entries further.
  Status refresh(std::size_t entries_max);
  /// Whether `refresh` has come to the end of the log, as it was then.
  [[nodiscard]] bool is_complete() const;
  /// By source. `at` is the moment that silence is told by.
  [[nodiscard]] std::vector<SourceAccount> sources(Microseconds at) const;
  /// Which part of a shard's log has to be read for a patient; all of it where nothing is known.
  [[nodiscard]] std::vector<LogRange> ranges_of(int shard, const std::string& patient) const;

 private:
  struct Source {
    Microseconds last_received = 0;
    std::optional<Microseconds> last_effective;
    std::int64_t entries = 0;
    std::deque<double> lateness_hours;
    std::set<std::int64_t> days;  // since 1970, with entries
  };
  struct Reader;

  Status read(int shard, const storage::Store& store, std::size_t* left);
  void take(const Entry& entry, bool counts_heartbeats, Reader* reader);
  void note_place(int shard, std::uint64_t position, const Entry& entry);

  const Programme* programme_;
  std::mutex refreshing_;
  std::map<int, std::uint64_t> read_;  // by shard: up to which position; guarded by `refreshing_`
  mutable std::mutex mutex_;           // of what follows
  std::map<std::string, Source, std::less<>> sources_;
  std::map<int, PatientBlocks> blocks_;
  bool complete_ = false;
};

}  // namespace ketavigil::engine
