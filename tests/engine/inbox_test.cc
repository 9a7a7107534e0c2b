// What was acknowledged and is not yet in the log.
#include "engine/inbox/inbox.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

namespace ketavigil::engine {
namespace {

namespace fs = std::filesystem;

class InboxTest : public testing::Test {
 protected:
  InboxTest() : folder_(fs::path(testing::TempDir()) / ("inbox-" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    options_.directory = folder_;
    options_.free_space_guard_bytes = 0;
  }
  ~InboxTest() override { fs::remove_all(folder_); }

  std::unique_ptr<Inbox> open() {
    auto inbox = Inbox::open(options_);
    EXPECT_TRUE(inbox.ok()) << inbox.error().message;
    return std::move(inbox).value();
  }
  static Entry event(const std::string& bytes) {
    Entry entry;
    entry.bytes = bytes;
    entry.patient = "p-" + bytes;
    entry.default_source = "clinic";
    return entry;
  }
  static std::string texts(const Inbox& inbox, std::uint64_t after = 0) {
    std::string all;
    const auto waiting = inbox.read(after, 1000, 1 << 20);
    EXPECT_TRUE(waiting.ok());
    for (const auto& one : waiting.value()) all += one.event.bytes + " ";
    return all;
  }

  fs::path folder_;
  InboxOptions options_;
};

TEST_F(InboxTest, promise_1_what_was_kept_is_there_in_its_order_after_it_was_opened_again) {
  {
    const auto inbox = open();
    ASSERT_TRUE(inbox->keep({event("a"), event("b")}).ok());
    ASSERT_TRUE(inbox->keep({event("c")}).ok());
    const auto first = inbox->read(0, 1, 1 << 20);
    ASSERT_TRUE(first.ok());
    EXPECT_EQ(first.value().at(0).event.patient, "p-a");
    EXPECT_EQ(first.value().at(0).event.default_source, "clinic");
    ASSERT_TRUE(inbox->erase_up_to(first.value().at(0).place).ok());
  }
  const auto inbox = open();
  EXPECT_EQ(texts(*inbox), "b c ");
  EXPECT_EQ(inbox->waiting(), 2U);
}

TEST_F(InboxTest, a_place_is_never_used_twice_though_nothing_waits_any_more) {
  std::uint64_t last = 0;
  {
    const auto inbox = open();
    ASSERT_TRUE(inbox->keep({event("a"), event("b")}).ok());
    last = inbox->read(0, 10, 1 << 20).value().back().place;
    ASSERT_TRUE(inbox->erase_up_to(last).ok());
    EXPECT_EQ(inbox->waiting(), 0U);
  }
  const auto inbox = open();
  EXPECT_EQ(inbox->waiting(), 0U);
  ASSERT_TRUE(inbox->keep({event("c")}).ok());
  EXPECT_GT(inbox->read(0, 10, 1 << 20).value().at(0).place, last);
  EXPECT_EQ(texts(*inbox, last), "c ");
}

TEST_F(InboxTest, with_too_many_waiting_nothing_is_kept_and_it_goes_on_when_some_have_gone) {
  options_.events_max = 2;
  const auto inbox = open();
  ASSERT_TRUE(inbox->keep({event("a"), event("b")}).ok());
  EXPECT_FALSE(inbox->keep({event("c")}).ok());
  EXPECT_FALSE(inbox->check_room().ok());
  EXPECT_EQ(texts(*inbox), "a b ");
  ASSERT_TRUE(inbox->erase_up_to(1).ok());
  EXPECT_TRUE(inbox->keep({event("c")}).ok());
  EXPECT_EQ(texts(*inbox), "b c ");
}

TEST_F(InboxTest, threads_that_keep_at_once_lose_nothing_while_another_takes_out) {
  const auto inbox = open();
  constexpr int threads = 4;
  constexpr int each = 50;
  std::vector<std::thread> keeping;
  for (int thread = 0; thread < threads; ++thread) {
    keeping.emplace_back([&, thread] {
      for (int i = 0; i < each; ++i) {
        EXPECT_TRUE(inbox->keep({event(std::to_string(thread) + "-" + std::to_string(i))}).ok());
      }
    });
  }
  std::uint64_t place = 0;
  int taken = 0;
  while (taken < threads * each) {
    const auto some = inbox->read(place, 7, 1 << 20);
    ASSERT_TRUE(some.ok());
    for (const auto& one : some.value()) {
      EXPECT_EQ(one.place, place + 1);
      place = one.place;
      ++taken;
    }
    ASSERT_TRUE(inbox->erase_up_to(place).ok());
  }
  for (auto& thread : keeping) thread.join();
  EXPECT_EQ(inbox->waiting(), 0U);
}

}  // namespace
}  // namespace ketavigil::engine
