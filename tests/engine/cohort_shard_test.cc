// The cohort's shard: a lock point's sum is the same whoever gives accounts when and how often, and
// waits for the shard that is behind.
#include "engine/cohort/cohort_shard.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "engine/cohort/cohort_reading.h"
#include "engine/questions/reading.h"
#include "engine/questions/verify.h"
#include "engine/shard/programme.h"
#include "events/json_text.h"
#include "tests/engine/random_course.h"

namespace ketavigil::engine {
namespace {

namespace fs = std::filesystem;
using events::day_us;

const Microseconds monday = events::parse_time("2026-03-02T00:00:00Z")->us;

class CohortShardTest : public testing::Test {
 protected:
  CohortShardTest() {
    std::string pattern = (fs::temp_directory_path() / "ketavigil-cohort-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~CohortShardTest() override {
    cohort_.reset();
    fs::remove_all(folder_);
  }
  void open(int shards) {
    cohort_.reset();
    auto opened = CohortShard::open(folder_, shards, 0, resources_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    cohort_ = std::move(opened).value();
  }
  AccountOutcome take(const std::string& text) {
    const IncomingAccount incoming{text, 0};
    const auto outcomes = cohort_->take(std::span(&incoming, 1), std::nullopt);
    EXPECT_TRUE(outcomes.ok());
    return outcomes.value().front();
  }
  std::vector<LockPointState> points(int shards) {
    auto states = lock_points(cohort_->store(), shards);
    EXPECT_TRUE(states.ok());
    return std::move(states).value();
  }
  // Of so many days after a Monday; sessions tell accounts apart.
  static std::string begins(int shard, int shards, int day) {
    Account account;
    account.lock_point = monday + day * day_us;
    account.begins = true;
    return account_text(shard, shards, account);
  }
  static std::string given(int shard, int shards, int day, int sessions, int every_days = 1) {
    Account account;
    account.lock_point = monday + day * day_us;
    account.previous = account.lock_point - every_days * day_us;
    account.cells.exposure[{"esketamine", "IN"}] = {1, sessions, 56'000 * sessions, 5};
    account.cells.findings[{"esketamine", "BP-2", "watch"}] = {1, 2};
    return account_text(shard, shards, account);
  }
  std::int64_t sessions_at(int day) {
    const auto sum = sum_at(cohort_->store(), monday + day * day_us);
    EXPECT_TRUE(sum.ok());
    return sum.value() ? sum.value()->cells.exposure.at({"esketamine", "IN"}).sessions : -1;
  }

  fs::path folder_;
  storage::Resources resources_;
  std::unique_ptr<CohortShard> cohort_;
};

TEST_F(CohortShardTest, an_account_reads_back_as_it_was_written) {
  const std::string text = given(2, 4, 3, 7);
  const auto sent = read_account_text(text);
  ASSERT_TRUE(sent.ok()) << sent.error().message;
  EXPECT_EQ(sent.value().shard, 2);
  EXPECT_EQ(sent.value().shards, 4);
  EXPECT_EQ(account_text(2, 4, sent.value().account), text);
  for (const char* wrong : {"", "{}", "[]", "null", R"({"shard":1,"shards":1})"})
    EXPECT_FALSE(read_account_text(wrong).ok()) << wrong;
}

TEST_F(CohortShardTest, a_shard_that_is_behind_holds_the_lock_point) {
  open(2);
  take(begins(0, 2, 0));
  take(given(0, 2, 1, 3));
  ASSERT_EQ(points(2).size(), 1U);
  EXPECT_EQ(points(2)[0].awaited, std::vector<int>{1});
  take(begins(1, 2, 0));
  EXPECT_EQ(points(2)[0].awaited, std::vector<int>{1});
  take(given(1, 2, 1, 4));
  EXPECT_TRUE(points(2)[0].is_complete());
  EXPECT_EQ(sessions_at(1), 7);
}

TEST_F(CohortShardTest, a_shard_whose_log_began_later_holds_nothing) {
  open(2);
  take(begins(0, 2, 0));
  take(given(0, 2, 1, 3));
  take(given(0, 2, 2, 3));
  take(begins(1, 2, 1));
  ASSERT_EQ(points(2).size(), 2U);
  EXPECT_TRUE(points(2)[0].is_complete());
  EXPECT_EQ(points(2)[1].awaited, std::vector<int>{1});
}

TEST_F(CohortShardTest, a_lock_point_that_another_schedule_passes_over_is_none_of_the_programme) {
  open(2);
  for (const int shard : {0, 1}) take(begins(shard, 2, 0));
  take(given(0, 2, 1, 3));
  take(given(1, 2, 7, 3, 7));
  EXPECT_EQ(points(2)[0].passed, std::vector<int>{1});
  EXPECT_FALSE(points(2)[0].is_complete());
  EXPECT_EQ(points(2)[1].awaited, std::vector<int>{0});
}

TEST_F(CohortShardTest, what_is_delivered_twice_counts_once_also_after_a_restart) {
  open(1);
  EXPECT_EQ(take(given(0, 1, 1, 3)), AccountOutcome::accepted);
  EXPECT_EQ(take(given(0, 1, 1, 3)), AccountOutcome::duplicate);
  open(1);
  EXPECT_EQ(take(given(0, 1, 1, 3)), AccountOutcome::duplicate);
  EXPECT_EQ(sessions_at(1), 3);
}

TEST_F(CohortShardTest, of_two_contents_the_first_stands_and_the_other_is_kept_and_told) {
  open(1);
  EXPECT_EQ(take(given(0, 1, 1, 3)), AccountOutcome::accepted);
  EXPECT_EQ(take(given(0, 1, 1, 4)), AccountOutcome::conflict);
  EXPECT_EQ(take(given(0, 1, 1, 4)), AccountOutcome::duplicate);
  EXPECT_EQ(sessions_at(1), 3);
  EXPECT_EQ(points(1)[0].conflicts, std::vector<int>{0});
  EXPECT_TRUE(verify_cohort(cohort_->store(), 1).ok());
}

TEST_F(CohortShardTest, what_is_no_account_of_this_programme_changes_nothing) {
  open(2);
  EXPECT_EQ(take("{}"), AccountOutcome::unreadable);
  EXPECT_EQ(take(given(0, 3, 1, 4)), AccountOutcome::unreadable);
  EXPECT_TRUE(points(2).empty());
}

TEST_F(CohortShardTest, the_place_in_the_topic_is_written_with_what_it_follows) {
  open(1);
  const std::string text = given(0, 1, 1, 3);
  const IncomingAccount incoming{text, 7};
  ASSERT_TRUE(cohort_->take(std::span(&incoming, 1), 42).ok());
  open(1);
  EXPECT_EQ(cohort_->next_offset(), 42U);
  ASSERT_TRUE(cohort_->take({}, 43).ok());
  open(1);
  EXPECT_EQ(cohort_->next_offset(), 43U);
}

// Law A for the cohort: any order between shards, repetition, batch size, restart.
TEST_F(CohortShardTest, law_a_sums_do_not_depend_on_order_repetition_or_passes) {
  constexpr int shards = 3;
  std::string expected;
  for (unsigned seed = 0; seed < 6; ++seed) {
    cohort_.reset();
    fs::remove_all(folder_ / "cohort");
    open(shards);
    std::mt19937 random(seed);
    std::vector<std::string> texts;
    for (int shard = 0; shard < shards; ++shard) {
      texts.push_back(begins(shard, shards, shard));
      for (int day = shard + 1; day < 9; ++day)
        texts.push_back(given(shard, shards, day, day + 10 * shard));
    }
    texts.insert(texts.end(), texts.begin(), texts.begin() + 5);
    std::shuffle(texts.begin(), texts.end(), random);
    for (std::size_t from = 0; from < texts.size();) {
      const std::size_t count = std::min<std::size_t>(1 + random() % 7, texts.size() - from);
      std::vector<IncomingAccount> incoming;
      for (std::size_t i = from; i < from + count; ++i) incoming.push_back({texts[i], 0});
      ASSERT_TRUE(cohort_->take(incoming, std::nullopt).ok());
      from += count;
      if (random() % 3 == 0) open(shards);
    }
    std::string tables;
    for (const auto& point : points(shards)) {
      EXPECT_TRUE(point.is_complete());
      tables += lock_point_json(
          tables_of(sum_at(cohort_->store(), point.lock_point).value()->cells), point.lock_point);
    }
    if (expected.empty()) expected = tables;
    EXPECT_EQ(tables, expected);
    EXPECT_TRUE(verify_cohort(cohort_->store(), shards).ok());
  }
}

class StillClock : public Clock {
 public:
  [[nodiscard]] Microseconds now() const override { return now_; }
  void pass(Microseconds time) { now_ += time; }

 private:
  Microseconds now_ = monday + day_us / 2;
};

// The embedded inbox: lock points add up by themselves, and are the same for any number of shards.
class InboxCohort : public CohortShardTest {
 protected:
  // Every lock point with its tables, all of them complete, of a programme that lives through this.
  std::vector<std::string> lock_points_of(const std::vector<std::string>& texts, int shards) {
    const fs::path directory = folder_ / ("p" + std::to_string(shards));
    fs::remove_all(directory);
    StillClock clock;
    ProgrammeOptions options;
    options.directory = directory;
    options.create = true;
    options.shards = shards;
    options.free_space_guard_bytes = 0;
    options.settings = Settings{course_settings(), {}};
    auto programme = Programme::open(options, clock);
    EXPECT_TRUE(programme.ok());
    events::Decoder decoder(options.settings->decode);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      std::vector<Parsed> one;
      one.push_back({texts[i], "", decoder.decode(texts[i]), {}});
      if (const auto* fact = std::get_if<events::Fact>(&one.back().decoded))
        one.back().digest = events::digest_of(*fact);
      EXPECT_TRUE(programme.value()->append_live(std::move(one)).ok());
      if (i % 4 != 0) continue;
      clock.pass(day_us + day_us / 3);
      EXPECT_TRUE(programme.value()->append_ticks().ok());
    }
    programme.value().reset();
    EXPECT_TRUE(verify(directory, [](std::int64_t, const std::string&) {}).ok());
    const auto reading = CohortReading::open(directory);
    EXPECT_TRUE(reading.ok());
    std::vector<std::string> tables;
    const auto states = reading.value()->lock_points();
    EXPECT_TRUE(states.ok());
    for (const auto& state : states.value()) {
      EXPECT_TRUE(state.is_complete());
      const auto shown = reading.value()->tables_at(state.lock_point);
      EXPECT_TRUE(shown.ok());
      tables.push_back(lock_point_json(shown.value(), state.lock_point));
    }
    return tables;
  }
};

TEST_F(InboxCohort, law_a_lock_points_are_the_same_for_any_number_of_shards) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const auto texts = random_course(6)(rc::Random(seed), 100).value();
    const auto expected = lock_points_of(texts, 1);
    EXPECT_FALSE(expected.empty());
    EXPECT_EQ(lock_points_of(texts, 3), expected) << "seed " << seed;
  }
}

}  // namespace
}  // namespace ketavigil::engine
