// Checkpoints: what can be seen is whole, what is damaged is known before anything rests on it.
#include "storage/checkpoint.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "storage/files.h"
#include "support.h"

namespace ketavigil::storage {
namespace {

namespace fs = std::filesystem;

class CheckpointTest : public ::testing::Test {
 protected:
  CheckpointTest() : shard_(folder_ / "shard"), checkpoints_(folder_ / "checkpoints/shard") {}

  // A checkpoint of entries 1 to `last`, of which those that were not there are written.
  Checkpoint make(Store& store, std::uint64_t last, std::int64_t made_us = 5) {
    write_acknowledged(store, store.position().value() + 1, last);
    auto staged = stage_checkpoint(store);
    EXPECT_TRUE(staged.ok()) << staged.error().message;
    if (!staged.ok()) return {};
    auto made =
        write_checkpoint(staged.value(), {checkpoints_, made_us, describe_, nullptr}, resources_);
    EXPECT_TRUE(made.ok()) << made.status().error().message;
    return made.ok() ? made.value() : Checkpoint{};
  }

  // The live store may share the file: its bytes stay.
  static void flip_in_copy(const fs::path& path, std::uint64_t offset) {
    const std::string bytes = read_file(path);
    fs::remove(path);
    write_file(path, bytes);
    flip_byte(path, offset);
  }

  Status restore(const fs::path& checkpoint, const fs::path& to) {
    auto read = read_checkpoint(checkpoint);
    if (!read.ok()) return read.status();
    return restore_checkpoint(read.value(), to, resources_);
  }

  static std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }

  TemporaryFolder folder_;
  fs::path shard_;
  fs::path checkpoints_;
  Resources resources_{small_limits()};
  std::function<Result<std::string>(const Store&)> describe_;
};

TEST_F(CheckpointTest, holds_every_row_and_becomes_a_store_of_its_own) {
  auto store = open_or_fail(shard_, resources_);
  ASSERT_NE(store, nullptr);
  write_acknowledged(*store, 1, 50);
  ASSERT_TRUE(write_entry(*store, 51, Durability::buffered).ok());
  describe_ = [](const Store& copy) -> Result<std::string> {
    return R"({"rows":)" + std::to_string(copy.position().value()) + "}";
  };
  auto staged = stage_checkpoint(*store);
  ASSERT_TRUE(staged.ok()) << staged.error().message;
  write_acknowledged(*store, 52, 60);  // is not part of it any more
  ASSERT_TRUE(
      write_checkpoint(staged.value(), {checkpoints_, 7, describe_, nullptr}, resources_).ok());
  const auto found = list_checkpoints(checkpoints_);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found.value().size(), 1U);
  EXPECT_EQ(found.value()[0].position, 51U);
  EXPECT_EQ(found.value()[0].made_us, 7);
  const auto read = read_checkpoint(found.value()[0].path);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().metadata, R"({"rows":51})");
  const Status restored = restore(found.value()[0].path, folder_ / "again");
  ASSERT_TRUE(restored.ok()) << restored.error().message;
  auto again = open_or_fail(folder_ / "again", resources_);
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->acknowledged(), 50U);
  EXPECT_EQ(all_rows(*again).value(), expected_rows(51));
  write_acknowledged(*again, 52, 53);
  EXPECT_EQ(all_rows(*store).value(), expected_rows(60));
}

TEST_F(CheckpointTest, a_store_that_is_there_is_never_overwritten) {
  auto store = open_or_fail(shard_, resources_);
  ASSERT_NE(store, nullptr);
  const Checkpoint made = make(*store, 30);
  write_acknowledged(*store, 31, 40);
  store.reset();
  const Status restored = restore(made.path, shard_);
  EXPECT_FALSE(restored.ok());
  store = open_or_fail(shard_, resources_);
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(all_rows(*store).value(), expected_rows(40));
}

TEST_F(CheckpointTest, a_flipped_byte_in_any_file_is_found_and_nothing_is_restored) {
  auto store = open_or_fail(shard_, resources_);
  ASSERT_NE(store, nullptr);
  const Checkpoint made = make(*store, 200);
  ASSERT_GT(made.files.size(), 5U);
  std::vector<std::string> names = {"checkpoint.json"};
  for (const CheckpointFile& file : made.files) names.push_back(file.name);
  for (const std::string& name : names) {
    const auto bytes = fs::file_size(made.path / name);
    for (const std::uint64_t offset : {std::uint64_t{0}, bytes / 3, bytes - 1}) {
      const std::string whole = read_file(made.path / name);
      flip_in_copy(made.path / name, offset);
      const Status restored = restore(made.path, folder_ / "again");
      // White space of the manifest says nothing.
      if (!restored.ok()) EXPECT_EQ(restored.error().kind, ErrorKind::verification) << name;
      EXPECT_FALSE(restored.ok() && name != "checkpoint.json") << name << " at " << offset;
      if (restored.ok()) fs::remove_all(folder_ / "again");
      EXPECT_FALSE(fs::exists(folder_ / "again"));
      EXPECT_FALSE(fs::exists(folder_ / "again.restoring"));
      write_file(made.path / name, whole);
    }
    fs::rename(made.path / name, folder_ / "aside");
    const Status restored = restore(made.path, folder_ / "again");
    ASSERT_FALSE(restored.ok()) << name;
    EXPECT_EQ(restored.error().kind, ErrorKind::verification) << restored.error().message;
    fs::rename(folder_ / "aside", made.path / name);
  }
  const Status restored = restore(made.path, folder_ / "again");
  EXPECT_TRUE(restored.ok()) << restored.error().message;
  EXPECT_EQ(all_rows(*store).value(), expected_rows(200));
}

