// A shard that is not here is restored from a checkpoint of this programme, or from the log.
#include "engine/shard/checkpoints.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "engine/shard/programme.h"

namespace ketavigil::engine {
namespace {

namespace fs = std::filesystem;

class FixedClock : public Clock {
 public:
  [[nodiscard]] Microseconds now() const override { return now_; }
  void pass(Microseconds time) { now_ += time; }

 private:
  Microseconds now_ = 1'790'000'000'000'000;
};

class CheckpointsOfProgramme : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "ketavigil-checkpoints-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    options_.directory = folder_ / "data";
    options_.create = true;
    options_.log = LogOrigin::topics;
    options_.shards = 2;
    options_.free_space_guard_bytes = 0;
    CheckpointSettings& checkpoints = options_.checkpoints.emplace();
    checkpoints.directory = folder_ / "checkpoints";
    checkpoints.log_name = "cluster ketavigil";
    checkpoints.tell = [this](bool warning, const std::string& text) {
      (warning ? warnings_ : notes_).push_back(text);
    };
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::unique_ptr<Programme> open() {
    auto programme = Programme::open(options_, clock_);
    EXPECT_TRUE(programme.ok()) << programme.status().error().message;
    return programme.ok() ? std::move(programme).value() : nullptr;
  }
  std::string refusal() {
    const auto programme = Programme::open(options_, clock_);
    if (programme.ok()) return "";
    EXPECT_EQ(programme.error().kind, ErrorKind::configuration);
    return programme.error().message;
  }
  // Entries of shard 0, as if read from its topic.
  void append(Programme& programme, int count) {
    Shard& shard = programme.shard(0);
    for (int i = 0; i < count; ++i) {
      clock_.pass(1'000'000);
      shard.note_place(Feed::events, shard.place(Feed::events) + 1);
      ASSERT_TRUE(shard.append_tick(clock_.now()).ok());
    }
    ASSERT_TRUE(shard.make_durable().ok());
  }
  // A programme with checkpoints of shard 0 at these positions; then the data directory is lost.
  void lose_after(const std::vector<int>& positions) {
    auto programme = open();
    ASSERT_NE(programme, nullptr);
    ASSERT_TRUE(programme->acquire(0).ok());
    int before = 0;
    for (const int position : positions) {
      append(*programme, position - before);
      before = position;
      const auto made = programme->write_checkpoint(0, {});
      ASSERT_TRUE(made.ok()) << made.error().message;
      EXPECT_EQ(made.value().position, static_cast<std::uint64_t>(position));
    }
    programme.reset();
    fs::remove_all(options_.directory);
    notes_.clear();
  }
  std::vector<fs::path> checkpoints() {
    std::vector<fs::path> paths;
    const auto names = storage::list_checkpoints(folder_ / "checkpoints/shard-000");
    EXPECT_TRUE(names.ok());
    for (const auto& name : names.value()) paths.push_back(name.path);
    return paths;
  }
  static void flip_byte(const fs::path& path, std::size_t offset) {
    std::ifstream from(path, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(from), {}};
    from.close();
    bytes.at(offset) = static_cast<char>(bytes.at(offset) ^ 0x5A);
    fs::remove(path);
    std::ofstream(path, std::ios::binary) << bytes;
  }
  static bool says(const std::vector<std::string>& texts, const std::string& part) {
    return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
      return text.find(part) != std::string::npos;
    });
  }

  fs::path folder_;
  FixedClock clock_;
  ProgrammeOptions options_;
  std::vector<std::string> notes_;
  std::vector<std::string> warnings_;
};

