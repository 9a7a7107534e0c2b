// Reads the file format that RocksDB's write-ahead logs and its MANIFEST share: blocks of 32 KiB of
// records, each with a checksum, a length and a type (RocksDB 7.8, "Write Ahead Log File Format").
// RocksDB's own reader takes several kinds of damage for the harmless end of a file; this one says
// what it met, so that the difference can be judged before RocksDB touches anything. Reads only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "events/result.h"

namespace ketavigil::storage {

/// How the readable part of a log file ends.
enum class LogEnd {
  whole,       ///< at the end of the file
  incomplete,  ///< inside a record, which the end of the file cuts: a write that was under way
  zeros,       ///< all bytes from there on are 0: never written, or lost
  damaged,     ///< bytes that no writer leaves: a wrong checksum, length or type
};

struct LogFileReport {
  LogEnd end = LogEnd::whole;
  std::uint64_t offset = 0;  ///< of the first byte that is not part of a whole record
  std::string reason;        ///< for a person; empty if whole
  std::uint64_t bytes = 0;   ///< length of the file as it was read

  /// How many bytes from the start are whole records.
  [[nodiscard]] std::uint64_t whole_bytes() const { return end == LogEnd::whole ? bytes : offset; }
};

/// Calls `visit` with each whole record of `path` in order, and tells how the file ends. Fails
/// only where the file cannot be read.
/// Holds one block and one record in memory.
Result<LogFileReport> read_log_file(const std::filesystem::path& path,
                                    const std::function<void(std::string_view)>& visit);

}  // namespace ketavigil::storage
