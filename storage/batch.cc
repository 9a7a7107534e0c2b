#include "storage/batch.h"

#include <rocksdb/write_batch.h>

#include "storage/keys.h"
#include "storage/store.h"

namespace ketavigil::storage {

Batch::Batch(const Store& store)
    : store_(&store), batch_(std::make_unique<rocksdb::WriteBatch>()) {}
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;
Batch::~Batch() = default;

// A WriteBatch without a size limit refuses nothing (readers cannot write it, and lack handles).
void Batch::put(Family family, std::string_view key, std::string_view value) {
  batch_->Put(store_->handle(family), rocksdb::Slice(key), rocksdb::Slice(value))
      .PermitUncheckedError();
  std::uint64_t position = 0;
  if (family == Family::meta && key == kPositionKey && decode_u64(value, &position)) {
    position_ = position;
  }
}

void Batch::erase(Family family, std::string_view key) {
  batch_->Delete(store_->handle(family), rocksdb::Slice(key)).PermitUncheckedError();
}

std::int64_t Batch::size() const { return batch_->Count(); }
std::int64_t Batch::bytes() const { return static_cast<std::int64_t>(batch_->GetDataSize()); }

void Batch::clear() {
  batch_->Clear();
  position_.reset();
}

}  // namespace ketavigil::storage
