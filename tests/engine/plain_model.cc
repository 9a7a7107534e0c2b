#include "tests/engine/plain_model.h"

#include <algorithm>
#include <optional>
#include <tuple>

namespace ketavigil::plain {
namespace {

using events::Fact;
using events::Field;
using events::Kind;
using events::Variant;

constexpr std::int64_t minute_us = 60'000'000;

// "(recorded, absent first; digest)": the greatest wins a conflict.
auto conflict_rank(const Variant& v) {
  return std::tuple(v.fact.recorded.has_value(), v.fact.recorded ? v.fact.recorded->us : 0,
                    v.digest);
}

// "(recorded, absent last; id)": the arrow to the greatest of a cycle does not count.
auto cycle_rank(const Variant& v) {
  return std::tuple(!v.fact.recorded.has_value(), v.fact.recorded ? v.fact.recorded->us : 0,
                    v.fact.id);
}

std::int64_t instant(const Fact& fact) {
  if (!fact.effective.bare_date) return fact.effective.us;
  return fact.kind == Kind::exit ? fact.effective.us + 24 * 60 * minute_us - 1 : fact.effective.us;
}

auto order_of(const Fact& fact) {
  return std::tuple(instant(fact), fact.kind, fact.source, fact.id);
}

// (2): "equal in canonical form but for `version`".
bool no_news(const Variant& newer, const Variant& older) {
  return events::canonical_form(newer.fact, false) == events::canonical_form(older.fact, false);
}

// (4): the fields in bold, pressures in mm[Hg], a symptom's severity.
std::string clinical_content(const Fact& fact) {
  std::string text;
  const auto add = [&](Field field) {
    Fact only = fact;
    std::erase_if(only.fields, [&](const auto& f) { return f.first != field; });
    only.effective = {};
    only.source = only.id = "x";
    only.version = 1;
    only.status = events::Status::final;
    only.recorded.reset();
    only.session.reset();
    only.replaces.reset();
    only.text.reset();
    if (field != Field::site) only.site.reset();
    text += events::print(only);
  };
  if (fact.kind == Kind::blood_pressure) {
    for (const Field field : {Field::systolic, Field::diastolic}) {
      const auto value = events::pressure_mmhg(fact, field);
      text += value ? std::to_string(*value) + ";" : "none;";
    }
    return text;
  }
  if (fact.kind == Kind::enrolment) add(Field::site);
  for (const auto& spec : events::fields_of(fact.kind)) {
    if (spec.needed) add(spec.field);
  }
  if (fact.kind == Kind::symptom) add(Field::severity);
  return text;
}

}  // namespace

Model model_of(const std::vector<Variant>& facts) {
  Model model;
  const auto state = [&](const Variant& v) -> std::string& {
    return model.states[{v.fact.source, v.fact.id, v.fact.version, v.digest}];
  };
  std::map<Key, std::map<std::int64_t, std::vector<Variant>>> keys;
  for (const Variant& v : facts) keys[{v.fact.source, v.fact.id}][v.fact.version].push_back(v);

  // (1) and (2).
  std::map<Key, Variant> current;
  std::set<Key> retracted;
  for (auto& [key, versions] : keys) {
    for (auto& [number, variants] : versions) {
      for (const Variant& v : variants) state(v) = "superseded";
    }
    auto greatest = std::prev(versions.end());
    while (greatest != versions.begin() && greatest->second.size() == 1 &&
           std::prev(greatest)->second.size() == 1 &&
           no_news(greatest->second.front(), std::prev(greatest)->second.front())) {
      --greatest;
    }
    const auto& variants = greatest->second;
    const auto retraction = std::find_if(variants.begin(), variants.end(),
                                         [](const Variant& v) { return v.fact.is_retraction(); });
    if (retraction != variants.end()) {
      retracted.insert(key);
      for (const Variant& v : variants) state(v) = "retracted";
      continue;
    }
    const auto winner = std::max_element(
        variants.begin(), variants.end(),
        [](const Variant& a, const Variant& b) { return conflict_rank(a) < conflict_rank(b); });
    current.emplace(key, *winner);
    for (const Variant& v : variants) state(v) = "conflict";
    state(*winner) = "active";
  }

  // (3).
  std::map<Key, Key> arrows;
  for (const auto& [key, v] : current) {
    if (v.fact.replaces) arrows[key] = {key.first, *v.fact.replaces};
  }
  std::set<Key> uncounted;  // keys whose arrow does not count
  for (const auto& [start, first] : arrows) {
    std::vector<Key> path = {start};
    Key at = first;
    while (arrows.count(at) != 0 && std::find(path.begin(), path.end(), at) == path.end()) {
      path.push_back(at);
      at = arrows.at(at);
    }
    if (at != start) continue;  // `start` is not on a cycle
    const Key greatest =
        *std::max_element(path.begin(), path.end(), [&](const Key& a, const Key& b) {
          return cycle_rank(current.at(a)) < cycle_rank(current.at(b));
        });
    for (const Key& key : path) {
      if (arrows.at(key) == greatest) uncounted.insert(key);
    }
  }
  std::set<Key> replaced;
  for (const auto& [from, to] : arrows) {
    if (uncounted.count(from) == 0) replaced.insert(to);
  }
  for (const Key& key : replaced) {
    if (retracted.count(key) != 0 || current.count(key) == 0) continue;
    for (const Variant& v : keys.at(key).at(current.at(key).fact.version)) state(v) = "replaced";
    current.erase(key);
  }

  // (4) and (5).
  std::vector<Variant> ordered;
  for (const auto& [key, v] : current) ordered.push_back(v);
  const auto by_order = [](const Variant& a, const Variant& b) {
    return order_of(a.fact) < order_of(b.fact);
  };
  std::sort(ordered.begin(), ordered.end(), by_order);
  std::vector<bool> in_cluster(ordered.size(), false);
  std::vector<Variant> active;
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    if (in_cluster[i]) continue;
    const Fact& first = ordered[i].fact;
    std::vector<Variant> cluster = {ordered[i]};
    std::set<std::string> sources = {first.source};
    for (std::size_t j = i + 1; j < ordered.size(); ++j) {
      const Fact& other = ordered[j].fact;
      if (in_cluster[j] || other.kind != first.kind || sources.count(other.source) != 0) continue;
      if (clinical_content(other) != clinical_content(first)) continue;
      const std::int64_t window = (first.kind == Kind::session ? 60 : 5) * minute_us;
      const bool near = first.effective.bare_date || other.effective.bare_date
                            ? first.effective == other.effective
                            : instant(other) - instant(first) <= window;
      if (!near) continue;
      in_cluster[j] = true;
      sources.insert(other.source);
      cluster.push_back(ordered[j]);
    }
    const Variant chosen =
        *std::min_element(cluster.begin(), cluster.end(), [](const Variant& a, const Variant& b) {
          const auto rank = [](const Variant& v) {
            return std::tuple(v.fact.is_preliminary(), -events::stated_keys(v.fact), v.fact.source,
                              v.fact.id);
          };
          return rank(a) < rank(b);
        });
    for (const Variant& v : cluster) state(v) = "twin";
    state(chosen) = "active";
    active.push_back(chosen);
  }
  std::sort(active.begin(), active.end(), by_order);
  for (const Variant& v : active) model.order.emplace_back(v.fact.source, v.fact.id);
  return model;
}

}  // namespace ketavigil::plain
