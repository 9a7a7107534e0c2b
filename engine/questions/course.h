// A patient's course as time went by: what was observed when, and at which moment each finding
// first appeared, had every fact come at once and right.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/questions/reading.h"

namespace ketavigil::engine {

/// A fact of the course, by what of it is repeated: `score moca`, `blood-pressure`.
struct Observation {
  Microseconds at = 0;
  std::string of;
};

/// A finding, or a higher level of it.
struct Appearance {
  std::string detector;
  detectors::Level level = detectors::Level::info;
  Microseconds onset = 0;
  Microseconds at =
      0;           ///< the fact or the deadline that brought it; where nobody watched, its `ended`
  std::string of;  ///< what its newest evidence is an observation of
};

struct PatientCourse {
  std::string patient;
  std::vector<Observation> observations;  ///< active facts, in the order of R
  std::vector<Microseconds> sessions;     ///< ascending
  std::vector<Appearance> appearances;    ///< in the order of `at`
};

/// The course of a patient, deadlines until the newest `received` included. `watched_from`: the
/// facts are taken one after the other, and what holds after each is compared with what held before
/// it; findings from before that moment are left out unless their level rises. Without it the
/// findings are those of all facts together, each at its `ended`: cheaper by the number of the
/// facts.
[[nodiscard]] Result<PatientCourse> patient_course(const Reading& reading,
                                                   const std::string& patient,
                                                   std::optional<Microseconds> watched_from = {});

}  // namespace ketavigil::engine
