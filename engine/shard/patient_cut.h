// One patient at one cut: fold, compare with what is stored, and say which rows change.
#pragma once

#include <string_view>

#include "engine/shard/finding_text.h"
#include "engine/shard/patient_cache.h"
#include "engine/shard/patient_fold.h"
#include "engine/shard/rows.h"

namespace ketavigil::engine {

/// The findings of a fold at `at`, as they are stored and printed.
[[nodiscard]] StoredFindings stored_findings(const PatientFold& fold, std::string_view patient,
                                             Microseconds at);

/// Folds a patient and puts the rows of findings, cells, deadline, cases and revisions that change
/// into `batch`. With `in_use` (may be null) it continues from what that holds of the patient, if
/// anything, and leaves in it what is known now, `overlay` (may be null) included; without, it
/// reads the patient and folds from the start. Thread-safe over one store (decoder, batch and what
/// is in use are the caller's own). Returns when what holds changes by time alone.
[[nodiscard]] Result<Microseconds> cut_patient(const storage::Store& store,
                                               std::string_view patient,
                                               const Configured& configured, const Cut& cut,
                                               events::Decoder* decoder, const Overlay* overlay,
                                               PatientInUse* in_use, storage::Batch* batch);

}  // namespace ketavigil::engine
