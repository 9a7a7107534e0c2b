#include "storage/store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "storage/files.h"
#include "storage/keys.h"
#include "support.h"

namespace ketavigil::storage {
namespace {

/// A store as RocksDB alone sees it.
struct RawStore {
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  ~RawStore() {
    for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
  }
};

/// Runs `write_until_killed` in another process, kills it when it has told of `entries` more, and
/// gives the last position that it told of as acknowledged.
std::uint64_t run_writer_and_kill_it(const std::string& shard, int entries) {
  int told[2];
  if (::pipe(told) != 0) return 0;
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(told[1], STDOUT_FILENO);
    ::execl("/proc/self/exe", "test_storage", kWriterCommand, shard.c_str(), nullptr);
    ::_exit(99);
  }
  ::close(told[1]);
  std::uint64_t last = 0;
  std::uint64_t position = 0;
  std::uint64_t first = 0;
  while (::read(told[0], &position, sizeof(position)) == sizeof(position)) {
    if (first == 0) first = position;
    last = position;
    if (last >= first + static_cast<std::uint64_t>(entries)) break;
  }
  ::kill(child, SIGKILL);
  while (::read(told[0], &position, sizeof(position)) == sizeof(position)) last = position;
  ::close(told[0]);
  ::waitpid(child, nullptr, 0);
  EXPECT_GT(last, 0U);
  return last;
}

class StoreTest : public ::testing::Test {
 protected:
  TemporaryFolder folder_;
  Resources resources_{small_limits()};
};

TEST_F(StoreTest, a_batch_is_written_whole_over_all_families_and_survives_reopening) {
  {
    auto store = open_or_fail(folder_ / "shard", resources_);
    ASSERT_NE(store, nullptr);
    Batch batch(*store);
    for (std::size_t i = 0; i < kFamilyCount; ++i) {
      batch.put(static_cast<Family>(i), "key", std::string(kFamilyNames[i]));
    }
    batch.put(Family::facts, "gone", "1");
    batch.erase(Family::facts, "gone");
    EXPECT_EQ(batch.size(), static_cast<std::int64_t>(kFamilyCount + 2));
    ASSERT_TRUE(store->write(std::move(batch), Durability::synced).ok());
  }
  auto store = open_or_fail(folder_ / "shard", resources_);
  ASSERT_NE(store, nullptr);
  const Result<Rows> rows = all_rows(*store);
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows.value().size(), kFamilyCount);
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    EXPECT_EQ(rows.value().at({static_cast<Family>(i), "key"}), kFamilyNames[i]);
  }
}

TEST_F(StoreTest, a_batch_without_room_or_too_large_or_going_back_changes_nothing) {
  auto store = open_or_fail(folder_ / "shard", resources_);
  ASSERT_NE(store, nullptr);
  write_acknowledged(*store, 1, 5);
  EXPECT_FALSE(write_entry(*store, 4, Durability::buffered).ok());
  Batch huge(*store);
  const std::string part(std::size_t{1} << 20, 'x');
  for (int i = 0; i <= 128; ++i) huge.put(Family::facts, encode_u64(i), part);
  EXPECT_FALSE(store->write(std::move(huge), Durability::buffered).ok());
  EXPECT_EQ(all_rows(*store).value(), expected_rows(5));
}

TEST_F(StoreTest, get_and_multi_get_tell_absent_from_empty) {
  auto store = open_or_fail(folder_ / "shard", resources_);
  ASSERT_NE(store, nullptr);
  Batch batch(*store);
  batch.put(Family::cells, "empty", "");
  batch.put(Family::cells, "full", "value");
  ASSERT_TRUE(store->write(std::move(batch), Durability::buffered).ok());
  std::string value;
  bool found = true;
  ASSERT_TRUE(store->get(Family::cells, "absent", &value, &found).ok());
  EXPECT_FALSE(found);
  ASSERT_TRUE(store->get(Family::cells, "empty", &value, &found).ok());
  EXPECT_TRUE(found);
  EXPECT_EQ(value, "");
  std::vector<std::optional<std::string>> values;
  ASSERT_TRUE(store->multi_get(Family::cells, {"full", "absent", "empty", "full"}, &values).ok());
  EXPECT_EQ(values, (std::vector<std::optional<std::string>>{"value", std::nullopt, "", "value"}));
}

