// What is decided of a programme before its first day: its period, sites, and who gets which harm.
#pragma once

#include <cstdint>
#include <vector>

#include "events/result.h"
#include "simulation/calendar.h"
#include "simulation/programme.h"
#include "simulation/site.h"

namespace ketavigil::simulation {

/// A programme on paper. Immutable once drawn up; two bytes a patient.
struct Blueprint {
  ProgrammeOptions options;
  Status status;  ///< the options' error, or that of a planting that fits nobody
  std::int64_t start_day = 0;
  std::int64_t end_day = 0;  ///< the first day after the programme
  std::vector<Site> sites;
  std::vector<Planting> plantings;        ///< asked for, or the default set
  std::vector<std::int16_t> planting_of;  ///< a patient's planting of scope `patient`, or −1

  [[nodiscard]] int period_days() const { return static_cast<int>(end_day - start_day); }
  /// From which day on a stratum's rate is raised: a quarter of the programme after its start.
  [[nodiscard]] std::int64_t rates_from_day() const { return start_day + period_days() / 4; }
};

/// Draws up a programme. With a `status` that is not ok the rest means nothing.
[[nodiscard]] Blueprint draw_up(ProgrammeOptions options);

/// Who a patient is, before anything else is known of him.
struct Profile {
  int site = 0;              ///< index into the sites
  std::uint8_t regimen = 0;  ///< index into the regimens
  std::uint8_t sex = 0;      ///< index into `sex_names`
  int birth_year = 0;
};

inline constexpr std::string_view sex_names[] = {"female", "male", "other", "unknown"};

[[nodiscard]] Profile profile_of(const Blueprint& blueprint, std::uint32_t patient);

[[nodiscard]] bool belongs(const Blueprint& blueprint, const Profile& profile,
                           const Stratum& stratum);

/// A number for the patient's pseudonym `p-%08x`: one to one, and unlike his index.
[[nodiscard]] std::uint32_t pseudonym_of(std::uint64_t seed, std::uint32_t patient);

/// Appends the eight hexadecimal digits of a pseudonym.
void append_pseudonym(std::string& out, std::uint32_t pseudonym);

}  // namespace ketavigil::simulation
