// A record, and R: which of its facts are active, in which order, and what is derived of them
// (EVENTS, The laws of order). Pure; set-determined.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "detectors/patient/record_fact.h"
#include "events/decode.h"
#include "events/stored.h"

namespace ketavigil::engine {

/// The state of a variant, the first that applies (EVENTS, R).
enum class VariantState : std::uint8_t { superseded, retracted, replaced, conflict, twin, active };
[[nodiscard]] std::string_view name_of(VariantState state);

/// Variants in the order of (source, id, version, digest), each at an address that stays the same
/// while others come. A copy shares them. Thread-safety: a value.
class Variants {
 public:
  /// Puts a variant into its place. False: there was one with this key, and it is gone.
  bool put(events::Variant variant);

  /// Whether there is a variant of this version.
  [[nodiscard]] bool has(std::string_view source, std::string_view id, std::int64_t version) const;
  [[nodiscard]] std::size_t size() const { return all_.size(); }
  [[nodiscard]] bool empty() const { return all_.empty(); }
  /// About how much memory they take.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  const events::Variant& operator[](std::size_t i) const { return *all_[i]; }

  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = events::Variant;
    using difference_type = std::ptrdiff_t;
    using pointer = const events::Variant*;
    using reference = const events::Variant&;

    Iterator() = default;
    explicit Iterator(const std::shared_ptr<const events::Variant>* at) : at_(at) {}
    reference operator*() const { return **at_; }
    pointer operator->() const { return at_->get(); }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) { return Iterator(at_++); }
    bool operator==(const Iterator&) const = default;

   private:
    const std::shared_ptr<const events::Variant>* at_ = nullptr;
  };
  [[nodiscard]] Iterator begin() const { return Iterator(all_.data()); }
  [[nodiscard]] Iterator end() const { return Iterator(all_.data() + all_.size()); }

 private:
  std::vector<std::shared_ptr<const events::Variant>> all_;
  std::size_t bytes_ = 0;
};

/// Every variant of one patient in S.
struct Record {
  std::string patient;
  Variants variants;
};

/// What the derivation of a fact can rest on besides the fact itself.
struct Relations {
  bool arrows = false;  ///< a current fact says `replaces`: links may lead anywhere
  /// Each current session, plan and enrolment that is not inactive, and what counts for it (itself,
  /// or the twin that stands for it).
  std::vector<std::pair<const events::Fact*, const events::Fact*>> counting;
};

/// Where two states of a record differ in their relations.
class ChangedRelations {
 public:
  ChangedRelations(const Relations& before, const Relations& now,
                   const events::DecodeSettings& settings);

  /// Whether the same is derived of a fact that both states have, but for `discharge`, which is a
  /// session's last reading's.
  [[nodiscard]] bool spare(const detectors::RecordFact& fact) const;

 private:
  bool any_ = false;  // links may lead anywhere
  events::Microseconds earliest_;
  std::vector<const events::Fact*> changed_;
};

/// Which facts count: `verified` are final and corrected ones; `all` are preliminary ones too.
enum class World : std::uint8_t { verified, all };

/// R of a record. Refers to the record, which must outlive it.
class Resolution {
 public:
  /// `settings` gives zones and ranks of sources; must outlive this too.
  Resolution(const Record& record, const events::DecodeSettings& settings);

