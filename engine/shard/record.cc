#include "engine/shard/record.h"

#include <algorithm>
#include <tuple>

namespace ketavigil::engine {
namespace {

using events::Fact;
using events::Field;
using events::Kind;
using events::Microseconds;
using events::Variant;

constexpr Microseconds session_twin_us = 60 * events::minute_us;
constexpr Microseconds other_twin_us = 5 * events::minute_us;

bool same_key(const Fact& a, const Fact& b) { return a.id == b.id && a.source == b.source; }

// What a fact takes on the heap beside its own fields and texts, as much as its digest and the
// allocations' own overhead; by measurement.
constexpr std::size_t bytes_around_a_fact = 160;

std::size_t bytes_of(const events::Fact& fact) {
  std::size_t bytes = sizeof(events::Variant) + bytes_around_a_fact +
                      fact.fields.capacity() * sizeof(fact.fields[0]) + fact.id.capacity() +
                      fact.source.capacity() + fact.patient.capacity();
  if (fact.text) bytes += fact.text->capacity();
  for (const auto& [field, value] : fact.fields) {
    if (const auto* text = std::get_if<std::string>(&value)) bytes += text->capacity();
    if (const auto* list = std::get_if<std::vector<std::string>>(&value))
      for (const std::string& text : *list) bytes += sizeof(std::string) + text.capacity();
    if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value))
      bytes += list->capacity() * sizeof(std::int64_t);
  }
  return bytes;
}

// Whether two versions differ in their number only. Most say so by their status already.
bool says_the_same(const Fact& a, const Fact& b) {
  return a.status == b.status &&
         events::canonical_form(a, false) == events::canonical_form(b, false);
}

// Whether `a` is less than `b` by (recorded, absent first; digest): the greatest wins a conflict.
bool loses_to(const Variant& a, const Variant& b) {
  if (a.fact.recorded.has_value() != b.fact.recorded.has_value())
    return !a.fact.recorded.has_value();
  if (a.fact.recorded && a.fact.recorded->us != b.fact.recorded->us) {
    return a.fact.recorded->us < b.fact.recorded->us;
  }
  return a.digest < b.digest;
}

// Clinical content (R(4)): the fields in bold, pressures in mm[Hg], a symptom's severity.
bool same_content(const Fact& a, const Fact& b) {
  if (a.kind == Kind::enrolment && a.site != b.site) return false;
  if (a.kind == Kind::blood_pressure) {
    return events::pressure_mmhg(a, Field::systolic) == events::pressure_mmhg(b, Field::systolic) &&
           events::pressure_mmhg(a, Field::diastolic) == events::pressure_mmhg(b, Field::diastolic);
  }
  const auto same_field = [&](Field field) {
    const events::Value* mine = a.find(field);
    const events::Value* other = b.find(field);
    return mine == nullptr || other == nullptr ? mine == other : *mine == *other;
  };
  for (const events::FieldSpec& spec : events::fields_of(a.kind)) {
    if (spec.needed && !same_field(spec.field)) return false;
  }
  return a.kind != Kind::symptom || same_field(Field::severity);
}

}  // namespace

bool Variants::put(events::Variant variant) {
  bytes_ += bytes_of(variant.fact);
  const auto key_before = [](const events::Variant& a, const events::Variant& b) {
    return std::tie(a.fact.source, a.fact.id, a.fact.version, a.digest) <
           std::tie(b.fact.source, b.fact.id, b.fact.version, b.digest);
  };
  auto place = all_.end();
  if (!all_.empty() && !key_before(*all_.back(), variant)) {
    place = std::lower_bound(
        all_.begin(), all_.end(), variant,
        [&](const auto& mine, const events::Variant& other) { return key_before(*mine, other); });
  }
  const bool is_new = place == all_.end() || key_before(variant, **place);
  auto own = std::make_shared<const events::Variant>(std::move(variant));
  if (is_new) {
    all_.insert(place, std::move(own));
  } else {
    bytes_ -= bytes_of((*place)->fact);
    *place = std::move(own);
  }
  return is_new;
}

bool Variants::has(std::string_view source, std::string_view id, std::int64_t version) const {
  const std::tuple wanted(source, id, version);
  const auto key_of = [](const events::Variant& one) {
    return std::tuple<std::string_view, std::string_view, std::int64_t>(
        one.fact.source, one.fact.id, one.fact.version);
  };
  const auto found =
      std::lower_bound(all_.begin(), all_.end(), wanted,
                       [&](const auto& mine, const auto& other) { return key_of(*mine) < other; });
  return found != all_.end() && key_of(**found) == wanted;
}

