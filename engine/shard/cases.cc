#include "engine/shard/cases.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "detectors/finding.h"
#include "engine/shard/finding_text.h"
#include "events/json_text.h"

namespace ketavigil::engine {
namespace {

bool share_a_fact(const std::vector<FactKey>& a, const std::vector<FactKey>& b) {
  return std::any_of(a.begin(), a.end(), [&](const FactKey& key) {
    return std::find(b.begin(), b.end(), key) != b.end();
  });
}

// The revision's JSON: the finding, then the columns that only history has.
Revision publish(Case* thread, std::string_view reason, const Cut& cut) {
  ++thread->revisions;
  std::string text = thread->text;
  text.pop_back();  // the closing brace
  text += ",\"case\":\"" + thread->name + "\",\"revision\":" + std::to_string(thread->revisions) +
          ",\"raised\":\"" + events::print_utc(thread->raised) + "\",\"updated\":\"" +
          events::print_utc(cut.received) + "\",\"reason\":\"";
  text += reason;
  text += "\"}";
  // A case that is critical no more says so by one of these reasons.
  const bool concerns_pages = thread->level == static_cast<int>(detectors::Level::critical) ||
                              reason == "level" || reason == "configuration";
  return {thread->detector, thread->name, thread->revisions, std::move(text), concerns_pages};
}

// The case that a finding continues: live ones before closed ones, then the one published first.
Case* case_to_continue(std::vector<Case>* cases, const std::set<std::string>& taken,
                       const HeldFinding& finding) {
  Case* best = nullptr;
  const auto key = [](const Case& thread) {
    return std::tuple(!thread.live, thread.published, thread.first_onset, thread.first_id,
                      thread.name);
  };
  for (Case& thread : *cases) {
    if (thread.detector != finding.detector || thread.statistic != finding.statistic) continue;
    if (taken.count(thread.name) != 0 || !share_a_fact(thread.evidence, finding.evidence)) continue;
    if (best == nullptr || key(thread) < key(*best)) best = &thread;
  }
  return best;
}

std::string unused_name(const std::vector<Case>& cases, const std::string& id) {
  const auto used = [&](const std::string& name) {
    return std::any_of(cases.begin(), cases.end(),
                       [&](const Case& thread) { return thread.name == name; });
  };
  if (!used(id)) return id;
  for (int n = 2;; ++n) {
    std::string name = id + "~" + std::to_string(n);
    if (!used(name)) return name;
  }
}

std::string_view reason_of_change(const Case& thread, const HeldFinding& finding, const Cut& cut) {
  if (cut.is_epoch) return "configuration";
  if (thread.level != finding.level) return "level";
  return without_state(thread.text) == without_state(finding.text) ? "time" : "evidence";
}

}  // namespace

std::vector<Revision> continue_cases(std::vector<Case>* cases, std::vector<HeldFinding> findings,
                                     const ActiveFacts& facts, const Cut& cut, bool* changed) {
  std::vector<Revision> revisions;
  bool moved = false;
  std::set<std::string> taken;
  std::sort(findings.begin(), findings.end(), [](const HeldFinding& a, const HeldFinding& b) {
    return std::tie(a.detector, a.statistic, a.onset, a.id) <
           std::tie(b.detector, b.statistic, b.onset, b.id);
  });
  for (HeldFinding& finding : findings) {
    Case* thread = case_to_continue(cases, taken, finding);
    std::string_view reason;
    if (thread == nullptr) {
      Case fresh;
      fresh.name = unused_name(*cases, finding.id);
      fresh.detector = finding.detector;
      fresh.statistic = finding.statistic;
      fresh.published = cut.position;
      fresh.first_onset = finding.onset;
      fresh.first_id = finding.id;
      fresh.raised = cut.received;
      cases->push_back(std::move(fresh));
      thread = &cases->back();
      reason = "new";
    } else if (without_identity(thread->text) != without_identity(finding.text)) {
      reason = reason_of_change(*thread, finding, cut);
    }
    taken.insert(thread->name);
    moved = moved || !thread->live || thread->evidence != finding.evidence;
    thread->live = true;
    thread->evidence = finding.evidence;
    if (reason.empty()) continue;
    thread->level = finding.level;
    thread->state = finding.resolved ? "resolved" : "open";
    thread->text = finding.text;
    revisions.push_back(publish(thread, reason, cut));
  }
  for (Case& thread : *cases) {
    if (!thread.live || taken.count(thread.name) != 0) continue;
    const bool merged =
        std::any_of(findings.begin(), findings.end(), [&](const HeldFinding& finding) {
          return finding.detector == thread.detector && finding.statistic == thread.statistic &&
                 share_a_fact(thread.evidence, finding.evidence);
        });
    const bool active = std::any_of(thread.evidence.begin(), thread.evidence.end(),
                                    [&](const FactKey& key) { return facts.is_active(key); });
    thread.live = false;
    thread.state = merged ? "merged" : active ? "superseded" : "retracted";
    thread.text = with_state(thread.text, thread.state);
    revisions.push_back(publish(&thread, thread.state, cut));
  }
  if (changed != nullptr) *changed = moved || !revisions.empty();
  std::sort(revisions.begin(), revisions.end(), [](const Revision& a, const Revision& b) {
    return std::tie(a.detector, a.case_name, a.number) <
           std::tie(b.detector, b.case_name, b.number);
  });
  return revisions;
}

}  // namespace ketavigil::engine