TEST_F(StoreTest, a_scan_keeps_to_its_bounds_and_moves_both_ways) {
  auto store = open_or_fail(folder_ / "shard", resources_);
  ASSERT_NE(store, nullptr);
  Batch batch(*store);
  for (const char* key : {"a", "b1", "b2", "b3", "c"}) batch.put(Family::facts, key, key);
  ASSERT_TRUE(store->write(std::move(batch), Durability::buffered).ok());
  Cursor rows = store->scan(Family::facts, "b", prefix_end("b"));
  std::string seen;
  for (; rows.valid(); rows.next()) seen.append(rows.key()).push_back(' ');
  EXPECT_TRUE(rows.status().ok());
  EXPECT_EQ(seen, "b1 b2 b3 ");
  rows.seek_last();
  ASSERT_TRUE(rows.valid());
  EXPECT_EQ(rows.key(), "b3");
  rows.prev();
  EXPECT_EQ(rows.key(), "b2");
  rows.seek("b25");
  EXPECT_EQ(rows.key(), "b3");
  rows.seek_first();
  EXPECT_EQ(rows.key(), "b1");
  rows.prev();
  EXPECT_FALSE(rows.valid());
  EXPECT_TRUE(rows.status().ok());
  const Cursor moved = std::move(rows);
  EXPECT_FALSE(moved.valid());
}

TEST_F(StoreTest, a_snapshot_does_not_see_what_is_written_later) {
  auto store = open_or_fail(folder_ / "shard", resources_);
  ASSERT_NE(store, nullptr);
  write_acknowledged(*store, 1, 3);
  const Snapshot before = store->snapshot();
  write_acknowledged(*store, 4, 9);
  ASSERT_TRUE(store->flush().ok());
  std::string value;
  bool found = false;
  ASSERT_TRUE(store->get(Family::meta, kPositionKey, &value, &found, &before).ok());
  EXPECT_EQ(value, encode_u64(3));
  std::size_t rows = 0;
  Cursor cursor = store->scan(Family::log, "", "", &before);
  for (; cursor.valid(); cursor.next()) ++rows;
  EXPECT_TRUE(cursor.status().ok());
  EXPECT_EQ(rows, 3U);
  std::vector<std::optional<std::string>> values;
  ASSERT_TRUE(store->multi_get(Family::log, {encode_u64(3), encode_u64(4)}, &values, &before).ok());
  EXPECT_TRUE(values[0].has_value());
  EXPECT_FALSE(values[1].has_value());
}

TEST_F(StoreTest, a_second_writer_is_told_in_plain_words_that_the_store_is_in_use) {
  auto store = open_or_fail(folder_ / "shard", resources_);
  ASSERT_NE(store, nullptr);
  EXPECT_NE(refusal(folder_ / "shard", resources_).find("is in use by this very process"),
            std::string::npos);
}

TEST_F(StoreTest, a_store_that_another_process_holds_names_that_process) {
  const auto shard = folder_ / "shard";
  ASSERT_NE(open_or_fail(shard, resources_), nullptr);
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {  // holds the lock as RocksDB does, until it is killed
    const int lock = ::open((rocksdb_path(shard) / "LOCK").c_str(), O_RDWR);
    struct flock request {};
    request.l_type = F_WRLCK;
    request.l_whence = SEEK_SET;
    const char answer = ::fcntl(lock, F_SETLK, &request) == 0 ? 'y' : 'n';
    if (::write(ready[1], &answer, 1) != 1) ::_exit(1);
    ::pause();
    ::_exit(0);
  }
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  ASSERT_EQ(answer, 'y');
  const std::string words = refusal(shard, resources_);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
  EXPECT_NE(words.find("is in use by process " + std::to_string(child)), std::string::npos)
      << words;
  EXPECT_NE(words.find("ketavigil serve"), std::string::npos) << words;
  EXPECT_NE(open_or_fail(shard, resources_), nullptr);
}

TEST_F(StoreTest, a_store_that_is_not_there_is_created_only_when_asked) {
  StoreOptions options = options_for(folder_ / "none");
  options.create_if_missing = false;
  const auto store = Store::open(options, resources_);
  ASSERT_FALSE(store.ok());
  EXPECT_NE(store.error().message.find("no store"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "none"));
}