std::string_view name_of(VariantState state) {
  switch (state) {
    case VariantState::superseded:
      return "superseded";
    case VariantState::retracted:
      return "retracted";
    case VariantState::replaced:
      return "replaced";
    case VariantState::conflict:
      return "conflict";
    case VariantState::twin:
      return "twin";
    case VariantState::active:
      return "active";
  }
  return "";
}

Resolution::Resolution(const Record& record, const events::DecodeSettings& settings)
    : record_(record),
      settings_(settings),
      states_(record.variants.size(), VariantState::superseded),
      instants_(record.variants.size(), 0) {
  for (std::size_t i = 0; i < record.variants.size(); ++i) {
    const Fact& fact = record.variants[i].fact;
    if (!fact.is_retraction()) instants_[i] = events::instant_of(fact, settings);
  }
  group_keys();
  for (Key& key : keys_) choose_current(&key);
  apply_replacements();
  for (const Key& key : keys_) {
    if (key.current && !key.inactive) active_.push_back(*key.current);
  }
  std::sort(active_.begin(), active_.end(),
            [this](std::size_t a, std::size_t b) { return before(a, b); });
  cluster_twins();
  for (const std::size_t variant : active_) states_[variant] = VariantState::active;
}

bool Resolution::before(std::size_t a, std::size_t b) const {
  const Fact& x = record_.variants[a].fact;
  const Fact& y = record_.variants[b].fact;
  return std::tie(instants_[a], x.kind, x.source, x.id) <
         std::tie(instants_[b], y.kind, y.source, y.id);
}

void Resolution::group_keys() {
  for (std::size_t i = 0; i < record_.variants.size(); ++i) {
    if (keys_.empty() ||
        !same_key(record_.variants[keys_.back().first].fact, record_.variants[i].fact)) {
      keys_.push_back({i, i, std::nullopt, false});
    }
    keys_.back().last = i + 1;
  }
}

std::optional<std::size_t> Resolution::key_index(std::string_view source,
                                                 std::string_view id) const {
  const auto found = std::lower_bound(keys_.begin(), keys_.end(), std::tie(source, id),
                                      [this](const Key& key, const auto& wanted) {
                                        const Fact& fact = record_.variants[key.first].fact;
                                        const std::string_view its_source = fact.source;
                                        const std::string_view its_id = fact.id;
                                        return std::tie(its_source, its_id) < wanted;
                                      });
  if (found == keys_.end()) return std::nullopt;
  const Fact& fact = record_.variants[found->first].fact;
  if (fact.source != source || fact.id != id) return std::nullopt;
  return static_cast<std::size_t>(found - keys_.begin());
}

// (1) and (2): the current version of a key, and the winner within it.
void Resolution::choose_current(Key* key) {
  const auto& variants = record_.variants;
  const auto version_at = [&](std::size_t i) { return variants[i].fact.version; };
  // The variants of the greatest version are [from, to).
  std::size_t to = key->last;
  std::size_t from = to;
  while (from > key->first && version_at(from - 1) == version_at(to - 1)) --from;
  // A version with one variant that says the same as the only one of the next smaller version is no
  // news.
  while (to - from == 1 && from > key->first) {
    std::size_t older = from;
    while (older > key->first && version_at(older - 1) == version_at(from - 1)) --older;
    if (from - older != 1 || !says_the_same(variants[from].fact, variants[older].fact)) break;
    to = from;
    from = older;
  }
  std::size_t winner = from;
  bool retracted = false;
  for (std::size_t i = from; i < to; ++i) {
    if (variants[i].fact.is_retraction()) {
      retracted = true;
      winner = i;
    } else if (!retracted && loses_to(variants[winner], variants[i])) {
      winner = i;
    }
  }
  key->current = winner;
  key->inactive = retracted;
  for (std::size_t i = from; i < to; ++i) {
    states_[i] = retracted     ? VariantState::retracted
                 : i == winner ? VariantState::active
                               : VariantState::conflict;
  }
}

