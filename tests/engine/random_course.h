// Random events of one patient over fifteen months: visits with readings before and after a dose,
// scores, laboratory values, symptoms, plans; late, corrected, retracted, revived, replaced,
// conflicting, twin, preliminary and refused ones, and some on bare dates. Values lie about the
// limits of the detectors, so that they find much and take much of it back.
#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "events/decode.h"
#include "tests/engine/random_record.h"

namespace ketavigil::engine {

template <std::size_t N>
std::string one_of(const char* const (&words)[N]) {
  return words[pick(static_cast<int>(N))];
}
inline std::string quoted(const std::string& name, const std::string& value) {
  return ",\"" + name + "\":\"" + value + "\"";
}
inline std::string number(const std::string& name, int value) {
  return ",\"" + name + "\":" + std::to_string(value);
}

/// A score of an instrument that drift is looked for in: mostly good early on and bad later, so
/// that the charts cross, and cross no more where something comes late.
inline std::string random_drift_score(bool late) {
  const bool bladder = pick(2) == 0;
  const std::string instrument = bladder ? one_of({"bpic-ss", "bpic-ss", "bpic-ss", "icsi"})
                                         : one_of({"moca", "moca", "moca", "cogstate-gmlt"});
  const bool bad = pick(5) == 0 ? !late : late;
  const int value = instrument == "cogstate-gmlt" ? (bad ? 120 : 40) + 5 * pick(4)
                    : bladder                     ? (bad ? 17 : 3) + pick(4)
                                                  : (bad ? 14 : 26) + pick(4);
  return quoted("kind", "score") + quoted("instrument", instrument) + number("value", value) +
         (pick(8) == 0 ? quoted("location", one_of({"home", "clinic"})) : "") +
         (pick(4) == 0 ? number("administration", 1 + pick(4)) : "") +
         (pick(4) == 0 ? quoted("site", one_of({"north", "south"})) : "") +
         (pick(4) == 0 ? quoted("form", one_of({"a", "b"})) : "");
}

/// What an event says besides who says it and when: of a few kinds, few values. `late`: some weeks
/// after the first visit.
inline std::string random_content(bool late) {
  switch (pick(24)) {
    case 0:
    case 1:
    case 2:
    case 16:
    case 17:
      return quoted("kind", "session") +
             quoted("compound", one_of({"esketamine", "esketamine", "ketamine"})) +
             quoted("route", one_of({"IN", "IN", "IN", "PO"})) +
             number("dose_mg", 28 + 28 * pick(4)) +
             (pick(3) == 0 ? number("monitored_min", 90 + 30 * pick(3)) : "") +
             (pick(8) == 0 ? R"(,"unplanned":true)" : "") +
             (pick(3) == 0 ? quoted("plan", "k" + std::to_string(pick(4))) : "") +
             (pick(4) == 0 ? quoted("site", "north") : "");
    case 3:
    case 4:
    case 5:
    case 6:
    case 7:
      return quoted("kind", "blood_pressure") + number("systolic", 110 + 15 * pick(9)) +
             number("diastolic", 70 + 15 * pick(5)) +
             (pick(4) == 0 ? quoted("phase", one_of({"pre", "peak", "discharge", "home"})) : "");
    case 8:
      return quoted("kind", "symptom") +
             quoted("code", one_of({"frequency", "frequency", "dysuria", "haematuria-gross",
                                    "haematuria-micro", "urinary-retention", "hydronephrosis",
                                    "chest-pain", "craving", "non-prescribed-use"})) +
             number("severity", pick(4));
    case 9:
    case 18: {
      if (pick(4) == 0)
        return quoted("kind", "score") + quoted("instrument", "craving-vas") +
               number("value", 2 + pick(4));
      return quoted("kind", "score") +
             quoted("instrument", one_of({"bpic-ss", "moca", "madrs", "madrs", "phq-9",
                                          "c-ssrs-ideation", "moaa-s"})) +
             number("value", pick(4) == 0 ? 4 + pick(2) : 14 + pick(12));
    }
    case 10: {
      if (pick(3) == 0)
        return quoted("kind", "lab") + quoted("code", "2160-0") + number("value", 1 + pick(2)) +
               quoted("unit", "mg/dL");
      const bool bilirubin = pick(3) == 0;
      return quoted("kind", "lab") +
             quoted("code",
                    bilirubin ? "1975-2" : one_of({"1742-6", "1920-8", "6768-6", "2324-2"})) +
             number("value", bilirubin ? 1 + 2 * pick(2) : 40 + 80 * pick(4)) +
             quoted("unit", bilirubin ? "mg/dL" : "U/L");
    }
    case 11:
      return quoted("kind", "culture") + quoted("result", one_of({"positive", "negative"}));
    case 12:
      return quoted("kind", "plan") + quoted("compound", one_of({"esketamine", "ketamine"})) +
             quoted("route", "IN") + number("dose_mg", 56 + 28 * pick(2)) +
             number("interval_days", 7 + 7 * pick(2)) +
             (pick(3) == 0 ? quoted("end", "2024-08-01") : "") +
             (pick(4) == 0 ? R"(,"titration":true)" : "");
    case 13:
      return quoted("kind", "enrolment") + quoted("site", one_of({"north", "south"})) +
             number("birth_year", 1950 + 20 * pick(2));
    case 14:
      return quoted("kind", "medication") +
             quoted("class", one_of({"antihypertensive", "anticoagulant"})) +
             quoted("action", one_of({"start", "stop", "increase", "decrease"}));
    case 15:
    case 20:
    case 21:
    case 22:
      return random_drift_score(late);
    case 19:
      if (pick(2) == 0)
        return quoted("kind", "condition") + quoted("code", one_of({"sct|197834003", "icd|I10"}));
      return quoted("kind", "adverse_event") +
             quoted("name", one_of({"Interstitial cystitis", "Delirium", "Headache"})) +
             (pick(3) == 0 ? number("ctcae", 2 + pick(3)) : "");
    default:
      if (pick(3) > 0) return quoted("kind", "culture") + quoted("result", "positive");
      return quoted("kind", "exit") + quoted("reason", one_of({"completed", "withdrawn", "death"}));
  }
}

/// A session of a patient who comes often.
inline std::string random_frequent_session() {
  static const events::Microseconds first = events::parse_time("2024-03-10T09:00:00Z")->us;
  return quoted("effective", events::print_utc(first + pick(40) * 2 * events::day_us)) +
         quoted("kind", "session") + quoted("compound", "esketamine") + quoted("route", "IN") +
         number("dose_mg", 56 + 28 * pick(3));
}

struct RandomTime {
  std::string text;
  bool late = false;
};

/// When: mostly about a visit. Visits lie a rung's reach apart (30 and 180 days, some hours), so
/// that a rung often stands in the middle of one.
inline RandomTime random_effective() {
  static const events::Microseconds first = events::parse_time("2024-01-10T09:00:00Z")->us;
  constexpr int visits[] = {0, 0, 7, 30, 30, 37, 60, 90, 120, 180, 180, 187, 210, 270, 360, 390};
  const events::Microseconds day =
      first + visits[pick(16)] * events::day_us + (pick(6) == 0 ? pick(3) * events::day_us : 0);
  const bool late = day >= first + 30 * events::day_us;
  if (pick(10) == 0) return {quoted("effective", events::print_utc(day).substr(0, 10)), late};
  constexpr int minutes[] = {-60, -30, -5, 0,   0,   0,   2,   4,   30,  40,
                             61,  90,  95, 120, 180, 200, 240, 300, 400, 500};
  return {quoted("effective", events::print_utc(day + minutes[pick(20)] * events::minute_us)),
          late};
}

/// One event as JSON text. `often`: every other one is a session of a patient who comes often.
inline std::string random_visit_event(const std::string& patient, bool often) {
  std::string json = R"({"source":")" + one_of({"s1", "s1", "s1", "s2", "s3"}) + R"(","id":"k)" +
                     std::to_string(pick(3) == 0 ? pick(8) : pick(60)) + R"(","patient":")" +
                     patient + "\"";
  if (pick(3) > 0)
    json += quoted("recorded", "2025-03-0" + std::to_string(1 + pick(3)) + "T10:00:00Z");
  if (pick(5) == 0) json += number("version", 1 + pick(6));
  const int status = pick(20);
  if (status == 0) return json + R"(,"status":"entered-in-error"})";
  if (status == 1) json += R"(,"status":"preliminary")";
  if (status == 2) json += R"(,"status":"corrected")";
  if (pick(25) == 0) json += quoted("replaces", "k" + std::to_string(pick(8)));
  if (pick(6) == 0) json += quoted("session", "k" + std::to_string(pick(8)));
  if (often && pick(2) == 0) return json + random_frequent_session() + "}";
  const RandomTime when = random_effective();
  return json + when.text + random_content(when.late) + "}";
}

