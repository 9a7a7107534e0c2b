#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

#include "storage/files.h"
#include "storage/keys.h"
#include "support.h"

namespace ketavigil::storage {
namespace {

class ReaderTest : public ::testing::Test {
 protected:
  ReaderTest() : shard_(folder_ / "shard") {
    // Readers make their own folder here, so that what is left over can be seen.
    std::filesystem::create_directory(folder_ / "tmp");
    ::setenv("TMPDIR", (folder_ / "tmp").c_str(), 1);
  }
  ~ReaderTest() override { ::unsetenv("TMPDIR"); }

  TemporaryFolder folder_;
  std::filesystem::path shard_;
  Resources resources_{small_limits()};
};

TEST_F(ReaderTest, a_reader_beside_a_writer_sees_all_that_was_acknowledged_and_writes_nothing) {
  auto writer = open_or_fail(shard_, resources_);
  ASSERT_NE(writer, nullptr);
  write_acknowledged(*writer, 1, 100);
  ASSERT_TRUE(writer->flush().ok());
  write_acknowledged(*writer, 101, 150);
  const auto before = listing(shard_);
  {
    auto reader = Store::open_reader(shard_, resources_);
    ASSERT_TRUE(reader.ok()) << reader.error().message;
    EXPECT_EQ(reader.value()->acknowledged(), 150U);
    EXPECT_EQ(reader.value()->position().value(), 150U);
    EXPECT_EQ(all_rows(*reader.value()).value(), expected_rows(150));
    std::vector<std::optional<std::string>> values;
    ASSERT_TRUE(
        reader.value()
            ->multi_get(Family::log, {encode_u64(5), encode_u64(150), encode_u64(151)}, &values)
            .ok());
    EXPECT_TRUE(values[0] && values[1] && !values[2]);
    EXPECT_TRUE(reader.value()->verify_checksums().ok());
    // Nor does it need anything that a kill would leave behind.
    EXPECT_TRUE(std::filesystem::is_empty(folder_ / "tmp"));
  }
  EXPECT_EQ(listing(shard_), before);
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "tmp"));
}

TEST_F(ReaderTest, a_reader_stands_still_until_it_catches_up) {
  auto writer = open_or_fail(shard_, resources_);
  ASSERT_NE(writer, nullptr);
  write_acknowledged(*writer, 1, 10);
  auto reader = Store::open_reader(shard_, resources_);
  ASSERT_TRUE(reader.ok()) << reader.error().message;
  write_acknowledged(*writer, 11, 30);
  ASSERT_TRUE(writer->flush().ok());
  write_acknowledged(*writer, 31, 40);
  const Snapshot now = reader.value()->snapshot();
  EXPECT_EQ(all_rows(*reader.value()).value(), expected_rows(10));
  const Status status = reader.value()->catch_up();
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(all_rows(*reader.value()).value(), expected_rows(40));
  EXPECT_FALSE(writer->catch_up().ok());
}

TEST_F(ReaderTest, a_reader_refuses_everything_that_writes) {
  auto writer = open_or_fail(shard_, resources_);
  ASSERT_NE(writer, nullptr);
  write_acknowledged(*writer, 1, 3);
  auto opened = Store::open_reader(shard_, resources_);
  ASSERT_TRUE(opened.ok());
  Store& reader = *opened.value();
  EXPECT_FALSE(write_entry(reader, 4, Durability::buffered).ok());
  EXPECT_FALSE(reader.sync().ok());
  EXPECT_FALSE(reader.flush().ok());
  EXPECT_FALSE(reader.acknowledge(2).ok());
  EXPECT_FALSE(reader.checkpoint(folder_ / "copy").ok());
}

TEST_F(ReaderTest, a_reader_of_nothing_is_refused_and_makes_nothing) {
  const auto reader = Store::open_reader(folder_ / "none", resources_);
  ASSERT_FALSE(reader.ok());
  EXPECT_NE(reader.error().message.find("no store"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "none"));
}

TEST_F(ReaderTest, a_reader_of_a_store_nobody_writes_leaves_it_as_it_is) {
  {
    auto writer = open_or_fail(shard_, resources_);
    ASSERT_NE(writer, nullptr);
    write_acknowledged(*writer, 1, 20);
  }
  const auto before = listing(shard_);
  {
    auto reader = Store::open_reader(shard_, resources_);
    ASSERT_TRUE(reader.ok()) << reader.error().message;
    EXPECT_EQ(all_rows(*reader.value()).value(), expected_rows(20));
  }
  EXPECT_EQ(listing(shard_), before);
}

// Flushes delete logs under the readers all the time here; every view must be whole.
TEST_F(ReaderTest, readers_of_a_busy_store_see_every_row_up_to_their_position) {
  auto writer = open_or_fail(shard_, resources_);
  ASSERT_NE(writer, nullptr);
  constexpr std::size_t kTextBytes = 1000;
  constexpr int readers = KETAVIGIL_SANITIZED ? 5 : 15;
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> acknowledged{0};
  std::thread writing([&] {
    for (std::uint64_t position = 1; !stop; ++position) {
      if (!write_entry(*writer, position, Durability::buffered, kTextBytes).ok()) break;
      if (position % 20 != 0) continue;
      if (!writer->sync().ok() || !writer->acknowledge(position).ok()) break;
      acknowledged = position;
      if (position % 300 == 0 && !writer->flush().ok()) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  int whole = 0;
  for (int i = 0; i < readers; ++i) {
    const std::uint64_t at_least = acknowledged;
    auto reader = Store::open_reader(shard_, resources_);
    if (!reader.ok()) {
      EXPECT_NE(reader.error().message.find("too fast"), std::string::npos)
          << reader.error().message;
      continue;
    }
    const std::uint64_t position = reader.value()->position().value();
    EXPECT_GE(position, at_least);
    const Result<Rows> rows = all_rows(*reader.value());
    ASSERT_TRUE(rows.ok()) << rows.error().message;
    EXPECT_TRUE(rows.value() == expected_rows(position, kTextBytes)) << position;
    ++whole;
  }
  stop = true;
  writing.join();
  EXPECT_GT(whole, readers / 2);
}

}  // namespace
}  // namespace ketavigil::storage
