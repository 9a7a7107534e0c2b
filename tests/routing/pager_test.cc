// Who is paged, with what, how often, and when it ends.
#include "routing/pages/pager.h"

#include "tests/routing/paged_programme.h"

namespace ketavigil::routing::pages {
namespace {

using events::Microseconds;
using events::second_us;
using nlohmann::json;
using test::hour;
using test::minute;
using test::noon;

class PagerTest : public test::PagedProgramme {};

TEST_F(PagerTest, open_case_is_told_again_and_again_with_the_same_labels_and_start) {
  push(pressure("p", 225, noon - hour));
  step();
  const auto first = poster_.alerts();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].at("startsAt"), "2026-03-04T12:00:00Z");
  EXPECT_EQ(first[0].at("endsAt"), "2026-03-07T12:00:00Z");  // unless it is told again
  poster_.clear();
  pass(59 * second_us);
  EXPECT_TRUE(poster_.alerts().empty());
  pass(second_us);
  ASSERT_EQ(poster_.alerts().size(), 1U);
  EXPECT_EQ(poster_.alerts()[0].at("labels"), first[0].at("labels"));
  EXPECT_EQ(poster_.alerts()[0].at("startsAt"), first[0].at("startsAt"));
  EXPECT_EQ(poster_.alerts()[0].at("endsAt"), "2026-03-07T12:01:00Z");
}

TEST_F(PagerTest, labels_stay_when_a_correction_moves_the_site) {
  push(pressure("p", 225, noon - hour));
  step();
  const auto labels = poster_.alerts().at(0).at("labels");
  EXPECT_EQ(labels.at("site"), "north");
  json corrected = pressure("p", 231, noon - hour, 2);
  corrected["site"] = "south";
  push(corrected);
  poster_.clear();
  step();
  ASSERT_EQ(poster_.alerts().size(), 1U);
  EXPECT_EQ(poster_.alerts()[0].at("labels"), labels);
  EXPECT_NE(std::string(poster_.alerts()[0].at("annotations").at("measured")).find("231"),
            std::string::npos);
}

TEST_F(PagerTest, correction_below_the_limit_ends_it_and_one_above_opens_it_again) {
  push(pressure("p", 225, noon - hour));
  step();
  const auto labels = poster_.alerts().at(0).at("labels");
  push(pressure("p", 150, noon - hour, 2));
  poster_.clear();
  pass(minute);
  ASSERT_EQ(poster_.alerts().size(), 1U);
  EXPECT_EQ(poster_.alerts()[0].at("labels"), labels);
  EXPECT_LE(std::string(poster_.alerts()[0].at("endsAt")), "2026-03-04T12:01:00Z");
  poster_.clear();
  pass(10 * minute);
  EXPECT_TRUE(poster_.alerts().empty());  // told once, and taken
  push(pressure("p", 226, noon - hour, 3));
  step();
  ASSERT_EQ(poster_.alerts().size(), 1U);
  EXPECT_EQ(poster_.alerts()[0].at("labels"), labels);
  EXPECT_EQ(poster_.alerts()[0].at("endsAt"), "2026-03-07T12:11:00Z");
}

TEST_F(PagerTest, end_is_told_until_every_alertmanager_has_taken_it) {
  settings_.alertmanagers = {"http://am", "http://other"};
  open();
  push(pressure("p", 225, noon - hour));
  step();
  poster_.fail("http://other");
  push(pressure("p", 150, noon - hour, 2));
  pass(minute);
  open();  // what waits is on the disk
  poster_.clear();
  poster_.heal("http://other");
  pass(minute);
  EXPECT_EQ(poster_.alerts("http://other").size(), 1U);
  poster_.clear();
  pass(2 * minute);
  EXPECT_TRUE(poster_.alerts().empty());
}

TEST_F(PagerTest, way_out_that_fails_is_tried_after_1_2_4_and_at_most_30_seconds) {
  poster_.fail("http://am");
  push(pressure("p", 225, noon - hour));
  step();
  std::vector<Microseconds> tried;
  std::size_t seen = poster_.posts();
  for (int second = 1; second <= 125; ++second) {
    pass(second_us);
    if (poster_.posts() > seen) tried.push_back(second);
    seen = poster_.posts();
  }
  EXPECT_EQ(tried, (std::vector<Microseconds>{1, 3, 7, 15, 31, 61, 91, 121}));
  const auto way = pager_->counts().ways.at("alertmanager");
  EXPECT_FALSE(way.is_up);
  EXPECT_EQ(way.waiting_seconds, 125);
  EXPECT_EQ(way.failed, 9U);
  poster_.heal("http://am");
  pass(30 * second_us);
  EXPECT_EQ(poster_.alerts().size(), 1U);
  EXPECT_TRUE(pager_->counts().ways.at("alertmanager").is_up);
  EXPECT_EQ(pager_->counts().ways.at("alertmanager").waiting_seconds, 0);
}

