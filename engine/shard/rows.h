// Which row of which family holds what (docs/formats/store.md). Keys order by patient first, so
// that one scan reads all of a patient.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/shard/codec.h"
#include "engine/shard/record.h"
#include "events/decode.h"
#include "storage/store.h"

namespace ketavigil::engine::rows {

// Family::facts: patient · source · id · version -> the variant that came first. Each further one
// has a row of its own, the same key with its digest behind, so that many cost no more than few.
[[nodiscard]] std::string fact(std::string_view patient, std::string_view source,
                               std::string_view id, std::int64_t version);
[[nodiscard]] std::string further_variant(std::string_view fact_key, const events::Digest& digest);
// Family::quarantine: patient · source · id (each "" where it cannot be read) · SHA-256 of the
// bytes.
[[nodiscard]] std::string quarantined(const events::Rejection& rejection, std::string_view bytes);
// Family::findings, Family::cells and, with `c`, Family::history: one row a patient.
[[nodiscard]] std::string of_patient(std::string_view patient);
[[nodiscard]] std::string cases(std::string_view patient);
// Family::history: patient · `r` · detector · case · revision -> the revision's JSON.
[[nodiscard]] std::string revision(std::string_view patient, const Revision& revision);
[[nodiscard]] std::string revisions(std::string_view patient);
// Family::deadlines: when the findings of a patient change by time alone · patient -> nothing.
[[nodiscard]] std::string deadline(Microseconds due, std::string_view patient);
// Family::locks: a data lock point -> the account of it.
[[nodiscard]] std::string lock_point(Microseconds moment);
// Family::meta: heartbeats by (source, effective).
[[nodiscard]] std::string heartbeat(std::string_view source, Microseconds effective);

// Family::meta: notes by name.
[[nodiscard]] std::string mark(std::string_view name);

/// The patient that a key begins with; nothing for a damaged key.
[[nodiscard]] std::optional<std::string> patient_of(std::string_view key);

inline constexpr std::string_view meta_received = "received";  // i64: newest of this shard
inline constexpr std::string_view meta_cut = "cut";  // u64: revisions are cut up to this entry
inline constexpr std::string_view meta_locked = "locked";      // i64: the last lock point taken
inline constexpr std::string_view meta_settings = "settings";  // of the epoch in force
inline constexpr std::string_view meta_identity = "identity";  // fold identity of the projections
// i64, by engine::Feed: of a replay the source's last position, of a topic the next offset.
inline constexpr std::array<std::string_view, 3> meta_places = {"replayed", "next events",
                                                                "next backfill"};

}  // namespace ketavigil::engine::rows

namespace ketavigil::engine {

/// Rows of a pass that are not in the store yet, by key.
using PendingRows = std::map<std::string, std::string, std::less<>>;
struct Overlay {
  PendingRows facts;
  std::vector<events::Variant> variants;  ///< what the rows of `facts` say
  PendingRows quarantine;
  PendingRows heartbeats;
};

/// Everything known of a patient: the record, and what is in quarantine of them and counts (U).
struct KnownPatient {
  Record record;
  std::vector<events::Fact> quarantined;
};

/// Reads a patient, `overlay` (may be null) over the store. `decoder` reads what is in quarantine
/// again.
[[nodiscard]] Result<KnownPatient> read_patient(const storage::Store& store,
                                                std::string_view patient, events::Decoder* decoder,
                                                const Overlay* overlay,
                                                const storage::Snapshot* snapshot = nullptr);

/// Takes variants of a pass, all of this patient, into what was read of them before it. Whether
/// every fact that was known is still where it was: if not, nothing may refer to it any more.
[[nodiscard]] bool take_pending_variants(std::vector<events::Variant> variants,
                                         KnownPatient* known);

/// Keeps of quarantined facts those that have no accepted variant of their key with the same or a
/// greater version.
void drop_answered(const Record& record, std::vector<events::Fact>* quarantined);

}  // namespace ketavigil::engine
