// Reads the logs of the shards that a worker owns from a broker's topics, entry by entry, into the
// engine.
//
// The topic `events` is the log: what is in it, in its order, decides everything that is ever said,
// so that two workers that read it say the same. A tick, an epoch and the place at which a part of
// the backfill comes in are records of it too, which workers write.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ingest/decode/entries.h"
#include "ingest/kafka/consumer.h"
#include "ingest/kafka/log_sink.h"
#include "ingest/kafka/producer.h"

namespace ketavigil::ingest::kafka {

struct LogSettings {
  std::string events_topic = "ketavigil.events";
  std::string backfill_topic = "ketavigil.backfill";
  std::string cohort_topic = "ketavigil.cohort";  ///< of one partition
  std::string group_id = "ketavigil";  ///< names the committed offsets, which are telemetry
  std::string about;                   ///< this worker, told to the broker with its offsets
  /// Nothing: the shards that are named. Else those that the group's coordinator gives this member.
  std::optional<Membership> membership;
  std::chrono::seconds tick_every{60};
  int threads = 2;  ///< that fold partitions at once, 1 to 64
  std::uint64_t backfill_step_records =
      20'000;  ///< of the backfill between two looks at the live lane
};

/// Records of a partition that are decoded and kept together.
inline constexpr std::size_t run_records_max = 500;

/// Counts since the start. Thread-safe.
struct LogCounts {
  std::atomic<std::uint64_t> records{0};
  std::atomic<std::uint64_t> backfill_records{0};
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> duplicate{0};
  std::atomic<std::uint64_t> conflict{0};
  std::atomic<std::uint64_t> quarantined{0};
  std::atomic<std::uint64_t> not_followed{0};
  std::atomic<std::uint64_t> forwarded{0};
  std::atomic<std::uint64_t> control{0};
  std::atomic<std::uint64_t> lag_records{0};  ///< not yet read of the lane of events
  std::atomic<std::uint64_t> backfill_lag_records{0};
  std::atomic<bool> connected{false};
  std::atomic<std::uint64_t> placements{0};  ///< how often partitions were given to this worker
};

/// How a programme's topics are set up.
struct LogTopics {
  int partitions = 0;
};
/// Asks the brokers, and refuses topics that cannot be a log: absent, with different numbers of
/// partitions, or not stamped when appended.
[[nodiscard]] Result<LogTopics> look_at_topics(Producer& producer, const LogSettings& settings,
                                               std::chrono::milliseconds timeout);

/// A record that ends the process would end it for ever. After a worker that did not end by itself
/// the first records are kept one by one, each attempt noted before, and one that was tried three
/// times in vain is quarantined.
/// Thread-safety: one thread; `counts` and `stop` from any.
class LogReader : private Placement {
 public:
  /// `shards` are the partitions to read (of a group's member: whatever it is given), `partitions`
  /// how many there are. Refuses a log that does not go on where a shard has stopped. The
  /// references must outlive this.
  static Result<std::unique_ptr<LogReader>> open(const ConnectionSettings& connection,
                                                 const LogSettings& settings, int partitions,
                                                 std::vector<int> shards, LogSink& sink,
                                                 Producer& producer);
  /// Reads what has come, up to a bound, waiting a little for the first; keeps it; lets time pass
  /// where it is due. An error ends the worker.
  [[nodiscard]] Status step();
  /// Work ends as it should.
  [[nodiscard]] Status end();
  /// From any thread: a step that waits for brokers or room gives up soon, with an error.
  void stop() { stopping_ = true; }
  /// Whether everything that was in the topics at some moment of the last step is kept.
  [[nodiscard]] bool is_at_end() const;
  [[nodiscard]] const LogCounts& counts() const { return counts_; }
  /// Shards that were behind what they had told the broker: a store that went back in time, and is
  /// read forward again.
  [[nodiscard]] const std::vector<int>& behind() const { return behind_; }
  /// Whether it is known which shards this worker has.
  [[nodiscard]] bool is_placed() const { return counts_.placements > 0; }

