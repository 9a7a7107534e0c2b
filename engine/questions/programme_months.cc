#include "engine/questions/programme_months.h"

#include <set>

#include "engine/shard/patient_fold.h"

namespace ketavigil::engine {
namespace {

constexpr std::size_t month_characters = 7;

std::string month_of(Microseconds at) { return events::print_utc(at).substr(0, month_characters); }

void count_patient(const std::vector<detectors::RecordFact>& facts, MonthsOfProgramme* months) {
  bool enrolled = false;
  std::set<std::tuple<std::string, std::string, std::string, std::string>> seen;
  for (const auto& fact : facts) {
    if (fact.kind() == events::Kind::enrolment && !enrolled) {
      enrolled = true;
      ++months->enrolled[{month_of(fact.at), fact.site}];
    }
    if (fact.kind() != events::Kind::session) continue;
    const auto key =
        std::tuple(month_of(fact.at), std::string(fact.fact->word(events::Field::compound)),
                   std::string(fact.fact->word(events::Field::route)), fact.site);
    GivenInMonth& given = months->given[key];
    if (seen.insert(key).second) ++given.patients;
    ++given.sessions;
    given.micrograms += micrograms_of(*fact.fact);
  }
}

}  // namespace

Result<MonthsOfProgramme> count_months(const Reading& reading, const std::atomic<bool>& stop) {
  MonthsOfProgramme months;
  months.at = reading.newest_received();
  for (const std::string& patient : reading.patients()) {
    if (stop) break;
    KETAVIGIL_TRY_ASSIGN(const auto known, reading.record(patient));
    const Resolution resolution(known.record, reading.configured().settings.decode);
    const Derivation verified(resolution, World::verified);
    count_patient(verified.facts(), &months);
  }
  return months;
}

}  // namespace ketavigil::engine