/// A course as it arrives: mostly in the order of when it was true, or in none.
inline rc::Gen<std::vector<std::string>> random_course(int patients) {
  return rc::gen::exec([patients] {
    std::vector<std::string> events;
    const int size = 4 + pick(90);
    const bool often = pick(4) == 0;
    for (int i = 0; i < size; ++i)
      events.push_back(random_visit_event("p" + std::to_string(pick(patients)), often));
    if (pick(4) == 0) return events;
    const auto when = [](const std::string& json) {
      const auto at = json.find("\"effective\":\"");
      return at == std::string::npos ? std::string("2024-06") : json.substr(at + 13, 20);
    };
    std::stable_sort(events.begin(), events.end(),
                     [&](const std::string& a, const std::string& b) { return when(a) < when(b); });
    for (int late = pick(8); late > 0; --late)  // and some twice
      events.insert(events.begin() + pick(static_cast<int>(events.size())),
                    events[static_cast<std::size_t>(pick(static_cast<int>(events.size())))]);
    for (int moved = pick(8); moved > 0; --moved)
      std::swap(events[static_cast<std::size_t>(pick(static_cast<int>(events.size())))],
                events[static_cast<std::size_t>(pick(static_cast<int>(events.size())))]);
    return events;
  });
}

/// Sources in three zones, so that bare dates begin and end apart.
inline events::DecodeSettings course_settings() {
  events::DecodeSettings settings;
  settings.sources["s1"].zone_name = "Europe/Berlin";
  settings.sources["s2"].zone_name = "America/New_York";
  settings.sources["s2"].rank = 1;
  settings.sources["s3"].site = "east";
  for (auto& [name, source] : settings.sources)
    source.zone = events::Zone::named(source.zone_name).value_or(events::Zone());
  return settings;
}

}  // namespace ketavigil::engine
