// A shard: a log, the records and projections that follow from it, and the passes that keep them
// so.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/shard/account.h"
#include "engine/shard/pages.h"
#include "engine/shard/patient_cut.h"
#include "storage/store.h"

namespace ketavigil::engine {

/// A decoded event on its way into the log.
struct Incoming {
  std::string_view bytes;  ///< as received; must live until the pass is over
  std::string_view default_source;
  events::Decoded decoded;  ///< the sender's clock not yet checked
  events::Digest digest;    ///< of a fact
  Microseconds received =
      0;  ///< stamped by the log; where it is before the newest entry, that counts
  /// Of the last event of a topic's record: the offset after that record, stored with it.
  std::optional<std::uint64_t> next_offset = std::nullopt;
  /// Of what came from a topic: the offset of its record, for whoever looks for it.
  std::optional<std::uint64_t> offset = std::nullopt;
};

/// What a shard's log can be read from: the log of another programme (replay), or topics.
enum class Feed : std::uint8_t { replay, events, backfill };
inline constexpr std::size_t feeds = 3;

enum class Outcome : std::uint8_t { accepted, duplicate, conflict, quarantined };
[[nodiscard]] std::string_view name_of(Outcome outcome);

/// What became of an event.
struct Answer {
  Outcome outcome = Outcome::accepted;
  events::Kind kind = events::Kind::none;
  std::string reason;  ///< of a quarantined one, with field and what was expected
  std::string field;
  std::string expected;
  std::string source = {};  ///< of the event, where it can be read
};

/// What a pass or cut cost and did, for metrics.
struct PassCount {
  std::int64_t entries = 0;
  std::int64_t patients_folded = 0;
};

/// Options that must not show in any result.
struct ShardOptions {
  int workers = 2;        ///< threads that fold patients at a cut, 1 to 64
  bool ways_out = false;  ///< revisions and quarantined events are kept to be told to the world
  /// About how much memory patients in use may take; 0: every cut reads and folds from the start.
  std::int64_t cache_bytes = std::int64_t{64} << 20;
};

/// Thread-safety: one writing call at a time (a mutex sees to it); `store()` may be read beside it.
class Shard {
 public:
  /// Takes the store over. Completes what a killed process left half done (`recover`).
  static Result<std::unique_ptr<Shard>> open(std::unique_ptr<storage::Store> store,
                                             std::shared_ptr<const Configured> configured,
                                             const ShardOptions& options);

  /// The bulk lane: one atomic write of these entries, no cut. An event that changes nothing (a
  /// known variant, a known quarantined event) is answered and makes no entry, unless `keep_all`
  /// (replay).
  Result<std::vector<Answer>> append_bulk(std::span<Incoming> events, bool keep_all = false);
  /// The live lane: each entry with its cut in one atomic write; all of them durable when this
  /// returns.
  Result<std::vector<Answer>> append_live(std::span<Incoming> events, bool keep_all = false);
  /// Time passes.
  Status append_tick(Microseconds received);
  /// Revisions are cut here, if there is anything since the last cut or `always`.
  Status append_cut(Microseconds received, bool always = false);
  /// Another configuration from here on; every patient is cut.
  Status append_epoch(Microseconds received, std::shared_ptr<const Configured> configured);
  /// A quarantined event is decoded again under the configuration in force. A usage error if there
  /// is none.
  Result<Answer> append_retry(Microseconds received, const std::string& quarantine_key);
  Status append_discard(Microseconds received, const std::string& quarantine_key);
  /// A small note beside the log that shows in no result, by name; survives the process, and a
  /// power loss once something later was made durable.
  Status put_mark(std::string_view name, std::string_view value);
  /// Empty if there is none.
  [[nodiscard]] Result<std::string> mark(std::string_view name) const;
  /// These ways-out rows were told. Told again after a crash, unless this was synced.
  Status erase_ways_out(const std::vector<std::string>& told);
  /// Changes rows of the family `pages`. Undone by a power loss, unless this was synced.
  Status change_pages(const PageChanges& changes);
  /// Makes everything appended so far survive power loss, and tells the witness.
  Status make_durable();
  /// Ends a cut that was begun and could not be ended, before anything new is noted.
  Status settle();
  /// Where reading of a feed has come to (of a log its last position, of a topic the next offset);
  /// stored with the next write.
  void note_place(Feed feed, std::uint64_t place);
  /// Stores places that have no entry to go with, if there are any. Not yet durable.
  Status write_places();

  [[nodiscard]] std::uint64_t position() const { return position_.load(); }
  [[nodiscard]] std::uint64_t place(Feed feed) const {
    return places_[static_cast<std::size_t>(feed)].load();
  }
  /// The newest `received` of this shard; 0 if its log is empty.
  [[nodiscard]] Microseconds received() const { return received_.load(); }
  /// The lock point of the last account taken; nothing: none yet. Not beside a writing call.
  [[nodiscard]] std::optional<Microseconds> locked() const { return locked_; }
  /// Whether an entry with this `received` lies beyond a lock point that was not taken yet.
  [[nodiscard]] bool is_beyond_lock_point(Microseconds received) const {
    return received > next_lock_point_;
  }
  /// Whether entries wait for a cut.
  [[nodiscard]] bool has_uncut() const { return cut_ < position_.load(); }
  [[nodiscard]] const storage::Store& store() const { return *store_; }
  [[nodiscard]] storage::Store& store() { return *store_; }
  [[nodiscard]] const Configured& configured() const { return *configured_; }
  [[nodiscard]] PassCount counted() const { return {entries_.load(), folded_.load()}; }

