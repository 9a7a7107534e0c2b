// The log on Kafka, with a real broker: a worker that loses its disk is made anew from checkpoints
// and the log, and says the same as one that lost nothing; or refuses where the log has a gap.
#include <nlohmann/json.hpp>

#include "storage/checkpoint.h"
#include "tests/integration/topics.h"
#include "tests/integration/truncation.h"

namespace ketavigil::topics {
namespace {

const std::string other_settings = "detectors:\n  BP-2:\n    systolic_mmhg: 150\n";

class CheckpointTopics : public Topics {
 protected:
  std::string with_checkpoints(const std::string& prefix, int worker = 0, int workers = 1) const {
    return section(prefix, worker, workers) + "  checkpoints: {directory: \"" +
           checkpoints().string() + "\", every_minutes: 60}\n";
  }
  fs::path checkpoints() const { return own_.path() / "checkpoints"; }
  fs::path shard_checkpoints(int shard) const {
    return checkpoints() / ("shard-00" + std::to_string(shard));
  }
  static std::vector<storage::CheckpointName> listed(const fs::path& folder) {
    const auto names = storage::list_checkpoints(folder);
    EXPECT_TRUE(names.ok());
    return names.ok() ? names.value() : std::vector<storage::CheckpointName>();
  }
  bool wait_for_checkpoint_of_each_shard() const {
    for (int attempt = 0; attempt < 600; ++attempt) {
      int with_one = 0;
      for (int shard = 0; shard < shards; ++shard)
        with_one += listed(shard_checkpoints(shard)).empty() ? 0 : 1;
      if (with_one == shards) return true;
      std::this_thread::sleep_for(milliseconds(100));
    }
    return false;
  }
  // Where the newest checkpoint of a shard reads its events on.
  std::int64_t place_of_newest(int shard) const {
    const auto names = listed(shard_checkpoints(shard));
    if (names.empty()) return -1;
    const auto checkpoint = storage::read_checkpoint(names[0].path);
    EXPECT_TRUE(checkpoint.ok());
    const auto metadata = nlohmann::json::parse(checkpoint.value().metadata);
    return metadata.at("places").at("events").get<std::int64_t>();
  }
  // In a file of its own: the store may share it.
  static void flip_byte(const fs::path& path) {
    std::ifstream from(path, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(from), {}};
    from.close();
    bytes.at(bytes.size() / 2) ^= 0x5A;
    fs::remove(path);
    std::ofstream(path, std::ios::binary) << bytes;
  }
  static int count(const std::string& text, const std::string& part) {
    int found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
  }

