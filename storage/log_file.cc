#include "storage/log_file.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <vector>

#include "storage/crc32c.h"
#include "storage/files.h"

namespace ketavigil::storage {
namespace {

constexpr std::size_t kBlockBytes = 32768;
constexpr std::size_t kHeaderBytes = 7;  // checksum 4, length 2, type 1; little endian

enum RecordType : unsigned char { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t number = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    number = number << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return number;
}

/// The checksum is stored rotated and offset, so that it may itself be part of checksummed bytes.
std::uint32_t unmask(std::uint32_t masked) {
  const std::uint32_t rotated = masked - 0xA282EAD8U;
  return rotated >> 17 | rotated << 15;
}

bool all_zero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

class Reader {
 public:
  Reader(std::ifstream file, const std::function<void(std::string_view)>& visit)
      : file_(std::move(file)), visit_(visit) {}

  LogFileReport read() {
    std::vector<char> block(kBlockBytes);
    bool going = true;
    while (going) {
      file_.read(block.data(), static_cast<std::streamsize>(block.size()));
      const auto got = static_cast<std::size_t>(file_.gcount());
      report_.bytes += got;
      going = read_block(std::string_view(block.data(), got)) && got == kBlockBytes;
      block_offset_ += got;
    }
    if (report_.end == LogEnd::whole && in_fragments_) {
      end(LogEnd::incomplete, first_fragment_, "the file ends between the parts of a record");
    }
    if (report_.end == LogEnd::zeros) look_behind_zeros(&block);
    return report_;
  }

 private:
  /// False where reading ends for good.
  bool read_block(std::string_view block) {
    std::size_t at = 0;
    while (block.size() - at >= kHeaderBytes) {
      const std::string_view left = block.substr(at);
      const std::size_t length = little_endian(left.substr(4, 2));
      const auto type = static_cast<unsigned char>(left[6]);
      const std::uint64_t offset = block_offset_ + at;
      if (type == kZero && length == 0) return zeros(left, offset);
      if (kHeaderBytes + length > left.size()) return too_long(left, offset, block.size());
      const std::string_view payload = left.substr(kHeaderBytes, length);
      if (crc32c(left.substr(6, 1 + length)) != unmask(little_endian(left.substr(0, 4)))) {
        return end(LogEnd::damaged, offset, "a record's checksum is wrong");
      }
      if (!take(type, payload, offset)) return false;
      at += kHeaderBytes + length;
    }
    const std::string_view rest = block.substr(at);
    if (rest.empty() || (block.size() == kBlockBytes && all_zero(rest))) return true;
    if (block.size() == kBlockBytes) {
      return end(LogEnd::damaged, block_offset_ + at, "a block's last bytes are not 0");
    }
    return end(LogEnd::incomplete, block_offset_ + at, "the file ends inside a record's header");
  }

  bool take(unsigned char type, std::string_view payload, std::uint64_t offset) {
    const bool begins = type == kFull || type == kFirst;
    if (!begins && type != kMiddle && type != kLast) {
      return end(LogEnd::damaged, offset, "a record of unknown type " + std::to_string(type));
    }
    if (begins == in_fragments_) {
      return end(LogEnd::damaged, offset, "a part of a record does not fit the part before it");
    }
    if (begins) {
      record_.clear();
      first_fragment_ = offset;
    }
    record_.append(payload);
    in_fragments_ = type == kFirst || type == kMiddle;
    if (!in_fragments_) visit_(record_);
    return true;
  }

  bool zeros(std::string_view left, std::uint64_t offset) {
    if (!all_zero(left)) return end(LogEnd::damaged, offset, "a record of type 0");
    return end(LogEnd::zeros, offset, "only bytes 0 follow");
  }

  /// A length beyond the block is damage; beyond the end of the file it may be a write that was
  /// cut short, unless the bytes that are there match the checksum at some shorter length: then
  /// the record is whole and its length is what was damaged.
  bool too_long(std::string_view left, std::uint64_t offset, std::size_t block_bytes) {
    if (block_bytes == kBlockBytes) {
      return end(LogEnd::damaged, offset, "a record's length goes beyond its block");
    }
    const std::uint32_t stored = unmask(little_endian(left.substr(0, 4)));
    std::uint32_t crc = crc32c(left.substr(6, 1));
    for (std::size_t i = kHeaderBytes;; ++i) {
      if (crc == stored) return end(LogEnd::damaged, offset, "a record's length is wrong");
      if (i == left.size()) break;
      crc = crc32c_extend(crc, left.substr(i, 1));
    }
    return end(LogEnd::incomplete, offset, "the file ends inside a record");
  }

  bool end(LogEnd how, std::uint64_t offset, std::string reason) {
    report_.end = how;
    report_.offset = in_fragments_ && how != LogEnd::damaged ? first_fragment_ : offset;
    report_.reason = std::move(reason);
    return false;
  }

  /// Zeros up to the end were never written; with something behind them they are a hole.
  void look_behind_zeros(std::vector<char>* block) {
    while (file_) {
      file_.read(block->data(), static_cast<std::streamsize>(block->size()));
      const auto got = static_cast<std::size_t>(file_.gcount());
      report_.bytes += got;
      if (!all_zero(std::string_view(block->data(), got))) {
        report_.end = LogEnd::damaged;
        report_.reason = "bytes 0 stand where records should be";
      }
    }
  }

  std::ifstream file_;
  const std::function<void(std::string_view)>& visit_;
  LogFileReport report_;
  std::string record_;
  std::uint64_t block_offset_ = 0;
  std::uint64_t first_fragment_ = 0;
  bool in_fragments_ = false;
};

}  // namespace

Result<LogFileReport> read_log_file(const std::filesystem::path& path,
                                    const std::function<void(std::string_view)>& visit) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return system_failure("cannot read", path);
  return Reader(std::move(file), visit).read();
}

}  // namespace ketavigil::storage
