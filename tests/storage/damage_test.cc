// Damaged stores: each is refused, or says so when read, or holds every row. None is ever short.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "storage/crc32c.h"
#include "storage/files.h"
#include "storage/keys.h"
#include "storage/log_file.h"
#include "storage/recovery_check.h"
#include "support.h"

namespace ketavigil::storage {
namespace {

enum class Outcome { refused, told, whole, short_of_rows };

class DamageTest : public ::testing::Test {
 protected:
  DamageTest() : shard_(folder_ / "shard"), trial_(folder_ / "trial") {}

  void copy_to_trial() {
    std::filesystem::remove_all(trial_);
    std::filesystem::copy(shard_, trial_, std::filesystem::copy_options::recursive);
  }

  Outcome open_trial(const Rows& expected) {
    const auto store = Store::open(options_for(trial_), resources_);
    if (!store.ok()) return Outcome::refused;
    const Result<Rows> rows = all_rows(*store.value());
    if (!rows.ok()) return Outcome::told;
    return rows.value() == expected ? Outcome::whole : Outcome::short_of_rows;
  }

  Outcome read_trial(const Rows& expected) {
    const auto store = Store::open_reader(trial_, resources_);
    if (!store.ok()) return Outcome::refused;
    const Result<Rows> rows = all_rows(*store.value());
    if (!rows.ok()) return Outcome::told;
    return rows.value() == expected ? Outcome::whole : Outcome::short_of_rows;
  }

  std::filesystem::path in_trial(const std::filesystem::path& file) const {
    return rocksdb_path(trial_) / file.filename();
  }

