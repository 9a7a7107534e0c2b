#include "engine/questions/case_book.h"

#include <algorithm>

#include "engine/shard/meta_number.h"
#include "engine/shard/rows.h"
#include "events/partition.h"
#include "storage/keys.h"

namespace ketavigil::engine {
namespace {

using storage::Family;

constexpr std::size_t news_max = 10'000;
constexpr std::size_t written_keys_max = 200'000;

bool contains(std::string_view text, std::string_view lower_part) {
  return std::search(text.begin(), text.end(), lower_part.begin(), lower_part.end(),
                     [](char a, char b) {
                       return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
                     }) != text.end();
}

bool contains_anywhere(const CaseSummary& one, std::string_view part) {
  return contains(one.name, part) || contains(one.patient, part) || contains(one.detector, part) ||
         contains(one.site, part) || contains(one.compound, part);
}

// Less than 0, 0, or greater.
template <typename T>
int order(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

int compare(const CaseSummary& a, const CaseSummary& b, CaseKey key) {
  switch (key) {
    case CaseKey::level: {
      const int levels = order(a.level, b.level);
      return levels != 0 ? levels : order(a.updated, b.updated);
    }
    case CaseKey::updated:
      return order(a.updated, b.updated);
    case CaseKey::raised:
      return order(a.raised, b.raised);
    case CaseKey::onset:
      return order(a.onset, b.onset);
    case CaseKey::detector:
      return order(a.detector, b.detector);
    case CaseKey::patient:
      return order(a.patient, b.patient);
    case CaseKey::site:
      return order(a.site, b.site);
    case CaseKey::state:
      return order(b.state, a.state);  // open is the first when the greatest comes first
  }
  return 0;
}

// What the keys of a case's revisions have in common.
std::string case_prefix(std::string_view key) {
  return std::string(key.substr(0, key.size() - sizeof(std::uint64_t)));
}

// The cases of one scan over revisions; `take` is told each patient's.
Status read_cases(storage::Cursor cursor, std::optional<Microseconds> until,
                  const std::function<void(const std::string&, std::vector<CaseHandle>)>& take) {
  RevisionReader reader;
  std::string patient;
  std::string prefix;
  std::vector<CaseHandle> cases;
  CaseSummary summary;
  const auto end_case = [&] {
    if (summary.revisions.empty()) return;
    summary.revisions.shrink_to_fit();
    cases.push_back(std::make_shared<const CaseSummary>(std::exchange(summary, {})));
  };
  for (; cursor.valid(); cursor.next()) {
    storage::KeyReader key(cursor.key());
    const std::string of(key.text());
    if (key.raw(1) != "r") continue;  // the row of the patient's cases
    if (case_prefix(cursor.key()) != prefix) {
      end_case();
      prefix = case_prefix(cursor.key());
    }
    if (of != patient) {
      if (!patient.empty()) take(patient, std::exchange(cases, {}));
      patient = of;
    }
    CaseSummary with_next = until ? summary : std::exchange(summary, {});
    KETAVIGIL_TRY(reader.take(cursor.value(), &with_next));
    if (!until || with_next.updated <= *until) summary = std::move(with_next);
  }
  KETAVIGIL_TRY(cursor.status());
  end_case();
  if (!patient.empty()) take(patient, std::move(cases));
  return {};
}

}  // namespace

bool fits(const CaseFilter& filter, const CaseSummary& one) {
  return (!filter.level || one.level == *filter.level) &&
         (!filter.state || one.state == *filter.state) &&
         (filter.domain.empty() || one.domain == filter.domain) &&
         (filter.detector.empty() || one.detector == filter.detector) &&
         (filter.site.empty() || one.site == filter.site) &&
         (filter.compound.empty() || one.compound == filter.compound) &&
         (filter.patient.empty() || one.patient == filter.patient) &&
         (!filter.since || one.onset >= *filter.since) &&
         (!filter.updated_since || one.updated >= *filter.updated_since) &&
         (!filter.verified || one.unverified != *filter.verified) &&
         (filter.search.empty() || contains_anywhere(one, filter.search));
}

Result<Microseconds> published_until(const Programme& programme) {
  const bool own_stamps = programme.options().log == LogOrigin::inbox;
  const Microseconds now = programme.now();
  std::optional<Microseconds> until;
  for (const int number : programme.owned()) {
    const auto shard = programme.hold(number);
    if (!shard) continue;
    const storage::Store& store = shard->store();
    // Read in this order: what is acknowledged is a whole pass with its cuts.
    const std::uint64_t acknowledged = store.acknowledged();
    KETAVIGIL_TRY_ASSIGN(const std::uint64_t position, store.position());
    KETAVIGIL_TRY_ASSIGN(const auto received, meta_number(store, rows::meta_received));
    const bool at_rest =
        own_stamps && acknowledged >= position && acknowledged == shard->position();
    const Microseconds of_shard =
        at_rest ? std::max(received.value_or(0), now) : received.value_or(0) - 1;
    until = std::min(until.value_or(of_shard), of_shard);
  }
  return std::min(until.value_or(0), programme.newest_received());
}

Result<std::shared_ptr<const CaseBook>> CaseBook::as_of(const Programme& programme,
                                                        Microseconds until) {
  auto book = std::make_shared<CaseBook>(programme);
  book->until_ = until;
  KETAVIGIL_TRY(book->refresh());
  return std::shared_ptr<const CaseBook>(std::move(book));
}

Status CaseBook::refresh() {
  const std::lock_guard one_at_a_time(refreshing_);
  for (auto it = followed_.begin(); it != followed_.end();) {
    const bool here = programme_->owns(it->first);
    if (!here) forget_shard(it->first);
    it = here ? std::next(it) : followed_.erase(it);
  }
  for (const int number : programme_->owned()) {
    const auto shard = programme_->hold(number);
    if (shard) KETAVIGIL_TRY(follow(number, shard));
  }
  return {};
}

Status CaseBook::follow(int number, const std::shared_ptr<Shard>& shard) {
  Followed& followed = followed_[number];
  if (followed.shard.lock() != shard) {
    forget_shard(number);
    // Watched before it is read, so that nothing is missed.
    followed.written =
        std::make_shared<storage::WrittenKeys>(std::vector{Family::history}, written_keys_max);
    if (!until_) shard->store().watch(followed.written);
    KETAVIGIL_TRY(read_all(shard->store()));
    followed.shard = shard;  // only now: what could not be read is not known
    return {};
  }
  const auto written = followed.written->take();
  const Status status = written.lost ? read_all(shard->store()) : take_in(shard->store(), written);
  if (written.lost) forget_news();
  if (!status.ok()) followed.shard.reset();  // its keys are gone: everything has to be read again
  return status;
}

Status CaseBook::take_in(const storage::Store& store, const storage::WrittenKeys::Taken& written) {
  std::string last;
  for (const std::string& key : written.keys) {
    auto patient = rows::patient_of(key);
    if (!patient || *patient == last) continue;
    KETAVIGIL_TRY(read_patient(store, *patient));
    last = std::move(*patient);
  }
  return {};
}

// Something changed that is not told one by one: who follows has to ask everything anew.
void CaseBook::forget_news() {
  const std::unique_lock lock(mutex_);
  news_.clear();
  ++newest_;
}

Status CaseBook::read_all(const storage::Store& store) {
  return read_cases(
      store.scan(Family::history, "", ""), until_,
      [&](const std::string& patient, Cases cases) { replace(patient, std::move(cases), false); });
}

Status CaseBook::read_patient(const storage::Store& store, const std::string& patient) {
  const std::string prefix = rows::revisions(patient);
  return read_cases(
      store.scan(Family::history, prefix, storage::prefix_end(prefix)), until_,
      [&](const std::string& of, Cases cases) { replace(of, std::move(cases), true); });
}

void CaseBook::forget_shard(int number) {
  const std::unique_lock lock(mutex_);
  bool any = false;
  for (auto it = by_patient_.begin(); it != by_patient_.end();) {
    if (events::partition_of(it->first, programme_->shards()) != number) {
      ++it;
      continue;
    }
    for (const CaseHandle& one : it->second) {
      by_name_.erase(one->name);
      by_id_.erase(one->id);
    }
    it = by_patient_.erase(it);
    any = true;
  }
  if (!any) return;
  news_.clear();  // as in `forget_news`
  ++newest_;
}

void CaseBook::replace(const std::string& patient, Cases cases, bool is_news) {
  const std::unique_lock lock(mutex_);
  Cases& known = by_patient_[patient];
  for (const CaseHandle& one : known) by_id_.erase(one->id);
  for (const CaseHandle& one : cases) {
    const auto before = by_name_.find(one->name);
    const bool changed =
        before == by_name_.end() || before->second->revisions.size() != one->revisions.size();
    by_name_[one->name] = one;
    by_id_[one->id] = one;
    if (!is_news || !changed) continue;
    news_.push_back({++newest_, one});
    if (news_.size() > news_max) news_.pop_front();
  }
  known = std::move(cases);
}

CaseList CaseBook::list(const CaseFilter& filter, CaseKey key, bool descending, std::size_t offset,
                        std::size_t limit) const {
  CaseList out;
  Cases all;
  for_each([&](const CaseHandle& one) {
    if (fits(filter, *one)) all.push_back(one);
  });
  out.total = all.size();
  const auto before = [&](const CaseHandle& a, const CaseHandle& b) {
    const int by_key = descending ? compare(*b, *a, key) : compare(*a, *b, key);
    return by_key != 0 ? by_key < 0 : a->name < b->name;
  };
  const std::size_t first = std::min(offset, all.size());
  const std::size_t last = std::min(first + limit, all.size());
  const auto at = [&](std::size_t i) { return all.begin() + static_cast<std::ptrdiff_t>(i); };
  // Only what is shown has to be in order: what lies before it just has to lie before it.
  if (first > 0 && first < all.size()) std::nth_element(at(0), at(first), all.end(), before);
  std::partial_sort(at(first), at(last), all.end(), before);
  out.cases.assign(at(first), at(last));
  return out;
}

CaseHandle CaseBook::find(const std::string& name_or_id) const {
  const std::shared_lock lock(mutex_);
  if (const auto named = by_name_.find(name_or_id); named != by_name_.end()) return named->second;
  const auto found = by_id_.find(name_or_id);
  return found != by_id_.end() ? found->second : nullptr;
}

void CaseBook::for_each(const std::function<void(const CaseHandle&)>& take) const {
  const std::shared_lock lock(mutex_);
  for (const auto& [patient, cases] : by_patient_) {
    for (const CaseHandle& one : cases) take(one);
  }
}

std::uint64_t CaseBook::newest() const {
  const std::shared_lock lock(mutex_);
  return newest_;
}

std::optional<std::vector<CaseNews>> CaseBook::news_after(std::uint64_t number,
                                                          std::size_t limit) const {
  const std::shared_lock lock(mutex_);
  std::vector<CaseNews> out;
  if (number >= newest_) {
    return number == newest_ ? std::optional(std::move(out)) : std::nullopt;
  }
  if (news_.empty() || news_.front().number > number + 1) return std::nullopt;
  const auto skip = static_cast<std::ptrdiff_t>(number + 1 - news_.front().number);
  for (auto it = news_.begin() + skip; it != news_.end() && out.size() < limit; ++it)
    out.push_back(*it);
  return out;
}

}  // namespace ketavigil::engine
