// The one reading face: what the command line, the API and reports ask of a programme. Never
// writes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cohort/tables.h"
#include "engine/questions/patient_copy.h"
#include "engine/questions/transient_folder.h"
#include "engine/shard/parameters_in_force.h"
#include "engine/shard/patient_replay.h"
#include "engine/shard/programme.h"

namespace ketavigil::engine {

/// One patient at an `at`: what is stored, or folded anew where that does not reach.
struct PatientView {
  std::string patient;
  StoredFindings findings;
  std::vector<detectors::ExposureCell> cells;  ///< not yet cut at `at`
};

/// Thread-safety: one thread at a time.
class Reading {
 public:
  /// Opens a data directory beside whoever writes to it, or only one shard of it.
  static Result<std::unique_ptr<Reading>> open(const std::filesystem::path& directory,
                                               std::optional<int> only_shard = std::nullopt);
  /// Of a directory as it was known at `until`: its log is read again up to there, into a temporary
  /// folder that is removed with this.
  static Result<std::unique_ptr<Reading>> open_as_of(const std::filesystem::path& directory,
                                                     Microseconds until);
  /// Of a programme that is open for writing in this process, which must outlive this and rest
  /// meanwhile.
  static Result<std::unique_ptr<Reading>> over(const Programme& programme);
  /// Of a programme that goes on being written in this process: each shard that is open (or only
  /// one), as of one moment. Cheap. The shards are held: let it go soon. Nobody is listed in
  /// `patients()` unless `list_patients`, which reads all keys.
  static Result<std::unique_ptr<Reading>> beside(const Programme& programme,
                                                 std::optional<int> only_shard, bool list_patients);
  /// Of one patient as they were known at `until`, by their entries in the log of `now`, all of
  /// which lie in `ranges` with every epoch. Nobody else is in it. `now` must outlive it.
  static Result<std::unique_ptr<Reading>> of_patient_as_of(const Reading& now,
                                                           const std::string& patient,
                                                           std::span<const LogRange> ranges,
                                                           Microseconds until);
  ~Reading();

  /// The newest `received` over all shards: the default `at`.
  [[nodiscard]] Microseconds newest_received() const { return newest_received_; }
  [[nodiscard]] const Configured& configured() const { return *configured_; }
  /// The settings that the log began with.
  [[nodiscard]] const Settings& began_with() const { return began_with_; }
  /// Of the programme; where its log is on topics only the shards that are here are `held`.
  [[nodiscard]] int shards() const { return static_cast<int>(stores_.size()); }
  [[nodiscard]] std::vector<int> held() const;
  /// Whether the shard of this patient is held.
  [[nodiscard]] bool has(const std::string& patient) const;
  /// Of a shard that is held.
  [[nodiscard]] const storage::Store& store(int shard) const {
    return *stores_[static_cast<std::size_t>(shard)];
  }
  /// Every patient with a record or something in quarantine, in the order of their bytes.
  [[nodiscard]] const std::vector<std::string>& patients() const { return patients_; }
  /// The moment that a shard's rows are read at; null: whenever they are read.
  [[nodiscard]] const storage::Snapshot* snapshot(int shard) const;
  /// The store that has a patient of `patients()`.
  [[nodiscard]] const storage::Store& store_of(std::string_view patient) const;
  /// Whether the stored projections of a patient are behind their entries.
  [[nodiscard]] bool is_dirty(const std::string& patient) const {
    return dirty_.count(patient) != 0;
  }

  [[nodiscard]] Result<PatientView> view(const std::string& patient, Microseconds at) const;
  [[nodiscard]] Result<KnownPatient> record(const std::string& patient) const;

 private:
  Reading() = default;
  Status attach(std::vector<const storage::Store*> stores, const ProgrammeFile& file,
                bool list_patients = true);
  Status read_tail(int shard);
  Status add_patients(int shard);

  std::unique_ptr<storage::Resources> resources_;
  std::vector<std::unique_ptr<storage::Store>> own_stores_;
  TransientFolder temporary_;  // outlives what is opened in it
  std::unique_ptr<SystemClock> clock_;
  std::unique_ptr<Programme> temporary_programme_;
  std::optional<PatientCopy> copy_;
  std::vector<std::shared_ptr<Shard>> held_shards_;
  std::vector<const storage::Store*> stores_;  // by number; null: not here
  std::vector<storage::Snapshot> snapshots_;   // of the stores that are here, in their order
  Settings began_with_;
  std::unique_ptr<const Configured> configured_;
  std::unique_ptr<events::Decoder> decoder_;
  Microseconds newest_received_ = 0;
  std::set<std::string> dirty_;
  std::vector<std::string> patients_;
};

/// Which findings to list; empty fields do not restrict.
struct AlertFilter {
  std::string level;
  std::string state;
  std::string detector;
  std::string patient;
  std::string site;
  std::optional<Microseconds> since;  ///< onset not before
};

/// A finding in a list.
struct ListedFinding {
  std::string_view patient;
  const StoredFinding* finding = nullptr;
};

/// Calls `take` for each finding that holds at `at`, in the order of (subject, detector, onset,
/// id).
[[nodiscard]] Status list_alerts(const Reading& reading, const AlertFilter& filter, Microseconds at,
                                 const std::function<void(const ListedFinding&)>& take);

/// Calls `take` for the JSON of each revision published until `until`, in the order of (subject,
/// detector, case, revision).
[[nodiscard]] Status list_revisions(const Reading& reading, const AlertFilter& filter,
                                    Microseconds until,
                                    const std::function<void(std::string_view)>& take);

/// `patient ID --json`: one document; nothing if nobody knows this patient.
[[nodiscard]] Result<std::optional<std::string>> patient_document(const Reading& reading,
                                                                  const std::string& patient,
                                                                  Microseconds at);

/// `patient ID --charts`: the charts that raise nothing, and drift value by value; nothing if
/// nobody knows this patient.
[[nodiscard]] Result<std::optional<std::string>> patient_charts(const Reading& reading,
                                                                const std::string& patient,
                                                                Microseconds at);

/// The cohort's tables at `at`, over all patients here.
[[nodiscard]] Result<std::vector<Table>> cohort_tables(const Reading& reading, Microseconds at);

/// A parameter with the value that a finding was made with.
struct ExplainedParameter {
  std::string name;
  double value = 0;
  /// What the patient is judged by today; nothing if the detector has no such parameter any more.
  std::optional<ParameterInForce> in_force;

  /// Otherwise nobody here knows who answered for the value.
  [[nodiscard]] bool is_in_force() const { return in_force && in_force->value == value; }
  [[nodiscard]] std::string_view unit() const { return in_force ? in_force->info.unit : ""; }
};

/// A finding by its id or its case's name.
struct Explained {
  std::string patient;
  std::string text;  ///< the finding, or the case's last revision if it holds no more
  bool holds = false;
  std::vector<ExplainedParameter> parameters;  ///< of its detector, in the order of their names
  std::string site;  ///< whose parameters are in force for the patient; empty: the programme's
  std::vector<std::string> revisions;  ///< of its case, oldest first
  std::vector<std::string> facts;      ///< the evidence as `patient` prints it
};
[[nodiscard]] Result<std::optional<Explained>> explain(const Reading& reading,
                                                       const std::string& id_or_case,
                                                       Microseconds at);
/// The same where it is known whose it is.
[[nodiscard]] Result<std::optional<Explained>> explain(const Reading& reading,
                                                       const std::string& patient,
                                                       const std::string& id_or_case,
                                                       Microseconds at);

}  // namespace ketavigil::engine