  TemporaryFolder folder_;
  std::filesystem::path shard_;
  std::filesystem::path trial_;
  Resources resources_{small_limits()};
};

/// About `count` offsets over a file, with all of its first and last bytes.
std::vector<std::uint64_t> offsets_over(std::uint64_t bytes, std::uint64_t count,
                                        std::uint64_t edges) {
  std::vector<std::uint64_t> offsets;
  const std::uint64_t step = std::max<std::uint64_t>(bytes / count, 1);
  for (std::uint64_t offset = 0; offset < bytes; ++offset) {
    if (offset < edges || offset + edges >= bytes || offset % step == 0) offsets.push_back(offset);
  }
  return offsets;
}

TEST_F(DamageTest, a_flipped_byte_before_the_acknowledged_position_of_the_log_is_refused) {
  {
    auto store = open_or_fail(shard_, resources_);
    ASSERT_NE(store, nullptr);
    write_acknowledged(*store, 1, 300);
  }
  const auto logs = files_like(shard_, "", ".log");
  ASSERT_EQ(logs.size(), 1U);
  const auto bytes = std::filesystem::file_size(logs[0]);
  ASSERT_GT(bytes, 65536U) << "more than two blocks";
  const Rows expected = expected_rows(300);
  for (const std::uint64_t offset : offsets_over(bytes, 100, 60)) {
    copy_to_trial();
    flip_byte(in_trial(logs[0]), offset);
    const auto damaged = listing(trial_);
    EXPECT_EQ(open_trial(expected), Outcome::refused) << offset;
    EXPECT_EQ(listing(trial_), damaged) << "a refusal changes nothing: " << offset;
    flip_byte(in_trial(logs[0]), offset);
    if (offset % 7 == 0) {
      EXPECT_EQ(open_trial(expected), Outcome::whole) << offset;
    }
  }
}

TEST_F(DamageTest, a_reader_refuses_a_flipped_byte_in_the_log_too) {
  {
    auto store = open_or_fail(shard_, resources_);
    ASSERT_NE(store, nullptr);
    write_acknowledged(*store, 1, 300);
  }
  const auto logs = files_like(shard_, "", ".log");
  ASSERT_EQ(logs.size(), 1U);
  const auto bytes = std::filesystem::file_size(logs[0]);
  for (const std::uint64_t offset : offsets_over(bytes, 12, 8)) {
    copy_to_trial();
    flip_byte(in_trial(logs[0]), offset);
    EXPECT_EQ(read_trial(expected_rows(300)), Outcome::refused) << offset;
  }
}

TEST_F(DamageTest, a_log_cut_before_the_acknowledged_position_is_refused) {
  {
    auto store = open_or_fail(shard_, resources_);
    ASSERT_NE(store, nullptr);
    write_acknowledged(*store, 1, 300);
  }
  const auto logs = files_like(shard_, "", ".log");
  const auto bytes = std::filesystem::file_size(logs.at(0));
  for (const std::uint64_t length : offsets_over(bytes, 15, 3)) {
    copy_to_trial();
    std::filesystem::resize_file(in_trial(logs[0]), length);
    EXPECT_EQ(open_trial(expected_rows(300)), Outcome::refused) << length;
  }
  copy_to_trial();
  std::filesystem::remove(in_trial(logs[0]));
  EXPECT_EQ(open_trial(expected_rows(300)), Outcome::refused);
}

// What a power loss may leave: any damage behind the last sync. All that was acknowledged is there,
// and of the rest a beginning.
TEST_F(DamageTest, damage_behind_the_acknowledged_position_drops_only_what_comes_after_it) {
  std::uint64_t acknowledged_bytes = 0;
  {
    auto store = open_or_fail(shard_, resources_);
    ASSERT_NE(store, nullptr);
    write_acknowledged(*store, 1, 100);
    acknowledged_bytes = static_cast<std::uint64_t>(store->sizes().value().log_bytes);
    for (std::uint64_t position = 101; position <= 200; ++position) {
      ASSERT_TRUE(write_entry(*store, position, Durability::buffered).ok());
    }
  }
  const auto logs = files_like(shard_, "", ".log");
  const auto bytes = std::filesystem::file_size(logs.at(0));
  int dropped = 0;
  const auto judge = [&](const std::string& what) {
    auto store = Store::open(options_for(trial_), resources_);
    ASSERT_TRUE(store.ok()) << what << ": " << store.error().message;
    const std::uint64_t position = store.value()->position().value();
    EXPECT_GE(position, 100U) << what;
    EXPECT_LE(position, 200U) << what;
    EXPECT_EQ(all_rows(*store.value()).value(), expected_rows(position)) << what;
    if (position < 200) ++dropped;
    // (A log cut exactly between two records looks like one that ends there.)
    const bool told = !store.value()->recovery_note().empty();
    EXPECT_TRUE(told == (position < 200) || what.rfind("cut", 0) == 0) << what;
    // And life goes on.
    write_acknowledged(*store.value(), position + 1, position + 3);
    store.value().reset();
    EXPECT_EQ(open_trial(expected_rows(position + 3)), Outcome::whole) << what;
  };
  for (const std::uint64_t offset : offsets_over(bytes - acknowledged_bytes, 15, 2)) {
    const std::string where = std::to_string(offset);
    copy_to_trial();
    flip_byte(in_trial(logs[0]), acknowledged_bytes + offset);
    judge("flipped " + where);
    copy_to_trial();
    std::filesystem::resize_file(in_trial(logs[0]), acknowledged_bytes + offset);
    judge("cut " + where);
    copy_to_trial();  // pages that never reached the disk
    std::string text = read_file(in_trial(logs[0]));
    const std::size_t end = std::min<std::size_t>(acknowledged_bytes + offset + 4096, text.size());
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(acknowledged_bytes + offset),
              text.begin() + static_cast<std::ptrdiff_t>(end), '\0');
    write_file(in_trial(logs[0]), text);
    judge("zeroed " + where);
  }
  EXPECT_GT(dropped, 30);
}

/// A RocksDB log file of `records`, as its writer makes it.
std::string log_file_of(const std::vector<std::string>& records) {
  constexpr std::size_t kBlock = 32768;
  constexpr std::size_t kHeader = 7;
  std::string file;
  for (const std::string& record : records) {
    std::string_view left = record;
    bool first = true;
    do {
      const std::size_t room = kBlock - file.size() % kBlock;
      if (room < kHeader) {
        file.append(room, '\0');
        continue;
      }
      const std::string_view part = left.substr(0, std::min(left.size(), room - kHeader));
      left.remove_prefix(part.size());
      const char type = first ? (left.empty() ? 1 : 2) : (left.empty() ? 4 : 3);
      const std::uint32_t crc = crc32c_extend(crc32c(std::string_view(&type, 1)), part);
      const std::uint32_t masked = ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
      for (int shift = 0; shift < 32; shift += 8)
        file.push_back(static_cast<char>(masked >> shift));
      file.push_back(static_cast<char>(part.size() & 0xFF));
      file.push_back(static_cast<char>(part.size() >> 8));
      file.push_back(type);
      file.append(part);
      first = false;
    } while (!left.empty() || first);
  }
  return file;
}

std::vector<std::string> records_of(const std::filesystem::path& log) {
  std::vector<std::string> records;
  EXPECT_TRUE(read_log_file(log, [&](std::string_view r) { records.emplace_back(r); }).ok());
  return records;
}

// Two logs, as after a switch, with records missing at the end of the first: RocksDB alone opens
// this and says nothing.
TEST_F(DamageTest,
       a_hole_between_two_logs_is_refused_or_where_nothing_acknowledged_is_lost_dropped) {
  {
    auto store = open_or_fail(shard_, resources_);
    ASSERT_NE(store, nullptr);
    write_acknowledged(*store, 1, 50);
    for (std::uint64_t position = 51; position <= 100; ++position) {
      ASSERT_TRUE(write_entry(*store, position, Durability::buffered).ok());
    }
  }
  const auto log = files_like(shard_, "", ".log").at(0);
  const std::vector<std::string> records = records_of(log);
  ASSERT_EQ(records.size(), 100U);
  ASSERT_EQ(log_file_of(records), read_file(log)) << "the test writes logs as RocksDB does";
  const auto second = rocksdb_path(trial_) / "000900.log";
  const auto lay_out = [&](std::size_t end_of_first, std::size_t start_of_second) {
    copy_to_trial();
    const auto at = [&](std::size_t i) { return records.begin() + static_cast<std::ptrdiff_t>(i); };
    write_file(in_trial(log), log_file_of({records.begin(), at(end_of_first)}));
    write_file(second, log_file_of({at(start_of_second), records.end()}));
  };
  lay_out(60, 60);
  EXPECT_EQ(open_trial(expected_rows(100)), Outcome::whole);
  lay_out(60, 61);
  EXPECT_EQ(open_trial(expected_rows(60)), Outcome::whole) << "the rest was not acknowledged";
  lay_out(50, 90);
  EXPECT_EQ(open_trial(expected_rows(50)), Outcome::whole);
  // Acknowledged records are gone, and what follows them would raise the position again.
  for (const auto& [end, start] :
       std::vector<std::pair<std::size_t, std::size_t>>{{49, 50}, {20, 30}, {1, 99}}) {
    lay_out(end, start);
    EXPECT_EQ(open_trial(expected_rows(100)), Outcome::refused) << end << " " << start;
    EXPECT_EQ(read_trial(expected_rows(100)), Outcome::refused) << end << " " << start;
  }
}

TEST_F(DamageTest, a_hole_behind_flushed_rows_is_refused) {
  {
    auto store = open_or_fail(shard_, resources_);
    ASSERT_NE(store, nullptr);
    write_acknowledged(*store, 1, 5);
    // Until the facts are flushed by themselves: the other families then need the first log.
    std::uint64_t position = 6;
    const auto flushed = [&] {
      return store->sizes().value().families[family_index(Family::facts)].file_bytes > 0;
    };
    while (!flushed()) {
      ASSERT_LT(position, 20000U);
      ASSERT_TRUE(write_entry(*store, position++, Durability::buffered, 2000).ok());
    }
    for (int i = 0; i < 10; ++i) {
      ASSERT_TRUE(write_entry(*store, position++, Durability::buffered, 2000).ok());
    }
  }
  const auto logs = files_like(shard_, "", ".log");
  ASSERT_GE(logs.size(), 2U);
  std::vector<std::string> records = records_of(logs[0]);
  ASSERT_GT(records.size(), 20U);
  records.resize(records.size() - 5);
  copy_to_trial();
  write_file(in_trial(logs[0]), log_file_of(records));  // ends whole, but early
  EXPECT_EQ(open_trial({}), Outcome::refused);
  copy_to_trial();
  flip_byte(in_trial(logs[0]), std::filesystem::file_size(logs[0]) - 3000);
  EXPECT_EQ(open_trial({}), Outcome::refused);
}

TEST_F(DamageTest, a_flipped_byte_in_an_sst_is_refused_or_told_or_harmless) {
  {
    auto store = open_or_fail(shard_, resources_);
    ASSERT_NE(store, nullptr);
    write_acknowledged(*store, 1, 300);
    ASSERT_TRUE(store->flush().ok());
  }
  const Rows expected = expected_rows(300);
  int noticed = 0;
  const auto files = files_like(shard_, "", ".sst");
  ASSERT_GE(files.size(), 4U);
  for (const auto& file : files) {
    for (const std::uint64_t offset : offsets_over(std::filesystem::file_size(file), 15, 3)) {
      copy_to_trial();
      flip_byte(in_trial(file), offset);
      const Outcome outcome = open_trial(expected);
      EXPECT_NE(outcome, Outcome::short_of_rows) << file << " " << offset;
      noticed += outcome == Outcome::whole ? 0 : 1;
      if (outcome != Outcome::whole) continue;
      // Harmless to this scan: a filter, a property. `verify` still finds it.
      auto store = open_or_fail(trial_, resources_);
      ASSERT_NE(store, nullptr);
      EXPECT_FALSE(store->verify_checksums().ok()) << file << " " << offset;
    }
  }
  EXPECT_GT(noticed, 20);
}

TEST_F(DamageTest, a_missing_or_shortened_sst_is_refused) {
  {
    auto store = open_or_fail(shard_, resources_);
    ASSERT_NE(store, nullptr);
    write_acknowledged(*store, 1, 100);
    ASSERT_TRUE(store->flush().ok());
  }
  for (const auto& file : files_like(shard_, "", ".sst")) {
    copy_to_trial();
    std::filesystem::remove(in_trial(file));
    EXPECT_EQ(open_trial(expected_rows(100)), Outcome::refused);
    copy_to_trial();
    std::filesystem::resize_file(in_trial(file), std::filesystem::file_size(file) - 1);
    EXPECT_EQ(open_trial(expected_rows(100)), Outcome::refused);
  }
}

TEST_F(DamageTest, a_flipped_byte_in_the_manifest_or_current_is_refused) {
  {
    auto store = open_or_fail(shard_, resources_);
    ASSERT_NE(store, nullptr);
    write_acknowledged(*store, 1, 100);
    ASSERT_TRUE(store->flush().ok());
    write_acknowledged(*store, 101, 150);
  }
  const auto manifests = files_like(shard_, "MANIFEST", "");
  ASSERT_EQ(manifests.size(), 1U);
  const auto bytes = std::filesystem::file_size(manifests[0]);
  for (const std::uint64_t offset : offsets_over(bytes, 150, 40)) {
    copy_to_trial();
    flip_byte(in_trial(manifests[0]), offset);
    EXPECT_EQ(open_trial(expected_rows(150)), Outcome::refused) << offset << " of " << bytes;
  }
  const auto current = rocksdb_path(shard_) / "CURRENT";
  for (std::uint64_t offset = 0; offset < std::filesystem::file_size(current); ++offset) {
    copy_to_trial();
    flip_byte(in_trial(current), offset);
    EXPECT_EQ(open_trial(expected_rows(150)), Outcome::refused) << offset;
  }
}

// The witness knows how long the MANIFEST was at the last acknowledgement; here it has grown since.
TEST_F(DamageTest, damage_in_a_manifest_behind_what_the_witness_knows_is_refused_too) {
  {
    auto store = open_or_fail(shard_, resources_);
    ASSERT_NE(store, nullptr);
    write_acknowledged(*store, 1, 100);
    ASSERT_TRUE(store->flush().ok());
  }
  const auto manifest = files_like(shard_, "MANIFEST", "").at(0);
  const auto bytes = std::filesystem::file_size(manifest);
  const auto known = Witness::read(witness_path(shard_)).value()->manifest_bytes;
  ASSERT_LT(known, bytes);
  for (std::uint64_t offset = known; offset < bytes; ++offset) {
    if (offset % 5 != 0 && offset + 120 < bytes) continue;
    copy_to_trial();
    flip_byte(in_trial(manifest), offset);
    EXPECT_EQ(open_trial(expected_rows(100)), Outcome::refused) << offset << " of " << bytes;
    copy_to_trial();
    std::string text = read_file(in_trial(manifest));
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(offset), text.end(), '\0');
    if (text == read_file(manifest)) continue;  // it ends in 0 anyway
    write_file(in_trial(manifest), text);
    EXPECT_EQ(open_trial(expected_rows(100)), Outcome::refused) << "zeroed from " << offset;
  }
}

