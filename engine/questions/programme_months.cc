#include "engine/questions/programme_months.h"

#include <algorithm>
#include <set>
#include <span>

#include "engine/shard/patient_fold.h"

namespace ketavigil::engine {
namespace {

constexpr std::size_t month_characters = 7;
constexpr std::size_t patients_at_once = 500;

std::string month_of(Microseconds at) { return events::print_utc(at).substr(0, month_characters); }

void count_patient(const std::vector<detectors::RecordFact>& facts, MonthsOfProgramme* months) {
  bool enrolled = false;
  std::set<std::tuple<std::string, Grouping, std::string>> seen;
  for (const auto& fact : facts) {
    if (fact.kind() == events::Kind::enrolment && !enrolled) {
      enrolled = true;
      ++months->enrolled[{month_of(fact.at), fact.site}];
    }
    if (fact.kind() != events::Kind::session) continue;
    const auto add = [&](Grouping by, std::string_view group) {
      const auto key = std::tuple(month_of(fact.at), by, std::string(group));
      GivenInMonth& given = months->given[key];
      if (seen.insert(key).second) ++given.patients;
      ++given.sessions;
      given.micrograms += micrograms_of(*fact.fact);
    };
    add(Grouping::compound, fact.fact->word(events::Field::compound));
    add(Grouping::route, fact.fact->word(events::Field::route));
    add(Grouping::site, fact.site);
  }
}

// Some patients of one shard, as of one moment; nothing where it was released meanwhile.
Status count_some(const Programme& programme, int shard, std::span<const std::string> patients,
                  MonthsOfProgramme* months) {
  if (!programme.owns(shard)) return {};
  KETAVIGIL_TRY_ASSIGN(const auto reading, Reading::beside(programme, shard, false));
  for (const std::string& patient : patients) {
    KETAVIGIL_TRY_ASSIGN(const auto known, reading->record(patient));
    const Resolution resolution(known.record, reading->configured().settings.decode);
    const Derivation verified(resolution, World::verified);
    count_patient(verified.facts(), months);
  }
  return {};
}

Result<std::vector<std::string>> patients_of(const Programme& programme, int shard) {
  KETAVIGIL_TRY_ASSIGN(const auto reading, Reading::beside(programme, shard, true));
  return reading->patients();
}

}  // namespace

std::string_view name_of(Grouping grouping) {
  switch (grouping) {
    case Grouping::compound:
      return "compound";
    case Grouping::route:
      return "route";
    case Grouping::site:
      break;
  }
  return "site";
}

Result<MonthsOfProgramme> count_months(const Programme& programme, const std::atomic<bool>& stop) {
  MonthsOfProgramme months;
  months.at = programme.newest_received();
  for (const int shard : programme.owned()) {
    KETAVIGIL_TRY_ASSIGN(const auto patients, patients_of(programme, shard));
    for (std::size_t from = 0; from < patients.size() && !stop; from += patients_at_once) {
      const std::size_t count = std::min(patients_at_once, patients.size() - from);
      KETAVIGIL_TRY(
          count_some(programme, shard, std::span(patients).subspan(from, count), &months));
    }
  }
  return months;
}

}  // namespace ketavigil::engine
