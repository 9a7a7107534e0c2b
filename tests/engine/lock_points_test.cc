// Data lock points: an account is law A over the entries up to it, whatever lane, batch size,
// shards or restarts they came by (laws A and B).
#include <rapidcheck.h>

#include <filesystem>
#include <set>

#include "engine/questions/reading.h"
#include "engine/shard/account.h"
#include "tests/engine/programmes.h"
#include "tests/engine/random_course.h"

namespace ketavigil::engine {
namespace {

namespace fs = std::filesystem;
using events::day_us;
using events::hour_us;
using storage::Family;

Microseconds time_of(const char* text) { return events::parse_time(text)->us; }
const Microseconds start = time_of("2024-01-09T12:00:00Z");

std::unique_ptr<Programme> open_scheduled(const fs::path& path, const Clock& clock, int shards,
                                          int batch = 5000, std::int64_t every_days = 1) {
  return open_programme(path, clock, shards, batch, Settings{course_settings(), {}, every_days});
}

std::vector<Parsed> parsed(const std::vector<std::string>& texts) {
  static const events::DecodeSettings settings = course_settings();
  events::Decoder decoder(settings);
  std::vector<Parsed> all;
  for (const std::string& json : texts) {
    all.push_back({json, "", decoder.decode(json), {}});
    if (const auto* fact = std::get_if<events::Fact>(&all.back().decoded))
      all.back().digest = events::digest_of(*fact);
  }
  return all;
}

void push(Programme* programme, const std::string& json) {
  must(programme->append_live(parsed({json})));
}

// A case opens several stores, so that a run of the checks takes one in four.
bool is_left_out() { return pick(4) != 0; }

// Events by whatever lane, hours and days apart; now and then nothing but time.
void live_through(Programme* programme, StillClock* clock, const std::vector<std::string>& texts) {
  for (std::size_t i = 0; i < texts.size();) {
    clock->pass(pick(6) == 0 ? pick(40) * day_us : pick(30) * hour_us);
    const int step = pick(8);
    if (step == 0) {
      must(programme->append_ticks());
    } else if (step == 1) {
      BulkLoad load(programme, pick(2) == 0);
      std::vector<std::string> some;
      for (int left = 1 + pick(9); left > 0 && i < texts.size(); --left) some.push_back(texts[i++]);
      const auto no_answer = [](const Answer&) {};
      // A load goes on past midnight: its first entries are not cut there.
      const auto middle = some.begin() + static_cast<std::ptrdiff_t>(some.size() / 2);
      const std::vector<std::string> first(some.begin(), middle);
      const std::vector<std::string> rest(middle, some.end());
      must(load.take(parsed(first), nullptr, no_answer));
      if (pick(2) == 0) clock->pass(pick(3) * day_us);
      must(load.take(parsed(rest), nullptr, no_answer));
      must(load.finish(no_answer));
    } else {
      push(programme, texts[i++]);
    }
  }
}

std::string rows_of_locks(const Programme& programme) {
  std::string all;
  for (int number = 0; number < programme.shards(); ++number) {
    auto cursor = programme.shard(number).store().scan(Family::locks, "", "");
    for (; cursor.valid(); cursor.next()) all.append(cursor.key()).append(cursor.value());
    must(cursor.status());
  }
  return all;
}

std::vector<Account> accounts_of(const Programme& programme, int number) {
  return must(read_accounts(programme.shard(number).store(), std::nullopt, 100'000));
}

// The shards' cells, by lock point; begins are left out.
std::map<Microseconds, CohortCells> sums_of(const Programme& programme) {
  std::map<Microseconds, CohortCells> sums;
  for (int number = 0; number < programme.shards(); ++number) {
    for (const Account& account : accounts_of(programme, number))
      if (!account.begins) sums[account.lock_point].add(account.cells);
  }
  return sums;
}

// What the log says up to a moment, asked of a programme that knows nothing else.
std::string tables_as_of(const Programme& programme, const fs::path& folder, const Clock& clock,
                         Microseconds moment) {
  ProgrammeOptions options;
  options.directory = folder;
  options.create = true;
  options.shards = programme.shards();
  options.settings = Settings{course_settings(), {}};
  options.free_space_guard_bytes = 0;
  options.cut_leftovers = false;
  const auto known = must(Programme::open(options, clock));
  std::vector<const storage::Store*> stores;
  for (int number = 0; number < programme.shards(); ++number)
    stores.push_back(&programme.shard(number).store());
  must(replay(stores, known.get(), false, moment, [](std::uint64_t, std::uint64_t) {}));
  const auto reading = must(Reading::over(*known));
  return tables_json(must(cohort_tables(*reading, moment)), moment);
}

TEST(LockPoints, lie_at_midnights_counted_from_a_monday) {
  const Microseconds monday = time_of("2026-03-02T00:00:00Z");
  EXPECT_EQ(first_lock_point_from(monday, 1), monday);
  EXPECT_EQ(first_lock_point_from(monday + 1, 1), monday + day_us);
  EXPECT_EQ(last_lock_point_before(monday, 1), monday - day_us);
  EXPECT_EQ(last_lock_point_before(monday + 1, 1), monday);
  EXPECT_EQ(first_lock_point_from(monday - 1, 7), monday);
  EXPECT_EQ(first_lock_point_from(monday + 1, 7), monday + 7 * day_us);
  EXPECT_EQ(last_lock_point_before(time_of("1969-12-31T12:00:00Z"), 7),
            time_of("1969-12-29T00:00:00Z"));
  EXPECT_EQ(first_lock_point_from(time_of("1969-12-29T00:00:00Z"), 7),
            time_of("1969-12-29T00:00:00Z"));
}

TEST(LockPoints, law_a_an_account_is_what_the_log_says_up_to_it) {
  const bool ok = rc::check([] {
    if (is_left_out()) return;
    const TemporaryFolder folder;
    StillClock clock(start);
    const auto programme = open_scheduled(folder / "p", clock, 1 + pick(3), 1 + pick(9));
    live_through(programme.get(), &clock, *random_course(5));
    const auto sums = sums_of(*programme);
    if (sums.empty()) return;
    for (int i = 0; i < 2; ++i) {
      const auto& [moment, cells] = *std::next(sums.begin(), pick(static_cast<int>(sums.size())));
      for (int number = 0; number < programme->shards(); ++number)
        if (programme->shard(number).locked().value_or(0) < moment) return;  // behind: not complete
      RC_ASSERT(tables_json(tables_of(cells), moment) ==
                tables_as_of(*programme, folder / ("known-" + std::to_string(i)), clock, moment));
    }
  });
  EXPECT_TRUE(ok);
}

TEST(LockPoints, law_b_a_log_read_again_gives_the_same_accounts) {
  const bool ok = rc::check([] {
    if (is_left_out()) return;
    const TemporaryFolder folder;
    StillClock clock(start);
    const int shards = 1 + pick(2);
    const auto programme = open_scheduled(folder / "p", clock, shards, 1 + pick(9), 1 + pick(3));
    live_through(programme.get(), &clock, *random_course(4));
    ProgrammeOptions options;
    options.directory = folder / "again";
    options.create = true;
    options.shards = shards;
    options.batch_entries = *rc::gen::inRange(1, 30);
    options.free_space_guard_bytes = 0;
    options.cut_leftovers = false;
    options.settings = programme->configured().settings;
    const auto again = must(Programme::open(options, clock));
    std::vector<const storage::Store*> stores;
    for (int number = 0; number < shards; ++number)
      stores.push_back(&programme->shard(number).store());
    must(replay(stores, again.get(), false, std::nullopt, [](std::uint64_t, std::uint64_t) {}));
    RC_ASSERT(rows_of_locks(*again) == rows_of_locks(*programme));
  });
  EXPECT_TRUE(ok);
}

TEST(LockPoints, law_b_restarts_change_no_account) {
  const bool ok = rc::check([] {
    if (is_left_out()) return;
    auto texts = *random_course(4);
    if (texts.size() > 30) texts.resize(30);
    std::vector<Microseconds> gaps;
    for (std::size_t i = 0; i < texts.size(); ++i) gaps.push_back(pick(50) * hour_us);
    const TemporaryFolder folder;
    std::string rows[2];
    for (int way = 0; way < 2; ++way) {
      StillClock clock(start);
      const fs::path path = folder / std::to_string(way);
      auto programme = open_scheduled(path, clock, 1);
      for (std::size_t i = 0; i < texts.size(); ++i) {
        if (way == 1 && pick(10) == 0) {
          programme.reset();
          programme = open_scheduled(path, clock, 1);
        }
        clock.pass(gaps[i]);
        push(programme.get(), texts[i]);
      }
      rows[way] = rows_of_locks(*programme);
    }
    RC_ASSERT(rows[0] == rows[1]);
  });
  EXPECT_TRUE(ok);
}

// Time that passes at once says of each lock point what time that passes day by day says.
TEST(LockPoints, an_idle_shard_is_carried_past_each_lock_point_by_its_next_tick) {
  const bool ok = rc::check([] {
    if (is_left_out()) return;
    const auto texts = *random_course(4);
    const int days = pick(8) == 0 ? 300 : 1 + pick(40);
    const TemporaryFolder folder;
    std::vector<std::map<Microseconds, CohortCells>> sums;
    for (const int step : {1, days}) {
      StillClock clock(start);
      const auto programme = open_scheduled(folder / std::to_string(sums.size()), clock, 2);
      for (const std::string& json : texts) push(programme.get(), json);
      must(programme->append_ticks());
      for (int day = 0; day < days; day += step) {
        clock.pass(step * day_us);
        must(programme->append_ticks());
      }
      sums.push_back(sums_of(*programme));
      RC_ASSERT(sums.back().size() == static_cast<std::size_t>(days));
    }
    RC_ASSERT(sums[0] == sums[1]);
  });
  EXPECT_TRUE(ok);
}

TEST(LockPoints, accounts_form_a_chain_from_the_one_before_the_first_entry) {
  const TemporaryFolder folder;
  StillClock clock(start);
  const auto programme = open_scheduled(folder / "p", clock, 1, 5000, 7);
  must(programme->append_ticks());
  clock.pass(30 * day_us);
  must(programme->append_ticks());
  const auto accounts = accounts_of(*programme, 0);
  ASSERT_EQ(accounts.size(), 5U);
  EXPECT_TRUE(accounts[0].begins);
  EXPECT_EQ(accounts[0].lock_point, time_of("2024-01-08T00:00:00Z"));
  for (std::size_t i = 1; i < accounts.size(); ++i) {
    EXPECT_FALSE(accounts[i].begins);
    EXPECT_EQ(accounts[i].previous, accounts[i - 1].lock_point);
    EXPECT_EQ(accounts[i].lock_point, accounts[i - 1].lock_point + 7 * day_us);
    EXPECT_EQ(accounts[i].position, 1U);
  }
}

// An entry at the very moment belongs to it.
TEST(LockPoints, what_is_received_at_the_moment_is_before_it) {
  const TemporaryFolder folder;
  StillClock clock(start);
  const auto programme = open_scheduled(folder / "p", clock, 1);
  must(programme->append_ticks());
  clock.pass(12 * hour_us);
  must(programme->append_ticks());
  EXPECT_EQ(accounts_of(*programme, 0).size(), 1U);
  clock.pass(1);
  must(programme->append_ticks());
  const auto accounts = accounts_of(*programme, 0);
  ASSERT_EQ(accounts.size(), 2U);
  EXPECT_EQ(accounts[1].position, 2U);
}

TEST(LockPoints, another_schedule_begins_at_its_epoch) {
  const TemporaryFolder folder;
  StillClock clock(start);
  const auto programme = open_scheduled(folder / "p", clock, 1, 5000, 7);
  must(programme->append_ticks());
  clock.pass(8 * day_us);  // Wednesday, the 17th
  must(programme->shard(0).append_epoch(
      clock.now(), std::make_shared<const Configured>(Settings{course_settings(), {}, 1})));
  clock.pass(2 * day_us);
  must(programme->append_ticks());
  std::vector<std::string> moments;
  for (const Account& account : accounts_of(*programme, 0))
    moments.push_back(events::print_utc(account.lock_point).substr(0, 10));
  EXPECT_EQ(moments,
            (std::vector<std::string>{"2024-01-08", "2024-01-15", "2024-01-18", "2024-01-19"}));
}

TEST(LockPoints, the_settings_text_names_only_another_schedule) {
  EXPECT_EQ(settings_text(Settings{}).find("lock_every_days"), std::string::npos);
  const auto read = settings_of_text(settings_text(Settings{{}, {}, 7}));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value().lock_every_days, 7);
}

}  // namespace
}  // namespace ketavigil::engine
