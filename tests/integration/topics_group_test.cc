// The log on Kafka, with a real broker: partitions placed by the group's coordinator.
#include <random>
#include <set>

#include "tests/integration/topics.h"

namespace ketavigil::topics {
namespace {

class GroupTopics : public Topics {
 protected:
  static std::string group_section(const std::string& prefix, int member) {
    return "engine:\n  tick_seconds: 86400\nkafka:\n  brokers: " + brokers_ +
           "\n  prefix: " + prefix + "\n  placement: group\n  member: member-" +
           std::to_string(member) + "\n  session_timeout_seconds: 6\n";
  }
  // Until each shard has a worker, and each of these is placed and has read everything.
  static bool wait_until_placed_and_read(const std::vector<Service*>& workers) {
    const auto until = std::chrono::steady_clock::now() + seconds(in_campaign ? 3600 : 120);
    while (std::chrono::steady_clock::now() < until) {
      double placed = 0;
      for (Service* worker : workers) placed += metric(worker, "ketavigil_topic_shards");
      if (placed == shards) return wait_until_read(workers);
      std::this_thread::sleep_for(milliseconds(500));
    }
    return false;
  }
  // All at once: nobody is given what another has left.
  static void stop_together(const std::vector<Service*>& workers) {
    for (Service* worker : workers) ::kill(worker->child(), SIGTERM);
    for (Service* worker : workers) EXPECT_EQ(worker->wait_for_end(60)->exit_code, 0);
  }
  // The shards of several workers as one data directory: each must be kept by exactly one.
  static void gather(const std::vector<Service*>& workers, const fs::path& target) {
    fs::create_directories(target);
    std::set<std::string> kept;
    for (Service* worker : workers) {
      fs::copy(worker->data() / "programme.json", target, fs::copy_options::overwrite_existing);
      for (const auto& entry : fs::directory_iterator(worker->data())) {
        const std::string name = entry.path().filename().string();
        const bool given_up = fs::exists(entry.path().string() + ".given-up");
        if (!entry.is_directory() || !name.starts_with("shard-") || given_up) continue;
        EXPECT_TRUE(kept.insert(name).second) << name << " is kept twice";
        fs::copy(entry.path(), target / name, fs::copy_options::recursive);
      }
    }
    EXPECT_EQ(kept.size(), static_cast<std::size_t>(shards));
  }
};

TEST_F(GroupTopics, law_b_workers_that_a_group_places_anew_at_any_moment_write_one_history) {
  const TemporaryFolder own;
  const int count = in_campaign ? 4 : 2;
  const int rounds = in_campaign ? 30 : 2;
  std::vector<std::unique_ptr<Service>> workers;
  std::vector<Service*> all;
  for (int member = 0; member < count; ++member) {
    workers.push_back(std::make_unique<Service>(own.path() / ("w" + std::to_string(member)),
                                                group_section("grouped", member)));
    all.push_back(workers.back().get());
    ASSERT_TRUE(workers.back()->start()) << workers.back()->log();
  }
  const auto slices = slices_of_events(own.path(), rounds);
  std::mt19937 random(5);
  for (int round = 0; round < rounds; ++round) {
    std::thread producing([&] { produce("grouped.events", slices[round]); });
    std::this_thread::sleep_for(milliseconds(50 + random() % (in_campaign ? 3000 : 300)));
    Service& victim = *workers[random() % workers.size()];
    const int accident = round % 4;
    if (accident == 0) {
      victim.kill();
    } else if (accident ==
               1) {  // away for longer than the session: it comes back, and is not in it
      ::kill(victim.child(), SIGSTOP);
      std::this_thread::sleep_for(seconds(9));
      ::kill(victim.child(), SIGCONT);
    } else if (accident == 2) {
      EXPECT_EQ(victim.stop().exit_code, 0) << victim.log();
    } else {  // its partitions go to others before it comes back
      victim.kill();
      std::this_thread::sleep_for(seconds(8));
    }
    if (!victim.is_running()) ASSERT_TRUE(victim.start()) << victim.log();
    producing.join();
  }
  ASSERT_TRUE(wait_until_placed_and_read(all));
  stop_together(all);
  gather(all, own.path() / "gathered");
  Service alone(own.path() / "alone", section("grouped"));
  ASSERT_TRUE(alone.start()) << alone.log();
  ASSERT_TRUE(wait_until_read({&alone}));
  alone.stop();
  EXPECT_EQ(answers(own.path() / "gathered"), answers(loaded()));
  EXPECT_EQ(history(own.path() / "gathered"), history(alone.data()));
}

TEST_F(GroupTopics, a_second_process_with_the_name_of_a_member_ends_the_first_with_the_reason) {
  const TemporaryFolder own;
  Service first(own.path() / "first", group_section("twice", 0));
  Service second(own.path() / "second", group_section("twice", 0));
  ASSERT_TRUE(first.start()) << first.log();
  ASSERT_TRUE(wait_until_placed_and_read({&first}));
  ASSERT_TRUE(second.start()) << second.log();
  const auto ended = first.wait_for_end(30);
  ASSERT_TRUE(ended) << first.log();
  EXPECT_EQ(ended->exit_code, 3);
  EXPECT_NE(first.log().find("another process is the same member of the group"), std::string::npos)
      << first.log();
  ASSERT_TRUE(wait_until_placed_and_read({&second}));
  EXPECT_EQ(second.stop().exit_code, 0) << second.log();
}

TEST_F(GroupTopics, two_workers_that_a_group_places_do_not_share_a_directory) {
  const TemporaryFolder own;
  Service first(own.path() / "first", own.path() / "data", group_section("twice", 1));
  Service second(own.path() / "second", own.path() / "data", group_section("twice", 2));
  ASSERT_TRUE(first.start()) << first.log();
  EXPECT_FALSE(second.start());
  EXPECT_NE(second.log().find("needs a directory of its own"), std::string::npos) << second.log();
}

}  // namespace
}  // namespace ketavigil::topics