  TemporaryFolder own_;
};

TEST_F(CheckpointTopics, law_a_and_b_a_lost_disk_is_rebuilt_from_checkpoint_and_log) {
  const fs::path data = own_.path() / "data";
  const auto slices = slices_of_events(own_.path(), 3);
  produce("restored.backfill", slices[0]);
  produce("restored.events", slices[1]);
  Service first(own_.path() / "w0", data, with_checkpoints("restored", 0, 2));
  Service second(own_.path() / "w1", data, with_checkpoints("restored", 1, 2));
  ASSERT_TRUE(first.start()) << first.log();
  ASSERT_TRUE(second.start()) << second.log();
  ASSERT_TRUE(wait_until_read({&first, &second}));
  ASSERT_TRUE(wait_for_checkpoint_of_each_shard()) << first.log();
  produce("restored.events", slices[2]);
  ASSERT_TRUE(wait_until_read({&first, &second}));
  EXPECT_NE(first.get("/metrics")->body.find("\nketavigil_checkpoint_written_total 2\n"),
            std::string::npos);
  first.kill();
  second.kill();
  fs::remove_all(data);
  // One of them is damaged: that shard comes from the log.
  flip_byte(listed(shard_checkpoints(1))[0].path / "acknowledged");
  ASSERT_TRUE(first.start()) << first.log();
  ASSERT_TRUE(second.start()) << second.log();
  ASSERT_TRUE(wait_until_read({&first, &second}));
  EXPECT_EQ(first.stop().exit_code, 0) << first.log();
  EXPECT_EQ(second.stop().exit_code, 0) << second.log();
  EXPECT_EQ(count(first.log(), "is restored from the checkpoint"), shards / 2) << first.log();
  EXPECT_EQ(count(second.log(), "is restored from the checkpoint"), shards / 2 - 1);
  EXPECT_EQ(count(second.log(), " warning the checkpoint"), 1) << second.log();
  Service undisturbed(own_.path() / "u", own_.path() / "undisturbed", section("restored"));
  ASSERT_TRUE(undisturbed.start()) << undisturbed.log();
  ASSERT_TRUE(wait_until_read({&undisturbed}));
  EXPECT_EQ(undisturbed.stop().exit_code, 0);
  EXPECT_EQ(answers(data), answers(loaded()));
  EXPECT_EQ(answers(data), answers(own_.path() / "undisturbed"));
  EXPECT_EQ(history(data), history(own_.path() / "undisturbed"));
  must_run({KETAVIGIL_BINARY, "verify", "--data", data.string()});
}

// The begin too: what the configuration says by then came later, and is an epoch of the log.
TEST_F(CheckpointTopics, law_a_and_b_a_lost_disk_is_rebuilt_from_the_log_alone) {
  produce("rebuilt.events");
  Service undisturbed(own_.path() / "u", own_.path() / "undisturbed", section("rebuilt"));
  ASSERT_TRUE(undisturbed.start()) << undisturbed.log();
  {
    Service worker(own_.path() / "w", own_.path() / "data", with_checkpoints("rebuilt"));
    ASSERT_TRUE(worker.start()) << worker.log();
    ASSERT_TRUE(wait_until_read({&worker, &undisturbed}));
    EXPECT_EQ(undisturbed.stop().exit_code, 0);
    worker.kill();
  }
  fs::remove_all(own_.path() / "data");
  for (int shard = 0; shard < shards; ++shard) fs::remove_all(shard_checkpoints(shard));
  Service worker(own_.path() / "w", own_.path() / "data",
                 with_checkpoints("rebuilt") + other_settings);
  ASSERT_TRUE(worker.start()) << worker.log();
  ASSERT_TRUE(wait_until_read({&worker}));
  EXPECT_EQ(worker.stop().exit_code, 0) << worker.log();
  EXPECT_EQ(count(worker.log(), "read from the log's beginning"), 2 * shards) << worker.log();
  Service changed(own_.path() / "u", own_.path() / "undisturbed",
                  section("rebuilt") + other_settings);
  ASSERT_TRUE(changed.start()) << changed.log();
  ASSERT_TRUE(wait_until_read({&changed}));
  EXPECT_EQ(changed.stop().exit_code, 0);
  EXPECT_EQ(answers(own_.path() / "data"), answers(own_.path() / "undisturbed"));
  const std::string told = history(own_.path() / "data");
  EXPECT_EQ(told, history(own_.path() / "undisturbed"));
  EXPECT_NE(told.find("\"reason\":\"configuration\""), std::string::npos);
}

TEST_F(CheckpointTopics, a_log_cut_up_to_the_checkpoint_is_enough_and_one_cut_beyond_is_refused) {
  const fs::path data = own_.path() / "data";
  const auto slices = slices_of_events(own_.path(), 2);
  Service worker(own_.path() / "w", data, with_checkpoints("truncated"));
  Service undisturbed(own_.path() / "u", own_.path() / "undisturbed", section("truncated"));
  ASSERT_TRUE(worker.start()) << worker.log();
  ASSERT_TRUE(undisturbed.start()) << undisturbed.log();
  produce("truncated.events", slices[0]);
  ASSERT_TRUE(wait_until_read({&worker}));
  ASSERT_TRUE(wait_for_checkpoint_of_each_shard()) << worker.log();
  produce("truncated.events", slices[1]);
  ASSERT_TRUE(wait_until_read({&worker, &undisturbed}));
  EXPECT_EQ(undisturbed.stop().exit_code, 0);
  worker.kill();
  fs::remove_all(data);
  for (int shard = 0; shard < shards; ++shard)
    truncate_topic(brokers_, "truncated.events", shard, place_of_newest(shard));
  ASSERT_TRUE(worker.start()) << worker.log();
  ASSERT_TRUE(wait_until_read({&worker}));
  EXPECT_EQ(worker.stop().exit_code, 0) << worker.log();
  EXPECT_EQ(answers(data), answers(own_.path() / "undisturbed"));
  EXPECT_EQ(history(data), history(own_.path() / "undisturbed"));

  fs::remove_all(data);
  const std::int64_t beyond = place_of_newest(2) + 1;
  truncate_topic(brokers_, "truncated.events", 2, beyond);
  std::string output;
  for (int attempt = 0; attempt < 2; ++attempt) {  // what is refused once stays refused
    const auto ended = test::run_program(
        {KETAVIGIL_BINARY, "serve", "--config", (own_.path() / "w/serve.yaml").string()}, &output);
    EXPECT_EQ(ended.exit_code, 3) << output;
    EXPECT_NE(
        output.find("truncated.events partition 2 begins at offset " + std::to_string(beyond)),
        std::string::npos)
        << output;
    EXPECT_NE(
        output.find("No checkpoint in " + shard_checkpoints(2).string() + " reaches that far"),
        std::string::npos)
        << output;
  }
  // Nor does the log alone do.
  fs::remove_all(data);
  fs::remove_all(checkpoints());
  const auto ended = test::run_program(
      {KETAVIGIL_BINARY, "serve", "--config", (own_.path() / "w/serve.yaml").string()}, &output);
  EXPECT_EQ(ended.exit_code, 3) << output;
  EXPECT_NE(output.find("There is no checkpoint in "), std::string::npos) << output;
}

TEST_F(CheckpointTopics, a_checkpoint_that_cannot_be_written_stops_nothing) {
  Service worker(own_.path() / "w", own_.path() / "data", with_checkpoints("unwritten"));
  ASSERT_TRUE(worker.start()) << worker.log();
  for (int shard = 0; shard < shards; ++shard) {
    fs::remove_all(shard_checkpoints(shard));
    std::ofstream(shard_checkpoints(shard)) << "in the way";
  }
  produce("unwritten.events");
  ASSERT_TRUE(wait_until_read({&worker}));
  const std::string failed =
      "\nketavigil_checkpoint_failures_total " + std::to_string(shards) + "\n";
  for (int attempt = 0; attempt < 300; ++attempt) {
    if (worker.get("/metrics")->body.find(failed) != std::string::npos) break;
    std::this_thread::sleep_for(milliseconds(100));
  }
  EXPECT_NE(worker.get("/metrics")->body.find(failed), std::string::npos);
  EXPECT_EQ(worker.get("/-/ready")->status, 200);
  EXPECT_EQ(worker.stop().exit_code, 0) << worker.log();
  EXPECT_EQ(count(worker.log(), "no checkpoint could be written"), shards) << worker.log();
  EXPECT_EQ(answers(own_.path() / "data"), answers(loaded()));
}

}  // namespace
}  // namespace ketavigil::topics
