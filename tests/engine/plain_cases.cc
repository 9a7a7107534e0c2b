#include "tests/engine/plain_cases.h"

#include <algorithm>

#include "events/time.h"

namespace ketavigil::plain {
namespace {

using nlohmann::json;

std::string text(const json& finding, const char* key) {
  return finding.at(key).get<std::string>();
}
std::string statistic(const json& finding) { return text(finding.at("statistic"), "name"); }

// Printed times differ in length, their instants do not.
std::int64_t instant(const std::string& printed) { return events::parse_time(printed)->us; }

bool same_thread(const json& a, const json& b) {
  return a.at("detector") == b.at("detector") && statistic(a) == statistic(b);
}

json without(json finding, std::initializer_list<const char*> keys) {
  for (const char* key : keys) finding.erase(key);
  return finding;
}

bool share(const std::set<FactName>& a, const std::set<FactName>& b) {
  return std::any_of(a.begin(), a.end(), [&](const FactName& fact) { return b.count(fact) != 0; });
}

std::set<FactName> evidence_of(const json& finding, const Cut& cut) {
  std::set<FactName> all;
  for (const json& fact : finding.at("evidence"))
    all.merge(cut.counts_as({fact.at("source"), fact.at("id")}));
  return all;
}

}  // namespace

void Cases::write(Thread* thread, const std::string& reason, const std::string& state,
                  const std::string& updated) {
  revisions_.push_back(thread->name + " " + std::to_string(++thread->revision) + " " + reason +
                       " " + state + " " + thread->raised + " " + updated);
}

void Cases::cut(const Cut& cut) {
  // The findings of a detector, statistic name and subject, in the order of (onset, id) …
  std::vector<json> findings = cut.findings;
  std::sort(findings.begin(), findings.end(), [](const json& a, const json& b) {
    return std::pair(instant(text(a, "onset")), text(a, "id")) <
           std::pair(instant(text(b, "onset")), text(b, "id"));
  });
  std::set<std::string> taken;
  for (const json& finding : findings) {
    const std::set<FactName> evidence = evidence_of(finding, cut);
    // … each continue a case not yet taken whose last evidence shares a fact with theirs: live ones
    // before closed ones, then the one published first (at one cut: the smaller onset, then id).
    std::vector<Thread*> candidates;
    for (Thread& thread : threads_) {
      if (same_thread(thread.finding, finding) && taken.count(thread.name) == 0 &&
          share(thread.evidence, evidence)) {
        candidates.push_back(&thread);
      }
    }
    std::sort(candidates.begin(), candidates.end(), [](const Thread* a, const Thread* b) {
      if (a->live != b->live) return a->live;
      if (a->published != b->published) return a->published < b->published;
      return std::pair(instant(a->onset), a->id) < std::pair(instant(b->onset), b->id);
    });
    std::string reason;
    Thread* thread = nullptr;
    if (!candidates.empty()) {
      thread = candidates.front();
      // A revision is written where the finding's bytes but `identity` changed, and only there. The
      // reason is the first that applies.
      const json& before = thread->finding;
      if (without(before, {"identity"}) != without(finding, {"identity"})) {
        if (before.at("level") != finding.at("level")) {
          reason = "level";
        } else {
          const bool only_state =
              without(before, {"identity", "state"}) == without(finding, {"identity", "state"});
          reason = only_state ? "time" : "evidence";
        }
      }
    } else {
      // Else they open one, named by their id, with ~2, ~3 … if that name is used.
      const auto used = [&](const std::string& name) {
        return std::any_of(threads_.begin(), threads_.end(),
                           [&](const Thread& other) { return other.name == name; });
      };
      std::string name = text(finding, "id");
      for (int n = 2; used(name); ++n) name = text(finding, "id") + "~" + std::to_string(n);
      threads_.push_back({name,
                          finding,
                          true,
                          cut.position,
                          text(finding, "onset"),
                          text(finding, "id"),
                          cut.received,
                          {},
                          0});
      thread = &threads_.back();
      reason = "new";
    }
    taken.insert(thread->name);
    thread->live = true;
    thread->evidence = evidence;
    if (reason.empty()) continue;
    thread->finding = finding;
    write(thread, reason, text(finding, "state"), cut.received);
  }
  // A live case that nobody took is closed: merged if a finding that holds shares a fact with it,
  // retracted if none of its facts is active, else superseded.
  for (Thread& thread : threads_) {
    if (!thread.live || taken.count(thread.name) != 0) continue;
    const bool merged = std::any_of(findings.begin(), findings.end(), [&](const json& finding) {
      return same_thread(thread.finding, finding) &&
             share(thread.evidence, evidence_of(finding, cut));
    });
    const bool active = std::any_of(thread.evidence.begin(), thread.evidence.end(), cut.is_active);
    const std::string state = merged ? "merged" : active ? "superseded" : "retracted";
    thread.live = false;
    thread.finding["state"] = state;
    write(&thread, state, state, cut.received);
  }
}

}  // namespace ketavigil::plain
