#include "storage/witness.h"

#include <gtest/gtest.h>

#include <string>

#include "storage/files.h"
#include "support.h"

namespace ketavigil::storage {
namespace {

class WitnessTest : public ::testing::Test {
 protected:
  WitnessTest() : file_(folder_ / "acknowledged") {}
  TemporaryFolder folder_;
  std::filesystem::path file_;
};

TEST_F(WitnessTest, the_last_record_is_what_is_read) {
  auto witness = Witness::create(file_, {0, 3, 0, 0});
  ASSERT_TRUE(witness.ok()) << witness.error().message;
  for (std::uint64_t position = 4; position < 20; ++position) {
    ASSERT_TRUE(witness.value().record({0, position, position + 1, position + 2}).ok());
    const auto read = Witness::read(file_).value();
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->position, position);
    EXPECT_EQ(read->manifest_number, position + 1);
    EXPECT_EQ(read->manifest_bytes, position + 2);
    EXPECT_EQ(Witness::open(file_).value().current().position, position);
  }
}

TEST_F(WitnessTest, a_write_torn_anywhere_leaves_the_record_before_it) {
  auto witness = Witness::create(file_, {0, 7, 0, 0});
  ASSERT_TRUE(witness.ok());
  ASSERT_TRUE(witness.value().record({0, 8, 0, 0}).ok());
  const std::string before = read_file(file_);
  ASSERT_TRUE(witness.value().record({0, 9, 0, 0}).ok());
  const std::string after = read_file(file_);
  ASSERT_NE(before, after);
  const auto first = std::mismatch(before.begin(), before.end(), after.begin()).first;
  const auto start = static_cast<std::size_t>(first - before.begin()) / 4096 * 4096;
  int torn = 0;
  for (std::size_t cut = start; cut < start + 44; ++cut) {
    write_file(file_, after.substr(0, cut) + before.substr(cut));
    const std::uint64_t position = Witness::read(file_).value()->position;
    const bool is_whole = after.substr(0, cut) + before.substr(cut) == after;
    EXPECT_EQ(position, is_whole ? 9U : 8U) << cut;
    torn += is_whole ? 0 : 1;
    // And the next one goes to the torn slot, not over the whole one.
    ASSERT_TRUE(Witness::open(file_).value().record({0, 10, 0, 0}).ok());
    EXPECT_EQ(Witness::read(file_).value()->position, 10U);
  }
  EXPECT_GT(torn, 20);
}

TEST_F(WitnessTest, every_flipped_byte_of_both_records_is_noticed) {
  auto witness = Witness::create(file_, {0, 7, 1, 1});
  ASSERT_TRUE(witness.ok());
  ASSERT_TRUE(witness.value().record({0, 8, 1, 1}).ok());
  const std::string whole = read_file(file_);
  for (std::size_t i = 0; i < 44; ++i) {
    std::string bytes = whole;
    bytes[4096 + i] ^= 0x10;
    write_file(file_, bytes);
    EXPECT_EQ(Witness::read(file_).value()->position, 7U) << i;
    bytes[i] ^= 0x10;
    write_file(file_, bytes);
    EXPECT_FALSE(Witness::read(file_).ok()) << i;
    EXPECT_FALSE(Witness::open(file_).ok()) << i;
  }
}

TEST_F(WitnessTest, a_short_file_is_refused_and_a_missing_one_is_told_apart) {
  EXPECT_FALSE(Witness::read(file_).value().has_value());
  EXPECT_FALSE(Witness::open(file_).ok());
  ASSERT_TRUE(Witness::create(file_, {}).ok());
  const std::string whole = read_file(file_);
  for (const std::size_t length : {0, 1, 44, 4096, 8191}) {
    write_file(file_, whole.substr(0, length));
    EXPECT_FALSE(Witness::read(file_).ok()) << length;
    EXPECT_FALSE(Witness::open(file_).ok()) << length;
  }
}

class WitnessedStoreTest : public ::testing::Test {
 protected:
  WitnessedStoreTest() : shard_(folder_ / "shard") {}

  void make(std::uint64_t last, std::uint64_t first = 1) {
    auto store = open_or_fail(shard_, resources_);
    ASSERT_NE(store, nullptr);
    write_acknowledged(*store, first, last);
  }