TEST_F(DamageTest, a_manifest_that_lost_its_end_is_refused) {
  {
    auto store = open_or_fail(shard_, resources_);
    ASSERT_NE(store, nullptr);
    write_acknowledged(*store, 1, 100);
    ASSERT_TRUE(store->flush().ok());
    write_acknowledged(*store, 101, 150);
  }
  const auto manifest = files_like(shard_, "MANIFEST", "").at(0);
  const auto bytes = std::filesystem::file_size(manifest);
  for (std::uint64_t lost = 1; lost < bytes; lost += 1 + lost / 3) {
    copy_to_trial();
    std::filesystem::resize_file(in_trial(manifest), bytes - lost);
    EXPECT_EQ(open_trial(expected_rows(150)), Outcome::refused) << lost;
    copy_to_trial();
    std::string text = read_file(in_trial(manifest));
    std::fill(text.end() - static_cast<std::ptrdiff_t>(lost), text.end(), '\0');
    write_file(in_trial(manifest), text);
    EXPECT_EQ(open_trial(expected_rows(150)), Outcome::refused) << "zeroed " << lost;
  }
}

TEST_F(DamageTest, verify_reads_a_whole_store_and_finds_a_damaged_log_under_a_running_one) {
  auto store = open_or_fail(shard_, resources_);
  ASSERT_NE(store, nullptr);
  write_acknowledged(*store, 1, 100);
  ASSERT_TRUE(store->flush().ok());
  write_acknowledged(*store, 101, 150);
  const Status whole = store->verify_checksums();
  EXPECT_TRUE(whole.ok()) << whole.error().message;
  const auto log = files_like(shard_, "", ".log").back();
  flip_byte(log, std::filesystem::file_size(log) / 2);
  EXPECT_FALSE(store->verify_checksums().ok());
}

}  // namespace
}  // namespace ketavigil::storage
