// Reads what all workers tell of the history, and compares it with the history of the shards here:
// one revision with two contents means that two histories were written of one log, which must never
// be. It is a fault of the pipeline, not a finding: whoever runs it must be told.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "engine/shard/programme.h"

namespace simdjson::dom {
class parser;
}

namespace ketavigil::routing::kafka {

/// A revision that was told with another content than the one here.
struct TwoContents {
  int shard = 0;
  std::string case_name;
  std::uint64_t revision = 0;
};

/// Thread-safety: one thread; the counts from any.
class HistoryWatch {
 public:
  /// `on_two_contents` is called once for each content that differs. The programme must outlive
  /// this.
  HistoryWatch(const engine::Programme& programme,
               std::function<void(const TwoContents&)> on_two_contents);
  ~HistoryWatch();

  /// A record of PREFIX.alerts.history: its value, and its header `ketavigil-digest`. What is no
  /// revision, or of a shard that is not here, says nothing. Of a revision that the shard here has
  /// not come to yet it is remembered what was told.
  [[nodiscard]] Status take(std::string_view value, std::string_view digest);
  /// Looks again at what the shards here had not come to; to be called now and then.
  [[nodiscard]] Status look_again();

  [[nodiscard]] std::uint64_t compared() const { return compared_.load(); }
  [[nodiscard]] std::uint64_t two_contents() const { return two_contents_.load(); }
  /// Told before the shard here had come to it, and forgotten because there were too many.
  [[nodiscard]] std::uint64_t not_compared() const { return not_compared_.load(); }

 private:
  struct Told {
    std::string patient;
    engine::Revision revision;  // without its text
    std::string digest;
  };
  [[nodiscard]] Status compare(const Told& told, bool* is_known);

  const engine::Programme& programme_;
  std::function<void(const TwoContents&)> on_two_contents_;
  std::unique_ptr<simdjson::dom::parser> parser_;
  std::deque<Told> ahead_;
  std::set<std::string> reported_;
  std::atomic<std::uint64_t> compared_{0};
  std::atomic<std::uint64_t> two_contents_{0};
  std::atomic<std::uint64_t> not_compared_{0};
};

}  // namespace ketavigil::routing::kafka