 private:
  using Clock = std::chrono::steady_clock;

  /// One shard's readers and where it is.
  struct Partition {
    int shard = 0;
    std::unique_ptr<EntryReader> reader;
    std::uint64_t told = 0;           // the broker
    bool told_about = false;          // who has it
    std::uint64_t careful_until = 0;  // records before it are kept one by one
    std::uint64_t marked_until = 0;   // of the backfill, by a mark that is under way
    Clock::time_point marked_at{};
    std::uint64_t backfill_high = 0;
  };
  /// Events on their way to be kept, with what they look into, and what was sent on beside them.
  struct Gathered {
    std::deque<DecodedBlock> blocks;
    std::vector<LoggedEvent> events;
    std::size_t bytes = 0;
    SentRecords sent;
  };
  /// What one thread needs of a pass over a partition.
  struct Pass {
    Partition* partition = nullptr;
    std::vector<Record> records;
    Status status;
  };

  LogReader(LogSettings settings, int partitions, LogSink& sink, Producer& producer)
      : settings_(std::move(settings)), partitions_(partitions), sink_(sink), producer_(producer) {}
  Status begin(const ConnectionSettings& connection, const std::vector<int>& shards);
  Result<std::vector<Place>> given(const std::vector<TopicPartition>& partitions) override;
  void taken() override { placed_ = false; }
  Status give_up_others(const std::vector<int>& shards);
  Status take_on(const std::vector<int>& shards);
  Status take_on_one(int shard, std::uint64_t committed);
  Status check_place(Partition* partition, std::uint64_t committed);
  void make_reader(Partition* partition);
  Status keep(std::vector<Record> records);
  Status keep_partition(Pass* pass);
  Status keep_carefully(Partition* partition, Record record);
  Status keep_run(Partition* partition, Lane lane, std::vector<Record>* run);
  Status try_run(Partition* partition, Lane lane, const std::vector<Record>& run);
  Status gather(Partition* partition, Lane lane, const Record& record, Gathered* gathered);
  Status send_where_it_belongs(Partition* partition, Lane lane, const Record& record,
                               DecodedEntry* entry, SentRecords* sent, bool* belongs_here);
  Status keep_gathered(Partition* partition, Lane lane, Gathered* gathered);
  template <typename Attempt>
  Status wait_until_done(int shard, Attempt attempt);
  Status try_control(Partition* partition, const Record& record, std::string_view entry);
  Status take_control(Partition* partition, const Record& record, std::string_view entry);
  Status take_backfill(Partition* partition, std::uint64_t until);
  Status forward(const Record& record, Lane lane, const DecodedEntry& entry, int to,
                 SentRecords* sent);
  Status forward_heartbeat(const Record& record, Lane lane, const DecodedEntry& entry, int here,
                           SentRecords* sent);
  void let_time_pass();
  void ask_for_backfill();
  /// What workers write into the log may be lost: they write it again.
  void send_control(int shard, const char* entry, std::string_view value, SentRecords* sent);
  void tell_broker();
  Status watch_topics();
  [[nodiscard]] const std::string& topic(Lane lane) const {
    return lane == Lane::events ? settings_.events_topic : settings_.backfill_topic;
  }

  LogSettings settings_;
  int partitions_;
  LogSink& sink_;
  Producer& producer_;
  std::unique_ptr<Consumer> live_;
  std::unique_ptr<Consumer> backfill_;
  std::mutex backfilling_;
  std::map<int, Partition> owned_;
  std::vector<int> behind_;
  Clock::time_point next_tick_{};
  Clock::time_point next_look_{};
  Clock::time_point next_watch_{};
  bool idle_ = false;
  bool placed_ = false;  // whether what is in owned_ is this worker's to write to
  std::atomic<bool> stopping_{false};
  LogCounts counts_;
};

}  // namespace ketavigil::ingest::kafka