TEST_F(CheckpointTest, a_copy_that_is_not_what_the_store_was_gets_no_name) {
  auto store = open_or_fail(shard_, resources_);
  ASSERT_NE(store, nullptr);
  write_acknowledged(*store, 1, 200);
  auto staged = stage_checkpoint(*store);
  ASSERT_TRUE(staged.ok());
  const auto tables = files_like(staged.value().path(), "", ".sst");
  ASSERT_FALSE(tables.empty());
  flip_in_copy(tables[0], fs::file_size(tables[0]) / 2);
  EXPECT_FALSE(
      write_checkpoint(staged.value(), {checkpoints_, 7, nullptr, nullptr}, resources_).ok());
  EXPECT_TRUE(names_in(checkpoints_).empty());
}

TEST_F(CheckpointTest, the_newest_come_first_and_the_others_go) {
  auto store = open_or_fail(shard_, resources_);
  ASSERT_NE(store, nullptr);
  for (const std::uint64_t last : {9U, 10U, 100U}) make(*store, last);
  const Checkpoint newest = make(*store, 100, 6);
  auto found = list_checkpoints(checkpoints_);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found.value().size(), 4U);
  EXPECT_EQ(found.value()[0].path, newest.path);
  EXPECT_EQ(found.value()[3].position, 9U);
  // One that lies ahead of the newest of this owner is another's, and does not count.
  const Checkpoint ahead = make(*store, 120);
  ASSERT_TRUE(remove_old_checkpoints(newest, 2).ok());
  found = list_checkpoints(checkpoints_);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found.value().size(), 3U);
  EXPECT_EQ(found.value()[0].path, ahead.path);
  EXPECT_EQ(found.value()[1].path, newest.path);
  EXPECT_EQ(found.value()[2].made_us, 5);
  EXPECT_EQ(names_in(checkpoints_).size(), 3U);
  EXPECT_EQ(names_in(shard_), (std::vector<std::string>{"acknowledged", "store"}));
}

TEST_F(CheckpointTest, what_a_killed_writer_left_goes_after_a_day_and_not_before) {
  auto store = open_or_fail(shard_, resources_);
  ASSERT_NE(store, nullptr);
  const Checkpoint made = make(*store, 10);
  fs::create_directories(checkpoints_ / ".new-abcdef/store");
  fs::create_directories(checkpoints_ / ".new-ghijkl/store");
  const auto days_before = fs::last_write_time(made.path) - std::chrono::hours(25);
  fs::last_write_time(checkpoints_ / ".new-abcdef/store", days_before);
  fs::last_write_time(checkpoints_ / ".new-abcdef", days_before);
  fs::last_write_time(checkpoints_ / ".new-ghijkl", days_before);  // but its tables are new
  ASSERT_TRUE(remove_old_checkpoints(made, 1).ok());
  EXPECT_FALSE(fs::exists(checkpoints_ / ".new-abcdef"));
  EXPECT_TRUE(fs::exists(checkpoints_ / ".new-ghijkl"));
}

TEST_F(CheckpointTest, another_file_system_gets_a_copy) {
  std::string name = "/var/tmp/ketavigil-checkpoint-test-XXXXXX";
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  struct stat here {};
  struct stat there {};
  ASSERT_EQ(::stat(folder_.path().c_str(), &here), 0);
  ASSERT_EQ(::stat(name.c_str(), &there), 0);
  if (here.st_dev == there.st_dev) {
    fs::remove_all(name);
    GTEST_SKIP() << "there is one file system only";
  }
  auto store = open_or_fail(shard_, resources_);
  ASSERT_NE(store, nullptr);
  checkpoints_ = name;
  const Checkpoint made = make(*store, 100);
  for (const CheckpointFile& file : made.files)
    EXPECT_EQ(fs::hard_link_count(made.path / file.name), 1U) << file.name;
  const Status restored = restore(made.path, folder_ / "again");
  EXPECT_TRUE(restored.ok()) << restored.error().message;
  fs::remove_all(name);
}

TEST_F(CheckpointTest, a_writer_killed_anywhere_leaves_only_whole_checkpoints_to_be_seen) {
  std::uint64_t seen = 0;
  for (int round = 0; round < 12; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::execl("/proc/self/exe", "test_storage", kCheckpointCommand, shard_.c_str(),
              checkpoints_.c_str(), nullptr);
      ::_exit(99);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(150 + 37 * round));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
    const auto found = list_checkpoints(checkpoints_);
    ASSERT_TRUE(found.ok());
    EXPECT_LE(found.value().size(), 3U);
    for (const CheckpointName& checkpoint : found.value()) {
      ++seen;
      const fs::path again = folder_ / "again";
      const Status restored = restore(checkpoint.path, again);
      ASSERT_TRUE(restored.ok()) << restored.error().message;
      auto copy = open_or_fail(again, resources_);
      ASSERT_NE(copy, nullptr);
      EXPECT_EQ(copy->position().value(), checkpoint.position);
      EXPECT_EQ(all_rows(*copy).value(), expected_rows(checkpoint.position, kWriterTextBytes));
      copy.reset();
      fs::remove_all(again);
    }
  }
  EXPECT_GT(seen, 0U);
}

}  // namespace
}  // namespace ketavigil::storage
