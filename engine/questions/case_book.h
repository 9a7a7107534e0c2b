// Every case of the shards here, in memory, for whoever lists, filters and follows them: a list of
// 100,000 cases must not read the store.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/questions/case_summary.h"
#include "engine/shard/programme.h"

namespace ketavigil::engine {

using CaseHandle = std::shared_ptr<const CaseSummary>;

/// The moment up to which all history is published: whatever is published later bears a later
/// `updated`. Ask it before the book is refreshed. Where a shard is being written, or follows a
/// topic whose stamps are coarse, it lies a little before what is shown already.
[[nodiscard]] Result<Microseconds> published_until(const Programme& programme);

/// Which cases to list; what is empty does not restrict.
struct CaseFilter {
  std::optional<detectors::Level> level;
  std::string domain;
  std::string detector;
  std::optional<CaseState> state;
  std::string site;
  std::string compound;
  std::string patient;
  std::optional<Microseconds> since;          ///< onset not before
  std::optional<Microseconds> updated_since;  ///< last revision not before
  std::optional<bool> verified;
  std::string search;  ///< in lower case; a part of case, patient, detector, site or compound
};
[[nodiscard]] bool fits(const CaseFilter& filter, const CaseSummary& one);

enum class CaseKey : std::uint8_t { level, updated, raised, onset, detector, patient, site, state };

struct CaseList {
  std::size_t total = 0;  ///< that fit
  std::vector<CaseHandle> cases;
};

/// A revision that came lately; `number` counts up.
struct CaseNews {
  std::uint64_t number = 0;
  CaseHandle summary;
};

/// Grows with the number of cases, about a kilobyte each. Thread-safe. The programme must outlive
/// it.
class CaseBook {
 public:
  explicit CaseBook(const Programme& programme) : programme_(&programme), began_(programme.now()) {}

  /// The cases as they were at `until`: only revisions published by then. Reads all revisions.
  static Result<std::shared_ptr<const CaseBook>> as_of(const Programme& programme,
                                                       Microseconds until);

  /// Takes in what was published since; the first time everything. Quick where there is nothing
  /// new.
  Status refresh();
  [[nodiscard]] CaseList list(const CaseFilter& filter, CaseKey key, bool descending,
                              std::size_t offset, std::size_t limit) const;
  /// By its name, or the id of the finding in its last revision; null: unknown.
  [[nodiscard]] CaseHandle find(const std::string& name_or_id) const;
  /// Calls `take` for each, in no order, with the book locked.
  void for_each(const std::function<void(const CaseHandle&)>& take) const;

  /// When it was made: numbers of news are of one book only.
  [[nodiscard]] Microseconds began() const { return began_; }
  /// The number of the newest news; 0: none yet.
  [[nodiscard]] std::uint64_t newest() const;
  /// At most `limit` of those after `number`, oldest first; nothing if some of them are kept no
  /// more: then everything has to be asked anew.
  [[nodiscard]] std::optional<std::vector<CaseNews>> news_after(std::uint64_t number,
                                                                std::size_t limit) const;

 private:
  using Cases = std::vector<CaseHandle>;
  struct Followed {
    std::weak_ptr<Shard> shard;
    std::shared_ptr<storage::WrittenKeys> written;
  };

  Status follow(int number, const std::shared_ptr<Shard>& shard);
  Status take_in(const storage::Store& store, const storage::WrittenKeys::Taken& written);
  void forget_news();
  Status read_all(const storage::Store& store);
  Status read_patient(const storage::Store& store, const std::string& patient);
  void forget_shard(int number);
  void replace(const std::string& patient, Cases cases, bool is_news);

  const Programme* programme_;
  const Microseconds began_;
  std::optional<Microseconds> until_;
  std::mutex refreshing_;
  std::map<int, Followed> followed_;  // guarded by `refreshing_`

  mutable std::shared_mutex mutex_;  // of what follows
  std::unordered_map<std::string, Cases> by_patient_;
  std::unordered_map<std::string, CaseHandle> by_name_;
  std::unordered_map<std::string, CaseHandle> by_id_;
  std::deque<CaseNews> news_;  // bounded
  std::uint64_t newest_ = 0;
};

}  // namespace ketavigil::engine