TEST_F(PagerTest, with_nothing_to_tell_it_is_still_known_whether_the_way_out_is_there) {
  poster_.fail("http://am");
  step();
  EXPECT_FALSE(pager_->counts().ways.at("alertmanager").is_up);
  EXPECT_EQ(pager_->counts().ways.at("alertmanager").waiting_seconds, 0);
}

TEST_F(PagerTest, fact_of_72_hours_is_paged_and_an_older_one_is_historic) {
  push(pressure("young", 225, noon - 72 * hour));
  push(pressure("old", 225, noon - 72 * hour - second_us));
  step();
  EXPECT_EQ(poster_.alerts().size(), 1U);
  EXPECT_EQ(decided(engine::PageDecision::paged), 1);
  EXPECT_EQ(decided(engine::PageDecision::historic), 1);
}

TEST_F(PagerTest, what_was_known_long_before_anybody_looks_is_historic) {
  push(pressure("p", 225, noon - hour));
  clock_.time += 72 * hour + second_us;
  step();
  EXPECT_TRUE(poster_.alerts().empty());
  EXPECT_EQ(decided(engine::PageDecision::historic), 1);
}

TEST_F(PagerTest, crisis_that_was_over_before_it_came_is_counted_as_historic) {
  push(pressure("p", 225, noon - 365 * 24 * hour));
  step();
  EXPECT_TRUE(poster_.alerts().empty());
  EXPECT_EQ(decided(engine::PageDecision::historic), 1);
}

TEST_F(PagerTest, unverified_ones_of_a_source_are_three_in_an_hour_and_one_for_all_others) {
  for (int i = 0; i < 50; ++i) push(exchanged("p" + std::to_string(i)));
  push(exchanged("q", "another"));
  step();
  EXPECT_EQ(poster_.with("alertname", "KetavigilCriticalCase").size(), 4U);
  const auto flood = poster_.with("alertname", "KetavigilUnverifiedFlood");
  ASSERT_EQ(flood.size(), 1U);
  EXPECT_EQ(flood[0].at("labels").at("source"), "c");
  EXPECT_NE(std::string(flood[0].at("annotations").at("summary")).find("47 more"),
            std::string::npos);
  poster_.clear();
  step();
  EXPECT_TRUE(poster_.alerts().empty());  // nothing is new
  // A restart does not begin to count anew.
  open();
  poster_.clear();
  push(exchanged("late"));
  step();
  EXPECT_EQ(poster_.with("alertname", "KetavigilCriticalCase").size(), 4U);
  const auto again = poster_.with("alertname", "KetavigilUnverifiedFlood");
  ASSERT_GE(again.size(), 1U);
  EXPECT_EQ(again.back().at("labels"), flood[0].at("labels"));
  // An hour after the last one it is over, and the next is paged by itself.
  poster_.clear();
  pass(61 * minute);
  const auto over = poster_.with("alertname", "KetavigilUnverifiedFlood");
  ASSERT_EQ(over.size(), 1U);
  EXPECT_EQ(over[0].at("endsAt"), "2026-03-04T13:00:00Z");
  poster_.clear();
  push(exchanged("tomorrow"));
  step();
  EXPECT_EQ(poster_.with("alertname", "KetavigilCriticalCase").size(), 1U);
}

TEST_F(PagerTest, flood_lasts_until_a_whole_hour_has_passed_without_a_further_one) {
  for (int i = 0; i < 3; ++i) push(exchanged("p" + std::to_string(i)));
  step();
  clock_.time += 50 * minute;
  push(exchanged("fourth"));
  step();
  clock_.time += 11 * minute;  // the first three are over an hour old
  push(exchanged("fifth"));
  poster_.clear();
  step();
  EXPECT_EQ(decided(engine::PageDecision::folded), 2);
  EXPECT_EQ(decided(engine::PageDecision::paged), 3);
}

