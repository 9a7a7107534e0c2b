#include "storage/witness.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "storage/crc32c.h"
#include "storage/files.h"
#include "storage/keys.h"

namespace ketavigil::storage {
namespace {

// Slots stand 4096 bytes apart: no write of one can touch a disk sector or page of the other.
constexpr std::size_t kSlotStride = 4096;
constexpr std::size_t kFileBytes = 2 * kSlotStride;
constexpr std::string_view kMagic = "KVWITN01";
constexpr std::size_t kChecksumOffset = 40;
constexpr std::size_t kSlotBytes = kChecksumOffset + sizeof(std::uint32_t);

using Slots = std::array<std::optional<WitnessRecord>, 2>;

std::string encode(const WitnessRecord& record) {
  std::string slot = std::move(KeyBuilder()
                                   .raw(kMagic)
                                   .u64(record.generation)
                                   .u64(record.position)
                                   .u64(record.manifest_number)
                                   .u64(record.manifest_bytes))
                         .key();
  const std::uint32_t crc = crc32c(slot);
  for (int shift = 24; shift >= 0; shift -= 8) slot.push_back(static_cast<char>(crc >> shift));
  return slot;
}

std::optional<WitnessRecord> decode(std::string_view slot) {
  KeyReader reader(slot);
  const std::string_view magic = reader.raw(kMagic.size());
  WitnessRecord record;
  record.generation = reader.u64();
  record.position = reader.u64();
  record.manifest_number = reader.u64();
  record.manifest_bytes = reader.u64();
  if (!reader.ok() || magic != kMagic || encode(record) != slot) return std::nullopt;
  return record;
}

Result<Slots> read_slots(int descriptor, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return system_failure("cannot read the witness", path);
  if (status.st_size != static_cast<off_t>(kFileBytes)) {
    return Error{ErrorKind::storage,
                 "the witness " + path.string() + " is damaged: it is " +
                     std::to_string(status.st_size) + " bytes long, not " +
                     std::to_string(kFileBytes) +
                     "; restore the data directory from a backup, or rebuild it from the log"};
  }
  Slots slots;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    std::array<char, kSlotBytes> bytes{};
    const auto got =
        ::pread(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(i * kSlotStride));
    if (got < 0) return system_failure("cannot read the witness", path);
    slots[i] = decode(std::string_view(bytes.data(), static_cast<std::size_t>(got)));
  }
  if (!slots[0] && !slots[1]) {
    return Error{ErrorKind::storage,
                 "the witness " + path.string() +
                     " is damaged: neither of its two records is whole; restore the data "
                     "directory from a backup, or rebuild it from the log"};
  }
  return slots;
}

std::size_t newer_of(const Slots& slots) {
  if (!slots[0]) return 1;
  if (!slots[1]) return 0;
  return slots[1]->generation > slots[0]->generation ? 1 : 0;
}

}  // namespace

Result<Witness> Witness::create(const std::filesystem::path& path, const WitnessRecord& first) {
  WitnessRecord record = first;
  record.generation = 1;
  std::string bytes = encode(record);
  bytes.resize(kFileBytes);  // the second slot is not whole yet; the first must be
  KETAVIGIL_TRY(replace_file(path, bytes));
  return open(path);
}

Result<Witness> Witness::open(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return system_failure("cannot open the witness", path);
  Result<Slots> slots = read_slots(descriptor, path);
  if (!slots.ok()) {
    ::close(descriptor);
    return slots.error();
  }
  const std::size_t newer = newer_of(slots.value());
  return Witness(descriptor, static_cast<int>(1 - newer), *slots.value()[newer]);
}

Result<std::optional<WitnessRecord>> Witness::read(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == ENOENT) return std::optional<WitnessRecord>();
    return system_failure("cannot open the witness", path);
  }
  Result<Slots> slots = read_slots(descriptor, path);
  ::close(descriptor);
  if (!slots.ok()) return slots.error();
  return slots.value()[newer_of(slots.value())];
}

Witness::Witness(Witness&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      older_slot_(other.older_slot_),
      current_(other.current_) {}

Witness& Witness::operator=(Witness&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(older_slot_, other.older_slot_);
  std::swap(current_, other.current_);
  return *this;
}

Witness::~Witness() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Status Witness::record(WitnessRecord record) {
  record.generation = current_.generation + 1;
  const std::string slot = encode(record);
  const auto offset = static_cast<off_t>(static_cast<std::size_t>(older_slot_) * kSlotStride);
  const auto written = ::pwrite(descriptor_, slot.data(), slot.size(), offset);
  if (written != static_cast<ssize_t>(slot.size()) || ::fdatasync(descriptor_) != 0) {
    return Status::failure(
        ErrorKind::storage,
        "cannot write the witness: " + std::string(std::generic_category().message(errno)));
  }
  current_ = record;
  older_slot_ = 1 - older_slot_;
  return {};
}

}  // namespace ketavigil::storage