  TemporaryFolder folder_;
  std::filesystem::path shard_;
  Resources resources_{small_limits()};
};

TEST_F(WitnessedStoreTest, only_what_is_synced_can_be_acknowledged) {
  auto store = open_or_fail(shard_, resources_);
  ASSERT_NE(store, nullptr);
  EXPECT_FALSE(store->acknowledge(1).ok());
  ASSERT_TRUE(write_entry(*store, 1, Durability::buffered).ok());
  EXPECT_FALSE(store->acknowledge(1).ok());
  EXPECT_EQ(store->acknowledged(), 0U);
  ASSERT_TRUE(store->sync().ok());
  EXPECT_TRUE(store->acknowledge(1).ok());
  EXPECT_EQ(store->acknowledged(), 1U);
  ASSERT_TRUE(write_entry(*store, 5, Durability::synced).ok());
  EXPECT_TRUE(store->acknowledge(5).ok());
  EXPECT_TRUE(store->acknowledge(2).ok());
  EXPECT_EQ(store->acknowledged(), 5U);
}

TEST_F(WitnessedStoreTest, a_store_behind_its_witness_is_refused_with_both_numbers) {
  make(40);
  std::filesystem::copy(rocksdb_path(shard_), folder_ / "old",
                        std::filesystem::copy_options::recursive);
  make(90, 41);
  std::filesystem::remove_all(rocksdb_path(shard_));
  std::filesystem::rename(folder_ / "old", rocksdb_path(shard_));
  const auto untouched = listing(shard_);
  const std::string words = refusal(shard_, resources_);
  EXPECT_NE(words.find("40"), std::string::npos) << words;
  EXPECT_NE(words.find("90"), std::string::npos) << words;
  EXPECT_NE(words.find("restore"), std::string::npos) << words;
  EXPECT_EQ(listing(shard_), untouched);
  EXPECT_FALSE(Store::open_reader(shard_, resources_).ok());
}

TEST_F(WitnessedStoreTest, a_flushed_store_behind_its_witness_is_refused_with_both_numbers) {
  make(40);
  {
    auto store = open_or_fail(shard_, resources_);
    ASSERT_NE(store, nullptr);
    ASSERT_TRUE(store->flush().ok());
  }
  auto witness = Witness::open(witness_path(shard_));
  ASSERT_TRUE(witness.ok());
  WitnessRecord record = witness.value().current();
  record.position = 41;
  ASSERT_TRUE(witness.value().record(record).ok());
  const std::string words = refusal(shard_, resources_);
  EXPECT_NE(words.find("position 40, but position 41"), std::string::npos) << words;
}

TEST_F(WitnessedStoreTest, a_missing_witness_beside_a_written_store_is_refused) {
  make(5);
  std::filesystem::remove(witness_path(shard_));
  EXPECT_NE(refusal(shard_, resources_).find("witness"), std::string::npos);
  EXPECT_FALSE(Store::open_reader(shard_, resources_).ok());
  EXPECT_FALSE(std::filesystem::exists(witness_path(shard_)));
}

TEST_F(WitnessedStoreTest, a_missing_witness_beside_an_unwritten_store_is_made) {
  ASSERT_NE(open_or_fail(shard_, resources_), nullptr);
  std::filesystem::remove(witness_path(shard_));
  ASSERT_NE(open_or_fail(shard_, resources_), nullptr);
  EXPECT_TRUE(std::filesystem::exists(witness_path(shard_)));
}

TEST_F(WitnessedStoreTest, a_witness_without_a_store_never_becomes_an_empty_store) {
  make(5);
  std::filesystem::remove_all(rocksdb_path(shard_));
  EXPECT_NE(refusal(shard_, resources_).find("not started empty"), std::string::npos);
  std::filesystem::create_directory(rocksdb_path(shard_));
  EXPECT_NE(refusal(shard_, resources_).find("not started empty"), std::string::npos);
}

TEST_F(WitnessedStoreTest, rows_without_current_never_become_an_empty_store) {
  make(5);
  std::filesystem::remove(rocksdb_path(shard_) / "CURRENT");
  std::filesystem::remove(witness_path(shard_));
  EXPECT_NE(refusal(shard_, resources_).find("CURRENT is missing"), std::string::npos);
}

TEST_F(WitnessedStoreTest, a_damaged_witness_is_refused) {
  make(5);
  write_file(witness_path(shard_), std::string(8192, 'x'));
  EXPECT_NE(refusal(shard_, resources_).find("neither of its two records"), std::string::npos);
}

}  // namespace
}  // namespace ketavigil::storage
