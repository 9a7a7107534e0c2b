#include "routing/pages/pager.h"

#include <algorithm>

#include "engine/shard/pages.h"
#include "events/json_text.h"
#include "storage/keys.h"

namespace ketavigil::routing::pages {
namespace {

using engine::Page;
using storage::Family;
namespace rows = engine::rows;

constexpr Microseconds hour = Microseconds{3600} * events::second_us;
// A page that ended is told so for a day, to who can be reached; then Alertmanager ends it itself.
constexpr Microseconds ended_told_for = 24 * hour;
constexpr Microseconds past_kept_for = 30 * 24 * hour;
constexpr Microseconds dead_counted_every = 10 * events::second_us;
constexpr std::size_t sequence_bytes = 8;
constexpr Microseconds flood_open_for = 2 * hour;
constexpr double microseconds_per_second = 1e6;

// Every page of a prefix, those not written yet over those of the store.
template <typename Take>
Status for_each_page(const storage::Store& store, const engine::PageChanges& unwritten,
                     std::string_view prefix, Take take) {
  const auto is_ours = [&](std::string_view row) { return row.starts_with(prefix); };
  auto cursor = store.scan(Family::pages, prefix, storage::prefix_end(prefix));
  for (; cursor.valid(); cursor.next()) {
    const std::string row(cursor.key());
    if (unwritten.count(row) != 0) continue;
    Page page;
    KETAVIGIL_TRY(decode(cursor.value(), &page));
    KETAVIGIL_TRY(take(row, page));
  }
  KETAVIGIL_TRY(cursor.status());
  for (const auto& [row, value] : unwritten) {
    if (!value || !is_ours(row)) continue;
    Page page;
    KETAVIGIL_TRY(engine::decode(*value, &page));
    KETAVIGIL_TRY(take(row, page));
  }
  return {};
}

Status read_page(const storage::Store& store, const engine::PageChanges& unwritten,
                 const std::string& row, std::optional<Page>* page) {
  std::string bytes;
  bool found = false;
  const auto waiting = unwritten.find(row);
  if (waiting != unwritten.end()) {
    found = waiting->second.has_value();
    if (found) bytes = *waiting->second;
  } else {
    KETAVIGIL_TRY(store.get(Family::pages, row, &bytes, &found));
  }
  if (!found) {
    page->reset();
    return {};
  }
  return engine::decode(bytes, &page->emplace());
}

std::string domain_of(const Page& page) {
  const auto text = from_json(page.text);
  if (!text.ok()) return "";
  const auto found = text.value().labels.find("domain");
  return found == text.value().labels.end() ? "" : found->second;
}

Alert flood_alert(const std::string& source, const UnverifiedFloods::Flood& flood,
                  const std::string& link_base) {
  return {text_of_flood(source, flood.folded, flood.since, link_base), flood.since, std::nullopt,
          flood_open_for};
}

}  // namespace

Pager::Pager(engine::Programme& programme, HttpPoster& poster, PagerSettings settings)
    : programme_(programme),
      settings_(std::move(settings)),
      webhooks_(programme, poster, settings_.webhooks),
      floods_(settings_.rules.unverified_per_hour_max) {
  for (const std::string& url : settings_.alertmanagers) alertmanagers_.emplace_back(url, poster);
}

Result<std::size_t> Pager::step() {
  std::size_t looked_at = 0;
  Status first_failure;
  const auto keep = [&](const Status& status) {
    if (!status.ok() && first_failure.ok()) first_failure = status;
  };
  changed_.clear();
  ended_floods_.clear();
  const std::vector<int> owned = programme_.owned();
  const auto given_up = std::erase_if(shards_, [&](const auto& of) {
    return !std::binary_search(owned.begin(), owned.end(), of.first);
  });
  // Its pages are another's to count.
  if (given_up > 0) {
    floods_ = UnverifiedFloods(settings_.rules.unverified_per_hour_max);
    for (auto& [number, of] : shards_) of.are_floods_remembered = false;
  }
  // What cannot be looked at in one shard holds up no other, and no page.
  for (const int number : owned) {
    const auto looked = look(number);
    if (looked.ok()) looked_at += looked.value();
    keep(looked.status());
  }
  tell_floods();
  keep(tell_alertmanagers());
  for (const int number : owned) keep(write_waiting(number));
  keep(webhooks_.deliver());
  if (programme_.now() >= next_dead_count_) {
    keep(count_dead_letters());
    next_dead_count_ = programme_.now() + dead_counted_every;
  }
  const bool all_know = std::none_of(alertmanagers_.begin(), alertmanagers_.end(),
                                     [](const AlertApi& one) { return one.is_behind; });
  for (const int number : owned) keep(close_ended(number, all_know));
  if (programme_.now() >= next_forgetting_) {
    for (const int number : owned) keep(forget_past(number));
    next_forgetting_ = programme_.now() + hour;
  }
  note_counts();
  if (!first_failure.ok()) return first_failure.error();
  return looked_at;
}

Result<std::size_t> Pager::look(int number) {
  const auto held = programme_.hold(number);
  if (!held) return std::size_t{0};
  engine::Shard& shard = *held;
  OfShard& of = shards_[number];
  if (!of.is_remembered) KETAVIGIL_TRY(remember(shard, &of));
  if (!of.are_floods_remembered) KETAVIGIL_TRY(remember_floods(shard, &of));
  std::vector<engine::PageNews> news;
  KETAVIGIL_TRY(engine::read_page_news(shard.store(), of.looked_at, shard.store().acknowledged(),
                                       settings_.step_rows_max, &news));
  for (const engine::PageNews& one : news) {
    KETAVIGIL_TRY(take(shard, one, &of));
    of.unwritten[one.row] = std::nullopt;
    of.looked_at = one.row;
  }
  KETAVIGIL_TRY(write(&shard, &of));
  return news.size();
}

// A page is told also where the disk is too full to note it.
Status Pager::write(engine::Shard* shard, OfShard* of) {
  if (of->unwritten.empty() || !shard->store().room()) return {};
  KETAVIGIL_TRY(shard->change_pages(of->unwritten));
  of->unwritten.clear();
  return {};
}

Status Pager::write_waiting(int number) {
  const auto held = programme_.hold(number);
  const auto found = shards_.find(number);
  return held && found != shards_.end() ? write(held.get(), &found->second) : Status();
}

Status Pager::remember(const engine::Shard& shard, OfShard* of) {
  KETAVIGIL_TRY(for_each_page(shard.store(), {}, rows::open_pages,
                              [&](const std::string&, const Page& page) -> Status {
                                if (page.ended) {
                                  ++of->ended;
                                } else {
                                  ++of->open[{domain_of(page), page.decision}];
                                }
                                return {};
                              }));
  of->is_remembered = true;
  return {};
}

Status Pager::remember_floods(const engine::Shard& shard, OfShard* of) {
  const Microseconds now = programme_.now();
  const auto take = [&](const std::string&, const Page& page) -> Status {
    if (!page.unverified || now - page.since >= hour) return {};
    if (page.decision == Decision::paged) floods_.remember_paged(page.source, page.since);
    if (page.decision != Decision::folded) return {};
    floods_.remember_folded(page.source, page.since);
    told_floods_.try_emplace(page.source, 0);  // its beginning was told in its time
    return {};
  };
  KETAVIGIL_TRY(for_each_page(shard.store(), {}, rows::open_pages, take));
  KETAVIGIL_TRY(for_each_page(shard.store(), {}, rows::past_pages, take));
  of->are_floods_remembered = true;
  return {};
}

Status Pager::take(const engine::Shard& shard, const engine::PageNews& news, OfShard* of) {
  KETAVIGIL_TRY_ASSIGN(const CaseNow now, read_case(news.text));
  std::optional<Page> page;
  std::optional<Page> past;
  const auto read = [&](const std::string& row, std::optional<Page>* out) {
    return read_page(shard.store(), of->unwritten, row, out);
  };
  KETAVIGIL_TRY(read(rows::open_page(now.detector, now.case_name), &page));
  KETAVIGIL_TRY(read(rows::past_page(now.detector, now.case_name), &past));
  if (now.is_alarming()) {
    take_alarming(now, page, past, of);
  } else if (page && !page->ended) {
    take_ended(now, std::move(page), of);
  } else if (!page && !past && now.level == "critical" &&
             is_historic(now, programme_.now(), settings_.rules)) {
    // It was over before anybody here knew of it: listed all the same.
    const Page listed{Decision::historic, now.revision,
                      now.updated,        now.updated,
                      now.updated,        now.source,
                      now.unverified,     to_json(text_of(now, settings_.link_base))};
    of->unwritten[rows::past_page(now.detector, now.case_name)] = encode(listed);
    const std::lock_guard lock(counting_);
    ++counts_.decided[{now.domain, Decision::historic}];
  }
  return {};
}

// Critical or open no more.
void Pager::take_ended(const CaseNow& now, std::optional<Page> page, OfShard* of) {
  PageText text = text_of(now, settings_.link_base);
  if (const auto before = from_json(page->text); before.ok()) keep_labels(before.value(), &text);
  --of->open[{now.domain, page->decision}];
  page->ended = std::max(now.updated, page->since);
  page->revision = now.revision;
  page->updated = now.updated;
  page->text = to_json(text);
  const bool waits = page->decision == Decision::paged;
  if (!waits) of->unwritten[rows::open_page(now.detector, now.case_name)] = std::nullopt;
  of->unwritten[waits ? rows::open_page(now.detector, now.case_name)
                      : rows::past_page(now.detector, now.case_name)] = encode(*page);
  if (waits) ++of->ended;
  tell_change("resolved", *page, text, of);
}

void Pager::take_alarming(const CaseNow& now, const std::optional<Page>& page,
                          const std::optional<Page>& past, OfShard* of) {
  PageText text = text_of(now, settings_.link_base);
  const auto& known = page ? page : past;
  bool says_more = true;
  if (known) {
    if (auto before = from_json(known->text); before.ok()) {
      keep_labels(before.value(), &text);
      auto& words = before.value().annotations;
      says_more = words["measured"] != text.annotations["measured"] ||
                  words["verified"] != text.annotations["verified"];
    }
  }
  const bool is_open = page && !page->ended;
  const Decision decision = decide(now, is_open ? page : std::nullopt);
  const bool is_new = !is_open || decision != page->decision;
  Page next{decision,       now.revision, is_new ? now.updated : page->since,
            now.updated,    std::nullopt, now.source,
            now.unverified, to_json(text)};
  of->unwritten[rows::open_page(now.detector, now.case_name)] = encode(next);
  if (page && page->ended) --of->ended;
  if (is_open) --of->open[{now.domain, page->decision}];
  ++of->open[{now.domain, decision}];
  if (is_new) {
    const std::lock_guard lock(counting_);
    ++counts_.decided[{now.domain, decision}];
  }
  tell_change(is_new ? "opened" : says_more ? "changed" : "", next, text, of);
}

Pager::Decision Pager::decide(const CaseNow& now, const std::optional<Page>& page) {
  if (page && page->decision == Decision::paged) return Decision::paged;
  if (is_historic(now, programme_.now(), settings_.rules)) return Decision::historic;
  if (now.unverified) {
    if (page && page->decision == Decision::folded) return Decision::folded;
    if (!floods_.takes(now.source, now.updated, programme_.now())) return Decision::folded;
  }
  const bool has_way = !alertmanagers_.empty() || !webhooks_.empty();
  return has_way ? Decision::paged : Decision::unsent;
}

// `event` empty: nothing that a webhook has to know.
void Pager::tell_change(std::string_view event, const Page& page, const PageText& text,
                        OfShard* of) {
  if (page.decision != Decision::paged) return;
  changed_.push_back({text, page.since, page.ended});
  if (!event.empty()) webhooks_.put(event, changed_.back(), &of->unwritten);
}

// What is of no shard is kept in the first.
Pager::OfShard* Pager::any_shard() { return shards_.empty() ? nullptr : &shards_.begin()->second; }

void Pager::tell_floods() {
  for (const auto& [source, flood] : floods_.floods()) {
    const auto [told, is_new] = told_floods_.try_emplace(source, 0);
    if (told->second == flood.folded) continue;
    told->second = flood.folded;
    changed_.push_back(flood_alert(source, flood, settings_.link_base));
    if (is_new && any_shard() != nullptr)
      webhooks_.put("opened", changed_.back(), &any_shard()->unwritten);
  }
  for (const auto& [source, flood] : floods_.take_ended(programme_.now())) {
    told_floods_.erase(source);
    Alert alert = flood_alert(source, flood, settings_.link_base);
    alert.ends = flood.over_at();
    changed_.push_back(alert);
    if (any_shard() != nullptr) webhooks_.put("resolved", alert, &any_shard()->unwritten);
    ended_floods_.push_back(std::move(alert));
  }
}

Result<std::vector<Alert>> Pager::everything_open() const {
  std::vector<Alert> alerts;
  for (const auto& [number, of] : shards_) {
    const auto held = programme_.hold(number);
    if (!held) continue;
    KETAVIGIL_TRY(for_each_page(held->store(), of.unwritten, rows::open_pages,
                                [&](const std::string&, const Page& page) -> Status {
                                  if (page.decision != Decision::paged) return {};
                                  KETAVIGIL_TRY_ASSIGN(PageText text, from_json(page.text));
                                  alerts.push_back({std::move(text), page.since, page.ended});
                                  return {};
                                }));
  }
  for (const auto& [source, flood] : floods_.floods())
    alerts.push_back(flood_alert(source, flood, settings_.link_base));
  return alerts;
}

Status Pager::tell_alertmanagers() {
  const Microseconds now = programme_.now();
  const bool resends = now >= next_resend_;
  if (resends) next_resend_ = now + settings_.resend_every;
  for (AlertApi& to : alertmanagers_) {
    const bool everything = to.is_behind || resends;
    if (!everything && changed_.empty()) continue;
    if (!to.backoff.is_due(now)) {
      to.is_behind = true;
      if (!changed_.empty() && to.behind_since == 0) to.behind_since = now;
      continue;
    }
    if (!everything) {
      KETAVIGIL_TRY(send(&to, changed_));
      continue;
    }
    KETAVIGIL_TRY_ASSIGN(std::vector<Alert> alerts, everything_open());
    alerts.insert(alerts.end(), ended_floods_.begin(), ended_floods_.end());
    KETAVIGIL_TRY(send(&to, alerts));
  }
  return {};
}

// A failure of the way out is noted; an error is one of the store.
Status Pager::send(AlertApi* to, const std::vector<Alert>& alerts) {
  const Microseconds now = programme_.now();
  std::vector<AlertApi::Refused> refused;
  const Status status = to->send(alerts, now, &refused);
  note_refused(*to, refused);
  to->refused += refused.size();
  if (status.ok()) {
    to->backoff.succeeded();
    to->is_behind = false;
    to->behind_since = 0;
    to->error.clear();
    return {};
  }
  to->backoff.failed(now);
  to->is_behind = true;
  to->error = to->url() + ": " + status.error().message;
  if (!alerts.empty() && to->behind_since == 0) to->behind_since = now;
  return {};
}

// A row a page, however often it is refused.
void Pager::note_refused(const AlertApi& by, const std::vector<AlertApi::Refused>& refused) {
  if (any_shard() == nullptr) return;
  const Microseconds now = programme_.now();
  for (const AlertApi::Refused& one : refused) {
    std::uint64_t sequence = 0;
    if (!storage::decode_u64(
            events::sha256(to_json({one.alert.text.labels, {}, ""})).substr(0, sequence_bytes),
            &sequence))
      continue;
    any_shard()->unwritten[rows::dead_letter(by.url(), sequence)] = engine::encode(
        engine::PageDelivery{by.url(), alertmanager_body({one.alert}, now), now, 1, one.error});
  }
}

Status Pager::count_dead_letters() {
  dead_letters_ = 0;
  for (const auto& [number, of] : shards_) {
    const auto held = programme_.hold(number);
    if (!held) continue;
    auto cursor = held->store().scan(Family::pages, rows::dead_letters,
                                     storage::prefix_end(rows::dead_letters));
    for (; cursor.valid(); cursor.next()) ++dead_letters_;
    KETAVIGIL_TRY(cursor.status());
  }
  return {};
}

// Who is not behind has been told of every end there is.
Status Pager::close_ended(int number, bool all_know) {
  const auto held = programme_.hold(number);
  const auto found = shards_.find(number);
  if (!held || found == shards_.end() || found->second.ended == 0) return {};
  OfShard& of = found->second;
  const Microseconds now = programme_.now();
  engine::PageChanges changes;
  KETAVIGIL_TRY(for_each_page(held->store(), of.unwritten, rows::open_pages,
                              [&](const std::string& row, const Page& page) -> Status {
                                if (!page.ended) return {};
                                if (!all_know && now - *page.ended < ended_told_for) return {};
                                KETAVIGIL_TRY_ASSIGN(const auto name, engine::page_name_of(row));
                                changes[row] = std::nullopt;
                                changes[rows::past_page(name.detector, name.case_name)] =
                                    encode(page);
                                --of.ended;
                                return {};
                              }));
  for (auto& [row, value] : changes) of.unwritten[row] = std::move(value);
  return write(held.get(), &of);
}

Status Pager::forget_past(int number) {
  const auto held = programme_.hold(number);
  const auto found = shards_.find(number);
  if (!held || found == shards_.end()) return {};
  const Microseconds now = programme_.now();
  engine::PageChanges changes;
  KETAVIGIL_TRY(for_each_page(held->store(), {}, rows::past_pages,
                              [&](const std::string& row, const Page& page) -> Status {
                                if (now - page.updated > past_kept_for) changes[row] = std::nullopt;
                                return {};
                              }));
  for (auto& [row, value] : changes) found->second.unwritten[row] = std::move(value);
  return write(held.get(), &found->second);
}

void Pager::note_counts() {
  const Microseconds now = programme_.now();
  PageCounts::Way way;
  for (const AlertApi& one : alertmanagers_) {
    way.accepted += one.accepted;
    way.failed += one.failed;
    way.refused += one.refused;
    way.is_up = way.is_up && !one.backoff.has_failed();
    if (one.behind_since == 0) continue;
    way.waiting_seconds = std::max(
        way.waiting_seconds, static_cast<double>(now - one.behind_since) / microseconds_per_second);
  }
  const std::lock_guard lock(counting_);
  for (auto& [of, count] : counts_.open) count = 0;  // what was once there reads 0
  for (const auto& [number, of] : shards_) {
    for (const auto& [what, count] : of.open) counts_.open[what] += count;
  }
  counts_.floods = floods_.floods().size();
  counts_.dead_letters = dead_letters_;
  if (!alertmanagers_.empty()) counts_.ways["alertmanager"] = way;
  if (!webhooks_.empty()) {
    counts_.ways["webhook"] = {webhooks_.accepted, webhooks_.failed, webhooks_.refused,
                               webhooks_.is_up(), webhooks_.waiting_seconds()};
  }
}

PageCounts Pager::counts() const {
  const std::lock_guard lock(counting_);
  return counts_;
}

std::string Pager::hindrance() const {
  for (const AlertApi& one : alertmanagers_) {
    if (!one.error.empty()) return one.error;
  }
  return webhooks_.error();
}

}  // namespace ketavigil::routing::pages