// (3): arrows of `replaces`; in a cycle the one to the greatest (recorded, absent last; id) does
// not count.
void Resolution::apply_replacements() {
  std::vector<std::optional<std::size_t>> arrow(keys_.size());
  for (std::size_t k = 0; k < keys_.size(); ++k) {
    const Fact& fact = record_.variants[*keys_[k].current].fact;
    if (fact.is_retraction() || !fact.replaces) continue;
    arrows_ = true;
    arrow[k] = key_index(fact.source, *fact.replaces);
    if (!arrow[k]) {
      unseen_replaced_.emplace_back(fact.source, *fact.replaces);
      unseen_replacers_.push_back(k);
    }
  }
  if (!arrows_) return;
  const auto greater = [this](std::size_t a, std::size_t b) {
    const Fact& x = record_.variants[*keys_[a].current].fact;
    const Fact& y = record_.variants[*keys_[b].current].fact;
    if (x.recorded.has_value() != y.recorded.has_value()) return !x.recorded.has_value();
    if (x.recorded && x.recorded->us != y.recorded->us) return x.recorded->us > y.recorded->us;
    return x.id > y.id;
  };
  // Each key has at most one arrow out, so a walk from anywhere ends or runs into one cycle.
  std::vector<int> walk(keys_.size(), 0);
  for (std::size_t start = 0; start < keys_.size(); ++start) {
    std::size_t at = start;
    while (walk[at] == 0 && arrow[at]) {
      walk[at] = static_cast<int>(start) + 1;
      at = *arrow[at];
    }
    if (walk[at] != static_cast<int>(start) + 1 || !arrow[at]) continue;
    std::size_t greatest = at;
    for (std::size_t other = *arrow[at]; other != at; other = *arrow[other]) {
      if (greater(other, greatest)) greatest = other;
    }
    std::size_t from = greatest;
    while (*arrow[from] != greatest) from = *arrow[from];
    arrow[from].reset();
  }
  for (std::size_t k = 0; k < keys_.size(); ++k) {
    if (arrow[k]) replacers_[*arrow[k]].push_back(k);
  }
  for (const auto& [replaced, by] : replacers_) {
    Key& key = keys_[replaced];
    if (key.inactive) continue;  // retracted is said first
    key.inactive = true;
    for (std::size_t i = key.first; i < key.last; ++i) {
      if (states_[i] != VariantState::superseded) states_[i] = VariantState::replaced;
    }
  }
}

// (4): in the order of R, a fact not yet in a cluster starts one and takes of every other source
// the first later one of its kind with equal content.
void Resolution::cluster_twins() {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (states_[i] == VariantState::conflict) losers_.push_back(i);
  }
  const auto source_of = [this](std::size_t i) -> const std::string& {
    return record_.variants[i].fact.source;
  };
  const bool one_source = std::all_of(active_.begin(), active_.end(), [&](std::size_t i) {
    return source_of(i) == source_of(active_.front());
  });
  if (active_.empty() || one_source) return;
  std::vector<bool> taken(active_.size(), false);
  for (std::size_t i = 0; i < active_.size(); ++i) {
    if (taken[i]) continue;
    const Fact& first = record_.variants[active_[i]].fact;
    const Microseconds window = first.kind == Kind::session ? session_twin_us : other_twin_us;
    std::vector<std::size_t> members = {active_[i]};
    for (std::size_t j = i + 1; j < active_.size(); ++j) {
      const Fact& other = record_.variants[active_[j]].fact;
      const bool same_date = first.effective.bare_date && other.effective.bare_date &&
                             first.effective.us == other.effective.us;
      const Microseconds apart = instants_[active_[j]] - instants_[active_[i]];
      // A bare date lies where its source's zone puts it: at most a day and some hours away.
      if (apart > (first.effective.bare_date ? 2 * events::day_us : window)) break;
      if (taken[j] || other.kind != first.kind) continue;
      if (first.effective.bare_date != other.effective.bare_date ||
          (first.effective.bare_date && !same_date))
        continue;
      const bool source_in = std::any_of(members.begin(), members.end(), [&](std::size_t member) {
        return source_of(member) == other.source;
      });
      if (source_in || !same_content(first, other)) continue;
      taken[j] = true;
      members.push_back(active_[j]);
    }
    if (members.size() > 1) form_cluster(std::move(members));
  }
  if (!twins_.empty()) {
    std::erase_if(active_, [this](std::size_t i) { return representative_.count(i) != 0; });
  }
}

