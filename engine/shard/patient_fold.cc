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
    if (!a.evidence[i].same_version(b.evidence[i])) return false;
  }
  return true;
}

}  // namespace

std::int64_t micrograms_of(const events::Fact& session) {
  constexpr double greatest =
      9e15;  // a number that no dose reaches, and every sum of many can bear
  return std::llrint(std::min(session.number(events::Field::dose_mg).value_or(0) * 1000, greatest));
}

std::size_t SavedState::bytes() const {
  return derived.facts.capacity() * sizeof(detectors::RecordFact) + beside.size() * sizeof(Beside) +
         ladder.bytes();
}

PatientFold::PatientFold(const Record& record, const QuarantinedFacts& quarantined,
                         const Configured& configured)
    : record_(record),
      quarantined_(quarantined),
      resolution_(record, configured.settings.decode),
      verified_(resolution_, World::verified),
      in_force_(configured.of(verified_.facts())) {
  run(nullptr);
}

PatientFold::PatientFold(const Record& record, const QuarantinedFacts& quarantined,
                         const Configured& configured, SavedState saved)
    : record_(record),
      quarantined_(quarantined),
      resolution_(record, configured.settings.decode),
      verified_(resolution_, World::verified, std::move(saved.derived)),
      in_force_(configured.of(verified_.facts())) {
  run(&saved);
}

SavedState PatientFold::save() && {
  return {std::move(verified_).release(), std::move(beside_), std::move(ladder_), in_force_.site};
}

// From a saved state or (null) from the start.
void PatientFold::run(SavedState* saved) {
  const auto& active = resolution_.active();
  const bool twins = std::any_of(active.begin(), active.end(),
                                 [&](std::size_t i) { return !resolution_.twins_of(i).empty(); });
  const bool preliminary = std::any_of(active.begin(), active.end(), [&](std::size_t i) {
    return record_.variants[i].fact.is_preliminary();
  });
  std::optional<Derivation> with_preliminary;
  if (preliminary) with_preliminary.emplace(resolution_, World::all);
  // Without an active preliminary fact both worlds are one.
  const Derivation& all = preliminary ? *with_preliminary : verified_;
  if (preliminary || twins || !quarantined_.empty() || !resolution_.conflict_losers().empty())
    find_beside(all);
  fold_verified(saved);
  if (preliminary) add_doubtful_criticals(all);
  detectors::keep_one_of_each_cluster(&sink_);
}

void PatientFold::fold_verified(SavedState* saved) {
  if (saved == nullptr) {
    sink_ = detectors::fold(verified_.facts(), beside_, in_force_.parameters);
    return;
  }
  const auto differ =
      std::mismatch(beside_.begin(), beside_.end(), saved->beside.begin(), saved->beside.end());
  // A patient who has come to another site is judged anew from the first fact on.
  if (saved->site == in_force_.site) ladder_ = std::move(saved->ladder);
  sink_ =
      ladder_.fold(verified_.facts(), beside_, verified_.unchanged(),
                   static_cast<std::size_t>(differ.first - beside_.begin()), in_force_.parameters);
}

// What ◆ rules run on besides the facts that are folded, each in its place.
void PatientFold::find_beside(const Derivation& all) {
  const auto& variants = record_.variants;
  // Of a final or corrected fact everything comes from such facts (CATALOGUE, section 1).
  const auto derived = [&](const events::Fact& fact) {
    return (fact.is_preliminary() ? all : verified_).derive(fact);
  };
  for (const std::size_t i : resolution_.active()) {
    const auto& twins = resolution_.twins_of(i);
    if (twins.empty()) continue;
    const events::Fact& represents = variants[i].fact;
    for (const std::size_t member : twins) {
      const events::Fact& twin = variants[member].fact;
      detectors::RecordFact fact = derived(twin);
      // On a bare date nothing else says that it is the same session.
      if (twin.kind == Kind::session && !fact.session) fact.session = all.reference(i);
      beside_.push_back({std::move(fact),
                         twin.is_preliminary() ? Certainty::doubtful : Certainty::verified,
                         std::pair(represents.source, represents.id)});
    }
  }
  const auto alone = [&](const events::Fact& fact, Certainty certainty) {
    beside_.push_back({derived(fact), certainty, std::nullopt});
  };
  for (const std::size_t i : resolution_.conflict_losers())
    alone(variants[i].fact, Certainty::doubtful);
  for (const events::Fact& fact : quarantined_) alone(fact, Certainty::unlowered);
  std::stable_sort(beside_.begin(), beside_.end(),
                   [](const Beside& a, const Beside& b) { return a.fact.before(b.fact); });
}

// ◇ and ◆ rules over preliminary facts too: what is critical only with them is doubtful.
void PatientFold::add_doubtful_criticals(const Derivation& all) {
  const std::size_t known = sink_.occasions.size();
  detectors::Sink with_preliminary = detectors::fold(all.facts(), {}, in_force_.parameters);
  for (Hit& hit : with_preliminary.occasions) {
    if (hit.level != Level::critical) continue;
    const auto stands = [&](const Hit& other) {
      // What a deadline finds cannot stand for it before that.
      return !other.doubtful && other.level == Level::critical && other.detector == hit.detector &&
             other.statistic == hit.statistic && other.visible_from <= hit.visible_from &&
             same_evidence(other, hit);
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
    cell.micrograms += micrograms_of(*fact.fact);
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