TEST_F(StoreTest, below_the_free_space_guard_nothing_is_written_and_reading_goes_on) {
  const auto shard = folder_ / "shard";
  {
    auto store = open_or_fail(shard, resources_);
    ASSERT_NE(store, nullptr);
    write_acknowledged(*store, 1, 2);
  }
  StoreOptions options = options_for(shard);
  options.free_space_guard_bytes = std::int64_t{1} << 60;  // more than any disk has
  auto opened = Store::open(options, resources_);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  Store& store = *opened.value();
  EXPECT_FALSE(store.room());
  const Status status = write_entry(store, 3, Durability::synced);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::storage);
  EXPECT_NE(status.error().message.find("only "), std::string::npos);
  EXPECT_NE(status.error().message.find("guard of 1152921504606846976"), std::string::npos);
  EXPECT_GT(store.free_bytes().value(), 0);
  EXPECT_EQ(all_rows(store).value(), expected_rows(2));
}

// Each round kills a writer somewhere and goes on from what it left.
TEST_F(StoreTest, killed_anywhere_a_writer_leaves_whole_batches_and_all_that_it_acknowledged) {
  const std::string shard = folder_ / "shard";
  std::uint64_t position = 0;
  for (int round = 0; round < 8; ++round) {
    const std::uint64_t told = run_writer_and_kill_it(shard, 150 + 90 * round);
    auto store = open_or_fail(shard, resources_);
    ASSERT_NE(store, nullptr) << round;
    EXPECT_GE(store->acknowledged(), told);
    position = store->position().value();
    EXPECT_GE(position, store->acknowledged());
    ASSERT_TRUE(all_rows(*store).value() == expected_rows(position, kWriterTextBytes)) << round;
  }
  EXPECT_GE(position, 8U * 150U);
}

TEST_F(StoreTest, a_store_whose_creation_was_cut_short_is_made_whole) {
  const auto shard = folder_ / "shard";
  const std::string folder = rocksdb_path(shard).string();
  std::filesystem::create_directories(folder);
  {
    // What a crash leaves that came after RocksDB's own first files, or after some families.
    rocksdb::Options options;
    options.create_if_missing = true;
    RawStore raw;
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, folder, &db).ok());
    raw.db.reset(db);
    raw.handles.resize(1);
    ASSERT_TRUE(db->CreateColumnFamily(options, "facts", raw.handles.data()).ok());
  }
  auto store = open_or_fail(shard, resources_);
  ASSERT_NE(store, nullptr);
  write_acknowledged(*store, 1, 20);
  EXPECT_EQ(all_rows(*store).value(), expected_rows(20));
  for (const std::string_view name : kFamilyNames) {
    std::vector<std::string> names;
    ASSERT_TRUE(rocksdb::DB::ListColumnFamilies(rocksdb::Options(), folder, &names).ok());
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 1) << name;
  }
}

