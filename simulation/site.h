// The sites of a programme and their habits: what makes one clinic's data unlike another's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ketavigil::simulation {

/// A site. `clinic` and `monitor` are the sources that speak for it.
struct Site {
  std::string name;     ///< `site-07`
  std::string clinic;   ///< `clinic-07`
  std::string monitor;  ///< `monitor-07`; sends only where `has_monitor`
  int offset_minutes = 0;
  bool umol = false;                ///< bilirubin and creatinine in umol/L instead of mg/dL
  bool has_monitor = false;         ///< a monitor sends each session's pressures as well: twins
  bool prefers_tens = false;        ///< rounds 6 of 10 pressures to a multiple of 10
  bool sends_kpa = false;           ///< pressures in kPa, one decimal
  bool weekly_batches = false;      ///< enters its records on Friday evening
  bool omits_phases = false;        ///< readings without a phase
  bool bare_dates = false;          ///< scores on a bare date, taken the day before the session
  bool corrects_by_new_id = false;  ///< a correction is a new id with `replaces`
  bool states_versions = false;     ///< `version` 1, 2 … in the event
  bool preliminary_labs = false;    ///< laboratory values come preliminary first
};

/// How many habits there are besides having none.
inline constexpr int habit_count = 9;

/// `count` sites (1–999). From ten on, every tenth site is plain and the nine after it have a habit
/// each; fewer sites share the habits, the first staying plain; a single one has them all.
[[nodiscard]] std::vector<Site> make_sites(int count);

}  // namespace ketavigil::simulation
