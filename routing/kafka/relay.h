// Tells the world by topics what is durable in the shards: every revision, the last one of each
// case, what could not be read, and the accounts of data lock points. From the ways-out rows, in
// the order of the log, each at least once: after a crash the last ones come again, the same bytes
// with the same revision and digest.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>

#include "engine/shard/programme.h"
#include "engine/shard/ways_out.h"
#include "routing/kafka/topic_writer.h"

namespace ketavigil::routing::kafka {

struct RelaySettings {
  std::string prefix =
      "ketavigil";  ///< topics PREFIX.alerts, .alerts.history, .quarantine, .cohort
  std::size_t step_rows_max = 1000;  ///< of one shard between two acknowledgements, 1 to 100,000
};

/// Thread-safety: one thread; `told` from any.
class Relay {
 public:
  /// The references must outlive this.
  Relay(engine::Programme& programme, TopicWriter& writer, RelaySettings settings)
      : programme_(programme), writer_(writer), settings_(std::move(settings)) {}

  /// Tells what waits in each shard that is open, up to a bound; returns how many rows that were.
  /// After an error they wait still.
  [[nodiscard]] Result<std::size_t> step();
  [[nodiscard]] std::uint64_t told() const { return told_.load(); }

 private:
  [[nodiscard]] Result<std::size_t> tell_shard(int number);
  [[nodiscard]] Status tell(int shard, const engine::WayOut& way_out);
  [[nodiscard]] Status tell_revision(const engine::WayOut& way_out);
  [[nodiscard]] Status tell_quarantined(int shard, const engine::WayOut& way_out);
  [[nodiscard]] Status tell_account(int shard, const engine::Account& account);

  engine::Programme& programme_;
  TopicWriter& writer_;
  RelaySettings settings_;
  /// The last row told of a shard (erased rows need no second look), and what was told and is still
  /// to be erased.
  struct ToldOf {
    std::string after;
    std::vector<std::string> erasable;
  };
  std::map<int, ToldOf> told_of_;
  std::atomic<std::uint64_t> told_{0};
};

}  // namespace ketavigil::routing::kafka
