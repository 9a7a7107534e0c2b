#include "engine/shard/account.h"

#include <algorithm>
#include <set>

#include "engine/shard/rows.h"
#include "storage/keys.h"

namespace ketavigil::engine {
namespace {

using storage::Family;

constexpr Microseconds first_monday_us = 4 * events::day_us;  // 1970-01-05T00:00:00Z

// Adds to a series what is known of one patient after another.
class PatientCells {
 public:
  PatientCells(const storage::Store& store, const Configured& configured, CellSeries* series)
      : store_(store),
        configured_(configured),
        decoder_(configured.settings.decode),
        series_(*series) {}

  // Whether what is stored holds at all moments; then it is added.
  Result<bool> add_stored(std::string_view findings, std::string_view cells) {
    StoredFindings stored;
    KETAVIGIL_TRY(decode(findings, &stored));
    const auto& moments = series_.moments();
    if (moments.front() < stored.valid_from || stored.valid_until <= moments.back()) return false;
    std::vector<detectors::ExposureCell> exposure;
    KETAVIGIL_TRY(decode(cells, &exposure));
    std::vector<CohortCells::FindingKey> keys;
    for (const StoredFinding& finding : stored.findings)
      keys.push_back(finding_key(finding.compound, finding.detector, finding.level));
    series_.add_findings(keys, 0, moments.size());
    series_.add_exposure(exposure);
    return true;
  }

  Status add_folded(std::string_view patient) {
    KETAVIGIL_TRY_ASSIGN(const auto known, read_patient(store_, patient, &decoder_, nullptr));
    const PatientFold fold(known.record, known.quarantined, configured_);
    const auto& moments = series_.moments();
    for (std::size_t i = 0; i < moments.size();) {
      const PatientOutput output = fold.at(moments[i]);
      if (i == 0) series_.add_exposure(output.cells);
      std::size_t until = i + 1;
      while (until < moments.size() && moments[until] < output.findings.valid_until) ++until;
      std::vector<CohortCells::FindingKey> keys;
      for (const auto& finding : output.findings.findings)
        keys.push_back(finding_key(finding.compound, finding.detector, finding.level));
      series_.add_findings(keys, i, until);
      i = until;
    }
    return {};
  }

 private:
  const storage::Store& store_;
  const Configured& configured_;
  events::Decoder decoder_;
  CellSeries& series_;
};

Error damaged() {
  return {ErrorKind::storage,
          "the rows of findings and cells do not go together. Run `ketavigil verify`"};
}

}  // namespace

Microseconds last_lock_point_before(Microseconds moment, std::int64_t every_days) {
  const Microseconds step = every_days * events::day_us;
  const Microseconds since = moment - 1 - first_monday_us;
  const Microseconds steps = since >= 0 ? since / step : -((-since + step - 1) / step);
  return first_monday_us + steps * step;
}

Microseconds first_lock_point_from(Microseconds moment, std::int64_t every_days) {
  return last_lock_point_before(moment, every_days) + every_days * events::day_us;
}

Result<std::vector<CohortCells>> cells_at(const storage::Store& store, const Configured& configured,
                                          const std::set<std::string>& uncut,
                                          std::vector<Microseconds> moments) {
  CellSeries series(std::move(moments));
  PatientCells patients(store, configured, &series);
  // Both families have one row a patient, by the same key.
  auto findings = store.scan(Family::findings, "", "");
  auto cells = store.scan(Family::cells, "", "");
  for (; findings.valid(); findings.next(), cells.next()) {
    if (!cells.valid() || cells.key() != findings.key()) return damaged();
    const auto patient = rows::patient_of(findings.key());
    if (!patient) return damaged();
    if (uncut.count(*patient) != 0) continue;
    KETAVIGIL_TRY_ASSIGN(const bool holds, patients.add_stored(findings.value(), cells.value()));
    if (!holds) KETAVIGIL_TRY(patients.add_folded(*patient));
  }
  KETAVIGIL_TRY(findings.status());
  KETAVIGIL_TRY(cells.status());
  for (const std::string& patient : uncut) KETAVIGIL_TRY(patients.add_folded(patient));
  return std::move(series).sums();
}

Result<std::vector<Account>> read_accounts(const storage::Store& store,
                                           std::optional<Microseconds> after,
                                           std::size_t accounts_max) {
  std::vector<Account> accounts;
  auto cursor = store.scan(Family::locks, after ? rows::lock_point(*after + 1) : "", "");
  for (; cursor.valid() && accounts.size() < accounts_max; cursor.next())
    KETAVIGIL_TRY(decode(cursor.value(), &accounts.emplace_back()));
  KETAVIGIL_TRY(cursor.status());
  return accounts;
}

}  // namespace ketavigil::engine