void Resolution::form_cluster(std::vector<std::size_t> members) {
  const auto counts_before = [this](std::size_t a, std::size_t b) {
    const Fact& x = record_.variants[a].fact;
    const Fact& y = record_.variants[b].fact;
    if (x.is_preliminary() != y.is_preliminary()) return y.is_preliminary();
    const int keys_x = events::stated_keys(x);
    const int keys_y = events::stated_keys(y);
    if (keys_x != keys_y) return keys_x > keys_y;
    const auto rank_x = settings_.source(x.source).rank;
    const auto rank_y = settings_.source(y.source).rank;
    return std::tie(rank_x, x.source, x.id) < std::tie(rank_y, y.source, y.id);
  };
  const std::size_t chosen = *std::min_element(members.begin(), members.end(), counts_before);
  std::erase(members, chosen);
  for (const std::size_t member : members) {
    states_[member] = VariantState::twin;
    representative_[member] = chosen;
  }
  std::stable_sort(members.begin(), members.end(), [this](std::size_t a, std::size_t b) {
    const bool x = record_.variants[a].fact.is_preliminary();
    const bool y = record_.variants[b].fact.is_preliminary();
    return x != y ? y : before(a, b);
  });
  twins_[chosen] = std::move(members);
}

const std::vector<std::size_t>& Resolution::twins_of(std::size_t active_variant) const {
  static const std::vector<std::size_t> none;
  const auto found = twins_.find(active_variant);
  return found == twins_.end() ? none : found->second;
}

Relations Resolution::relations() const {
  Relations relations;
  relations.arrows = arrows_;
  for (const Key& key : keys_) {
    if (!key.current || key.inactive) continue;
    const Fact& fact = record_.variants[*key.current].fact;
    if (fact.kind != Kind::session && fact.kind != Kind::plan && fact.kind != Kind::enrolment)
      continue;
    const auto twin = representative_.find(*key.current);
    const std::size_t counting = twin == representative_.end() ? *key.current : twin->second;
    relations.counting.emplace_back(&fact, &record_.variants[counting].fact);
  }
  return relations;
}

std::optional<std::size_t> Resolution::stands_for(std::string_view source, std::string_view id,
                                                  World world) const {
  std::optional<std::size_t> best;
  std::vector<std::size_t> to_visit;
  std::vector<bool> visited(keys_.size(), false);
  if (const auto key = key_index(source, id)) {
    to_visit.push_back(*key);
  } else {
    for (std::size_t i = 0; i < unseen_replaced_.size(); ++i) {
      if (unseen_replaced_[i].first == source && unseen_replaced_[i].second == id)
        to_visit.push_back(unseen_replacers_[i]);
    }
  }
  while (!to_visit.empty()) {
    const std::size_t k = to_visit.back();
    to_visit.pop_back();
    if (visited[k]) continue;
    visited[k] = true;
    if (!keys_[k].inactive) {
      std::size_t variant = *keys_[k].current;
      if (const auto twin = representative_.find(variant); twin != representative_.end())
        variant = twin->second;
      const bool counts = world == World::all || !record_.variants[variant].fact.is_preliminary();
      if (counts && (!best || before(variant, *best))) best = variant;
    } else if (const auto by = replacers_.find(k); by != replacers_.end()) {
      to_visit.insert(to_visit.end(), by->second.begin(), by->second.end());
    }
  }
  return best;
}

std::vector<std::pair<std::string, std::string>> Resolution::counts_as(
    const std::string& source, const std::string& id) const {
  std::vector<std::pair<std::string, std::string>> all = {{source, id}};
  const auto add = [&all](const std::string& s, const std::string& i) {
    if (std::find(all.begin(), all.end(), std::pair(s, i)) == all.end()) all.emplace_back(s, i);
  };
  if (const auto key = key_index(source, id); key && keys_[*key].current) {
    std::size_t variant = *keys_[*key].current;
    if (const auto twin = representative_.find(variant); twin != representative_.end())
      variant = twin->second;
    for (std::size_t member : twins_of(variant))
      add(record_.variants[member].fact.source, record_.variants[member].fact.id);
    if (!twins_of(variant).empty())
      add(record_.variants[variant].fact.source, record_.variants[variant].fact.id);
  }
  // What each of these replaces, and what that replaced: `all` grows while it is walked.
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto key = key_index(all[i].first, all[i].second);
    if (!key) continue;
    const Fact& fact = record_.variants[*keys_[*key].current].fact;
    if (!fact.is_retraction() && fact.replaces)
      add(std::string(fact.source), std::string(*fact.replaces));
  }
  return all;
}

}  // namespace ketavigil::engine
