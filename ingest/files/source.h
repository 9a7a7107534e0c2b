// Files, folders and standard input as blocks of lines, or as one document.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "events/result.h"

namespace ketavigil::ingest {

/// A piece of a file: whole lines, or a whole document.
struct Block {
  std::shared_ptr<const std::string> bytes;  ///< the lines point into it
  std::vector<std::string_view> lines;       ///< without their newline; empty lines are left out
  std::vector<std::int64_t> line_numbers;    ///< of each, from 1; 0 for a document
  bool is_document = false;  ///< one JSON document over many lines: `lines` has one, all of it
};

/// The files that `load` reads of these paths, in order: files as given, folders by name, with
/// their subfolders. Of folders only *.ndjson, *.jsonl, *.json, each also .gz. `-` is standard
/// input. A usage error for a path that is not there, or a kind of file that this version does not
/// read.
[[nodiscard]] Result<std::vector<std::string>> files_to_read(const std::vector<std::string>& paths);

/// The sum of the files' sizes in bytes as they lie on the disk; 0 with standard input among them.
[[nodiscard]] std::int64_t total_bytes(const std::vector<std::string>& files);

/// Reads a file (gzip by its first bytes) in blocks of about 1 MiB and calls `take` for each;
/// `consumed` is told the bytes read of the file on the disk. A line of more than 1 MiB is cut
/// there, so that it is refused without being held. A byte-order mark at the start is skipped.
[[nodiscard]] Status read_blocks(const std::string& file, const std::function<Status(Block)>& take,
                                 const std::function<void(std::int64_t)>& consumed);

}  // namespace ketavigil::ingest
