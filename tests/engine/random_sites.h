// Sites with parameters of their own, and enrolments that move patients between them: late,
// corrected, retracted, preliminary and conflicting ones.
#pragma once

#include <string>
#include <vector>

#include "engine/shard/settings.h"
#include "tests/engine/random_course.h"

namespace ketavigil::engine {

/// `north` is stricter than the programme and `east` (which s3 is configured with) laxer, in single
/// facts, sessions, deadlines and drift; `south` has nothing of its own.
inline Settings settings_with_sites() {
  Settings settings{course_settings(), {}};
  const auto give = [&settings](const char* site, const char* detector, const char* name,
                                double value) {
    if (!give_parameter(&settings, site, {detector, name}, {value, {}}).ok())
      RC_FAIL(std::string("there is no ") + detector + ' ' + name);
  };
  give("north", "BP-1", "systolic_mmhg", 125);
  give("north", "BP-2", "systolic_mmhg", 155);
  give("north", "BP-3", "systolic_mmhg", 200);
  give("north", "COG-8", "alpha", 0.2);
  give("north", "URO-2", "alpha", 0.2);
  give("east", "BP-1", "systolic_mmhg", 170);
  give("east", "BP-2", "systolic_mmhg", 215);
  give("east", "BP-4", "rise_systolic_mmhg", 70);
  give("east", "COG-8", "alpha", 0.001);
  return settings;
}

inline std::string random_enrolment(int patients) {
  static const events::Microseconds first = events::parse_time("2024-01-08T09:00:00Z")->us;
  std::string json = R"({"source":")" + std::string(one_of({"s1", "s2", "s3"})) + R"(","id":"e)" +
                     std::to_string(pick(3)) + R"(","patient":"p)" +
                     std::to_string(pick(patients)) + "\"" + number("version", 1 + pick(4));
  const int status = pick(8);
  if (status < 2) return json + R"(,"status":"entered-in-error"})";
  if (status == 2) json += R"(,"status":"preliminary")";
  if (status == 3) json += R"(,"status":"corrected")";
  return json + quoted("effective", events::print_utc(first + pick(60) * events::day_us)) +
         quoted("kind", "enrolment") + quoted("site", one_of({"north", "south", "east"})) + "}";
}

/// A course with some enrolments put in anywhere.
inline std::vector<std::string> with_moves(std::vector<std::string> events, int patients) {
  for (int moves = 2 + pick(8); moves > 0; --moves)
    events.insert(events.begin() + pick(static_cast<int>(events.size()) + 1),
                  random_enrolment(patients));
  return events;
}

}  // namespace ketavigil::engine
