// A patient's course: when each finding appeared, had every fact come at once and right.
#include "engine/questions/course.h"

#include <gtest/gtest.h>

#include "tests/engine/programmes.h"

namespace ketavigil::engine {
namespace {

using detectors::Level;

Microseconds time_of(const char* text) { return events::parse_time(text)->us; }

std::string fact(const std::string& id, const std::string& effective, const std::string& rest) {
  return R"({"source":"clinic-01","id":")" + id + R"(","patient":"p-1","effective":")" + effective +
         "\"," + rest + "}";
}

std::string bladder(const std::string& id, const std::string& day, int value, int version = 1) {
  return fact(id, day + "T09:00:00Z",
              R"("kind":"score","instrument":"bpic-ss","value":)" + std::to_string(value) +
                  R"(,"version":)" + std::to_string(version));
}

// Sent in an order that is not that of time, and one value wrong at first.
const std::vector<std::string> sent = {
    bladder("b-4", "2024-04-01", 21),
    fact(
        "s-1", "2024-01-08T10:00:00Z",
        R"("kind":"session","compound":"esketamine","route":"IN","dose_mg":56,"setting":"clinic")"),
    bladder("b-3", "2024-03-01", 8),
    bladder("b-1", "2024-01-02", 7),
    bladder("b-3", "2024-03-01", 20, 2),
    bladder("b-2", "2024-02-01", 9),
};

class Course : public testing::Test {
 protected:
  void SetUp() override {
    const StillClock clock(time_of("2024-06-01T00:00:00Z"));
    programme_ = open_programme(folder_ / "data", clock, 1);
    events::Decoder decoder(settings_);
    for (const std::string& json : sent) {
      std::vector<Parsed> one;
      one.push_back({json, "", decoder.decode(json), {}});
      ASSERT_TRUE(std::holds_alternative<events::Fact>(one.back().decoded)) << json;
      one.back().digest = events::digest_of(std::get<events::Fact>(one.back().decoded));
      must(programme_->append_live(std::move(one)));
    }
    reading_ = must(Reading::over(*programme_));
  }

  [[nodiscard]] std::vector<Appearance> of(const std::string& detector,
                                           std::optional<Microseconds> watched_from) const {
    std::vector<Appearance> found;
    for (auto& one : must(patient_course(*reading_, "p-1", watched_from)).appearances) {
      if (one.detector == detector) found.push_back(one);
    }
    return found;
  }

  const TemporaryFolder folder_;
  const events::DecodeSettings settings_{};
  std::unique_ptr<Programme> programme_;
  std::unique_ptr<Reading> reading_;
};

TEST_F(Course, a_finding_appears_with_the_fact_that_brought_it_as_corrected) {
  const auto found = of("URO-1", time_of("2024-01-01T00:00:00Z"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].at, time_of("2024-03-01T09:00:00Z"));
  EXPECT_EQ(found[0].level, Level::alert);
  EXPECT_EQ(found[0].of, "score bpic-ss");
}

TEST_F(Course, what_held_before_the_watch_does_not_appear) {
  EXPECT_TRUE(of("URO-1", time_of("2024-03-15T00:00:00Z")).empty());
  EXPECT_EQ(of("URO-1", std::nullopt).size(), 1U);
}

TEST_F(Course, a_deadlines_finding_appears_when_it_may_be_seen) {
  const auto found = of("BP-6", time_of("2024-01-01T00:00:00Z"));
  ASSERT_EQ(found.size(), 1U);
  // Four hours after the start, and the grace of a week.
  EXPECT_EQ(found[0].at, time_of("2024-01-15T14:00:00Z"));
}

TEST_F(Course, a_deadline_beyond_the_newest_entry_brings_nothing) {
  for (const auto& one : must(patient_course(*reading_, "p-1", 0)).appearances)
    EXPECT_LE(one.at, reading_->newest_received()) << one.detector;
  const TemporaryFolder folder;
  const StillClock clock(time_of("2024-01-10T00:00:00Z"));
  const auto programme = open_programme(folder / "data", clock, 1);
  events::Decoder decoder(settings_);
  std::vector<Parsed> one;
  one.push_back({sent[1], "", decoder.decode(sent[1]), {}});
  one.back().digest = events::digest_of(std::get<events::Fact>(one.back().decoded));
  must(programme->append_live(std::move(one)));
  // Its monitoring gap may be seen five days later.
  EXPECT_TRUE(must(patient_course(*must(Reading::over(*programme)), "p-1", 0)).appearances.empty());
}

TEST_F(Course, observations_and_sessions_are_the_active_facts_in_order) {
  const auto course = must(patient_course(*reading_, "p-1"));
  ASSERT_EQ(course.observations.size(), 5U);
  EXPECT_EQ(course.observations.front().of, "score bpic-ss");
  EXPECT_EQ(course.observations.front().at, time_of("2024-01-02T09:00:00Z"));
  EXPECT_EQ(course.sessions, std::vector<Microseconds>{time_of("2024-01-08T10:00:00Z")});
}

}  // namespace
}  // namespace ketavigil::engine
