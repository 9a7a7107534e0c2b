// Random events of one patient, small enough that corrections, conflicts, chains, cycles and twins
// meet often.
#pragma once

#include <rapidcheck.h>

#include <string>
#include <vector>

namespace ketavigil::engine {

/// One of 0 … below − 1, each as likely as the others: a range of RapidCheck's own is cut short
/// where the size of a case is small.
inline int pick(int below) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, below));
}

/// One event as JSON text: of two sources and five ids, few times, few values, sometimes wrong on
/// purpose.
inline rc::Gen<std::string> random_event() {
  return rc::gen::exec([] {
    std::string json = R"({"source":"s)" + std::to_string(1 + pick(2)) + R"(","id":")" +
                       std::string(1, static_cast<char>('a' + pick(5))) + R"(","patient":"p")";
    if (pick(3) > 0)
      json += R"(,"recorded":"2024-03-0)" + std::to_string(5 + pick(3)) + "T10:00:00Z\"";
    if (pick(3) == 0) json += ",\"version\":" + std::to_string(1 + pick(4));
    const int status = pick(10);
    if (status == 0) return json + R"(,"status":"entered-in-error"})";
    if (status == 1) json += R"(,"status":"preliminary")";
    if (status == 2) json += R"(,"status":"corrected")";
    if (pick(4) == 0)
      json += R"(,"replaces":")" + std::string(1, static_cast<char>('a' + pick(6))) + "\"";
    if (pick(3) == 0)
      json += R"(,"session":")" + std::string(1, static_cast<char>('a' + pick(5))) + "\"";
    json += pick(8) == 0
                ? R"(,"effective":"2024-03-04")"
                : R"(,"effective":"2024-03-04T)" + std::string(pick(2) == 0 ? "09" : "10") + ":0" +
                      std::to_string(pick(8)) + ":00Z\"";
    switch (pick(6)) {
      case 0:
        return json + R"(,"kind":"session","compound":"esketamine","route":"IN","dose_mg":)" +
               std::to_string(56 + 28 * pick(6)) + "}";
      case 1:
        return json + R"(,"kind":"symptom","code":")" + (pick(2) == 0 ? "seizure" : "frequency") +
               R"(","severity":)" + std::to_string(pick(3)) + "}";
      case 2:
        return json + R"(,"kind":"score","instrument":"c-ssrs-ideation","value":)" +
               std::to_string(pick(6)) + "}";
      // One in six pressures is refused, and some of those are a crisis if true.
      default:
        return json + R"(,"kind":"blood_pressure","systolic":)" +
               std::to_string(140 + 20 * pick(10)) + R"(,"diastolic":80)" +
               (pick(3) == 0 ? R"(,"phase":"peak")" : "") + "}";
    }
  });
}

inline rc::Gen<std::vector<std::string>> random_events() {
  return rc::gen::scale(0.4, rc::gen::container<std::vector<std::string>>(random_event()));
}

}  // namespace ketavigil::engine
