#include "support.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "storage/checkpoint.h"
#include "storage/files.h"
#include "storage/keys.h"

namespace ketavigil::storage {
namespace {

struct Row {
  Family family;
  std::string key;
  std::string value;
};

// Texts that do not compress to nothing, so that files grow.
std::string text_of(std::uint64_t seed, std::size_t bytes) {
  std::string text;
  std::uint64_t state = seed * 0x9E3779B97F4A7C15ULL + 1;
  while (text.size() < bytes) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    text.push_back(static_cast<char>(' ' + (state >> 33) % 90));
  }
  return text;
}

std::vector<Row> rows_of(std::uint64_t position, std::size_t text_bytes) {
  const std::string patient = "p-" + std::to_string(position % 7);
  const std::string id = "fact-" + std::to_string(position);
  return {
      {Family::facts, std::move(KeyBuilder().text(patient).text("clinic").text(id).u64(1)).key(),
       text_of(position, text_bytes)},
      {Family::log, encode_u64(position), text_of(position + 1, 40)},
      {Family::findings, std::move(KeyBuilder().text(patient)).key(), std::to_string(position)},
      {Family::meta, std::string(kPositionKey), encode_u64(position)},
  };
}

}  // namespace

// In memory where there is room: hundreds of stores are opened, and each open syncs many files.
TemporaryFolder::TemporaryFolder() {
  constexpr std::uintmax_t kRoomBytes = std::uintmax_t{512} << 20;
  std::filesystem::path base = "/dev/shm";
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(base, error);
  if (error || space.available < kRoomBytes || ::access(base.c_str(), W_OK) != 0) {
    base = std::filesystem::temp_directory_path();
  }
  std::string name = (base / "ketavigil-storage-test-XXXXXX").string();
  if (::mkdtemp(name.data()) != nullptr) path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

ResourceLimits small_limits() { return {std::int64_t{4} << 20, std::int64_t{12} << 20, 12}; }

StoreOptions options_for(const std::filesystem::path& path) {
  return {path, /*create_if_missing=*/true, /*free_space_guard_bytes=*/0};
}

std::unique_ptr<Store> open_or_fail(const std::filesystem::path& path, Resources& resources) {
  Result<std::unique_ptr<Store>> store = Store::open(options_for(path), resources);
  if (store.ok()) return std::move(store).value();
  ADD_FAILURE() << store.error().message;
  return nullptr;
}

std::string refusal(const std::filesystem::path& path, Resources& resources) {
  const Result<std::unique_ptr<Store>> store = Store::open(options_for(path), resources);
  if (store.ok()) return {};
  EXPECT_EQ(store.error().kind, ErrorKind::storage);
  return store.error().message;
}

Status write_entry(Store& store, std::uint64_t position, Durability durability,
                   std::size_t text_bytes) {
  Batch batch(store);
  for (const Row& row : rows_of(position, text_bytes)) batch.put(row.family, row.key, row.value);
  return store.write(std::move(batch), durability);
}

void write_acknowledged(Store& store, std::uint64_t first, std::uint64_t last,
                        std::size_t text_bytes) {
  for (std::uint64_t position = first; position <= last; ++position) {
    const Status status = write_entry(store, position, Durability::buffered, text_bytes);
    ASSERT_TRUE(status.ok()) << status.error().message;
  }
  ASSERT_TRUE(store.sync().ok());
  const Status status = store.acknowledge(last);
  ASSERT_TRUE(status.ok()) << status.error().message;
}

int write_until_killed(const std::filesystem::path& path) {
  Resources resources(small_limits());
  const auto opened = Store::open(options_for(path), resources);
  if (!opened.ok()) {
    std::cerr << opened.error().message << std::endl;
    return 1;
  }
  Store& store = *opened.value();
  for (std::uint64_t position = store.position().value() + 1;; ++position) {
    const bool last = position % 10 == 0;
    const auto durability = last ? Durability::synced : Durability::buffered;
    if (!write_entry(store, position, durability, kWriterTextBytes).ok()) return 2;
    if (position % 170 == 0 && !store.flush().ok()) return 3;
    if (!last) continue;
    if (!store.acknowledge(position).ok()) return 4;
    if (::write(STDOUT_FILENO, &position, sizeof(position)) != sizeof(position)) return 5;
  }
}

int checkpoint_until_killed(const std::filesystem::path& path,
                            const std::filesystem::path& folder) {
  Resources resources(small_limits());
  const auto opened = Store::open(options_for(path), resources);
  if (!opened.ok()) {
    std::cerr << opened.error().message << std::endl;
    return 1;
  }
  Store& store = *opened.value();
  while (true) {
    const std::uint64_t first = store.position().value() + 1;
    for (std::uint64_t position = first; position < first + 20; ++position) {
      const auto durability =
          position + 1 == first + 20 ? Durability::synced : Durability::buffered;
      if (!write_entry(store, position, durability, kWriterTextBytes).ok()) return 2;
    }
    if (!store.acknowledge(first + 19).ok()) return 3;
    const auto staged = stage_checkpoint(store);
    if (!staged.ok()) return 4;
    const auto made = write_checkpoint(staged.value(), {folder, 1, nullptr, nullptr}, resources);
    if (!made.ok() || !remove_old_checkpoints(made.value(), 2).ok()) {
      std::cerr << made.status().error().message << std::endl;
      return 5;
    }
  }
}

Result<Rows> all_rows(const Store& store) {
  Rows rows;
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    const auto family = static_cast<Family>(i);
    Cursor cursor = store.scan(family, "", "");
    for (; cursor.valid(); cursor.next()) {
      rows.emplace(std::make_pair(family, std::string(cursor.key())), std::string(cursor.value()));
    }
    KETAVIGIL_TRY(cursor.status());
  }
  return rows;
}

Rows expected_rows(std::uint64_t last, std::size_t text_bytes) {
  Rows rows;
  for (std::uint64_t position = 1; position <= last; ++position) {
    for (const Row& row : rows_of(position, text_bytes)) {
      rows[{row.family, row.key}] = row.value;
    }
  }
  return rows;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << bytes;
}

void flip_byte(const std::filesystem::path& path, std::uint64_t offset) {
  std::string bytes = read_file(path);
  ASSERT_LT(offset, bytes.size());
  bytes[offset] = static_cast<char>(bytes[offset] ^ 0x5A);
  write_file(path, bytes);
}

std::vector<std::filesystem::path> files_like(const std::filesystem::path& shard,
                                              const std::string& prefix,
                                              const std::string& suffix) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(rocksdb_path(shard))) {
    const std::string name = entry.path().filename().string();
    if (name.rfind(prefix, 0) == 0 && name.size() >= suffix.size() &&
        name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0) {
      found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::map<std::string, std::pair<std::uintmax_t, std::int64_t>> listing(
    const std::filesystem::path& path) {
  std::map<std::string, std::pair<std::uintmax_t, std::int64_t>> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    files[entry.path().string()] = {
        entry.is_regular_file() ? entry.file_size() : 0,
        static_cast<std::int64_t>(entry.last_write_time().time_since_epoch().count())};
  }
  return files;
}

}  // namespace ketavigil::storage
