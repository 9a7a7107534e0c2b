// The first tables of the cohort, from cells and findings.
#include "engine/questions/reading.h"

namespace ketavigil::engine {

Result<std::vector<Table>> cohort_tables(const Reading& reading, Microseconds at) {
  CellSeries series({at});
  for (const std::string& patient : reading.patients()) {
    KETAVIGIL_TRY_ASSIGN(const auto view, reading.view(patient, at));
    std::vector<CohortCells::FindingKey> keys;
    for (const auto& finding : view.findings.findings)
      keys.push_back(finding_key(finding.compound, finding.detector, finding.level));
    series.add_findings(keys, 0, 1);
    series.add_exposure(view.cells);
  }
  return tables_of(std::move(series).sums().front());
}

}  // namespace ketavigil::engine
