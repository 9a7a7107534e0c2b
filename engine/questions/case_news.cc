#include "engine/questions/case_news.h"

#include <algorithm>
#include <tuple>

namespace ketavigil::engine {
namespace {

bool is_live(CaseState state) { return state == CaseState::open || state == CaseState::resolved; }

bool severe_first(const CaseHandle& a, const CaseHandle& b) {
  return std::tie(b->level, b->updated, a->name) < std::tie(a->level, a->updated, b->name);
}

bool newest_onset_first(const CaseHandle& a, const CaseHandle& b) {
  return std::tie(b->onset, a->name) < std::tie(a->onset, b->name);
}

void keep_first(SomeCases* some, std::size_t shown,
                bool (*before)(const CaseHandle&, const CaseHandle&)) {
  some->total = some->cases.size();
  const auto last =
      some->cases.begin() + static_cast<std::ptrdiff_t>(std::min(shown, some->cases.size()));
  std::partial_sort(some->cases.begin(), last, some->cases.end(), before);
  some->cases.erase(last, some->cases.end());
}

}  // namespace

std::optional<Turn> turn_since(const CaseSummary& one, Microseconds since) {
  if (one.updated <= since) return std::nullopt;
  const RevisionMark* then = nullptr;
  for (const RevisionMark& mark : one.revisions) {
    if (mark.updated <= since) then = &mark;
  }
  const bool was_live = then != nullptr && is_live(then->state);
  if (!is_live(one.state))
    return then == nullptr || was_live ? std::optional(Turn::withdrawn) : std::nullopt;
  if (!was_live) return Turn::is_new;
  const auto rank = [](detectors::Level level, CaseState state) {
    return std::pair(state == CaseState::open, level);
  };
  if (rank(one.level, one.state) == rank(then->level, then->state)) return std::nullopt;
  if (one.state != then->state) return one.state == CaseState::open ? Turn::worse : Turn::better;
  return one.level > then->level ? Turn::worse : Turn::better;
}

CaseReview review_since(const CaseBook& book, Microseconds since, std::size_t shown) {
  CaseReview review;
  book.for_each([&](const CaseHandle& one) {
    if (const auto turn = turn_since(*one, since))
      review.turns[static_cast<std::size_t>(*turn)].cases.push_back(one);
    if (one->state != CaseState::open) return;
    ++review.open[static_cast<std::size_t>(one->level)];
    if (one->level == detectors::Level::critical) {
      review.critical.cases.push_back(one);
      if (one->unverified) review.hidden.cases.push_back(one);
    }
    if (one->level < detectors::Level::alert) return;
    const auto& oldest = review.oldest_open;
    if (!oldest || std::tie(one->onset, one->name) < std::tie(oldest->onset, oldest->name))
      review.oldest_open = one;
  });
  for (SomeCases& turn : review.turns) keep_first(&turn, shown, severe_first);
  keep_first(&review.critical, shown, newest_onset_first);
  keep_first(&review.hidden, shown, newest_onset_first);
  return review;
}

}  // namespace ketavigil::engine