TEST_F(CheckpointsOfProgramme, a_lost_shard_is_restored_from_the_newest_and_two_are_kept) {
  lose_after({3, 5, 9});
  EXPECT_EQ(checkpoints().size(), 2U);
  auto programme = open();
  ASSERT_NE(programme, nullptr);
  ASSERT_TRUE(programme->acquire(0).ok());
  ASSERT_TRUE(programme->acquire(1).ok());
  EXPECT_EQ(programme->shard(0).position(), 9U);
  EXPECT_EQ(programme->shard(0).place(Feed::events), 9U);
  EXPECT_EQ(programme->shard(1).position(), 0U);
  EXPECT_TRUE(says(notes_, "restored from the checkpoint")) << notes_.size();
  EXPECT_TRUE(says(notes_, "read from the log's beginning")) << notes_.size();
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(CheckpointsOfProgramme, a_damaged_one_is_named_and_the_next_older_is_used) {
  lose_after({3, 5});
  const auto paths = checkpoints();
  ASSERT_EQ(paths.size(), 2U);
  flip_byte(paths[0] / "acknowledged", 20);
  auto programme = open();
  ASSERT_NE(programme, nullptr);
  ASSERT_TRUE(programme->acquire(0).ok());
  EXPECT_EQ(programme->shard(0).position(), 3U);
  EXPECT_TRUE(says(warnings_, paths[0].string() + " is damaged")) << warnings_.size();
  // It is not kept in place of a good one when new ones are written.
  append(*programme, 1);
  ASSERT_TRUE(programme->write_checkpoint(0, {}).ok());
  append(*programme, 5);
  ASSERT_TRUE(programme->write_checkpoint(0, {}).ok());
  const auto now = checkpoints();
  ASSERT_EQ(now.size(), 2U);
  EXPECT_EQ(std::find(now.begin(), now.end(), paths[0]), now.end());
}

TEST_F(CheckpointsOfProgramme, where_all_are_damaged_the_log_is_read_from_its_beginning) {
  lose_after({3});
  flip_byte(checkpoints()[0] / "checkpoint.json", 40);
  auto programme = open();
  ASSERT_NE(programme, nullptr);
  ASSERT_TRUE(programme->acquire(0).ok());
  EXPECT_EQ(programme->shard(0).position(), 0U);
  EXPECT_EQ(warnings_.size(), 1U);
}

TEST_F(CheckpointsOfProgramme, one_of_another_programme_is_refused) {
  lose_after({3});
  const ProgrammeOptions ours = options_;
  options_.checkpoints->log_name = "cluster other";
  EXPECT_NE(refusal().find("of the log `cluster ketavigil`"), std::string::npos);
  options_ = ours;
  options_.shards = 3;
  EXPECT_NE(refusal().find("of a programme of 2 partitions"), std::string::npos);
  options_ = ours;
  // Put among the checkpoints of another programme, or of another shard.
  const fs::path one = checkpoints()[0];
  options_.checkpoints->directory = folder_ / "others";
  options_.checkpoints->log_name = "cluster other";
  for (const char* shard : {"shard-000", "shard-001"}) {
    fs::create_directories(folder_ / "others" / shard);
    fs::copy(one, folder_ / "others" / shard / one.filename(), fs::copy_options::recursive);
  }
  auto programme = open();
  ASSERT_NE(programme, nullptr);
  const Status acquired = programme->acquire(0);
  ASSERT_FALSE(acquired.ok());
  EXPECT_EQ(acquired.error().kind, ErrorKind::configuration);
  EXPECT_FALSE(fs::exists(shard_path(options_.directory, 0)));
  programme.reset();
  options_ = ours;
  fs::create_directories(folder_ / "checkpoints/shard-001");
  fs::copy(one, folder_ / "checkpoints/shard-001" / one.filename(), fs::copy_options::recursive);
  programme = open();
  ASSERT_NE(programme, nullptr);
  const Status wrong_shard = programme->acquire(1);
  ASSERT_FALSE(wrong_shard.ok());
  EXPECT_NE(wrong_shard.error().message.find("of shard 0"), std::string::npos);
}

TEST_F(CheckpointsOfProgramme, two_owners_at_once_write_into_one_directory) {
  options_.checkpoints->keep = 3;
  ProgrammeOptions others = options_;
  others.directory = folder_ / "other data";
  auto one = open();
  auto opened = Programme::open(others, clock_);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  const auto other = std::move(opened).value();
  for (Programme* programme : {one.get(), other.get()}) {
    ASSERT_TRUE(programme->acquire(0).ok());
    append(*programme, 4);
  }
  const auto write = [](Programme* programme) {
    for (int i = 0; i < 8; ++i) {
      const auto made = programme->write_checkpoint(0, {});
      EXPECT_TRUE(made.ok()) << made.status().error().message;
    }
  };
  std::thread beside(write, other.get());
  write(one.get());
  beside.join();
  const auto paths = checkpoints();
  EXPECT_GE(paths.size(), 3U);
  for (const fs::path& path : paths) {
    storage::Resources resources;
    const auto read = storage::read_checkpoint(path);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_TRUE(
        storage::restore_checkpoint(read.value(), folder_ / path.filename(), resources).ok());
  }
}

TEST_F(CheckpointsOfProgramme, a_shard_can_be_released_while_its_checkpoint_is_written) {
  auto programme = open();
  ASSERT_NE(programme, nullptr);
  ASSERT_TRUE(programme->acquire(0).ok());
  append(*programme, 4);
  // Asked between two files, when the store is not needed any more.
  bool released = false;
  const auto made = programme->write_checkpoint(0, [&] {
    if (!released) EXPECT_TRUE(programme->release(0).ok());
    released = true;
    return false;
  });
  EXPECT_TRUE(made.ok()) << made.status().error().message;
  EXPECT_TRUE(released);
  EXPECT_FALSE(programme->owns(0));
  const auto given_up = programme->write_checkpoint(0, {});
  ASSERT_FALSE(given_up.ok());
  EXPECT_EQ(given_up.error().kind, ErrorKind::usage);
}

// What the configuration says by then is an epoch of the log, never the begin.
TEST_F(CheckpointsOfProgramme, who_lost_everything_begins_with_what_the_programme_began_with) {
  lose_after({3});
  const std::string identity = fold_identity({});
  Settings changed;
  ASSERT_TRUE(detectors::set_parameter(&changed.parameters, "BP-2", "systolic_mmhg", 150).ok());
  options_.settings = changed;
  auto programme = open();
  ASSERT_NE(programme, nullptr);
  EXPECT_EQ(read_programme_file(options_.directory).value().identity, identity);
  for (const int shard : {0, 1}) {
    ASSERT_TRUE(programme->acquire(shard).ok());
    EXPECT_EQ(programme->identity_in_force(shard).value(), identity);
    EXPECT_EQ(settings_text(programme->shard(shard).configured().settings), settings_text({}));
  }
  // A directory that began otherwise would tell another history.
  programme.reset();
  options_.directory = folder_ / "elsewhere";
  const CheckpointSettings settings = *options_.checkpoints;
  options_.checkpoints.reset();
  ASSERT_NE(open(), nullptr);
  options_.checkpoints = settings;
  EXPECT_NE(refusal().find("began with other settings"), std::string::npos);
}

TEST_F(CheckpointsOfProgramme, a_damaged_shard_is_refused_with_the_way_on_and_never_replaced) {
  lose_after({5});
  auto programme = open();
  ASSERT_NE(programme, nullptr);
  ASSERT_TRUE(programme->acquire(0).ok());
  append(*programme, 2);
  programme.reset();
  const fs::path place = shard_path(options_.directory, 0);
  fs::remove(place / "store/CURRENT");
  programme = open();
  ASSERT_NE(programme, nullptr);
  const Status acquired = programme->acquire(0);
  ASSERT_FALSE(acquired.ok());
  EXPECT_NE(acquired.error().message.find("move " + place.string() + " away"), std::string::npos)
      << acquired.error().message;
  fs::rename(place, folder_ / "aside");
  ASSERT_TRUE(programme->acquire(0).ok());
  EXPECT_EQ(programme->shard(0).position(), 5U);
}

TEST_F(CheckpointsOfProgramme, the_directory_of_data_is_no_place_for_them) {
  options_.checkpoints->directory = options_.directory / "checkpoints";
  EXPECT_NE(refusal().find("lies in the data directory"), std::string::npos);
}

TEST_F(CheckpointsOfProgramme, the_way_back_names_the_one_that_reaches_far_enough_or_says_none) {
  lose_after({3, 5});
  auto programme = open();
  ASSERT_NE(programme, nullptr);
  EXPECT_NE(programme->way_back(0, Feed::events, 5).find("far enough"), std::string::npos);
  EXPECT_NE(programme->way_back(0, Feed::events, 6).find("none is used"), std::string::npos);
  EXPECT_NE(programme->way_back(0, Feed::backfill, 1).find("none is used"), std::string::npos);
  EXPECT_NE(programme->way_back(1, Feed::events, 5).find("There is no checkpoint"),
            std::string::npos);
}

}  // namespace
}  // namespace ketavigil::engine
