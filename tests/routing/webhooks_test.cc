// Webhooks: each thing once, signed, again until it is taken, and never lost.
#include "routing/pages/webhooks.h"

#include "routing/pages/dead_letters.h"
#include "tests/routing/paged_programme.h"

namespace ketavigil::routing::pages {
namespace {

using events::Microseconds;
using events::second_us;
using nlohmann::json;
using test::hour;
using test::minute;
using test::noon;

const std::string hook = "http://hook";
const std::string secret = "0123456789abcdef";

class WebhooksTest : public test::PagedProgramme {
 protected:
  WebhooksTest() {
    settings_.alertmanagers.clear();
    settings_.webhooks = {{"one", hook, "", secret}};
    open();
  }
  // The events that a webhook took.
  [[nodiscard]] std::vector<std::string> events_at(const std::string& url = hook) const {
    std::vector<std::string> events;
    for (const auto& post : poster_.kept()) {
      if (post.url == url) events.push_back(json::parse(post.body).at("event"));
    }
    return events;
  }
  // Every dead letter, of all shards.
  [[nodiscard]] std::vector<ListedDelivery> dead() const {
    PagesOfStore listed;
    for (int number = 0; number < programme_->shards(); ++number)
      EXPECT_TRUE(list_pages(programme_->shard(number).store(), &listed).ok());
    std::erase_if(listed.deliveries, [](const auto& one) { return !one.is_dead; });
    return listed.deliveries;
  }
  std::size_t replay(const std::string& id) {
    const auto replayed = replay_dead_letters(programme_.get(), id);
    EXPECT_TRUE(replayed.ok());
    return replayed.ok() ? replayed.value() : 0;
  }
};

using Events = std::vector<std::string>;

TEST(Signature, is_the_hmac_of_time_and_body) {
  // openssl dgst -sha256 -hmac 0123456789abcdef over 1772625600.{"a":1}
  EXPECT_EQ(signature_of(secret, "1772625600", R"({"a":1})"),
            "v1=24e514a25656ff805dd8954851b221883498c0ffcb98a81de291835a24ccc4a7");
}

TEST_F(WebhooksTest, case_is_told_when_it_opens_when_it_says_more_and_when_it_ends_and_not_again) {
  push(pressure("p", 225, noon - hour));
  step();
  EXPECT_EQ(events_at(), Events({"opened"}));
  push(pressure("p", 225, noon - hour));  // a duplicate
  pass(10 * minute);
  EXPECT_EQ(events_at(), Events({"opened"}));
  push(pressure("p", 240, noon - hour, 2));
  pass(minute);
  EXPECT_EQ(events_at(), Events({"opened", "changed"}));
  push(pressure("p", 140, noon - hour, 3));
  pass(minute);
  EXPECT_EQ(events_at(), Events({"opened", "changed", "resolved"}));
  pass(hour);
  EXPECT_EQ(events_at().size(), 3U);
}

TEST_F(WebhooksTest, every_request_is_signed_with_the_time_it_is_sent) {
  poster_.fail(hook);
  push(pressure("p", 225, noon - hour));
  step();
  poster_.heal(hook);
  pass(10 * second_us);
  ASSERT_EQ(poster_.kept().size(), 1U);
  const auto& post = poster_.kept()[0];
  EXPECT_EQ(post.header("Ketavigil-Timestamp"), "1772625610");
  EXPECT_EQ(post.header("Ketavigil-Signature"), signature_of(secret, "1772625610", post.body));
  EXPECT_EQ(json::parse(post.body).at("labels").at("level"), "critical");
}

TEST_F(WebhooksTest, what_waits_survives_a_restart_with_the_same_bytes_and_id) {
  poster_.answer(hook, 503);
  push(pressure("p", 225, noon - hour));
  step();
  open();
  poster_.answer_well(hook);
  pass(second_us);
  EXPECT_EQ(events_at(), Events({"opened"}));
  EXPECT_FALSE(std::string(json::parse(poster_.kept()[0].body).at("id")).empty());
  EXPECT_TRUE(pager_->counts().ways.at("webhook").is_up);
}

TEST_F(WebhooksTest, what_is_never_taken_is_a_dead_letter_at_once_and_holds_up_nothing) {
  poster_.answer(hook, 422);
  push(pressure("p", 225, noon - hour));
  for (const char* other : {"q", "s", "t", "u"}) push(pressure(other, 225, noon - hour));
  step();
  ASSERT_EQ(dead().size(), 5U);
  EXPECT_EQ(dead()[0].delivery.error, "HTTP 422: as told");
  pass(10 * second_us);
  EXPECT_EQ(pager_->counts().dead_letters, 5U);
  poster_.answer_well(hook);
  push(pressure("r", 225, noon - hour));
  pass(minute);
  EXPECT_EQ(events_at(), Events({"opened"}));
}

TEST_F(WebhooksTest,
       wrong_address_is_waited_for_a_day_and_then_a_dead_letter_that_can_be_replayed) {
  poster_.answer(hook, 404);
  push(pressure("p", 225, noon - hour));
  step();
  pass(24 * hour);
  EXPECT_TRUE(dead().empty());
  EXPECT_FALSE(pager_->counts().ways.at("webhook").is_up);
  pass(301 * second_us);
  ASSERT_EQ(dead().size(), 1U);
  poster_.answer_well(hook);
  EXPECT_EQ(replay("no such id"), 0U);
  EXPECT_EQ(replay(dead()[0].id), 1U);
  pass(301 * second_us);
  EXPECT_EQ(events_at(), Events({"opened"}));
  EXPECT_TRUE(dead().empty());
}

TEST_F(WebhooksTest, one_that_fails_is_tried_after_1_2_4_and_at_most_300_seconds) {
  poster_.fail(hook);
  push(pressure("p", 225, noon - hour));
  step();
  std::vector<Microseconds> tried;
  std::size_t seen = poster_.posts();
  for (int second = 1; second <= 1200; ++second) {
    pass(second_us);
    if (poster_.posts() > seen) tried.push_back(second);
    seen = poster_.posts();
  }
  EXPECT_EQ(tried, (std::vector<Microseconds>{1, 3, 7, 15, 31, 63, 127, 255, 511, 811, 1111}));
}

TEST_F(WebhooksTest, one_that_fails_holds_up_no_other) {
  settings_.webhooks.push_back({"two", "http://other", "", secret});
  open();
  poster_.fail(hook);
  push(pressure("p", 225, noon - hour));
  step();
  EXPECT_EQ(events_at("http://other"), Events({"opened"}));
  EXPECT_EQ(pager_->counts().ways.at("webhook").waiting_seconds, 0);
  pass(minute);
  EXPECT_EQ(pager_->counts().ways.at("webhook").waiting_seconds, 60);
}

TEST_F(WebhooksTest, slow_one_holds_up_no_page_and_no_other_webhook) {
  settings_.webhooks.push_back({"two", "http://other", "", secret});
  settings_.alertmanagers = {"http://am"};
  open();
  poster_.slow_down(hook, &clock_.time, 3 * second_us);
  for (int i = 0; i < 20; ++i) push(pressure("p" + std::to_string(i), 225, noon - hour));
  const Microseconds begun = clock_.time;
  step();
  step();
  EXPECT_LE(clock_.time - begun, 8 * second_us);  // a step waits for one answer
  push(pressure("late", 225, noon - hour));
  step();
  EXPECT_EQ(poster_.with("alertname", "KetavigilCriticalCase").size(), 21U);
  for (int i = 0; i < 60; ++i) step();
  EXPECT_EQ(events_at().size(), 21U);
  EXPECT_EQ(events_at("http://other").size(), 21U);
}

TEST_F(WebhooksTest, flood_is_told_once_and_its_end) {
  for (int i = 0; i < 20; ++i) push(exchanged("p" + std::to_string(i)));
  step();
  EXPECT_EQ(events_at(), Events({"opened", "opened", "opened", "opened"}));
  push(exchanged("late"));
  pass(minute);
  EXPECT_EQ(events_at().size(), 4U);
  pass(hour);
  EXPECT_EQ(events_at().size(), 5U);
  EXPECT_EQ(events_at().back(), "resolved");
}

TEST_F(WebhooksTest, flood_is_not_told_anew_after_a_restart_and_its_end_is) {
  for (int i = 0; i < 6; ++i) push(exchanged("p" + std::to_string(i)));
  step();
  EXPECT_EQ(events_at().size(), 4U);
  open();
  push(exchanged("later"));
  pass(minute);
  EXPECT_EQ(events_at().size(), 4U);
  pass(hour);
  EXPECT_EQ(events_at().size(), 5U);
  EXPECT_EQ(events_at().back(), "resolved");
}

}  // namespace
}  // namespace ketavigil::routing::pages
