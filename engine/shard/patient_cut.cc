#include "engine/shard/patient_cut.h"

#include <algorithm>

#include "engine/shard/ways_out.h"

namespace ketavigil::engine {
namespace {

using storage::Family;

// A fact of a case is active if something active stands for it.
class ActiveInRecord : public ActiveFacts {
 public:
  explicit ActiveInRecord(const PatientFold& fold, const QuarantinedFacts& quarantined)
      : fold_(fold), quarantined_(quarantined) {}
  [[nodiscard]] bool is_active(const FactKey& key) const override {
    if (fold_.resolution().stands_for(key.first, key.second)) return true;
    return std::any_of(quarantined_.begin(), quarantined_.end(), [&](const events::Fact& fact) {
      return fact.source == key.first && fact.id == key.second;
    });
  }

 private:
  const PatientFold& fold_;
  const QuarantinedFacts& quarantined_;
};

std::vector<HeldFinding> held_findings(const PatientFold& fold, const StoredFindings& stored,
                                       const std::vector<detectors::Finding>& findings) {
  std::vector<HeldFinding> held;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const detectors::Finding& finding = findings[i];
    HeldFinding one{finding.id,
                    finding.detector,
                    finding.statistic,
                    finding.onset,
                    static_cast<int>(finding.level),
                    finding.resolved,
                    stored.findings[i].text,
                    {}};
    for (const auto& fact : finding.evidence) {
      for (auto& key : fold.resolution().counts_as(fact.source, fact.id)) {
        if (std::find(one.evidence.begin(), one.evidence.end(), key) == one.evidence.end()) {
          one.evidence.push_back(std::move(key));
        }
      }
    }
    held.push_back(std::move(one));
  }
  return held;
}

StoredFindings to_stored(const detectors::Findings& findings, std::string_view patient,
                         const Identities& identities) {
  StoredFindings stored{findings.valid_from, findings.valid_until, {}};
  for (const auto& finding : findings.findings) {
    stored.findings.push_back({finding.id, finding.detector, finding.level, finding.resolved,
                               finding.onset, finding.compound, finding.site,
                               finding_text(finding, patient, identities)});
  }
  return stored;
}

// Puts a row only if its bytes changed: most folds change little.
void put_if_changed(storage::Batch* batch, Family family, const std::string& key, bool had,
                    const std::string& old, const std::string& bytes) {
  if (!had || old != bytes) batch->put(family, key, bytes);
}

Status cut_cases(const storage::Store& store, std::string_view patient,
                 std::vector<HeldFinding> held, const ActiveFacts& active, const Cut& cut,
                 storage::Batch* batch) {
  const std::string key = rows::cases(patient);
  std::string old_bytes;
  bool had = false;
  KETAVIGIL_TRY(store.get(Family::history, key, &old_bytes, &had));
  std::vector<Case> cases;
  if (had) KETAVIGIL_TRY(decode(old_bytes, &cases));
  if (cases.empty() && held.empty()) return {};
  const auto revisions = continue_cases(&cases, std::move(held), active, cut);
  for (const Revision& revision : revisions) {
    const std::string row = rows::revision(patient, revision);
    batch->put(Family::history, row, revision.text);
    if (cut.ways_out) put_way_out(batch, cut.position, WayOut::Kind::revision, row);
  }
  put_if_changed(batch, Family::history, key, had, old_bytes, encode(cases));
  return {};
}

// Puts what a fold says at a cut, where it is not what is stored.
Status put_outcome(const storage::Store& store, const PatientFold& fold, const KnownPatient& known,
                   const Configured& configured, const Cut& cut, storage::Batch* batch) {
  const std::string& patient = known.record.patient;
  const PatientOutput output = fold.at(cut.received);
  const StoredFindings stored = to_stored(output.findings, patient, configured.identities);
  const std::string key = rows::of_patient(patient);
  std::string old_bytes;
  bool had = false;
  KETAVIGIL_TRY(store.get(Family::findings, key, &old_bytes, &had));
  StoredFindings old;
  old.valid_until = detectors::never;
  if (had) KETAVIGIL_TRY(decode(old_bytes, &old));
  if (old.valid_until != stored.valid_until) {
    if (old.valid_until != detectors::never)
      batch->erase(Family::deadlines, rows::deadline(old.valid_until, patient));
    if (stored.valid_until != detectors::never)
      batch->put(Family::deadlines, rows::deadline(stored.valid_until, patient), "");
  }
  put_if_changed(batch, Family::findings, key, had, old_bytes, encode(stored));
  std::string old_cells;
  bool had_cells = false;
  KETAVIGIL_TRY(store.get(Family::cells, key, &old_cells, &had_cells));
  put_if_changed(batch, Family::cells, key, had_cells, old_cells, encode(output.cells));
  const ActiveInRecord active(fold, known.quarantined);
  return cut_cases(store, patient, held_findings(fold, stored, output.findings.findings), active,
                   cut, batch);
}

// What is in use becomes what the store and the overlay hold: by the overlay's facts alone, if it
// is known already and nothing else has changed.
Status bring_up_to_date(const storage::Store& store, std::string_view patient,
                        events::Decoder* decoder, const Overlay* overlay, PatientInUse* in_use) {
  const bool is_known = in_use->known.record.patient == patient;
  if (!is_known || (overlay != nullptr && !overlay->quarantine.empty())) {
    in_use->saved = {};
    KETAVIGIL_TRY_ASSIGN(in_use->known, read_patient(store, patient, decoder, overlay));
    return {};
  }
  if (overlay == nullptr) return {};
  KETAVIGIL_TRY_ASSIGN(const bool stays, take_pending_facts(overlay->facts, &in_use->known));
  if (!stays) in_use->saved = {};
  return {};
}

}  // namespace

StoredFindings stored_findings(const PatientFold& fold, std::string_view patient, Microseconds at,
                               const Identities& identities) {
  return to_stored(fold.at(at).findings, patient, identities);
}

Status cut_patient(const storage::Store& store, std::string_view patient,
                   const Configured& configured, const Cut& cut, events::Decoder* decoder,
                   const Overlay* overlay, PatientInUse* in_use, storage::Batch* batch) {
  if (in_use == nullptr) {
    KETAVIGIL_TRY_ASSIGN(const KnownPatient known, read_patient(store, patient, decoder, overlay));
    const PatientFold fold(known.record, known.quarantined, configured.settings);
    return put_outcome(store, fold, known, configured, cut, batch);
  }
  KETAVIGIL_TRY(bring_up_to_date(store, patient, decoder, overlay, in_use));
  PatientFold fold(in_use->known.record, in_use->known.quarantined, configured.settings,
                   std::move(in_use->saved));
  const Status status = put_outcome(store, fold, in_use->known, configured, cut, batch);
  in_use->saved = std::move(fold).save();
  return status;
}

}  // namespace ketavigil::engine