TEST_F(StoreTest, a_family_of_a_newer_version_is_left_alone_and_a_missing_one_is_made) {
  const auto shard = folder_ / "shard";
  {
    auto store = open_or_fail(shard, resources_);
    ASSERT_NE(store, nullptr);
    write_acknowledged(*store, 1, 20);
  }
  const std::string folder = rocksdb_path(shard).string();
  const auto open_raw = [&](const std::vector<std::string>& names, RawStore* raw) {
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const std::string& name : names) families.emplace_back(name, rocksdb::Options());
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(rocksdb::Options(), folder, families, &raw->handles, &db).ok());
    raw->db.reset(db);
  };
  std::vector<std::string> names;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies(rocksdb::Options(), folder, &names).ok());
  {
    RawStore raw;
    open_raw(names, &raw);
    rocksdb::ColumnFamilyHandle* later = nullptr;
    ASSERT_TRUE(raw.db->CreateColumnFamily(rocksdb::Options(), "later", &later).ok());
    raw.handles.push_back(later);
    ASSERT_TRUE(raw.db->Put(rocksdb::WriteOptions(), later, "key", "value").ok());
    for (rocksdb::ColumnFamilyHandle* handle : raw.handles) {
      if (handle->GetName() != "cells") continue;
      ASSERT_TRUE(raw.db->DropColumnFamily(handle).ok());
    }
  }
  {
    auto reader = Store::open_reader(shard, resources_);
    ASSERT_TRUE(reader.ok()) << reader.error().message;
    EXPECT_EQ(all_rows(*reader.value()).value(), expected_rows(20));
  }
  {
    auto store = open_or_fail(shard, resources_);
    ASSERT_NE(store, nullptr);
    write_acknowledged(*store, 21, 30);
    EXPECT_EQ(all_rows(*store).value(), expected_rows(30));
    Batch batch(*store);
    batch.put(Family::cells, "a", "b");
    ASSERT_TRUE(store->write(std::move(batch), Durability::synced).ok());
    EXPECT_TRUE(store->verify_checksums().ok());
  }
  RawStore raw;
  names.clear();
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies(rocksdb::Options(), folder, &names).ok());
  open_raw(names, &raw);
  for (rocksdb::ColumnFamilyHandle* handle : raw.handles) {
    std::string value;
    if (handle->GetName() != "later") continue;
    ASSERT_TRUE(raw.db->Get(rocksdb::ReadOptions(), handle, "key", &value).ok());
    EXPECT_EQ(value, "value");
  }
}

TEST_F(StoreTest, a_checkpoint_opens_as_a_store_of_its_own) {
  auto store = open_or_fail(folder_ / "shard", resources_);
  ASSERT_NE(store, nullptr);
  write_acknowledged(*store, 1, 50);
  ASSERT_TRUE(write_entry(*store, 51, Durability::buffered).ok());
  const Status made = store->checkpoint(folder_ / "copy");
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_FALSE(store->checkpoint(folder_ / "copy").ok());
  write_acknowledged(*store, 52, 60);
  auto copy = open_or_fail(folder_ / "copy", resources_);
  ASSERT_NE(copy, nullptr);
  EXPECT_EQ(copy->acknowledged(), 50U);
  EXPECT_EQ(all_rows(*copy).value(), expected_rows(51));
  write_acknowledged(*copy, 52, 53);
  EXPECT_EQ(all_rows(*store).value(), expected_rows(60));
}

TEST_F(StoreTest, sizes_grow_where_rows_are_written) {
  auto store = open_or_fail(folder_ / "shard", resources_);
  ASSERT_NE(store, nullptr);
  write_acknowledged(*store, 1, 200);
  const StoreSizes in_memory = store->sizes().value();
  EXPECT_GT(in_memory.log_bytes, 200 * 200);
  EXPECT_GT(in_memory.families[family_index(Family::facts)].memtable_bytes, 200 * 200);
  ASSERT_TRUE(store->flush().ok());
  const StoreSizes flushed = store->sizes().value();
  EXPECT_GT(flushed.families[family_index(Family::facts)].file_bytes, 10'000);
  EXPECT_EQ(flushed.families[family_index(Family::facts)].rows, 200);
  EXPECT_EQ(flushed.families[family_index(Family::history)].file_bytes, 0);
}

TEST_F(StoreTest, a_watcher_is_told_the_keys_of_its_families_once_they_are_written) {
  const auto store = open_or_fail(folder_ / "watched", resources_);
  ASSERT_TRUE(store);
  const auto keys = std::make_shared<WrittenKeys>(std::vector{Family::history}, 2);
  store->watch(keys);
  Batch batch(*store);
  batch.put(Family::history, "a", "1");
  batch.put(Family::facts, "other", "1");
  EXPECT_TRUE(keys->take().keys.empty());
  ASSERT_TRUE(store->write(std::move(batch), Durability::buffered).ok());
  EXPECT_EQ(keys->take().keys, std::set<std::string>{"a"});
  EXPECT_TRUE(keys->take().keys.empty());

  for (const char* key : {"b", "c", "d"}) batch.erase(Family::history, key);
  ASSERT_TRUE(store->write(std::move(batch), Durability::buffered).ok());
  const auto taken = keys->take();
  EXPECT_TRUE(taken.lost);
  EXPECT_TRUE(taken.keys.empty());
  EXPECT_FALSE(keys->take().lost);
}

}  // namespace
}  // namespace ketavigil::storage
