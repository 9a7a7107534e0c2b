#include "detectors/patient/episodes.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "detectors/patient/catalogue.h"
#include "events/json_text.h"

namespace ketavigil::detectors {
namespace {

constexpr Microseconds occasion_open_us = 30 * events::day_us;
constexpr Microseconds reopen_us = 30 * events::day_us;
constexpr Microseconds sessionless_occasion_us = events::day_us;

// Narrows [valid_from, valid_until) by a moment at which the answer changes.
class Validity {
 public:
  explicit Validity(Microseconds at) : at_(at) {}
  // Whether what becomes visible at `moment` is seen.
  bool seen(Microseconds moment) {
    if (moment == always) return true;
    if (moment <= at_) {
      from = std::max(from, moment);
      return true;
    }
    until = std::min(until, moment);
    return false;
  }
  Microseconds from = always;
  Microseconds until = never;

 private:
  Microseconds at_;
};

using Hits = std::vector<const Hit*>;

bool share_a_fact(const Hit& a, const Hit& b) {
  for (const Evidence& mine : a.evidence) {
    for (const Evidence& other : b.evidence) {
      if (mine.same_fact(other)) return true;
    }
  }
  return false;
}

// Groups hits of one statistic into occasions: by session; without one by 24 h from the completing
// fact; and what shares a fact is one.
class Occasions {
 public:
  explicit Occasions(Hits hits) : hits_(std::move(hits)), parent_(hits_.size()) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
    std::vector<std::size_t> loose;
    for (std::size_t i = 0; i < hits_.size(); ++i) {
      if (!hits_[i]->session) loose.push_back(i);
      for (std::size_t j = 0; j < i; ++j) {
        const bool same_session =
            hits_[i]->session && hits_[j]->session && hits_[i]->session->same(*hits_[j]->session);
        if (same_session || share_a_fact(*hits_[i], *hits_[j])) join(i, j);
      }
    }
    std::stable_sort(loose.begin(), loose.end(), [&](std::size_t a, std::size_t b) {
      return hits_[a]->completed_at < hits_[b]->completed_at;
    });
    for (std::size_t i = 0, first = 0; i < loose.size(); ++i) {
      const Microseconds since = hits_[loose[i]]->completed_at - hits_[loose[first]]->completed_at;
      if (since < sessionless_occasion_us) {
        join(loose[i], loose[first]);
      } else {
        first = i;
      }
    }
  }

  [[nodiscard]] std::vector<Hits> groups() {
    std::map<std::size_t, Hits> by_root;
    for (std::size_t i = 0; i < hits_.size(); ++i) by_root[root(i)].push_back(hits_[i]);
    std::vector<Hits> out;
    for (auto& [first, group] : by_root) out.push_back(std::move(group));
    return out;
  }

