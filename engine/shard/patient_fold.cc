#include "engine/shard/patient_fold.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace ketavigil::engine {
namespace {

using detectors::Beside;
using detectors::Certainty;
using detectors::Hit;
using detectors::Level;
using events::Field;
using events::Kind;
using events::Microseconds;

// A session is followed for so long (EVENTS, the first tables).
constexpr Microseconds at_risk_us = 90 * events::day_us;

bool same_evidence(const Hit& a, const Hit& b) {
  if (a.evidence.size() != b.evidence.size()) return false;
  for (std::size_t i = 0; i < a.evidence.size(); ++i) {
    if (!a.evidence[i].same_fact(b.evidence[i])) return false;
  }
  return true;
}

// Half-even to whole micrograms, so that sums are exact.
std::int64_t micrograms(double milligrams) {
  constexpr double greatest =
      9e15;  // a number that no dose reaches, and every sum of many can bear
  return std::llrint(std::min(milligrams * 1000, greatest));
}

}  // namespace

PatientFold::PatientFold(const Record& record, const QuarantinedFacts& quarantined,
                         const Settings& settings)
    : record_(record),
      quarantined_(quarantined),
      settings_(settings),
      resolution_(record, settings.decode),
      verified_(resolution_, World::verified) {
  const auto& variants = record.variants;
  const bool preliminary =
      std::any_of(resolution_.active().begin(), resolution_.active().end(),
                  [&](std::size_t i) { return variants[i].fact.is_preliminary(); });
  const bool twins = std::any_of(resolution_.active().begin(), resolution_.active().end(),
                                 [&](std::size_t i) { return !resolution_.twins_of(i).empty(); });
  const bool doubtful =
      preliminary || !quarantined.empty() || !resolution_.conflict_losers().empty();
  if (!twins && !doubtful) {
    sink_ = detectors::fold(verified_.facts(), {}, settings.parameters);
    return;
  }
  const Derivation all(resolution_, World::all);
  sink_ = detectors::fold(verified_.facts(), beside(all), settings.parameters);
  if (preliminary) add_doubtful_criticals(all);
}

// What ◆ rules run on besides the facts that are folded, each in its place.
std::vector<Beside> PatientFold::beside(const Derivation& all) const {
  std::vector<Beside> out;
  const auto& variants = record_.variants;
  for (const std::size_t i : resolution_.active()) {
    const auto& twins = resolution_.twins_of(i);
    if (twins.empty()) continue;
    const bool preliminary = variants[i].fact.is_preliminary();
    Beside cluster{(preliminary ? all : verified_).derive(variants[i].fact), true, {}};
    for (const std::size_t member : twins) {
      const bool doubtful = variants[member].fact.is_preliminary();
      cluster.members.push_back({(doubtful ? all : verified_).derive(variants[member].fact),
                                 doubtful ? Certainty::doubtful : Certainty::verified});
    }
    out.push_back(std::move(cluster));
  }
  const auto alone = [&](const events::Fact& fact, Certainty certainty) {
    detectors::RecordFact derived = all.derive(fact);
    out.push_back({derived, false, {{derived, certainty}}});
  };
  for (const std::size_t i : resolution_.conflict_losers())
    alone(variants[i].fact, Certainty::doubtful);
  for (const events::Fact& fact : quarantined_) alone(fact, Certainty::unlowered);
  std::stable_sort(out.begin(), out.end(),
                   [](const Beside& a, const Beside& b) { return a.place.before(b.place); });
  return out;
}

// ◇ and ◆ rules over preliminary facts too: what is critical only with them is doubtful.
void PatientFold::add_doubtful_criticals(const Derivation& all) {
  const std::size_t known = sink_.occasions.size();
  detectors::Sink with_preliminary = detectors::fold(all.facts(), {}, settings_.parameters);
  for (Hit& hit : with_preliminary.occasions) {
    if (hit.level != Level::critical) continue;
    const auto stands = [&](const Hit& other) {
      return !other.doubtful && other.level == Level::critical && other.detector == hit.detector &&
             other.statistic == hit.statistic && same_evidence(other, hit);
    };
    const auto end = sink_.occasions.begin() + static_cast<std::ptrdiff_t>(known);
    if (std::any_of(sink_.occasions.begin(), end, stands)) continue;
    hit.doubtful = true;
    sink_.occasions.push_back(std::move(hit));
  }
}

PatientOutput PatientFold::at(Microseconds at) const {
  return {detectors::assemble(record_.patient, sink_, at), exposure()};
}

// Sessions, dose and time at risk by compound and route: the union of the 90 days after each
// session, each cut at the next exit.
std::vector<detectors::ExposureCell> PatientFold::exposure() const {
  std::vector<Microseconds> exits;
  for (const auto& fact : verified_.facts()) {
    if (fact.kind() == Kind::exit) exits.push_back(fact.at);
  }
  std::map<std::pair<std::string, std::string>, detectors::ExposureCell> cells;
  for (const auto& fact : verified_.facts()) {
    if (fact.kind() != Kind::session) continue;
    const std::string compound(fact.fact->word(Field::compound));
    const std::string route(fact.fact->word(Field::route));
    auto& cell = cells[{compound, route}];
    cell.compound = compound;
    cell.route = route;
    ++cell.sessions;
    cell.micrograms += micrograms(fact.fact->number(Field::dose_mg).value_or(0));
    Microseconds until = fact.at + at_risk_us;
    const auto exit = std::lower_bound(exits.begin(), exits.end(), fact.at);
    if (exit != exits.end()) until = std::min(until, *exit);
    if (until <= fact.at) continue;
    if (!cell.at_risk.empty() && fact.at <= cell.at_risk.back().second) {
      cell.at_risk.back().second = std::max(cell.at_risk.back().second, until);
    } else {
      cell.at_risk.emplace_back(fact.at, until);
    }
  }
  std::vector<detectors::ExposureCell> out;
  for (auto& [key, cell] : cells) out.push_back(std::move(cell));
  return out;
}

}  // namespace ketavigil::engine
