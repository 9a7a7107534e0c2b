#include "engine/shard/patient_cut.h"

#include <algorithm>

#include "engine/shard/pages.h"
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

// What the store has of a patient's findings, cells and cases.
Result<Projected> read_projected(const storage::Store& store, std::string_view patient) {
  Projected now;
  const std::string key = rows::of_patient(patient);
  KETAVIGIL_TRY(store.get(Family::findings, key, &now.findings, &now.has_findings));
  if (now.has_findings) {
    StoredFindings findings;
    KETAVIGIL_TRY(decode(now.findings, &findings));
    now.valid_until = findings.valid_until;
  }
  KETAVIGIL_TRY(store.get(Family::cells, key, &now.cells, &now.has_cells));
  KETAVIGIL_TRY(store.get(Family::history, rows::cases(patient), &now.cases_bytes, &now.has_cases));
  if (now.has_cases) KETAVIGIL_TRY(decode(now.cases_bytes, &now.cases));
  return now;
}

// Puts a row only if its bytes changed: most folds change little.
void put_if_changed(storage::Batch* batch, Family family, const std::string& key, bool* had,
                    std::string* old, std::string bytes) {
  if (*had && *old == bytes) return;
  batch->put(family, key, bytes);
  *had = true;
  *old = std::move(bytes);
}

void cut_cases(std::string_view patient, std::vector<HeldFinding> held, const ActiveFacts& active,
               const Cut& cut, Projected* projected, storage::Batch* batch) {
  if (projected->cases.empty() && held.empty()) return;
  bool changed = false;
  const auto revisions = continue_cases(&projected->cases, std::move(held), active, cut, &changed);
  if (!changed) return;
  for (const Revision& revision : revisions) {
    const std::string row = rows::revision(patient, revision);
    batch->put(Family::history, row, revision.text);
    if (cut.ways_out) put_way_out(batch, cut.position, WayOut::Kind::revision, row);
    if (revision.concerns_pages) put_page_news(batch, cut.position, row);
  }
  put_if_changed(batch, Family::history, rows::cases(patient), &projected->has_cases,
                 &projected->cases_bytes, encode(projected->cases));
}

// Puts what a fold says at a cut, where it is not what was projected before.
void put_outcome(const PatientFold& fold, const KnownPatient& known, const Cut& cut,
                 Projected* projected, storage::Batch* batch) {
  const std::string& patient = known.record.patient;
  const PatientOutput output = fold.at(cut.received);
  const StoredFindings stored = to_stored(output.findings, patient, fold.in_force().identities);
  if (projected->valid_until != stored.valid_until) {
    if (projected->valid_until != detectors::never)
      batch->erase(Family::deadlines, rows::deadline(projected->valid_until, patient));
    if (stored.valid_until != detectors::never)
      batch->put(Family::deadlines, rows::deadline(stored.valid_until, patient), "");
    projected->valid_until = stored.valid_until;
  }
  const std::string key = rows::of_patient(patient);
  put_if_changed(batch, Family::findings, key, &projected->has_findings, &projected->findings,
                 encode(stored));
  put_if_changed(batch, Family::cells, key, &projected->has_cells, &projected->cells,
                 encode(output.cells));
  const ActiveInRecord active(fold, known.quarantined);
  cut_cases(patient, held_findings(fold, stored, output.findings.findings), active, cut, projected,
            batch);
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
  if (!take_pending_variants(overlay->variants, &in_use->known)) in_use->saved = {};
  return {};
}

}  // namespace

StoredFindings stored_findings(const PatientFold& fold, std::string_view patient, Microseconds at) {
  return to_stored(fold.at(at).findings, patient, fold.in_force().identities);
}

Result<Microseconds> cut_patient(const storage::Store& store, std::string_view patient,
                                 const Configured& configured, const Cut& cut,
                                 events::Decoder* decoder, const Overlay* overlay,
                                 PatientInUse* in_use, storage::Batch* batch) {
  if (in_use == nullptr) {
    KETAVIGIL_TRY_ASSIGN(const KnownPatient known, read_patient(store, patient, decoder, overlay));
    KETAVIGIL_TRY_ASSIGN(Projected projected, read_projected(store, patient));
    const PatientFold fold(known.record, known.quarantined, configured);
    put_outcome(fold, known, cut, &projected, batch);
    return projected.valid_until;
  }
  KETAVIGIL_TRY(bring_up_to_date(store, patient, decoder, overlay, in_use));
  if (!in_use->projected) {
    KETAVIGIL_TRY_ASSIGN(in_use->projected, read_projected(store, patient));
  }
  PatientFold fold(in_use->known.record, in_use->known.quarantined, configured,
                   std::move(in_use->saved));
  put_outcome(fold, in_use->known, cut, &*in_use->projected, batch);
  in_use->saved = std::move(fold).save();
  return in_use->projected->valid_until;
}

}  // namespace ketavigil::engine
