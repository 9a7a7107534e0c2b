// What R derives of an active fact: its session, phase, site, compound, eligibility (EVENTS,
// Kinds).
#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <tuple>

#include "engine/shard/record.h"

namespace ketavigil::engine {
namespace {

using detectors::Phase;
using detectors::RecordFact;
using events::Fact;
using events::Field;
using events::Kind;
using events::Microseconds;

// A fact belongs to a session that starts at most so long after, or before, it.
constexpr Microseconds before_start_us = 60 * events::minute_us;
constexpr Microseconds after_start_us = 240 * events::minute_us;
constexpr Microseconds eligible_after_us = 24 * events::hour_us;
// What is derived of a fact rests on relations that it names, and on those up to an hour after it,
// or on its day, of a bare date: in any zone that ends within two days of when the fact sorts.
constexpr Microseconds looks_ahead_us = 2 * events::day_us;
constexpr double pre_from_min = -60;
constexpr double peak_from_min = 25;
constexpr double peak_to_min = 60;
constexpr double discharge_from_min = 90;

Phase phase_by_clock(double minutes) {
  if (minutes >= pre_from_min && minutes <= 0) return Phase::pre;
  if (minutes >= peak_from_min && minutes <= peak_to_min) return Phase::peak;
  return Phase::other;
}

}  // namespace

ChangedRelations::ChangedRelations(const Relations& before, const Relations& now,
                                   const events::DecodeSettings& settings)
    : any_(before.arrows || now.arrows), earliest_(std::numeric_limits<Microseconds>::max()) {
  if (any_ || before.counting == now.counting) return;
  auto was = before.counting;
  auto is = now.counting;
  std::sort(was.begin(), was.end());
  std::sort(is.begin(), is.end());
  std::vector<std::pair<const Fact*, const Fact*>> differ;
  std::set_symmetric_difference(was.begin(), was.end(), is.begin(), is.end(),
                                std::back_inserter(differ));
  for (const auto& [fact, counting] : differ) {
    changed_.push_back(fact);
    earliest_ = std::min(
        {earliest_, events::instant_of(*fact, settings), events::instant_of(*counting, settings)});
  }
}

bool ChangedRelations::spare(const RecordFact& fact) const {
  if (any_ || fact.at >= earliest_ - looks_ahead_us) return false;
  return std::none_of(changed_.begin(), changed_.end(), [&](const Fact* other) {
    return other->source == fact.fact->source &&
           (other->id == fact.fact->session || other->id == fact.fact->word(Field::plan));
  });
}

Derivation::Derivation(const Resolution& resolution, World world)
    : resolution_(resolution), world_(world) {
  find_sessions();
  derive_all();
}

Derivation::Derivation(const Resolution& resolution, World world, Derived before)
    : resolution_(resolution), world_(world), relations_(resolution.relations()) {
  find_sessions();
  derive_what_changed(std::move(before.facts),
                      ChangedRelations(before.relations, relations_, resolution.settings()));
}

void Derivation::find_sessions() {
  const auto& variants = resolution_.record().variants;
  for (const std::size_t i : resolution_.active()) {
    const Fact& fact = variants[i].fact;
    if (!counts(fact)) continue;
    if (fact.kind == Kind::session) sessions_.push_back(i);
    if (fact.kind == Kind::enrolment) enrolments_.push_back(i);
  }
}

void Derivation::derive_all() {
  const auto& variants = resolution_.record().variants;
  facts_.reserve(resolution_.active().size());
  for (const std::size_t i : resolution_.active()) {
    if (counts(variants[i].fact)) facts_.push_back(derive(variants[i].fact));
  }
  mark_discharges();
}

void Derivation::derive_what_changed(std::vector<RecordFact> before,
                                     const ChangedRelations& changed) {
  const auto& variants = resolution_.record().variants;
  facts_.reserve(resolution_.active().size());
  unchanged_ = resolution_.active().size();
  const auto changed_from = [this](std::size_t i) { unchanged_ = std::min(unchanged_, i); };
  std::vector<std::size_t> discharges;
  std::size_t next = 0;
  for (const std::size_t i : resolution_.active()) {
    const Fact& fact = variants[i].fact;
    if (!counts(fact)) continue;
    const Microseconds at = resolution_.instant(i);
    const auto has_gone = [&](const RecordFact& other) {
      return std::tie(other.at, other.fact->kind, other.fact->source, other.fact->id) <
             std::tie(at, fact.kind, fact.source, fact.id);
    };
    for (; next < before.size() && has_gone(before[next]); ++next) changed_from(facts_.size());
    if (next == before.size() || before[next].fact != &fact) {
      changed_from(facts_.size());
      facts_.push_back(derive(fact));
      continue;
    }
    RecordFact& old = before[next++];
    if (old.phase == Phase::discharge && !old.phase_stated) {
      find_phase(&old);
      discharges.push_back(facts_.size());
    }
    if (changed.spare(old)) {
      facts_.push_back(std::move(old));
      continue;
    }
    facts_.push_back(derive(fact));
    if (!(facts_.back() == old)) changed_from(facts_.size() - 1);
  }
  changed_from(facts_.size());
  compare_discharges(discharges);
}

// Marks them, and notes where they are others than before.
void Derivation::compare_discharges(const std::vector<std::size_t>& before) {
  const auto changed_from = [this](std::size_t i) { unchanged_ = std::min(unchanged_, i); };
  for (const std::size_t i : mark_discharges()) {
    if (!std::binary_search(before.begin(), before.end(), i)) changed_from(i);
  }
  for (const std::size_t i : before) {
    if (facts_[i].phase != Phase::discharge) changed_from(i);
  }
}

RecordFact Derivation::derive(const Fact& fact) const {
  RecordFact derived = bare(fact);
  find_plan(&derived);
  find_session(&derived);
  find_phase(&derived);
  find_site_and_compound(&derived);
  find_eligibility(&derived);
  return derived;
}

RecordFact Derivation::bare(const Fact& fact) const {
  RecordFact out;
  out.fact = &fact;
  const events::Zone& zone = resolution_.settings().source(fact.source).zone;
  out.at = events::instant_of(fact, resolution_.settings());
  out.bare_date = fact.effective.bare_date;
  out.day = out.bare_date ? fact.effective.us : events::utc_midnight(out.at);
  out.day_ends = out.bare_date ? zone.day_ends(fact.effective.us) : out.day + events::day_us - 1;
  if (const events::Time* end = fact.time(Field::end))
    out.plan_ends = events::instant_of(*end, zone);
  if (fact.kind == Kind::blood_pressure) {
    out.systolic = events::pressure_mmhg(fact, Field::systolic);
    out.diastolic = events::pressure_mmhg(fact, Field::diastolic);
  }
  return out;
}

detectors::SessionReference Derivation::reference(std::size_t session) const {
  return reference(resolution_.record().variants[session].fact);
}

detectors::SessionReference Derivation::reference(const Fact& fact) const {
  const events::Zone& zone = resolution_.settings().source(fact.source).zone;
  const Microseconds start = events::instant_of(fact, resolution_.settings());
  const Microseconds closes =
      fact.effective.bare_date ? zone.day_ends(fact.effective.us) : start + after_start_us;
  return {fact.source, fact.id, start, fact.effective.bare_date, closes};
}

void Derivation::find_plan(RecordFact* fact) const {
  const std::string_view named = fact->fact->word(Field::plan);
  if (fact->kind() != Kind::session || named.empty()) return;
  const auto found = resolution_.stands_for(fact->fact->source, named, world_);
  if (!found) return;
  const Fact& plan = resolution_.record().variants[*found].fact;
  if (plan.kind == Kind::plan) fact->plan = {plan.source, plan.id};
}

void Derivation::find_session(RecordFact* fact) const {
  const auto& variants = resolution_.record().variants;
  std::optional<std::size_t> found;
  const auto take = [&](std::string_view id) {
    const auto named = resolution_.stands_for(fact->fact->source, id, world_);
    if (named && variants[*named].fact.kind == Kind::session) found = named;
  };
  if (fact->fact->session) {
    take(*fact->fact->session);
  } else if (fact->kind() == Kind::session && !fact->bare_date) {
    // Nothing starts nearer to a session than itself, or the twin that counts for it.
    take(fact->fact->id);
    if (!found) {  // in quarantine: nobody else can name it
      fact->session = reference(*fact->fact);
      fact->minutes = 0;
      return;
    }
  }
  if (!found && !fact->bare_date) {
    const auto first =
        std::lower_bound(sessions_.begin(), sessions_.end(), fact->at - after_start_us,
                         [this](std::size_t session, Microseconds from) {
                           return resolution_.instant(session) < from;
                         });
    Microseconds nearest = 0;
    for (auto it = first; it != sessions_.end(); ++it) {
      const Microseconds start = resolution_.instant(*it);
      if (start > fact->at + before_start_us) break;
      if (variants[*it].fact.effective.bare_date) continue;
      const Microseconds distance = start > fact->at ? start - fact->at : fact->at - start;
      if (!found || distance < nearest) {  // ties: the earlier, which comes first
        found = *it;
        nearest = distance;
      }
    }
  }
  if (!found) return;
  fact->session = reference(*found);
  if (!fact->bare_date && !fact->session->bare_date) {
    fact->minutes = static_cast<double>(fact->at - fact->session->start) /
                    static_cast<double>(events::minute_us);
  }
}

void Derivation::find_phase(RecordFact* fact) const {
  if (fact->kind() != Kind::blood_pressure) return;
  if (const auto stated = detectors::phase_named(fact->fact->word(Field::phase))) {
    fact->phase = *stated;
    fact->phase_stated = true;
  } else if (fact->minutes) {
    fact->phase = phase_by_clock(*fact->minutes);
  } else {
    fact->phase = fact->session || fact->bare_date ? Phase::other : Phase::home;
  }
}

// `discharge` for a session's last reading if t ≥ 90 and none is stated so. Says which these are.
std::vector<std::size_t> Derivation::mark_discharges() {
  struct Last {
    RecordFact* reading = nullptr;
    bool stated = false;
    const detectors::SessionReference* session = nullptr;
  };
  std::vector<Last>
      open;  // sessions that later facts can still belong to, and those named from afar
  for (RecordFact& fact : facts_) {
    if (fact.kind() != Kind::blood_pressure || !fact.session) continue;
    auto found = std::find_if(open.rbegin(), open.rend(),
                              [&](const Last& last) { return last.session->same(*fact.session); });
    if (found == open.rend()) {
      open.push_back({nullptr, false, &*fact.session});
      found = open.rbegin();
    }
    if (fact.minutes) found->reading = &fact;
    if (fact.phase_stated && fact.phase == Phase::discharge) found->stated = true;
  }
  std::vector<std::size_t> marked;
  for (const Last& last : open) {
    if (last.reading == nullptr || last.stated || last.reading->phase_stated) continue;
    if (*last.reading->minutes < discharge_from_min) continue;
    last.reading->phase = Phase::discharge;
    marked.push_back(static_cast<std::size_t>(last.reading - facts_.data()));
  }
  return marked;
}

void Derivation::find_site_and_compound(RecordFact* fact) const {
  const auto& variants = resolution_.record().variants;
  const Fact* session = nullptr;
  if (fact->session) {
    const auto index = resolution_.stands_for(fact->session->source, fact->session->id);
    if (index) session = &variants[*index].fact;
  }
  if (fact->fact->site) {
    fact->site = *fact->fact->site;
  } else if (session != nullptr && session->site) {
    fact->site = *session->site;
  } else {
    const auto after = std::upper_bound(enrolments_.begin(), enrolments_.end(), fact->at,
                                        [this](Microseconds at, std::size_t enrolment) {
                                          return at < resolution_.instant(enrolment);
                                        });
    if (after != enrolments_.begin())
      fact->site = variants[*std::prev(after)].fact.site.value_or("");
  }
  if (fact->site.empty()) fact->site = resolution_.settings().source(fact->fact->source).site;
  fact->compound = fact->fact->word(Field::compound);
  if (fact->compound.empty() && session != nullptr) fact->compound = session->word(Field::compound);
  if (fact->compound.empty()) {
    const auto after = std::upper_bound(
        sessions_.begin(), sessions_.end(), fact->at,
        [this](Microseconds at, std::size_t other) { return at < resolution_.instant(other); });
    if (after != sessions_.begin())
      fact->compound = variants[*std::prev(after)].fact.word(Field::compound);
  }
}

// Cognition is scored unless a session started in (t − 24 h, t), or, for a bare date, lies on that
// date.
void Derivation::find_eligibility(RecordFact* fact) const {
  if (fact->kind() != Kind::score || !events::is_cognition(fact->fact->word(Field::instrument)))
    return;
  const auto& variants = resolution_.record().variants;
  for (auto it = sessions_.rbegin(); it != sessions_.rend(); ++it) {
    const Microseconds start = resolution_.instant(*it);
    if (start < fact->at - 3 * events::day_us) break;
    if (fact->bare_date) {
      const events::Time& when = variants[*it].fact.effective;
      const Microseconds day = when.bare_date ? when.us : events::utc_midnight(start);
      if (day == fact->day) fact->eligible = false;
    } else if (start > fact->at - eligible_after_us && start < fact->at) {
      fact->eligible = false;
    }
  }
}

}  // namespace ketavigil::engine
