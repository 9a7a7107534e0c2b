#include "storage/cursor.h"

#include <rocksdb/db.h>
#include <rocksdb/iterator.h>

#include <utility>

#include "storage/cursor_bounds.h"
#include "storage/failure.h"

namespace ketavigil::storage {

Snapshot::Snapshot(Snapshot&& other) noexcept
    : db_(other.db_), snapshot_(std::exchange(other.snapshot_, nullptr)) {}

Snapshot& Snapshot::operator=(Snapshot&& other) noexcept {
  std::swap(db_, other.db_);
  std::swap(snapshot_, other.snapshot_);
  return *this;
}

Snapshot::~Snapshot() {
  if (snapshot_ != nullptr) db_->ReleaseSnapshot(snapshot_);
}

Cursor::Cursor(std::string_view from, std::string_view upper_bound)
    : bounds_(std::make_unique<Bounds>(from, upper_bound)) {}
Cursor::Cursor(Cursor&&) noexcept = default;
Cursor& Cursor::operator=(Cursor&&) noexcept = default;
Cursor::~Cursor() {
  iterator_.reset();  // before the bounds that it points to
}

bool Cursor::valid() const { return iterator_ != nullptr && status_.ok() && iterator_->Valid(); }
std::string_view Cursor::key() const { return iterator_->key().ToStringView(); }
std::string_view Cursor::value() const { return iterator_->value().ToStringView(); }

void Cursor::next() {
  iterator_->Next();
  note();
}

void Cursor::prev() {
  iterator_->Prev();
  note();
}

void Cursor::seek(std::string_view key) {
  if (iterator_ == nullptr) return;
  iterator_->Seek(rocksdb::Slice(key));
  note();
}

void Cursor::seek_first() {
  if (iterator_ == nullptr) return;
  iterator_->SeekToFirst();
  note();
}

void Cursor::seek_last() {
  if (iterator_ == nullptr) return;
  iterator_->SeekToLast();
  note();
}

Status Cursor::status() const { return status_; }

// Moving on clears RocksDB's own status; the first error is kept here instead.
void Cursor::note() {
  if (iterator_->Valid() || !status_.ok()) return;
  status_ = storage_status("cannot scan the store", iterator_->status());
}

}  // namespace ketavigil::storage
