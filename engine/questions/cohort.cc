// The first tables of the cohort, from cells and findings.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "engine/questions/reading.h"
#include "events/json_text.h"

namespace ketavigil::engine {
namespace {

struct Exposure {
  std::int64_t patients = 0;
  std::int64_t sessions = 0;
  std::int64_t micrograms = 0;
  std::int64_t person_time_us = 0;
};

struct FindingCount {
  std::int64_t patients = 0;
  std::int64_t findings = 0;
};

std::int64_t person_time_us(const detectors::ExposureCell& cell, Microseconds at) {
  std::int64_t sum = 0;
  for (const auto& [from, until] : cell.at_risk) {
    if (from < at) sum += std::min(until, at) - from;
  }
  return sum;
}

}  // namespace

Result<std::vector<Table>> cohort_tables(const Reading& reading, Microseconds at) {
  std::map<std::pair<std::string, std::string>, Exposure> exposures;
  std::map<std::tuple<std::string, std::string, std::string>, FindingCount> counts;
  for (const std::string& patient : reading.patients()) {
    auto view = reading.view(patient, at);
    if (!view.ok()) return view.error();
    for (const auto& cell : view.value().cells) {
      Exposure& sum = exposures[{cell.compound, cell.route}];
      ++sum.patients;
      sum.sessions += cell.sessions;
      sum.micrograms += cell.micrograms;
      sum.person_time_us += person_time_us(cell, at);
    }
    std::set<std::tuple<std::string, std::string, std::string>> counted;
    for (const auto& finding : view.value().findings.findings) {
      const std::tuple key(finding.compound, finding.detector,
                           std::string(detectors::name_of(finding.level)));
      FindingCount& count = counts[key];
      ++count.findings;
      if (counted.insert(key).second) ++count.patients;
    }
  }
  Table exposure{"exposure",
                 {"compound", "route", "patients", "sessions", "micrograms", "person_time_us"},
                 {}};
  for (const auto& [key, sum] : exposures) {
    exposure.rows.push_back(
        {key.first, key.second, sum.patients, sum.sessions, sum.micrograms, sum.person_time_us});
  }
  Table findings{"findings", {"compound", "detector", "level", "patients", "findings"}, {}};
  for (const auto& [key, count] : counts) {
    findings.rows.push_back(
        {std::get<0>(key), std::get<1>(key), std::get<2>(key), count.patients, count.findings});
  }
  return std::vector<Table>{std::move(exposure), std::move(findings)};
}

std::string tables_json(const std::vector<Table>& tables, Microseconds at) {
  std::string out = "{\"at\":\"" + events::print_utc(at) + "\",\"tables\":[";
  for (std::size_t t = 0; t < tables.size(); ++t) {
    out += t == 0 ? "{\"name\":" : ",{\"name\":";
    events::append_json_string(&out, tables[t].name);
    out += ",\"columns\":[";
    for (std::size_t c = 0; c < tables[t].columns.size(); ++c) {
      if (c > 0) out += ',';
      events::append_json_string(&out, tables[t].columns[c]);
    }
    out += "],\"rows\":[";
    for (std::size_t r = 0; r < tables[t].rows.size(); ++r) {
      out += r == 0 ? "[" : ",[";
      for (std::size_t c = 0; c < tables[t].rows[r].size(); ++c) {
        if (c > 0) out += ',';
        const auto& value = tables[t].rows[r][c];
        if (const auto* number = std::get_if<std::int64_t>(&value)) {
          out += std::to_string(*number);
        } else {
          events::append_json_string(&out, std::get<std::string>(value));
        }
      }
      out += ']';
    }
    out += "]}";
  }
  return out += "]}";
}

}  // namespace ketavigil::engine