 private:
  std::size_t root(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::size_t a, std::size_t b) {
    a = root(a);
    b = root(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

  Hits hits_;
  std::vector<std::size_t> parent_;
};

// Whether a doubtful hit lies within a verified occasion.
bool lies_within(const Hit& hit, const Hits& occasion) {
  Microseconds first = never;
  for (const Hit* other : occasion) {
    if (hit.session && other->session && hit.session->same(*other->session)) return true;
    if (share_a_fact(hit, *other)) return true;
    if (!other->session) first = std::min(first, other->completed_at);
  }
  return !hit.session && first != never && hit.completed_at >= first &&
         hit.completed_at - first < sessionless_occasion_us;
}

Level highest(const Hits& hits) {
  Level level = Level::info;
  for (const Hit* hit : hits) level = std::max(level, hit->level);
  return level;
}

// A cluster of twins is one piece of evidence: where a member reaches the finding's level and its
// representative does not, the representative's lesser hit does not count.
Hits without_outdone_representatives(const Hits& hits, Level level) {
  Hits out;
  for (const Hit* hit : hits) {
    const bool outdone = hit->level < level && hit->evidence.size() == 1 &&
                         std::any_of(hits.begin(), hits.end(), [&](const Hit* other) {
                           return other->level == level && other->instead_of &&
                                  other->instead_of->first == hit->evidence.front().source &&
                                  other->instead_of->second == hit->evidence.front().id;
                         });
    if (!outdone) out.push_back(hit);
  }
  return out;
}

// The first of each. Two contents of one version (a conflict, or something in quarantine) can have
// met the rule at two times, with others between.
void keep_each_version_once(std::vector<Evidence>* sorted) {
  if (sorted->size() < 2) return;
  std::set<std::tuple<std::string_view, std::string_view, std::int64_t>> seen;
  std::vector<bool> again;
  for (const Evidence& fact : *sorted)
    again.push_back(!seen.emplace(fact.source, fact.id, fact.version).second);
  std::size_t i = 0;
  std::erase_if(*sorted, [&](const Evidence&) { return again[i++]; });
}

// A finding of these hits, open; the value is that of the hit farthest beyond the limit of its
// level.
Finding finding_of(std::string_view patient, const Hits& all, Level level) {
  const Hits hits = without_outdone_representatives(all, level);
  Finding finding;
  finding.level = level;
  const Hit* farthest = nullptr;
  std::optional<Microseconds> onset;
  std::optional<Microseconds> ended;
  for (const Hit* hit : hits) {
    if (hit->level == level &&
        (farthest == nullptr || hit->measure.excess() > farthest->measure.excess())) {
      farthest = hit;
    }
    for (const Evidence& fact : hit->evidence) finding.evidence.push_back(fact);
    for (const auto& note : hit->annotations) finding.annotations.push_back(note);
    finding.unverified = finding.unverified || hit->doubtful;
    if (hit->deadline) {
      onset = std::min(onset.value_or(*hit->deadline), *hit->deadline);
      ended = std::max(ended.value_or(*hit->deadline), *hit->deadline);
    }
  }
  std::sort(finding.evidence.begin(), finding.evidence.end());
  const Evidence last = finding.evidence.back();
  keep_each_version_once(&finding.evidence);
  std::sort(finding.annotations.begin(), finding.annotations.end());
  finding.annotations.erase(std::unique(finding.annotations.begin(), finding.annotations.end()),
                            finding.annotations.end());
  finding.detector = farthest->detector;
  finding.domain = domain_of(finding.detector);
  finding.statistic = farthest->statistic;
  finding.value = events::round_to_12_digits(farthest->measure.value);
  finding.threshold = events::round_to_12_digits(farthest->measure.threshold);
  finding.inputs = farthest->inputs;
  finding.onset = onset.value_or(finding.evidence.front().at);
  finding.ended = ended.value_or(last.at);
  finding.site = last.site;
  finding.compound = last.compound;
  finding.id = finding_id(finding.detector, finding.statistic, patient, finding.evidence.front());
  return finding;
}

bool ended_by(const Sink& sink, const Finding& finding) {
  return std::any_of(sink.ends.begin(), sink.ends.end(), [&](const OccasionEnd& end) {
    return end.detector == finding.detector && end.statistic == finding.statistic &&
           std::any_of(finding.evidence.begin(), finding.evidence.end(), [&](const Evidence& fact) {
             return fact.source == end.source && fact.id == end.id;
           });
  });
}

// The occasions of one statistic: verified evidence first; doubtful evidence within one counts only
// where it raises the level; the rest forms its own.
std::vector<Hits> occasions_of(const Hits& verified, const Hits& doubtful) {
  std::vector<Hits> groups = Occasions(verified).groups();
  std::vector<Level> levels;
  for (const Hits& group : groups) levels.push_back(highest(group));
  Hits rest;
  for (const Hit* hit : doubtful) {
    bool within = false;
    for (std::size_t i = 0; i < levels.size() && !within; ++i) {
      // Only the verified part of a group (its first members) says what lies within it.
      Hits verified_part;
      for (const Hit* other : groups[i]) {
        if (!other->doubtful) verified_part.push_back(other);
      }
      within = lies_within(*hit, verified_part);
      if (within && hit->level > levels[i]) groups[i].push_back(hit);
    }
    if (!within) rest.push_back(hit);
  }
  for (Hits& group : Occasions(std::move(rest)).groups()) groups.push_back(std::move(group));
  return groups;
}

void assemble_occasions(std::string_view patient, const Sink& sink, Validity* validity,
                        std::vector<Finding>* out) {
  struct Split {
    Hits verified;
    Hits doubtful;
  };
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>, Split> by_statistic;
  for (const Hit& hit : sink.occasions) {
    if (!validity->seen(hit.visible_from)) continue;
    Split& split = by_statistic[{hit.detector, hit.statistic, hit.series}];
    (hit.doubtful ? split.doubtful : split.verified).push_back(&hit);
  }
  for (const auto& [statistic, split] : by_statistic) {
    for (const Hits& occasion : occasions_of(split.verified, split.doubtful)) {
      Finding finding = finding_of(patient, occasion, highest(occasion));
      finding.resolved =
          ended_by(sink, finding) || validity->seen(finding.ended + occasion_open_us);
      out->push_back(std::move(finding));
    }
  }
}

// One condition while the steps pass.
struct Condition {
  Hits hits;
  bool open = false;
  Microseconds ended = 0;
};

void assemble_conditions(std::string_view patient, const Sink& sink, Validity* validity,
                         std::vector<Finding>* out) {
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>, Condition> conditions;
  const auto finish = [&](const Condition& condition) {
    if (condition.hits.empty()) return;
    Finding finding = finding_of(patient, condition.hits, highest(condition.hits));
    finding.resolved = !condition.open;
    out->push_back(std::move(finding));
  };
  for (const ConditionStep& step : sink.conditions) {
    if (!validity->seen(step.visible_from)) continue;
    Condition& condition = conditions[{step.detector, step.statistic, step.series}];
    if (!step.holds) {
      condition.open = false;
      continue;
    }
    const bool is_new =
        !condition.open && !condition.hits.empty() && step.at - condition.ended > reopen_us;
    if (is_new) {
      finish(condition);
      condition = {};
    }
    condition.open = true;
    if (step.holds->latched) condition.hits.clear();
    condition.hits.push_back(&*step.holds);
    for (const Evidence& fact : step.holds->evidence)
      condition.ended = std::max(condition.ended, fact.at);
  }
  for (const auto& [key, condition] : conditions) finish(condition);
}

}  // namespace

std::string finding_id(std::string_view detector, std::string_view statistic,
                       std::string_view patient, const Evidence& first) {
  std::string text = "[";
  events::append_json_string(&text, detector);
  text += ',';
  events::append_json_string(&text, statistic);
  text += ",{\"patient\":";
  events::append_json_string(&text, patient);
  text += "},";
  events::append_json_string(&text, first.source);
  text += ',';
  events::append_json_string(&text, first.id);
  text += ']';
  return events::hexadecimal(events::sha256(text).substr(0, 8));
}

Findings assemble(std::string_view patient, const Sink& sink, Microseconds at) {
  Findings result;
  Validity validity(at);
  assemble_occasions(patient, sink, &validity, &result.findings);
  assemble_conditions(patient, sink, &validity, &result.findings);
  std::sort(result.findings.begin(), result.findings.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.detector, a.onset, a.id, a.statistic) <
           std::tie(b.detector, b.onset, b.id, b.statistic);
  });
  result.valid_from = validity.from;
  result.valid_until = validity.until;
  return result;
}

}  // namespace ketavigil::detectors