TEST_F(PagerTest, flood_of_hours_ago_is_told_for_an_hour_when_it_becomes_known) {
  for (int i = 0; i < 7; ++i) push(exchanged("p" + std::to_string(i)));
  clock_.time += 3 * hour;  // nobody looked meanwhile
  step();
  EXPECT_EQ(decided(engine::PageDecision::paged), 3);
  const auto told = poster_.with("alertname", "KetavigilUnverifiedFlood");
  ASSERT_FALSE(told.empty());
  for (const auto& alert : told) {
    const auto ends =
        events::parse_time(alert.value("endsAt", std::string("9999-01-01T00:00:00Z")));
    ASSERT_TRUE(ends.has_value());
    EXPECT_GT(ends->us, clock_.time);
  }
  poster_.clear();
  pass(hour);
  bool has_ended = false;
  for (const auto& alert : poster_.with("alertname", "KetavigilUnverifiedFlood"))
    has_ended =
        has_ended || events::parse_time(alert.at("endsAt").get<std::string>())->us <= clock_.time;
  EXPECT_TRUE(has_ended);
}

TEST(UnverifiedFloods, shards_behind_each_other_share_the_hours_limit) {
  UnverifiedFloods floods(3);
  const auto takes = [&](Microseconds when) { return floods.takes("c", when, noon + 26 * hour); };
  int paged = 0;
  // One shard's news of a day, and then another's of the same hours.
  for (const Microseconds when :
       {noon, noon + 1, noon + 24 * hour, noon + 2, noon + 3, noon + 24 * hour + 1})
    paged += takes(when) ? 1 : 0;
  EXPECT_EQ(paged, 5);
  // Lone, and older than the flood that came before it here.
  EXPECT_TRUE(takes(noon - 12 * hour));
}

TEST_F(PagerTest, restart_remembers_how_many_unverified_ones_were_paged) {
  push(exchanged("p0"));
  push(exchanged("p1"));
  step();
  open();
  push(exchanged("p2"));
  push(exchanged("p3"));
  step();
  EXPECT_EQ(decided(engine::PageDecision::paged), 1);
  EXPECT_EQ(decided(engine::PageDecision::folded), 1);
}

TEST_F(PagerTest, paged_case_stays_paged_when_it_says_more_days_later) {
  push(pressure("p", 225, noon - hour));
  step();
  const auto first = poster_.alerts().at(0);
  clock_.time += 80 * hour;
  push(pressure("p", 231, noon - hour, 2));
  poster_.clear();
  step();
  ASSERT_EQ(poster_.alerts().size(), 1U);
  EXPECT_EQ(poster_.alerts()[0].at("labels"), first.at("labels"));
  EXPECT_EQ(poster_.alerts()[0].at("startsAt"), first.at("startsAt"));
  EXPECT_EQ(decided(engine::PageDecision::historic), 0);
}

TEST_F(PagerTest, folded_case_that_is_verified_is_paged) {
  for (int i = 0; i < 5; ++i) push(exchanged("p" + std::to_string(i)));
  step();
  poster_.clear();
  push(pressure("p4", 225, noon - hour));
  step();
  const auto paged = poster_.with("alertname", "KetavigilCriticalCase");
  ASSERT_EQ(paged.size(), 1U);
  EXPECT_EQ(paged[0].at("annotations").at("verified"), "yes");
}

TEST_F(PagerTest, what_an_alertmanager_never_takes_does_not_hold_up_the_others) {
  push(pressure("p", 225, noon - hour));
  push(pressure("q", 225, noon - hour));
  push(pressure("r", 225, noon - hour));
  poster_.refuse_first_alert();
  step();
  EXPECT_EQ(poster_.alerts().size(), 2U);
  EXPECT_EQ(pager_->counts().ways.at("alertmanager").refused, 1U);
  EXPECT_TRUE(pager_->counts().ways.at("alertmanager").is_up);
}

TEST_F(PagerTest, without_a_way_out_cases_are_counted_and_none_is_paged_when_one_is_made) {
  settings_.alertmanagers.clear();
  open();
  push(pressure("p", 225, noon - hour));
  step();
  EXPECT_EQ(decided(engine::PageDecision::unsent), 1);
  settings_.alertmanagers = {"http://am"};
  open();
  pass(minute);
  EXPECT_TRUE(poster_.alerts().empty());
}

TEST_F(PagerTest, words_of_a_sender_and_pseudonyms_are_in_no_page) {
  push({{"source", "c"},
        {"id", "ae-secret"},
        {"patient", "p-secret"},
        {"kind", "adverse_event"},
        {"effective", events::print_utc(noon - hour)},
        {"name", "secret words"},
        {"text", "more secret words"},
        {"seriousness", {"death"}}});
  push(pressure("p-secret", 225, noon - hour));
  step();
  ASSERT_FALSE(poster_.alerts().empty());
  for (const auto& alert : poster_.alerts()) {
    EXPECT_EQ(alert.dump().find("secret"), std::string::npos) << alert.dump();
  }
}

}  // namespace
}  // namespace ketavigil::routing::pages