  [[nodiscard]] VariantState state(std::size_t variant) const { return states_[variant]; }
  /// Indices of the active variants (representatives of their clusters), in the order of R.
  [[nodiscard]] const std::vector<std::size_t>& active() const { return active_; }
  /// Indices of the losers of conflicts in current versions, on which ◆ rules run.
  [[nodiscard]] const std::vector<std::size_t>& conflict_losers() const { return losers_; }
  /// Members of the cluster that this active variant stands for, itself left out; final and
  /// corrected ones first, then in the order of R. Empty for most.
  [[nodiscard]] const std::vector<std::size_t>& twins_of(std::size_t active_variant) const;
  /// The active variant of this world that stands for (source, id), through twin and `replaces`
  /// links; of several the first in the order of R.
  [[nodiscard]] std::optional<std::size_t> stands_for(std::string_view source, std::string_view id,
                                                      World world = World::all) const;
  /// The keys (source, id) that count as the fact of this key: itself, its twins, and what these
  /// replace.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> counts_as(
      const std::string& source, const std::string& id) const;
  /// Refers to the facts of the record.
  [[nodiscard]] Relations relations() const;
  /// The instant of a variant.
  [[nodiscard]] events::Microseconds instant(std::size_t variant) const {
    return instants_[variant];
  }
  [[nodiscard]] const Record& record() const { return record_; }
  [[nodiscard]] const events::DecodeSettings& settings() const { return settings_; }

 private:
  struct Key {
    std::size_t first = 0;  // its variants are [first, last) of the record
    std::size_t last = 0;
    std::optional<std::size_t> current;  // the winner of the current version
    bool inactive = false;               // retracted or replaced
  };

  void group_keys();
  void choose_current(Key* key);
  void apply_replacements();
  void cluster_twins();
  void form_cluster(std::vector<std::size_t> members);
  [[nodiscard]] bool before(std::size_t a, std::size_t b) const;
  [[nodiscard]] std::optional<std::size_t> key_index(std::string_view source,
                                                     std::string_view id) const;

  const Record& record_;
  const events::DecodeSettings& settings_;
  std::vector<VariantState> states_;
  std::vector<events::Microseconds> instants_;
  std::vector<Key> keys_;  // in the order of (source, id)
  bool arrows_ = false;
  std::vector<std::size_t> active_;
  std::vector<std::size_t> losers_;
  std::unordered_map<std::size_t, std::vector<std::size_t>> twins_;  // representative -> others
  std::unordered_map<std::size_t, std::size_t> representative_;      // other -> representative
  std::unordered_map<std::size_t, std::vector<std::size_t>>
      replacers_;  // key -> keys that replace it
  std::vector<std::pair<std::string, std::string>>
      unseen_replaced_;                        // (source, id) nobody has sent …
  std::vector<std::size_t> unseen_replacers_;  // … and the key that replaces it
};

/// What was derived of an earlier state of a record that has only grown since.
struct Derived {
  Relations relations;
  std::vector<detectors::RecordFact> facts;
};

/// Derives session, phase, site, compound and eligibility in one world.
class Derivation {
 public:
  Derivation(const Resolution& resolution, World world);
  /// The same, keeping of what was derived before what still stands.
  Derivation(const Resolution& resolution, World world, Derived before);

  /// The active facts of this world in the order of R, as detectors see them.
  [[nodiscard]] const std::vector<detectors::RecordFact>& facts() const { return facts_; }
  /// A fact that is not among them (a conflict's loser, a twin, one in quarantine), derived as if
  /// it were.
  [[nodiscard]] detectors::RecordFact derive(const events::Fact& fact) const;
  /// How many of the first facts are those of before, and say the same.
  [[nodiscard]] std::size_t unchanged() const { return unchanged_; }
  /// What the next derivation can begin with, if this one was made so.
  [[nodiscard]] Derived release() && { return {std::move(relations_), std::move(facts_)}; }
  /// How other facts refer to a session, given by its place among the variants.
  [[nodiscard]] detectors::SessionReference reference(std::size_t session) const;
  [[nodiscard]] detectors::SessionReference reference(const events::Fact& session) const;

 private:
  [[nodiscard]] bool counts(const events::Fact& fact) const {
    return world_ == World::all || !fact.is_preliminary();
  }
  void find_sessions();
  void derive_all();
  void derive_what_changed(std::vector<detectors::RecordFact> before,
                           const ChangedRelations& changed);
  [[nodiscard]] detectors::RecordFact bare(const events::Fact& fact) const;
  void find_plan(detectors::RecordFact* fact) const;
  void find_session(detectors::RecordFact* fact) const;
  void find_phase(detectors::RecordFact* fact) const;
  void find_site_and_compound(detectors::RecordFact* fact) const;
  void find_eligibility(detectors::RecordFact* fact) const;
  std::vector<std::size_t> mark_discharges();
  void compare_discharges(const std::vector<std::size_t>& before);
  const Resolution& resolution_;
  World world_;
  Relations relations_;                  // only where they can be asked for
  std::vector<std::size_t> sessions_;    // variants, in the order of R
  std::vector<std::size_t> enrolments_;  // likewise
  std::vector<detectors::RecordFact> facts_;
  std::size_t unchanged_ = 0;
};

}  // namespace ketavigil::engine
