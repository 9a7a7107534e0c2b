// What the console is shown of cases and of one patient's past, over random events: kept up to date
// it is what one would read anew.
#include "engine/questions/case_book.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "engine/questions/case_news.h"
#include "engine/questions/log_book.h"
#include "engine/questions/patient_log.h"
#include "engine/questions/quarantine.h"
#include "engine/questions/reading.h"
#include "events/partition.h"
#include "tests/engine/pushed_events.h"
#include "tests/engine/random_record.h"

namespace ketavigil::engine {
namespace {

const Microseconds start = events::parse_time("2024-03-10T00:00:00Z")->us;
constexpr Microseconds an_hour = 3'600'000'000;
// Opening stores takes most of the time, so not every random case has one.
constexpr int programmes_max = 12;

std::string of_another_patient(std::string json) {
  const std::string_view one = R"("patient":"p")";
  const auto at = json.find(one);
  if (at != std::string::npos) json.replace(at, one.size(), R"("patient":"q")");
  return json;
}

// One event, of one of two patients, an hour after the one before.
void push_one(Programme* programme, StillClock* clock, const std::string& json) {
  clock->pass(an_hour);
  push(programme, {json});
}

// A person's decision about something in quarantine, now and then.
void decide_sometimes(Programme* programme) {
  if (pick(6) != 0) return;
  std::vector<QuarantineRow> rows;
  {
    const auto reading = must(Reading::beside(*programme, std::nullopt, false));
    rows = must(quarantine_rows(*reading));
  }
  if (rows.empty()) return;
  const QuarantineRow& row = rows[static_cast<std::size_t>(pick(static_cast<int>(rows.size())))];
  Shard& shard = programme->shard(row.shard);
  if (pick(2) == 0) {
    must(shard.append_discard(programme->stamp(row.shard), row.key));
  } else {
    must(shard.append_retry(programme->stamp(row.shard), row.key));
  }
}

// What a list shows of every case, by name.
std::map<std::string, std::string> lines_of(const CaseBook& book) {
  std::map<std::string, std::string> lines;
  book.for_each([&](const CaseHandle& one) {
    lines[one->name] = one->patient + " " + one->id + " " + std::string(name_of(one->state)) + " " +
                       std::string(detectors::name_of(one->level)) + " " +
                       events::print_utc(one->onset) + " " + events::print_utc(one->updated) + " " +
                       std::to_string(one->revisions.size()) + (one->unverified ? " ?" : "");
  });
  return lines;
}

TEST(CaseBook, kept_up_to_date_it_is_what_one_reads_anew_at_every_moment) {
  int programmes = 0;
  const bool ok = rc::check([&] {
    if (++programmes > programmes_max) return;
    const auto texts = *random_events();
    const TemporaryFolder folder;
    StillClock clock(start);
    const auto programme = open_programme(folder / "data", clock, 2);
    CaseBook book(*programme);
    must(book.refresh());
    std::map<Microseconds, std::map<std::string, std::string>> known;
    std::uint64_t told = 0;
    for (const std::string& text : texts) {
      must(book.refresh());
      const std::uint64_t seen = book.newest();
      const Microseconds until = must(published_until(*programme));
      push_one(programme.get(), &clock, pick(2) == 0 ? text : of_another_patient(text));
      decide_sometimes(programme.get());
      if (pick(3) == 0) continue;  // several events between two looks
      must(book.refresh());
      // Who was shown everything until that moment misses nothing by asking for what is later.
      const auto later = book.news_after(seen, 1000);
      RC_ASSERT(later.has_value());
      for (const auto& one : *later) RC_ASSERT(one.summary->updated > until);
      must(book.refresh());
      known[programme->newest_received()] = lines_of(book);
      const auto news = book.news_after(told, 1000);
      RC_ASSERT(news.has_value());
      for (const auto& one : *news) RC_ASSERT(lines_of(book).count(one.summary->name) == 1);
      told = book.newest();
    }
    must(book.refresh());
    CaseBook anew(*programme);
    must(anew.refresh());
    RC_ASSERT(lines_of(book) == lines_of(anew));
    for (const auto& [moment, lines] : known)
      RC_ASSERT(lines_of(*must(CaseBook::as_of(*programme, moment))) == lines);
  });
  EXPECT_TRUE(ok);
}

TEST(CaseBook, lists_page_by_page_what_it_lists_at_once) {
  int programmes = 0;
  const bool ok = rc::check([&] {
    if (++programmes > programmes_max) return;
    const auto texts = *random_events();
    const TemporaryFolder folder;
    StillClock clock(start);
    const auto programme = open_programme(folder / "data", clock, 1);
    for (const std::string& text : texts) push_one(programme.get(), &clock, text);
    CaseBook book(*programme);
    must(book.refresh());
    const auto key = static_cast<CaseKey>(pick(8));
    const bool descending = pick(2) == 0;
    const auto all = book.list({}, key, descending, 0, 1000);
    std::vector<CaseHandle> paged;
    for (std::size_t from = 0; from < all.total; from += 2) {
      for (auto& one : book.list({}, key, descending, from, 2).cases) paged.push_back(one);
    }
    RC_ASSERT(paged == all.cases);
  });
  EXPECT_TRUE(ok);
}

TEST(PatientAsOf, is_the_patient_of_the_whole_programme_as_of_that_moment) {
  int programmes = 0;
  const bool ok = rc::check([&] {
    if (++programmes > programmes_max) return;
    const auto texts = *random_events();
    const TemporaryFolder folder;
    StillClock clock(start);
    auto programme = open_programme(folder / "data", clock, 2);
    for (const std::string& text : texts) {
      push_one(programme.get(), &clock, pick(2) == 0 ? text : of_another_patient(text));
      decide_sometimes(programme.get());
      if (pick(12) != 0) continue;
      // Another configuration from here on: an epoch.
      Settings settings = programme->configured().settings;
      settings.parameters.blood_pressure.bp2_systolic_mmhg = 170 + pick(3) * 10;
      programme.reset();
      programme = open_programme(folder / "data", clock, 2, 5000, settings);
    }
    const Microseconds until = start + pick(static_cast<int>(texts.size()) + 1) * an_hour;
    const auto whole = must(Reading::open_as_of(folder / "data", until));
    const auto now = must(Reading::beside(*programme, std::nullopt, false));
    LogBook log(*programme);
    must(log.refresh(static_cast<std::size_t>(pick(40))));  // behind, or not
    for (const std::string patient : {"p", "q"}) {
      const auto ranges = log.ranges_of(events::partition_of(patient, 2), patient);
      const auto one = must(Reading::of_patient_as_of(*now, patient, ranges, until));
      RC_ASSERT(must(patient_document(*one, patient, until)) ==
                must(patient_document(*whole, patient, until)));
    }
  });
  EXPECT_TRUE(ok);
}

// --- What became of a case since ---

CaseSummary with_marks(std::vector<RevisionMark> marks) {
  CaseSummary one;
  one.state = marks.back().state;
  one.level = marks.back().level;
  one.raised = marks.front().updated;
  one.updated = marks.back().updated;
  one.revisions = std::move(marks);
  return one;
}

TEST(Turn, says_what_became_of_a_case_since_somebody_looked) {
  using detectors::Level;
  const RevisionMark watch{10, Level::watch, CaseState::open, {}};
  const RevisionMark alert{20, Level::alert, CaseState::open, {}};
  const RevisionMark resolved{30, Level::alert, CaseState::resolved, {}};
  const RevisionMark retracted{40, Level::alert, CaseState::retracted, {}};
  const RevisionMark again{50, Level::alert, CaseState::open, {}};
  EXPECT_EQ(turn_since(with_marks({watch}), 5), Turn::is_new);
  EXPECT_EQ(turn_since(with_marks({watch}), 10), std::nullopt);
  EXPECT_EQ(turn_since(with_marks({watch, alert}), 10), Turn::worse);
  EXPECT_EQ(turn_since(with_marks({watch, alert}), 5), Turn::is_new);
  EXPECT_EQ(turn_since(with_marks({watch, alert, resolved}), 20), Turn::better);
  EXPECT_EQ(turn_since(with_marks({watch, alert, retracted}), 20), Turn::withdrawn);
  EXPECT_EQ(turn_since(with_marks({watch, alert, retracted}), 5), Turn::withdrawn);
  EXPECT_EQ(turn_since(with_marks({watch, alert, retracted}), 40), std::nullopt);
  EXPECT_EQ(turn_since(with_marks({watch, resolved, again}), 30), Turn::worse);
  EXPECT_EQ(turn_since(with_marks({watch, retracted, again}), 40), Turn::is_new);
}

// --- Feeds ---

std::string score_of(const std::string& source, const std::string& id, const std::string& when) {
  return R"({"source":")" + source + R"(","id":")" + id +
         R"(","patient":"p","kind":"score","instrument":"moca","value":25,"effective":")" + when +
         "\"}";
}

TEST(LogBook, a_source_is_silent_after_twice_its_usual_gap) {
  const TemporaryFolder folder;
  StillClock clock(start);
  const auto programme = open_programme(folder / "data", clock, 1);
  LogBook book(*programme);
  for (int day = 0; day < 10; ++day) {
    clock.pass(23 * an_hour);
    const std::string when = events::print_utc(clock.now() - 2 * an_hour);
    push_one(programme.get(), &clock, score_of("daily", "d" + std::to_string(day), when));
    if (day > 5) continue;
    push_one(programme.get(), &clock, score_of("ended", "e" + std::to_string(day), when));
  }
  must(book.refresh(3));
  EXPECT_FALSE(book.is_complete());
  must(book.refresh(1000));
  EXPECT_TRUE(book.is_complete());
  const auto sources = book.sources(programme->newest_received());
  ASSERT_EQ(sources.size(), 2U);
  EXPECT_EQ(sources[0].source, "daily");
  EXPECT_EQ(sources[0].entries, 10);
  EXPECT_FALSE(sources[0].silent);
  EXPECT_DOUBLE_EQ(*sources[0].lateness_median_hours, 3);
  EXPECT_EQ(sources[1].entries, 6);
  EXPECT_TRUE(sources[1].silent);
}

TEST(PatientBlocks, leave_out_most_blocks_where_a_patient_is_not_and_none_where_one_is) {
  PatientBlocks blocks;
  constexpr std::uint64_t entries = 200'000;
  for (std::uint64_t position = 1; position <= entries; ++position)
    blocks.add(position, "p-" + std::to_string(position / 100));
  blocks.add_for_all(150'000);
  std::uint64_t read = 0;
  for (int patient = 0; patient < 100; ++patient) {
    const auto ranges = blocks.ranges_of("p-" + std::to_string(patient * 20));
    for (std::uint64_t position : {patient * 2000 + 1, patient * 2000 + 99, 150'000}) {
      EXPECT_TRUE(std::any_of(ranges.begin(), ranges.end(), [&](const LogRange& range) {
        return range.first <= position && position <= range.last;
      })) << position;
    }
    EXPECT_EQ(ranges.back().first, entries + 1);
    for (const LogRange& range : ranges)
      if (range.last <= entries) read += range.last - range.first + 1;
  }
  EXPECT_LT(static_cast<double>(read) / (100.0 * entries), 0.03);
}

TEST(ReceivedDays, count_the_entries_of_one_patient) {
  const TemporaryFolder folder;
  StillClock clock(start);
  const auto programme = open_programme(folder / "data", clock, 1);
  push_one(programme.get(), &clock, score_of("s", "a", "2024-03-01T10:00:00Z"));
  push_one(programme.get(), &clock, of_another_patient(score_of("s", "a", "2024-03-01T10:00:00Z")));
  push_one(programme.get(), &clock, score_of("s", "b", "2024-03-02T10:00:00Z"));
  clock.pass(24 * an_hour);
  push_one(programme.get(), &clock, score_of("s", "c", "2024-03-03T10:00:00Z"));
  const auto reading = must(Reading::beside(*programme, std::nullopt, false));
  const auto days = must(received_days(*reading, "p", std::span(&whole_log, 1)));
  ASSERT_EQ(days.size(), 2U);
  EXPECT_EQ(days[0].entries, 2);
  EXPECT_EQ(days[0].last, start + 3 * an_hour);
  EXPECT_EQ(days[1].day, start + 24 * an_hour);
  EXPECT_TRUE(must(received_days(*reading, "nobody", std::span(&whole_log, 1))).empty());
}

}  // namespace
}  // namespace ketavigil::engine