 private:
  Shard(std::unique_ptr<storage::Store> store, std::shared_ptr<const Configured> configured,
        const ShardOptions& options);

  [[nodiscard]] static std::string_view kept_bytes(std::string_view bytes);
  [[nodiscard]] static std::string patient_in(const events::Decoded& decoded);
  Status read_quarantined(const std::string& key, Quarantined* entry) const;
  Status write_decision(storage::Batch* batch, EntryType type, Microseconds received,
                        const std::string& quarantine_key, const std::string& patient);
  Status recover();
  Status read_uncut_tail(std::optional<EntryType>* last_type, bool* last_is_live);
  Status put_entry(storage::Batch* batch, const Entry& entry);
  Status write_bulk(storage::Batch* batch, Overlay* overlay, bool* any);
  Status write(storage::Batch* batch);
  void go_back_to_what_is_written();
  void put_meta(storage::Batch* batch, bool cut_here);
  Status write_news_of_places();
  static void check_clock(Incoming* event);
  /// `known` (may be null): the record of the patient, with all that the store has of it.
  Result<Answer> apply(Incoming* event, const Record* known, Overlay* overlay,
                       storage::Batch* batch, bool* changed);
  Result<Answer> apply_fact(Incoming* event, const Record* known, Overlay* overlay,
                            storage::Batch* batch, bool* changed);
  Status read_variants(const std::string& key, const events::Fact& fact, const Overlay& overlay,
                       std::vector<events::Variant>* variants) const;
  Result<Answer> apply_heartbeat(const events::Fact& fact, Overlay* overlay, storage::Batch* batch,
                                 bool* changed);
  Result<Answer> apply_rejection(const Incoming& event, const events::Rejection& rejection,
                                 Overlay* overlay, storage::Batch* batch, bool* changed);
  /// Live entries with their cuts that wait for one write (shard_live.cc).
  struct LivePass {
    explicit LivePass(const storage::Store& store) : batch(store) {}
    storage::Batch batch;
    std::set<std::string, std::less<>> patients;  ///< whose rows are in it; "": of nobody
  };
  Status append_all_live(std::span<Incoming> events, bool keep_all, LivePass* pass,
                         std::vector<Answer>* answers);
  Status append_one_live(Incoming* event, bool keep_all, LivePass* pass, Answer* answer);
  [[nodiscard]] static bool asks_pending_rows(const Incoming& event, const PatientInUse* in_use,
                                              const LivePass& pass);
  Status write_pass(LivePass* pass, bool cut_here);
  void abandon(const LivePass& pass);
  Status append_mark(EntryType type, Microseconds received, std::string bytes);
  Status run_cut(const Cut& cut, bool every_patient);
  [[nodiscard]] Cut cut_here(bool is_epoch = false) const;
  Status finish_begun_cut();
  Status cut_in_parallel(const std::vector<std::string>& patients, const Cut& cut);
  Result<std::vector<std::string>> due_patients(Microseconds until) const;
  Result<std::vector<std::string>> every_patient() const;
  Status refresh_earliest_due();
  // Lock points (shard_lock_points.cc).
  Status recover_lock_points();
  void find_next_lock_point();
  Status begin_lock_points(Microseconds received);
  Status pass_lock_points(Microseconds received);
  void note_locked();
  Status write_accounts(const std::vector<Account>& accounts);

  std::unique_ptr<storage::Store> store_;
  std::shared_ptr<const Configured> configured_;
  ShardOptions options_;
  std::mutex writing_;
  std::unique_ptr<events::Decoder> decoder_;
  PatientCache in_use_;
  std::atomic<std::uint64_t> position_{0};
  std::uint64_t written_position_ =
      0;  // what the store has: a write that fails takes the log's end back to it
  Microseconds written_received_ = 0;
  std::atomic<Microseconds> received_{0};
  std::uint64_t cut_ = 0;
  // A cut that was begun and could not be ended (a full disk): it is ended under its own number
  // before anything else.
  struct BegunCut {
    Cut cut;
    bool every_patient = false;
  };
  std::optional<BegunCut> begun_cut_;
  std::array<std::atomic<std::uint64_t>, feeds> places_{};
  std::array<std::uint64_t, feeds> written_places_{};
  std::set<std::string> dirty_;  // patients with entries since the last cut
  Microseconds earliest_due_ = detectors::never;
  // An entry beyond it has the account taken first; until it is known every entry lies beyond it.
  Microseconds next_lock_point_ = std::numeric_limits<Microseconds>::min();
  std::optional<Microseconds> locked_;
  std::atomic<std::int64_t> entries_{0};
  std::atomic<std::int64_t> folded_{0};
};

}  // namespace ketavigil::engine
