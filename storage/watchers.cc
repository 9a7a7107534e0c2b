// Tells whoever watches which keys a batch wrote.
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <map>

#include "storage/store.h"

namespace ketavigil::storage {
namespace {

// The keys of the families that some watcher is concerned with.
class KeyFinder : public rocksdb::WriteBatch::Handler {
 public:
  explicit KeyFinder(std::map<std::uint32_t, std::vector<WrittenKeys*>> concerned)
      : concerned_(std::move(concerned)) {}

  rocksdb::Status PutCF(std::uint32_t family, const rocksdb::Slice& key,
                        const rocksdb::Slice& /*value*/) override {
    return note(family, key);
  }
  rocksdb::Status DeleteCF(std::uint32_t family, const rocksdb::Slice& key) override {
    return note(family, key);
  }

  std::vector<std::pair<WrittenKeys*, std::string_view>> found;

 private:
  rocksdb::Status note(std::uint32_t family, const rocksdb::Slice& key) {
    const auto to = concerned_.find(family);
    if (to == concerned_.end()) return rocksdb::Status::OK();
    for (WrittenKeys* one : to->second)
      found.emplace_back(one, std::string_view(key.data(), key.size()));
    return rocksdb::Status::OK();
  }

  const std::map<std::uint32_t, std::vector<WrittenKeys*>> concerned_;
};

}  // namespace

void Store::watch(const std::shared_ptr<WrittenKeys>& keys) const {
  const std::lock_guard lock(watchers_mutex_);
  watchers_.push_back(keys);
  watched_ = true;
}

void Store::tell_watchers(const rocksdb::WriteBatch& batch) {
  const std::lock_guard lock(watchers_mutex_);
  std::vector<std::shared_ptr<WrittenKeys>> alive;
  for (const auto& one : watchers_) {
    if (auto keys = one.lock()) alive.push_back(std::move(keys));
  }
  watchers_.assign(alive.begin(), alive.end());
  watched_ = !watchers_.empty();
  if (alive.empty()) return;
  std::map<std::uint32_t, std::vector<WrittenKeys*>> concerned;
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    if (handles_[i] == nullptr) continue;
    for (const auto& keys : alive) {
      if (keys->concerns(static_cast<Family>(i)))
        concerned[handles_[i]->GetID()].push_back(keys.get());
    }
  }
  KeyFinder finder(std::move(concerned));
  // It was written whole: there is nothing in it that cannot be read.
  batch.Iterate(&finder).PermitUncheckedError();
  for (const auto& [keys, key] : finder.found) keys->note(key);
}

}  // namespace ketavigil::storage
